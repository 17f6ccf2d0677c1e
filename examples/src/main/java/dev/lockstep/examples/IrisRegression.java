package dev.lockstep.examples;

import static dev.lockstep.Lockstep.jit;
import static dev.lockstep.Lockstep.valueAndGrad;

import dev.lockstep.Optimizer;
import dev.lockstep.OptimizerState;
import dev.lockstep.Optimizers;
import dev.lockstep.Schedules;
import dev.lockstep.Updated;
import dev.lockstep.ValueAndGrad;
import dev.lockstep.tensor.DType;
import dev.lockstep.tensor.Fn3;
import dev.lockstep.tensor.Index;
import dev.lockstep.tensor.Key;
import dev.lockstep.tensor.Nn;
import dev.lockstep.tensor.Tensor;

/**
 * Logistic regression of Fisher's irises: three species from four lengths, trained on 100 flowers
 * with {@code jit(valueAndGrad(loss))} and Adam, tested on the other 50.
 */
public final class IrisRegression {
  private static final int TRAINED = 100;
  private static final int STEPS = 300;

  private IrisRegression() {}

  /** A linear map of features to a logit a species. */
  record Model(Tensor weights, Tensor bias) {
    Tensor logits(Tensor x) {
      return x.matmul(weights).add(bias);
    }

    Tensor loss(Tensor x, Tensor species) {
      return Nn.crossEntropy(logits(x), species).mean();
    }

    double accuracy(Tensor x, Tensor species) {
      return logits(x).argMax(-1).equal(species).cast(DType.F64).mean().item();
    }
  }

  record Result(double firstLoss, double lastLoss, double trained, double tested) {}

  static Result compute() {
    Table iris = Table.read("iris.csv");
    Tensor order = Key.of(1).permutation(iris.values().shape().extent(0));
    Tensor features = iris.features().take(order, 0);
    Tensor species = iris.column("species").cast(DType.I32).take(order, 0);
    Index trained = Index.until(TRAINED);
    Index tested = Index.from(TRAINED);
    Tensor sample = features.get(trained);
    Tensor scaled = features.sub(sample.mean(0)).div(sample.std(0));

    Tensor x = scaled.get(trained);
    Tensor y = species.get(trained);
    Model model = new Model(Tensor.zeros(DType.F64, 4, 3), Tensor.zeros(DType.F64, 3));
    Fn3<Model, Tensor, Tensor, ValueAndGrad<Model>> gradient = jit(valueAndGrad(Model::loss));
    Optimizer adam = Optimizers.adam(Schedules.constant(0.1));
    OptimizerState<Model> state = adam.init(model);
    double first = model.loss(x, y).item();
    for (int step = 0; step < STEPS; step++) {
      ValueAndGrad<Model> at = gradient.apply(model, x, y);
      Updated<Model> next = adam.update(model, at.gradient(), state);
      model = next.parameters();
      state = next.state();
    }
    return new Result(
        first,
        model.loss(x, y).item(),
        model.accuracy(x, y),
        model.accuracy(scaled.get(tested), species.get(tested)));
  }

  /** Prints the loss before and after, and both accuracies. */
  public static void main(String[] arguments) {
    Result result = compute();
    System.out.printf("loss: %.4f -> %.4f%n", result.firstLoss, result.lastLoss);
    System.out.printf(
        "accuracy: %.1f %% of the 100 flowers trained on, %.1f %% of the other 50%n",
        100 * result.trained, 100 * result.tested);
  }
}
