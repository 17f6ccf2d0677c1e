package dev.lockstep.autodiff;

import dev.lockstep.error.AxisException;
import dev.lockstep.error.ShapeException;
import dev.lockstep.error.TreeException;
import dev.lockstep.program.Trace;
import dev.lockstep.tensor.Shape;
import dev.lockstep.tensor.Tensor;
import dev.lockstep.tensor.Tree;
import java.util.ArrayList;
import java.util.List;

/**
 * Running results of an associative function: pairs are combined, the scan of half the length gives
 * every second result, and one more combination the others.
 */
public final class AssociativeScan {
  private final Variadic function;
  private final Tree.Structure structure;
  private final int[] axes;

  private AssociativeScan(Variadic function, Tree.Structure structure, int[] axes) {
    this.function = function;
    this.structure = structure;
    this.axes = axes;
  }

  /** Scans along an axis of all tensors. */
  @SuppressWarnings("unchecked") // the door's signatures guarantee the type
  public static <T> T of(Variadic function, T xs, int axis, boolean reverse) {
    Call call = Call.of("associativeScan", xs);
    Tree.Structure structure = call.structure().children().getFirst();
    int[] axes = axes(call, axis);
    AssociativeScan scan = new AssociativeScan(function, structure, axes);
    TracedCall traced =
        call.trace(
            x -> structure.unflatten(scan.directed(Tree.flatten(x[0]).leaves(), reverse)),
            call.types(),
            null);
    return (T) traced.rebuild(Trace.apply(traced.program(), traced.inputs(call.leaves())));
  }

  private static int[] axes(Call call, int axis) {
    List<Tensor> leaves = call.leaves();
    int[] axes = new int[leaves.size()];
    for (int i = 0; i < axes.length; i++) {
      int rank = leaves.get(i).rank();
      if (axis < -rank || axis >= rank) {
        throw new AxisException(
            Call.located("associativeScan: axis %d is not one of %s", axis, leaves.get(i).type()));
      }
      axes[i] = axis < 0 ? axis + rank : axis;
      if (leaves.get(i).shape().extent(axes[i]) != leaves.getFirst().shape().extent(axes[0])) {
        throw new ShapeException(
            Call.located(
                "associativeScan: axis %d of all xs must have one extent, got %s",
                axis, call.types()));
      }
    }
    return axes;
  }

  private List<Tensor> directed(List<Tensor> xs, boolean reverse) {
    if (!reverse) {
      return scan(xs);
    }
    return flip(scan(flip(xs)));
  }

  private List<Tensor> flip(List<Tensor> xs) {
    List<Tensor> flipped = new ArrayList<>();
    for (int i = 0; i < xs.size(); i++) {
      flipped.add(xs.get(i).flip(axes[i]));
    }
    return flipped;
  }

  private List<Tensor> scan(List<Tensor> xs) {
    long length = xs.isEmpty() ? 0 : xs.getFirst().shape().extent(axes[0]);
    if (length < 2) {
      return xs;
    }
    long pairs = length / 2;
    List<Tensor> combined = combine(slice(xs, 0, 2 * pairs, 2), slice(xs, 1, length, 2));
    List<Tensor> odd = scan(combined);
    List<Tensor> even = slice(xs, 0, 1, 1);
    if (length > 2) {
      long others = (length - 1) / 2;
      even = concatenate(even, combine(slice(odd, 0, others, 1), slice(xs, 2, length, 2)));
    }
    return interleave(even, odd, length);
  }

  private List<Tensor> combine(List<Tensor> a, List<Tensor> b) {
    Object result = function.apply(structure.<Object>unflatten(a), structure.<Object>unflatten(b));
    Tree.Flattened flat = Tree.flatten("associativeScan: the result", result);
    if (!flat.structure().equals(structure)) {
      throw new TreeException(
          Call.located(
              "associativeScan: the function must return a tree like its arguments, %s, it"
                  + " returned %s",
              structure, flat.structure()));
    }
    for (int i = 0; i < a.size(); i++) {
      if (!flat.leaves().get(i).type().equals(a.get(i).type())) {
        throw SubProgram.mismatch(
            a.get(i).type(),
            flat.leaves().get(i).type(),
            "associativeScan: the function must keep types, of %s it made %s"
                .formatted(a.get(i).type(), flat.leaves().get(i).type()),
            "cast the result",
            "it must work element by element along the axis");
      }
    }
    return flat.leaves();
  }

  private List<Tensor> slice(List<Tensor> xs, long start, long limit, long stride) {
    List<Tensor> slices = new ArrayList<>();
    for (int i = 0; i < xs.size(); i++) {
      slices.add(Values.slice(xs.get(i), axes[i], start, limit, stride));
    }
    return slices;
  }

  private List<Tensor> concatenate(List<Tensor> a, List<Tensor> b) {
    List<Tensor> joined = new ArrayList<>();
    for (int i = 0; i < a.size(); i++) {
      joined.add(Tensor.concatenate(axes[i], a.get(i), b.get(i)));
    }
    return joined;
  }

  private List<Tensor> interleave(List<Tensor> even, List<Tensor> odd, long length) {
    long pairs = length / 2;
    List<Tensor> result = new ArrayList<>();
    for (int i = 0; i < even.size(); i++) {
      int axis = axes[i];
      Tensor first = Values.slice(even.get(i), axis, 0, pairs, 1);
      Tensor stacked = Tensor.stack(axis + 1, first, odd.get(i));
      Shape shape = even.get(i).shape().remove(axis).insert(axis, 2 * pairs);
      Tensor mixed = Values.reshape(stacked, shape);
      boolean more = length % 2 == 1;
      result.add(
          more
              ? Tensor.concatenate(
                  axis, mixed, Values.slice(even.get(i), axis, pairs, pairs + 1, 1))
              : mixed);
    }
    return result;
  }
}
