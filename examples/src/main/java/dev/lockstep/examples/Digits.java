package dev.lockstep.examples;

import dev.lockstep.tensor.DType;
import dev.lockstep.tensor.Index;
import dev.lockstep.tensor.Key;
import dev.lockstep.tensor.Tensor;

/**
 * Handwritten digits in an order that a key gives, the first 1,400 of them for training.
 *
 * @param x pixels between 0 and 1, {@code f32[1400, 64]}
 * @param y digits, {@code i32[1400]}
 * @param testX pixels of the other images, {@code f32[397, 64]}
 * @param testY their digits
 */
record Digits(Tensor x, Tensor y, Tensor testX, Tensor testY) {
  static final int TRAINED = 1400;

  static Digits shuffled(Key key) {
    Table table = Table.read("digits.csv");
    Tensor order = key.permutation(table.values().shape().extent(0));
    Tensor pixels = table.features().div(16).cast(DType.F32).take(order, 0);
    Tensor digits = table.column("digit").cast(DType.I32).take(order, 0);
    Index trained = Index.until(TRAINED);
    Index others = Index.from(TRAINED);
    return new Digits(
        pixels.get(trained), digits.get(trained), pixels.get(others), digits.get(others));
  }

  /** Returns which share of the other images has its largest logit at its digit. */
  double accuracy(Tensor testLogits) {
    return testLogits.argMax(-1).equal(testY).cast(DType.F64).mean().item();
  }
}
