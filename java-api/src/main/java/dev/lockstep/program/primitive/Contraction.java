package dev.lockstep.program.primitive;

import dev.lockstep.error.DTypeException;
import dev.lockstep.error.ShapeException;
import dev.lockstep.program.Batched;
import dev.lockstep.program.Linear;
import dev.lockstep.program.Operand;
import dev.lockstep.program.Operand.Known;
import dev.lockstep.program.Primitive;
import dev.lockstep.program.Trace;
import dev.lockstep.tensor.Shape;
import dev.lockstep.tensor.Tensor;
import dev.lockstep.tensor.TensorType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Sums of products of two operands: what library calls for matrix products compute. */
public sealed interface Contraction extends Primitive {

  /**
   * Multiplies elements that meet in the contracted axes and sums over these, for each index of the
   * batch axes. The result's axes: batch, free axes of the left, free axes of the right.
   *
   * @param leftContract axes of the left operand; the i-th meets the i-th of {@code rightContract}
   * @param leftBatch axes of the left operand; the i-th goes along with the i-th of {@code
   *     rightBatch}
   */
  record DotGeneral(
      List<Integer> leftContract,
      List<Integer> rightContract,
      List<Integer> leftBatch,
      List<Integer> rightBatch)
      implements Contraction, Linear {

    @Override
    public String name() {
      return Names.of(getClass());
    }

    @Override
    public List<TensorType> infer(List<TensorType> operands) {
      TensorType left = operands.get(0);
      TensorType right = operands.get(1);
      if (left.dtype() != right.dtype()) {
        throw new DTypeException("dot_general: operands must have one dtype, got " + operands);
      }
      requireAxes(left, leftContract, leftBatch);
      requireAxes(right, rightContract, rightBatch);
      requireEqualExtents("contracted", left, leftContract, right, rightContract);
      requireEqualExtents("batch", left, leftBatch, right, rightBatch);
      List<Integer> leftFree = free(left.shape().rank(), leftContract, leftBatch);
      List<Integer> rightFree = free(right.shape().rank(), rightContract, rightBatch);
      long[] extents = new long[leftBatch.size() + leftFree.size() + rightFree.size()];
      int next = 0;
      for (int axis : leftBatch) {
        extents[next++] = left.shape().extent(axis);
      }
      for (int axis : leftFree) {
        extents[next++] = left.shape().extent(axis);
      }
      for (int axis : rightFree) {
        extents[next++] = right.shape().extent(axis);
      }
      return List.of(left.with(Shape.of(extents)));
    }

    /** Returns the axes that are neither contracted nor batch axes: those of the result. */
    public static List<Integer> free(int rank, List<Integer> contract, List<Integer> batch) {
      List<Integer> free = new ArrayList<>(rank);
      for (int axis = 0; axis < rank; axis++) {
        if (!contract.contains(axis) && !batch.contains(axis)) {
          free.add(axis);
        }
      }
      return free;
    }

    @Override
    public List<Tensor> jvp(List<Tensor> operands, List<Tensor> tangents, List<Tensor> results) {
      Tensor dx = tangents.get(0);
      Tensor dy = tangents.get(1);
      return Rules.one(
          Rules.sum(
              dx == null ? null : Trace.bind(this, dx, operands.get(1)),
              dy == null ? null : Trace.bind(this, operands.get(0), dy)));
    }

    @Override
    public List<Tensor> transpose(List<Tensor> cotangents, List<Operand> operands) {
      Tensor ct = cotangents.getFirst();
      int leftRank = operands.get(0).type().shape().rank();
      int rightRank = operands.get(1).type().shape().rank();
      int batch = leftBatch.size();
      int leftFree = leftRank - batch - leftContract.size();
      int rightFree = rightRank - batch - rightContract.size();
      if (operands.get(1) instanceof Known(Tensor y)) {
        List<Integer> ctOfRight = Rules.range(batch + leftFree, batch + leftFree + rightFree);
        return Arrays.asList(cotangentOfLeft(ct, leftRank, y, ctOfRight), null);
      }
      Tensor x = Rules.known(operands.get(0));
      List<Integer> ctOfLeft = Rules.range(batch, batch + leftFree);
      return Arrays.asList(null, swapped().cotangentOfLeft(ct, rightRank, x, ctOfLeft));
    }

    /**
     * Returns the left operand's cotangent: that of the result times the right operand, contracted
     * over the right's free axes, with the axes brought back to the left operand's order.
     *
     * @param ctOfRight the axes of {@code ct} that are the right operand's free ones
     */
    private Tensor cotangentOfLeft(Tensor ct, int leftRank, Tensor right, List<Integer> ctOfRight) {
      List<Integer> rightFree = free(right.rank(), rightContract, rightBatch);
      List<Integer> ctBatch = Rules.range(0, leftBatch.size());
      Tensor product =
          Trace.bind(new DotGeneral(ctOfRight, rightFree, ctBatch, rightBatch), ct, right);
      List<Integer> order = new ArrayList<>(leftBatch);
      order.addAll(free(leftRank, leftContract, leftBatch));
      for (int axis : rightContract.stream().sorted().toList()) {
        order.add(leftContract.get(rightContract.indexOf(axis)));
      }
      List<Integer> permutation = Rearrangements.inverse(order);
      return permutation.equals(Rules.range(0, leftRank))
          ? product
          : Trace.bind(new Structural.Transpose(permutation), product);
    }

    private DotGeneral swapped() {
      return new DotGeneral(rightContract, leftContract, rightBatch, leftBatch);
    }

    /** Two mapped operands get a batch axis more; the axis of a single one is a free axis. */
    @Override
    public Batched batch(long size, List<Tensor> operands, boolean[] mapped) {
      Tensor x = operands.get(0);
      Tensor y = operands.get(1);
      if (mapped[0] && mapped[1]) {
        DotGeneral both =
            new DotGeneral(
                shifted(leftContract),
                shifted(rightContract),
                Rearrangements.withFirst(leftBatch),
                Rearrangements.withFirst(rightBatch));
        return Batched.of(Trace.bind(both, x, y));
      }
      int batch = leftBatch.size();
      if (mapped[0]) {
        DotGeneral left =
            new DotGeneral(shifted(leftContract), rightContract, shifted(leftBatch), rightBatch);
        return Batched.of(moveToFront(Trace.bind(left, x, y), batch));
      }
      DotGeneral right =
          new DotGeneral(leftContract, shifted(rightContract), leftBatch, shifted(rightBatch));
      boolean onlyFreeAxis = y.rank() == 1 + batch + rightContract.size();
      if (batch == 0 && onlyFreeAxis) {
        return Batched.of(Trace.bind(right.swapped(), y, x));
      }
      return Batched.of(moveToFront(Trace.bind(right, x, y), x.rank() - leftContract.size()));
    }

    private static List<Integer> shifted(List<Integer> axes) {
      List<Integer> result = new ArrayList<>(axes.size());
      for (int axis : axes) {
        result.add(axis + 1);
      }
      return result;
    }

    private static Tensor moveToFront(Tensor x, int axis) {
      if (axis == 0) {
        return x;
      }
      List<Integer> permutation = new ArrayList<>(x.rank());
      permutation.add(axis);
      for (int i = 0; i < x.rank(); i++) {
        if (i != axis) {
          permutation.add(i);
        }
      }
      return Trace.bind(new Structural.Transpose(permutation), x);
    }

    private static void requireAxes(
        TensorType operand, List<Integer> contract, List<Integer> batch) {
      boolean[] taken = new boolean[operand.shape().rank()];
      if (!take(contract, taken) || !take(batch, taken)) {
        throw new ShapeException(
            "dot_general: contracted axes %s and batch axes %s do not fit %s"
                .formatted(contract, batch, operand));
      }
    }

    /** Marks the axes; returns whether all are in range and none was marked before. */
    private static boolean take(List<Integer> axes, boolean[] taken) {
      for (int axis : axes) {
        if (axis < 0 || axis >= taken.length || taken[axis]) {
          return false;
        }
        taken[axis] = true;
      }
      return true;
    }

    private static void requireEqualExtents(
        String kind,
        TensorType left,
        List<Integer> leftAxes,
        TensorType right,
        List<Integer> rightAxes) {
      boolean fits = leftAxes.size() == rightAxes.size();
      for (int i = 0; fits && i < leftAxes.size(); i++) {
        fits = left.shape().extent(leftAxes.get(i)) == right.shape().extent(rightAxes.get(i));
      }
      if (!fits) {
        throw new ShapeException(
            "dot_general: %s axes %s of %s and %s of %s differ"
                .formatted(kind, leftAxes, left, rightAxes, right));
      }
    }
  }
}
