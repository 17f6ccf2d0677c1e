package dev.lockstep.program.primitive;

import dev.lockstep.program.Trace;
import dev.lockstep.program.primitive.Indexing.Scatter;
import dev.lockstep.program.primitive.Indexing.Scatter.Mode;
import dev.lockstep.tensor.DType;
import dev.lockstep.tensor.Shape;
import dev.lockstep.tensor.Tensor;
import dev.lockstep.tensor.TensorType;
import java.util.List;

/** The derivatives of {@link Scatter}. */
final class ScatterRules {
  private ScatterRules() {}

  /** Returns the cotangent of x: of SET without what was overwritten. */
  static Tensor kept(Scatter op, Tensor ct, List<Tensor> indices) {
    requireLinear(op);
    if (op.mode() == Mode.ADD) {
      return ct;
    }
    Tensor zeros = Rules.like(op.read(ct, indices), 0);
    return op.write(ct, indices, zeros);
  }

  /** Returns the cotangent of the updates: of SET only of those that won their place. */
  static Tensor written(Scatter op, Tensor ct, List<Tensor> indices) {
    requireLinear(op);
    Tensor read = op.read(ct, indices);
    if (op.mode() == Mode.ADD) {
      return read;
    }
    return Tensor.where(won(op, ct, indices, read.shape()), read, Rules.like(read, 0));
  }

  private static void requireLinear(Scatter op) {
    if (op.mode() != Mode.SET && op.mode() != Mode.ADD) {
      throw new IllegalStateException("scatter: " + op.mode() + " is not linear");
    }
  }

  /**
   * Returns whether each update is the last one written to its place: writes numbers, reads them.
   */
  private static Tensor won(Scatter op, Tensor x, List<Tensor> indices, Shape updates) {
    Shape flat = Shape.of(updates.size());
    Tensor numbers =
        Trace.bind(
            new Structural.Reshape(updates),
            Trace.bind(new Structural.Iota(new TensorType(DType.I64, flat), 0)));
    Tensor none = Rules.full(new TensorType(DType.I64, x.shape()), -1);
    Tensor last = op.write(none, indices, numbers);
    return op.read(last, indices).equal(numbers);
  }

  /**
   * The tangent of a product of x and updates: of each factor times the product of the others,
   * which is right also where factors are 0.
   */
  static Tensor productTangent(Scatter op, List<Tensor> operands, Tensor dx, Tensor du) {
    Tensor x = operands.getFirst();
    Tensor u = operands.getLast();
    List<Tensor> indices = operands.subList(1, 1 + op.indexed());
    Tensor zero = u.equal(Rules.like(u, 0));
    Tensor nonzero = Tensor.where(zero, Rules.like(u, 1), u);
    Tensor ones = Rules.like(x, 1);
    Tensor zeros = op.with(Mode.ADD).write(Rules.like(x, 0), indices, zero.cast(u.dtype()));
    Tensor product = op.write(ones, indices, nonzero);
    Tensor ofUpdates = Tensor.where(zeros.equal(Rules.like(x, 0)), product, Rules.like(x, 0));
    Tensor otherZeros = op.read(zeros, indices).sub(zero.cast(u.dtype()));
    Tensor others =
        Tensor.where(
            otherZeros.equal(Rules.like(u, 0)),
            op.read(product, indices).div(nonzero),
            Rules.like(u, 0));
    Tensor fromUpdates = op.with(Mode.ADD).write(Rules.like(x, 0), indices, du.mul(others));
    return dx.mul(ofUpdates).add(x.mul(fromUpdates));
  }

  /** The tangent of the largest or smallest: ties share equally. */
  static Tensor chosenTangent(Scatter op, List<Tensor> operands, Tensor dx, Tensor du, Tensor y) {
    Tensor x = operands.getFirst();
    Tensor u = operands.getLast();
    List<Tensor> indices = operands.subList(1, 1 + op.indexed());
    Scatter add = op.with(Mode.ADD);
    Tensor fromX = x.equal(y);
    Tensor fromU = u.equal(op.read(y, indices));
    Tensor count = add.write(fromX.cast(x.dtype()), indices, fromU.cast(u.dtype()));
    Tensor chosenX = Tensor.where(fromX, dx, Rules.like(dx, 0));
    Tensor chosenU = Tensor.where(fromU, du, Rules.like(du, 0));
    return add.write(chosenX, indices, chosenU).div(count);
  }
}
