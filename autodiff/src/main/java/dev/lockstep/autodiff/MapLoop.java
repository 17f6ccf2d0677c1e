package dev.lockstep.autodiff;

import dev.lockstep.Axes;
import dev.lockstep.ScanOptions;
import dev.lockstep.Step;
import dev.lockstep.error.LockstepException;
import dev.lockstep.error.ShapeException;
import dev.lockstep.program.Trace;
import dev.lockstep.tensor.Tensor;
import dev.lockstep.tensor.Tree;
import java.util.ArrayList;
import java.util.List;

/** Applies a function to the elements along axis 0, one or several at a time. */
public final class MapLoop {
  private MapLoop() {}

  /** Applies the function to one element after the other. */
  public static <Y> Y of(Variadic function, Object xs) {
    Variadic step = x -> new Step<>(null, function.apply(x[1]));
    return ScanLoop.<Object, Y>run("map", step, null, xs, -1, ScanOptions.FORWARD).ys();
  }

  /** Applies the function to blocks of elements. */
  @SuppressWarnings("unchecked") // the door's signatures guarantee the type
  public static <Y> Y of(Variadic function, Object xs, long batchSize) {
    if (batchSize < 1) {
      throw new LockstepException(
          Call.located("map: batchSize must be at least 1, got %d", batchSize));
    }
    Variadic batched = new BatchedFunction(function, 1, BatchedFunction.in(0), new Axes.Out(0));
    Call call = Call.of("map", xs);
    TracedCall traced = call.trace(x -> blocks(batched, x[0], batchSize), call.types(), null);
    return (Y) traced.rebuild(Trace.apply(traced.program(), traced.inputs(call.leaves())));
  }

  private static Object blocks(Variadic batched, Object xs, long size) {
    List<Tensor> leaves = Tree.flatten("map: xs", xs).leaves();
    boolean none = leaves.isEmpty() || leaves.getFirst().rank() == 0;
    long length = none ? 0 : leaves.getFirst().shape().extent(0);
    for (Tensor leaf : leaves) {
      if (leaf.rank() == 0 || leaf.shape().extent(0) != length) {
        throw new ShapeException(
            Call.located(
                "map: axis 0 of all xs must have one extent, got %s",
                leaves.stream().map(Tensor::type).toList()));
      }
    }
    long full = length / size;
    if (full == 0) {
      return batched.apply(xs);
    }
    long most = full * size;
    Object whole =
        of(
            batched,
            Tree.map(
                xs,
                x ->
                    Values.reshape(
                        Values.slice(x, 0, 0, most, 1),
                        x.shape().remove(0).insert(0, size).insert(0, full))));
    Object joined =
        Tree.map(whole, y -> Values.reshape(y, y.shape().remove(0).remove(0).insert(0, most)));
    if (most == length) {
      return joined;
    }
    Object rest = batched.apply(Tree.map(xs, x -> Values.slice(x, 0, most, length, 1)));
    return concatenated(joined, rest);
  }

  private static Object concatenated(Object first, Object second) {
    Tree.Flattened a = Tree.flatten(first);
    List<Tensor> b = Tree.flatten(second).leaves();
    List<Tensor> both = new ArrayList<>();
    for (int i = 0; i < b.size(); i++) {
      both.add(Tensor.concatenate(0, a.leaves().get(i), b.get(i)));
    }
    return a.structure().unflatten(both);
  }
}
