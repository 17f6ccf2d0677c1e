package dev.lockstep.demo;

import static dev.lockstep.Lockstep.SECOND;
import static dev.lockstep.Lockstep.grad;
import static dev.lockstep.Lockstep.jacrev;
import static dev.lockstep.Lockstep.vmap;

import dev.lockstep.tensor.Tensor;
import java.io.IOException;
import java.util.Arrays;

/** Gradients and Jacobians: of a function of two numbers, of many points, of a linear layer. */
final class AutodiffNotebook {
  private AutodiffNotebook() {}

  static void run() throws IOException {
    twoNumbers();
    LayerJacobians.run();
  }

  /** f(x, y) = x + y^2. */
  private static Tensor f(Tensor x, Tensor y) {
    return x.add(y.square());
  }

  /** g(x, y) = (x - y, f(x, y)). */
  private static Tensor g(Tensor x, Tensor y) {
    return Tensor.stack(0, x.sub(y), f(x, y));
  }

  private static void twoNumbers() {
    Demo.title("grad and jacrev: f(x, y) = x + y^2 and g(x, y) = (x - y, f(x, y))");
    Tensor three = Tensor.scalar(3.0f);

    Tensor dx = grad(AutodiffNotebook::f).apply(three, three);
    Tensor dy = grad(AutodiffNotebook::f, SECOND).apply(three, three);
    System.out.println("gradient of f at (3, 3): (%s, %s)".formatted(dx.item(), dy.item()));
    Demo.require(dx.item() == 1 && dy.item() == 6, "the gradient of f");
    System.out.println();

    Demo.printError("the gradient of g", () -> grad(AutodiffNotebook::g).apply(three, three));

    Tensor point = Tensor.of(3.0f, 3.0f);
    Tensor jacobian = jacrev((Tensor xy) -> g(xy.get(0), xy.get(1))).apply(point);
    System.out.println("Jacobian of g at (3, 3):\n" + jacobian);
    require(jacobian, 1, -1, 1, 6);
    System.out.println();

    Tensor points = Tensor.of(new float[][] {{1, 1}, {2, 2}, {3, 3}});
    Tensor gradients = vmap(grad((Tensor xy) -> f(xy.get(0), xy.get(1)))).apply(points);
    System.out.println("vmap(grad(f)) at (1, 1), (2, 2) and (3, 3):\n" + gradients);
    require(gradients, 1, 2, 1, 4, 1, 6);
  }

  private static void require(Tensor got, double... expected) {
    Demo.require(Arrays.equals(got.toDoubleArray(), expected), got.toString());
  }
}
