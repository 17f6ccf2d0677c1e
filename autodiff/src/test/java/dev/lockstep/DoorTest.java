package dev.lockstep;

import static dev.lockstep.Lockstep.NONE;
import static dev.lockstep.Lockstep.THIRD;
import static dev.lockstep.Lockstep.axis;
import static dev.lockstep.Lockstep.grad;
import static dev.lockstep.Lockstep.in;
import static dev.lockstep.Lockstep.jacfwd;
import static dev.lockstep.Lockstep.jacrev;
import static dev.lockstep.Lockstep.jit;
import static dev.lockstep.Lockstep.valueAndGrad;
import static dev.lockstep.Lockstep.vmap;
import static dev.lockstep.Tensors.assertClose;
import static dev.lockstep.Tensors.random;
import static dev.lockstep.Tensors.vector;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.tensor.Fn;
import dev.lockstep.tensor.Fn3;
import dev.lockstep.tensor.Shape;
import dev.lockstep.tensor.Tensor;
import org.junit.jupiter.api.Test;

/** What users write first: the compiler infers the types of all of these. */
class DoorTest extends EveryBackend {
  record Linear(Tensor w, Tensor b) {}

  private Tensor predict(Linear p, Tensor x) {
    return p.w().matmul(x).add(p.b()).tanh();
  }

  private Tensor loss(Linear p, Tensor x, Tensor y) {
    return predict(p, x).sub(y).square().mean();
  }

  private Tensor batchLoss(Linear p, Tensor x, Tensor y) {
    return vmap(this::loss, in(NONE, 0, 0)).apply(p, x, y).mean();
  }

  private final Linear parameters = new Linear(random(0, 2, 3), random(1, 2));
  private final Tensor x = random(2, 5, 3);
  private final Tensor y = random(3, 5, 2);

  @Test
  void theExampleOfTheDesign() {
    var perExample = vmap(grad(this::loss), in(NONE, 0, 0));
    var step = jit(valueAndGrad(this::batchLoss));
    var jacobian = jacrev(this::predict);
    Linear each = perExample.apply(parameters, x, y);
    ValueAndGrad<Linear> whole = step.apply(parameters, x, y);
    assertClose(whole.gradient().w(), each.w().mean(0));
    assertClose(whole.gradient().b(), each.b().mean(0));
    assertClose(whole.value(), batchLoss(parameters, x, y));
    Linear rows = jacobian.apply(parameters, x.get(0));
    assertThat(rows.w().shape()).isEqualTo(Shape.of(2, 2, 3));
    assertClose(rows.w(), jacfwd(this::predict).apply(parameters, x.get(0)).w());
  }

  @Test
  void methodReferencesAndLambdas() {
    var dots = vmap(Tensor::dot);
    assertClose(dots.apply(x, x), x.square().sum(1));
    var cosines = jit(vmap(grad((Tensor t) -> t.sin())));
    assertClose(cosines.apply(vector(1, 2)), vector(1, 2).cos());
    Fn<Tensor, Tensor> implicit = vmap(grad(t -> t.sin().add(1.0)));
    assertClose(implicit.apply(vector(1, 2)), vector(1, 2).cos());
    Fn3<Linear, Tensor, Tensor, Tensor> third = grad(this::loss, THIRD);
    assertThat(third.apply(parameters, x.get(0), y.get(0)).shape()).isEqualTo(Shape.of(2));
  }

  @Test
  void manyWeightsOfOneLayer() {
    Linear many = new Linear(random(4, 7, 2, 3), parameters.b());
    Tensor results = vmap(this::predict, in(axis("w", 0), NONE)).apply(many, x.get(0));
    for (int i = 0; i < 7; i++) {
      Linear one = new Linear(many.w().get(i), many.b());
      assertClose(results.get(i), predict(one, x.get(0)));
    }
  }
}
