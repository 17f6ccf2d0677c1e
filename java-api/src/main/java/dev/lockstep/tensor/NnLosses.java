package dev.lockstep.tensor;

import dev.lockstep.error.DTypeException;
import dev.lockstep.error.ShapeException;
import dev.lockstep.program.Trace;

/** Losses from logits, without an intermediate that over- or underflows. */
final class NnLosses {
  private NnLosses() {}

  static Tensor crossEntropy(Tensor logits, Tensor labels) {
    if (labels.dtype().isFloating()) {
      requireShape(logits, labels, logits.shape());
      return Trace.staged(() -> logits.logSoftmax(-1).mul(labels).sum(-1).neg());
    }
    if (!labels.dtype().isInteger()) {
      throw new DTypeException(
          "crossEntropy: expected labels of integers or probabilities, got " + labels.type());
    }
    if (logits.rank() == 0) {
      throw new ShapeException("crossEntropy: expected logits with an axis of classes, got f32[]");
    }
    requireShape(logits, labels, logits.shape().remove(logits.rank() - 1));
    Tensor at = labels.expandDims(labels.rank());
    return ElementwiseOps.composed(
        logits,
        real -> {
          Tensor shifted = CompositeOps.shifted(real, -1);
          Tensor logSum = ReductionOps.sum(shifted.exp(), true, -1).log();
          return logSum.sub(shifted.takeAlongAxis(at, -1)).squeeze(-1);
        });
  }

  static Tensor sigmoidBinaryCrossEntropy(Tensor logits, Tensor labels) {
    Broadcasting.shape("sigmoidBinaryCrossEntropy", logits, labels);
    return Trace.staged(() -> logits.softplus().sub(logits.mul(labels)));
  }

  private static void requireShape(Tensor logits, Tensor labels, Shape shape) {
    if (!labels.shape().equals(shape)) {
      throw new ShapeException(
          "crossEntropy: expected labels of shape %s for logits %s, got %s"
              .formatted(shape, logits.type(), labels.type()));
    }
  }
}
