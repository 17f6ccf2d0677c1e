package dev.lockstep.autodiff;

import dev.lockstep.Axes;
import dev.lockstep.error.LockstepException;
import dev.lockstep.error.ShapeException;
import dev.lockstep.program.Trace;
import dev.lockstep.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/** A function of tensors of known ranks, mapped over all axes before, which broadcast. */
public final class VectorizedFunction implements Variadic {
  private static final String CORE = "\\((\\w+(,\\w+)*)?\\)";
  private static final Pattern SIGNATURE = Pattern.compile(CORE + "(," + CORE + ")*->" + CORE);

  private final Variadic function;
  private final String signature;
  private final List<List<String>> arguments;

  /**
   * @param signature the names of each argument's and the result's own axes: {@code (n,m),(m)->(n)}
   */
  public VectorizedFunction(Variadic function, int arity, String signature) {
    this.function = function;
    this.signature = signature.replace(" ", "");
    if (!SIGNATURE.matcher(this.signature).matches()) {
      throw new LockstepException(
          Call.located(
              "vectorize: expected a signature such as \"(n,m),(m)->(n)\", got \"%s\"", signature));
    }
    this.arguments = cores(this.signature.substring(0, this.signature.indexOf("->")));
    if (arguments.size() != arity) {
      throw new LockstepException(
          Call.located(
              "vectorize: the function takes %d arguments, the signature \"%s\" has %d",
              arity, signature, arguments.size()));
    }
  }

  private static List<List<String>> cores(String text) {
    List<List<String>> cores = new ArrayList<>();
    for (String core : text.substring(1, text.length() - 1).split("\\),\\(", -1)) {
      cores.add(core.isEmpty() ? List.of() : List.of(core.split(",")));
    }
    return cores;
  }

  @Override
  public Object apply(Object... tensors) {
    Call call = Call.of("vectorize", tensors);
    TracedCall traced = call.trace(this::mapped, call.types(), null);
    return traced.rebuild(Trace.apply(traced.program(), traced.inputs(call.leaves())));
  }

  private Object mapped(Object... tensors) {
    int rank = 0;
    Map<String, Long> extents = new HashMap<>();
    for (int i = 0; i < tensors.length; i++) {
      rank = Math.max(rank, batchRank(extents, i, (Tensor) tensors[i]));
    }
    Tensor[] inputs = new Tensor[tensors.length];
    List<List<Object>> axes = new ArrayList<>();
    long[] sizes = new long[rank];
    Arrays.fill(sizes, 1);
    for (int i = 0; i < inputs.length; i++) {
      Tensor x = (Tensor) tensors[i];
      int batch = x.rank() - arguments.get(i).size();
      List<Integer> squeezed = new ArrayList<>();
      List<Object> entries = new ArrayList<>(Collections.nCopies(rank, Axes.None.NONE));
      for (int axis = 0; axis < batch; axis++) {
        long extent = x.shape().extent(axis);
        int place = rank - batch + axis;
        if (extent == 1) {
          squeezed.add(axis);
          continue;
        }
        if (sizes[place] != 1 && sizes[place] != extent) {
          throw new ShapeException(
              Call.located(
                  "vectorize: the axes before those of \"%s\" must broadcast, got %s",
                  signature, Arrays.stream(tensors).map(t -> ((Tensor) t).type()).toList()));
        }
        sizes[place] = extent;
        entries.set(place, 0);
      }
      axes.add(entries);
      int[] ones = squeezed.stream().mapToInt(Integer::intValue).toArray();
      inputs[i] = ones.length == 0 ? x : x.squeeze(ones);
    }
    Tensor result = (Tensor) nest(axes, rank).apply((Object[]) inputs);
    int core = cores(signature.substring(signature.indexOf("->") + 2)).getFirst().size();
    for (int place = 0; place < rank; place++) {
      boolean same = axes.stream().noneMatch(hasAxis(place));
      result = same ? result.expandDims(place) : result;
    }
    if (result.rank() != rank + core) {
      throw new ShapeException(
          Call.located(
              "vectorize: \"%s\" says that the result has %d axes, it has %d",
              signature, core, result.rank() - rank));
    }
    return result;
  }

  private static Predicate<List<Object>> hasAxis(int place) {
    return entries -> entries.get(place) != Axes.None.NONE;
  }

  private Variadic nest(List<List<Object>> axes, int rank) {
    Variadic nested = function;
    for (int i = rank - 1; i >= 0; i--) {
      int place = i;
      if (axes.stream().anyMatch(hasAxis(place))) {
        Object[] entries = axes.stream().map(entry -> entry.get(place)).toArray();
        nested =
            new BatchedFunction(
                nested, arguments.size(), BatchedFunction.in(entries), new Axes.Out(0));
      }
    }
    return nested;
  }

  /** Returns how many axes stand before the argument's own, whose extents must fit the names. */
  private int batchRank(Map<String, Long> extents, int argument, Tensor x) {
    List<String> names = arguments.get(argument);
    int batch = x.rank() - names.size();
    if (batch < 0) {
      throw new ShapeException(
          Call.located(
              "vectorize: argument %d must have the axes %s of \"%s\", got %s",
              argument, names, signature, x.type()));
    }
    for (int i = 0; i < names.size(); i++) {
      long extent = x.shape().extent(batch + i);
      Long before = extents.putIfAbsent(names.get(i), extent);
      if (before != null && before != extent) {
        throw new ShapeException(
            Call.located(
                "vectorize: axis %s of \"%s\" must have one extent, got %d and %d in argument %d,"
                    + " %s",
                names.get(i), signature, before, extent, argument, x.type()));
      }
    }
    return batch;
  }
}
