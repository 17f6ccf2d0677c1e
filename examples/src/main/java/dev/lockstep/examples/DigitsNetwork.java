package dev.lockstep.examples;

import static dev.lockstep.Lockstep.jit;
import static dev.lockstep.Lockstep.valueAndGrad;

import dev.lockstep.Control;
import dev.lockstep.Optimizer;
import dev.lockstep.Optimizers;
import dev.lockstep.Scanned;
import dev.lockstep.Schedules;
import dev.lockstep.Step;
import dev.lockstep.Updated;
import dev.lockstep.ValueAndGrad;
import dev.lockstep.tensor.Fn3;
import dev.lockstep.tensor.Key;
import dev.lockstep.tensor.Nn;
import dev.lockstep.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * A perceptron that reads handwritten digits. An epoch is one compiled call: {@code scan} over
 * shuffled batches, in each step {@code valueAndGrad} and Adam.
 */
public final class DigitsNetwork {
  private static final int HIDDEN = 64;
  private static final int BATCH = 50;
  private static final int EPOCHS = 20;

  private DigitsNetwork() {}

  /** Two layers. */
  record Model(Tensor w1, Tensor b1, Tensor w2, Tensor b2) {
    static Model random(Key key) {
      Key keys = key.split();
      return new Model(
          keys.get(0).normal(64, HIDDEN).mul(Math.sqrt(2.0 / 64)),
          Tensor.zeros(HIDDEN),
          keys.get(1).normal(HIDDEN, 10).mul(Math.sqrt(2.0 / HIDDEN)),
          Tensor.zeros(10));
    }

    Tensor logits(Tensor x) {
      return x.matmul(w1).add(b1).relu().matmul(w2).add(b2);
    }

    Tensor loss(Tensor x, Tensor digits) {
      return Nn.crossEntropy(logits(x), digits).mean();
    }
  }

  /** Returns the training after one pass over the batches, and each batch's loss. */
  private static Fn3<Updated<Model>, Digits, Tensor, Scanned<Updated<Model>, Tensor>> epoch(
      Optimizer optimizer) {
    return jit((Updated<Model> start, Digits digits, Tensor batches) ->
        Control.scan(
            (Updated<Model> now, Tensor batch) -> {
              ValueAndGrad<Model> at =
                  valueAndGrad(Model::loss)
                      .apply(
                          now.parameters(), digits.x().take(batch, 0), digits.y().take(batch, 0));
              return new Step<>(
                  optimizer.update(now.parameters(), at.gradient(), now.state()), at.value());
            },
            start,
            batches));
  }

  record Result(List<Double> losses, double accuracy) {}

  static Result compute() {
    Key keys = Key.of(2).split(3);
    Digits digits = Digits.shuffled(keys.get(0));
    Model model = Model.random(keys.get(1));
    Optimizer adam = Optimizers.adam(Schedules.constant(3e-3));
    var epoch = epoch(adam);
    Updated<Model> training = new Updated<>(model, adam.init(model));
    List<Double> losses = new ArrayList<>();
    for (int i = 0; i < EPOCHS; i++) {
      Tensor order = keys.get(2).foldIn(i).permutation(Digits.TRAINED);
      var pass = epoch.apply(training, digits, order.reshape(-1, BATCH));
      training = pass.carry();
      losses.add(pass.ys().mean().item());
    }
    return new Result(losses, digits.accuracy(training.parameters().logits(digits.testX())));
  }

  /** Prints the loss every fifth epoch and the accuracy. */
  public static void main(String[] arguments) {
    Result result = compute();
    for (int i = 0; i < EPOCHS; i += 5) {
      System.out.printf("epoch %2d: loss %.4f%n", i + 1, result.losses.get(i));
    }
    System.out.printf("epoch %2d: loss %.4f%n", EPOCHS, result.losses.getLast());
    System.out.printf(
        "accuracy: %.1f %% of 397 images that it was not trained on%n", 100 * result.accuracy);
  }
}
