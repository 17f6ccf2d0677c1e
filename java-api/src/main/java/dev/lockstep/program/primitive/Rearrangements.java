package dev.lockstep.program.primitive;

import dev.lockstep.program.Trace;
import dev.lockstep.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/** What the rules of several structural ops share. */
final class Rearrangements {
  private Rearrangements() {}

  /** Returns the axes moved up by one, with a new axis 0 that stays where it is in front. */
  static List<Integer> withFirst(List<Integer> axes) {
    List<Integer> result = new ArrayList<>(axes.size() + 1);
    result.add(0);
    for (int axis : axes) {
      result.add(axis + 1);
    }
    return result;
  }

  /** Returns the list with {@code first} in front. */
  static List<Long> prepend(long first, List<Long> rest) {
    List<Long> result = new ArrayList<>(rest.size() + 1);
    result.add(first);
    result.addAll(rest);
    return result;
  }

  /** Returns the permutation that undoes {@code permutation}. */
  static List<Integer> inverse(List<Integer> permutation) {
    Integer[] result = new Integer[permutation.size()];
    for (int i = 0; i < result.length; i++) {
      result[permutation.get(i)] = i;
    }
    return List.of(result);
  }

  /** Returns the extent of {@code count} elements with {@code gap} zeros between two of them. */
  static long spread(long count, long gap) {
    return count == 0 ? 0 : count + (count - 1) * gap;
  }

  /** Returns the elements from {@code start} up to {@code limit} of one axis. */
  static Tensor part(Tensor x, int axis, long start, long limit) {
    List<Long> starts = new ArrayList<>();
    List<Long> limits = new ArrayList<>();
    List<Long> strides = new ArrayList<>();
    for (int i = 0; i < x.rank(); i++) {
      starts.add(i == axis ? start : 0L);
      limits.add(i == axis ? limit : x.shape().extent(i));
      strides.add(1L);
    }
    return Trace.bind(new Structural.Slice(starts, limits, strides), x);
  }
}
