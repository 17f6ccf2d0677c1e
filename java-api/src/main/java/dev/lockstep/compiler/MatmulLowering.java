package dev.lockstep.compiler;

import dev.lockstep.program.primitive.Contraction.DotGeneral;
import java.util.ArrayList;
import java.util.List;

/**
 * Turns a contraction of two views into one batched matrix product. Several free axes become one
 * where their strides allow, else further batch axes with stride 0 in the other operand, so no
 * operand is copied for them. Contracted axes that do not merge to one are the only reason to copy.
 */
final class MatmulLowering {
  private MatmulLowering() {}

  /** One loop dimension of the product and its stride in each operand. */
  private record Dimension(long extent, long a, long b, long c) {
    boolean mergesWith(Dimension inner) {
      return a == inner.a * inner.extent
          && b == inner.b * inner.extent
          && c == inner.c * inner.extent;
    }

    Dimension merge(Dimension inner) {
      return new Dimension(extent * inner.extent, inner.a, inner.b, inner.c);
    }
  }

  /** Returns the steps that compute the contraction into {@code c}. */
  static List<Step> lower(DotGeneral dot, View a, View b, View c) {
    List<Step> steps = new ArrayList<>();
    List<Integer> leftFree = free(a.shape().rank(), dot.leftBatch(), dot.leftContract());
    List<Integer> rightFree = free(b.shape().rank(), dot.rightBatch(), dot.rightContract());
    View left = Step.Copy.inMemory(a, steps);
    View right = Step.Copy.inMemory(b, steps);
    if (contracted(dot, left, right).size() > 1) {
      left = contractedLast(left, dot.leftBatch(), leftFree, dot.leftContract(), steps);
      right = contractedLast(right, dot.rightBatch(), rightFree, dot.rightContract(), steps);
    }
    List<Dimension> k = contracted(dot, left, right);
    if (k.size() > 1) {
      throw new IllegalStateException("contracted axes of dense operands did not merge: " + dot);
    }

    List<Dimension> batch = new ArrayList<>();
    int axis = 0;
    for (int i = 0; i < dot.leftBatch().size(); i++, axis++) {
      int l = dot.leftBatch().get(i);
      int r = dot.rightBatch().get(i);
      batch.add(
          new Dimension(
              c.shape().extent(axis), left.strides()[l], right.strides()[r], c.strides()[axis]));
    }
    List<Dimension> m = new ArrayList<>();
    for (int l : leftFree) {
      m.add(new Dimension(c.shape().extent(axis), left.strides()[l], 0, c.strides()[axis++]));
    }
    List<Dimension> n = new ArrayList<>();
    for (int r : rightFree) {
      n.add(new Dimension(c.shape().extent(axis), 0, right.strides()[r], c.strides()[axis++]));
    }
    Dimension rows = takeLargest(merge(m), batch);
    Dimension columns = takeLargest(merge(n), batch);
    Dimension inner = k.isEmpty() ? new Dimension(1, 0, 0, 0) : k.getFirst();
    steps.add(
        new Step.Matmul(
            c.dtype(),
            batch.stream().mapToLong(Dimension::extent).toArray(),
            rows.extent,
            columns.extent,
            inner.extent,
            new Step.Matrix(
                left, rows.a, inner.a, batch.stream().mapToLong(Dimension::a).toArray()),
            new Step.Matrix(
                right, inner.b, columns.b, batch.stream().mapToLong(Dimension::b).toArray()),
            new Step.Matrix(c, rows.c, columns.c, batch.stream().mapToLong(Dimension::c).toArray()),
            null));
    return steps;
  }

  private static List<Integer> free(int rank, List<Integer> batch, List<Integer> contracted) {
    List<Integer> free = new ArrayList<>();
    for (int axis = 0; axis < rank; axis++) {
      if (!batch.contains(axis) && !contracted.contains(axis)) {
        free.add(axis);
      }
    }
    return free;
  }

  private static List<Dimension> contracted(DotGeneral dot, View left, View right) {
    List<Dimension> k = new ArrayList<>();
    for (int i = 0; i < dot.leftContract().size(); i++) {
      int l = dot.leftContract().get(i);
      int r = dot.rightContract().get(i);
      k.add(new Dimension(left.shape().extent(l), left.strides()[l], right.strides()[r], 0));
    }
    if (k.stream().anyMatch(dimension -> dimension.extent == 0)) {
      return List.of(new Dimension(0, 0, 0, 0));
    }
    k.sort((x, y) -> Long.compare(Math.abs(y.a), Math.abs(x.a)));
    return merge(k);
  }

  private static List<Dimension> merge(List<Dimension> dimensions) {
    List<Dimension> merged = new ArrayList<>();
    for (Dimension dimension : dimensions) {
      if (dimension.extent == 1) {
        continue;
      }
      if (!merged.isEmpty() && merged.getLast().mergesWith(dimension)) {
        merged.set(merged.size() - 1, merged.getLast().merge(dimension));
      } else {
        merged.add(dimension);
      }
    }
    return merged;
  }

  /** Returns the largest dimension; the others join the batch. */
  private static Dimension takeLargest(List<Dimension> dimensions, List<Dimension> batch) {
    Dimension largest = new Dimension(1, 0, 0, 0);
    for (Dimension dimension : dimensions) {
      if (dimension.extent != 1 && (largest.extent == 1 || dimension.extent > largest.extent)) {
        if (largest.extent != 1) {
          batch.add(largest);
        }
        largest = dimension;
      } else {
        batch.add(dimension);
      }
    }
    return largest;
  }

  /** Returns a dense copy in which the contracted axes stand last, seen with the axes in place. */
  private static View contractedLast(
      View view,
      List<Integer> batch,
      List<Integer> free,
      List<Integer> contracted,
      List<Step> steps) {
    List<Integer> order = new ArrayList<>(batch);
    order.addAll(free);
    order.addAll(contracted);
    return Step.Copy.toTemporary(view.transpose(order), steps).untranspose(order);
  }
}
