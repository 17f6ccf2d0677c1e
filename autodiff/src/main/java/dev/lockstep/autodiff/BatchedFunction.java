package dev.lockstep.autodiff;

import dev.lockstep.Axes;
import dev.lockstep.error.AxisException;
import dev.lockstep.error.LockstepException;
import dev.lockstep.error.ShapeException;
import dev.lockstep.program.Origin;
import dev.lockstep.program.Trace;
import dev.lockstep.tensor.Tensor;
import dev.lockstep.tensor.TensorType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;

/** A function over one example as a function over a batch. */
public final class BatchedFunction implements Variadic {
  private final Variadic function;
  private final Axes.In in;
  private final Axes.Out out;

  /**
   * @param arity how many arguments the function takes
   */
  public BatchedFunction(Variadic function, int arity, Axes.In in, Axes.Out out) {
    if (in.arguments().size() != arity) {
      throw new AxisException(
          Call.located(
              "vmap: in must have one entry an argument, the function takes %d, got %s",
              arity, in));
    }
    requireChunks(in);
    this.function = function;
    this.in = in;
    this.out = out;
  }

  private static void requireChunks(Axes.In in) {
    if (in.chunk() != -1 && in.chunk() < 1) {
      throw new LockstepException(
          Call.located("vmap: chunks must have at least 1 example, got %s", in));
    }
    if (in.chunk() != -1 && in.name() != null) {
      throw new AxisException(
          Call.located(
              "vmap: an axis with a name cannot be chunked, its collectives need all examples at"
                  + " once, got %s; leave out one",
              in));
    }
  }

  /** Returns the entries of the arguments. */
  public static Axes.In in(Object... arguments) {
    if (arguments == null || Arrays.asList(arguments).contains(null)) {
      throw new AxisException(
          Call.located(
              "vmap: in has an entry that is null; for an argument that is not mapped use NONE"));
    }
    return new Axes.In(List.of(arguments), -1, null, -1);
  }

  @Override
  public Object apply(Object... arguments) {
    Call call = Call.of("vmap", arguments);
    List<Integer> axes = AxisEntries.ofArguments(in, call);
    long size = BatchSize.of(in, call, axes);
    TracedCall traced = NamedAxes.within(in.name(), size, () -> trace(call, axes));
    axes.addAll(Collections.nCopies(traced.traced().captured().size(), Batch.NONE));
    List<Integer> outAxes = AxisEntries.ofResult(out, traced, size);
    List<Tensor> inputs = traced.inputs(call.leaves());
    boolean whole = in.chunk() == -1 || size <= in.chunk();
    Batch batch = new Batch(axes, outAxes, whole ? size : in.chunk(), in.name());
    Batch.Result result = batch.cached(traced.program());
    requireSame(traced, outAxes, result.mapped());
    return traced.rebuild(
        whole
            ? Trace.apply(result.program(), inputs)
            : new Chunks(batch, size).apply(traced.program(), inputs));
  }

  private TracedCall trace(Call call, List<Integer> axes) {
    try {
      return call.trace(function, examples(call, axes), null);
    } catch (ShapeException e) {
      throw new ShapeException(inside(call, axes, e), e);
    } catch (AxisException e) {
      throw new AxisException(inside(call, axes, e), e);
    }
  }

  /** Returns the text of an op's error, which shows one example, with the batch that it is of. */
  private static String inside(Call call, List<Integer> axes, LockstepException e) {
    return Call.located(
        "%s At %s, inside vmap over %s",
        e.getMessage(), Origin.print(Origin.of(e)), BatchSize.mapped(call, axes));
  }

  private static List<TensorType> examples(Call call, List<Integer> axes) {
    List<TensorType> types = new ArrayList<>(axes.size());
    for (int i = 0; i < axes.size(); i++) {
      TensorType type = call.leaves().get(i).type();
      int axis = axes.get(i);
      types.add(axis == Batch.NONE ? type : type.with(type.shape().remove(axis)));
    }
    return types;
  }

  private static void requireSame(TracedCall traced, List<Integer> outAxes, boolean[] mapped) {
    for (int i = 0; i < mapped.length; i++) {
      if (mapped[i] && outAxes.get(i) == Batch.NONE) {
        throw new AxisException(
            Call.located(
                "vmap: a result with out axis NONE must be the same for all examples, %s differs;"
                    + " use an axis: out(0)",
                traced.describe(i)));
      }
    }
  }
}
