package dev.lockstep.examples;

import static dev.lockstep.Lockstep.grad;
import static dev.lockstep.Lockstep.hessian;
import static dev.lockstep.Lockstep.jit;

import dev.lockstep.tensor.DType;
import dev.lockstep.tensor.Fn3;
import dev.lockstep.tensor.Index;
import dev.lockstep.tensor.LinAlg;
import dev.lockstep.tensor.Nn;
import dev.lockstep.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * Newton's method for the likelihood of a logistic regression: is an iris virginica or versicolor?
 * {@code hessian} gives the steps and, inverted, the coefficients' standard errors.
 */
public final class NewtonMethod {
  private static final List<String> NAMES =
      List.of("intercept", "sepal length", "sepal width", "petal length", "petal width");

  private NewtonMethod() {}

  /** Returns the negative logarithm of the likelihood. */
  static Tensor loss(Tensor coefficients, Tensor x, Tensor virginica) {
    return Nn.sigmoidBinaryCrossEntropy(x.matmul(coefficients), virginica).sum();
  }

  /**
   * Where the iteration ended.
   *
   * @param gradients the gradient's largest absolute element before each step
   */
  record Result(Tensor coefficients, Tensor errors, double loss, List<Double> gradients) {}

  static Result compute() {
    Table iris = Table.read("iris.csv");
    // The rows stand in the order of their species, 50 of each.
    Index flowers = Index.from(50);
    Tensor features = iris.features().get(flowers);
    Tensor x = Tensor.concatenate(1, Tensor.ones(DType.F64, 100, 1), features);
    Tensor virginica = iris.column("species").get(flowers).sub(1);
    Fn3<Tensor, Tensor, Tensor, Tensor> gradient = jit(grad(NewtonMethod::loss));
    Fn3<Tensor, Tensor, Tensor, Tensor> curvature = jit(hessian(NewtonMethod::loss));
    Tensor at = Tensor.zeros(DType.F64, 5);
    List<Double> gradients = new ArrayList<>();
    while (true) {
      Tensor slope = gradient.apply(at, x, virginica);
      gradients.add(slope.abs().max().item());
      if (gradients.getLast() < 1e-9) {
        break;
      }
      at = at.sub(LinAlg.solve(curvature.apply(at, x, virginica), slope));
    }
    Tensor covariance = LinAlg.inv(curvature.apply(at, x, virginica));
    return new Result(at, covariance.diagonal().sqrt(), loss(at, x, virginica).item(), gradients);
  }

  /** Prints how the gradient falls, and the coefficients. */
  public static void main(String[] arguments) {
    Result result = compute();
    System.out.print("largest gradient before each step:");
    result.gradients.forEach(gradient -> System.out.printf(" %.1e", gradient));
    System.out.printf("%nnegative log-likelihood: %.5f%n", result.loss);
    for (int i = 0; i < NAMES.size(); i++) {
      System.out.printf(
          "%-12s %8.3f, standard error %6.3f%n",
          NAMES.get(i), result.coefficients.get(i).item(), result.errors.get(i).item());
    }
  }
}
