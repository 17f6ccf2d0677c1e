package dev.lockstep;

import static dev.lockstep.Lockstep.jit;
import static dev.lockstep.Tensors.assertClose;
import static dev.lockstep.Tensors.assertEqual;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lockstep.error.TreeException;
import dev.lockstep.tensor.DType;
import dev.lockstep.tensor.Fn;
import dev.lockstep.tensor.Fn2;
import dev.lockstep.tensor.Tensor;
import java.util.List;
import java.util.Map;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

class OptimizersTest extends EveryBackend {
  record Model(Tensor w, List<Tensor> rest) {}

  private static final double[][] GRADIENTS = {{0.5, -2}, {1, 0.25}, {-0.125, 3}};

  private static Model model(DType dtype) {
    return new Model(Tensor.of(1.0, -2.0).cast(dtype), List.of(Tensor.of(1.0, -2.0).cast(dtype)));
  }

  private static Model gradient(DType dtype, int step) {
    Tensor g = Tensor.of(GRADIENTS[step]).cast(dtype);
    return new Model(g, List.of(g));
  }

  /** Steps with an optimizer, eagerly and under jit, and compares with plain arithmetic. */
  private static void check(Optimizer optimizer, Rule rule) {
    for (DType dtype : List.of(DType.F32, DType.F64)) {
      Model parameters = model(dtype);
      OptimizerState<Model> state = optimizer.init(parameters);
      Fn2<Model, Updated<Model>, Updated<Model>> compiled =
          jit((Model g, Updated<Model> at) -> optimizer.update(at.parameters(), g, at.state()));
      Updated<Model> at = new Updated<>(parameters, state);
      double[] expected = {1, -2};
      double[][] memory = new double[2][2];
      for (int step = 0; step < GRADIENTS.length; step++) {
        Model g = gradient(dtype, step);
        Updated<Model> eager = optimizer.update(at.parameters(), g, at.state());
        at = compiled.apply(g, at);
        for (int i = 0; i < 2; i++) {
          double[] remembered = {memory[0][i], memory[1][i]};
          expected[i] = rule.step(expected[i], GRADIENTS[step][i], remembered, step + 1);
          memory[0][i] = remembered[0];
          memory[1][i] = remembered[1];
        }
        double tolerance = dtype == DType.F32 ? 1e-6 : 1e-14;
        for (Tensor leaf :
            List.of(
                at.parameters().w(), at.parameters().rest().getFirst(), eager.parameters().w())) {
          assertThat(leaf.dtype()).isEqualTo(dtype);
          assertThat(leaf.cast(DType.F64).toDoubleArray())
              .containsExactly(expected, Offset.offset(tolerance));
        }
      }
      assertThat(at.state().step().itemLong()).isEqualTo(3);
    }
  }

  /** A scalar step of an optimizer in plain Java. */
  interface Rule {
    double step(double p, double g, double[] memory, int t);
  }

  @Test
  void gradientDescent() {
    check(Optimizers.sgd(Schedules.constant(0.1)), (p, g, _, _) -> p - 0.1 * g);
    check(
        Optimizers.sgd(Schedules.constant(0.1), 0.9, false),
        (p, g, memory, _) -> p - 0.1 * (memory[0] = 0.9 * memory[0] + g));
    check(
        Optimizers.sgd(Schedules.constant(0.1), 0.9, true),
        (p, g, memory, _) -> {
          memory[0] = 0.9 * memory[0] + g;
          return p - 0.1 * (0.9 * memory[0] + g);
        });
  }

  private static double adam(double p, double g, double[] memory, int t, double decay) {
    memory[0] = 0.8 * memory[0] + 0.2 * g;
    memory[1] = 0.99 * memory[1] + 0.01 * g * g;
    double mean = memory[0] / (1 - Math.pow(0.8, t));
    double square = memory[1] / (1 - Math.pow(0.99, t));
    return p - 0.05 * (mean / (Math.sqrt(square) + 1e-3) + decay * p);
  }

  @Test
  void adamWithAndWithoutDecay() {
    Schedule rate = Schedules.constant(0.05);
    check(Optimizers.adam(rate, 0.8, 0.99, 1e-3), (p, g, m, t) -> adam(p, g, m, t, 0));
    check(Optimizers.adamW(rate, 0.8, 0.99, 1e-3, 0.1), (p, g, m, t) -> adam(p, g, m, t, 0.1));
  }

  @Test
  void aScheduleCountsTheStepsBefore() {
    check(
        Optimizers.sgd(Schedules.exponentialDecay(0.1, 1, 0.5)),
        (p, g, _, t) -> p - 0.1 * Math.pow(0.5, t - 1) * g);
  }

  @Test
  void schedules() {
    Schedule cosine = Schedules.cosine(2, 10, 0.1);
    assertClose(cosine.at(Tensor.scalar(0)), 2);
    assertClose(cosine.at(Tensor.scalar(5)), 1.1);
    assertClose(cosine.at(Tensor.scalar(25)), 0.2);
    assertClose(Schedules.exponentialDecay(3, 4, 0.25).at(Tensor.scalar(2)), 1.5);
    Schedule warm = Schedules.warmUp(0, 1, 4, Schedules.cosine(1, 10, 0));
    assertClose(warm.at(Tensor.scalar(1)), 0.25);
    assertClose(warm.at(Tensor.scalar(4)), 1);
    assertClose(jit((Tensor step) -> warm.at(step)).apply(Tensor.scalar(9)), 0.5);
  }

  @Test
  void clipping() {
    Map<String, Tensor> tree = Map.of("a", Tensor.of(3f), "b", Tensor.of(0f, 4f));
    assertClose(Optimizers.globalNorm(tree).cast(DType.F64), 5);
    assertEqual(Optimizers.clipByGlobalNorm(tree, 5).get("b"), 0, 4);
    Map<String, Tensor> clipped = Optimizers.clipByGlobalNorm(tree, 2.5);
    assertEqual(clipped.get("a"), 1.5);
    assertEqual(clipped.get("b"), 0, 2);
  }

  @Test
  void lbfgsFindsTheMinimumOfRosenbrock() {
    Fn<Tensor, Tensor> loss =
        x -> {
          Tensor a = x.get(1).sub(x.get(0).square());
          return a.square().mul(100.0).add(x.get(0).neg().add(1.0).square());
        };
    Lbfgs lbfgs = Optimizers.lbfgs(5);
    Fn<Updated<Tensor>, Updated<Tensor>> step =
        jit((Updated<Tensor> at) -> lbfgs.update(at.parameters(), loss, at.state()));
    Tensor x = Tensor.of(-1.2, 1.0);
    Updated<Tensor> at = new Updated<>(x, lbfgs.init(x));
    for (int i = 0; i < 50; i++) {
      Updated<Tensor> next = step.apply(at);
      assertThat(loss.apply(next.parameters()).item())
          .isLessThanOrEqualTo(loss.apply(at.parameters()).item());
      at = next;
    }
    assertClose(at.parameters(), Tensor.of(1.0, 1.0), 1e-8);
  }

  @Test
  void lbfgsOnATreeGivesNewtonsStepForAQuadraticOfOneCurvature() {
    record Pair(Tensor a, Tensor b) {}
    Fn<Pair, Tensor> loss = p -> p.a().square().sum().add(p.b().sub(1.0).square().sum()).mul(2.0);
    Lbfgs lbfgs = Optimizers.lbfgs(2);
    Pair start = new Pair(Tensor.of(3f), Tensor.of(0f, 5f));
    Updated<Pair> at = new Updated<>(start, lbfgs.init(start));
    at = lbfgs.update(at.parameters(), loss, at.state());
    at = lbfgs.update(at.parameters(), loss, at.state());
    assertThat(loss.apply(at.parameters()).item()).isCloseTo(0, Offset.offset(1e-9));
  }

  @Test
  void errors() {
    Optimizer adam = Optimizers.adam(Schedules.constant(1));
    Tensor x = Tensor.of(1.0);
    assertThatThrownBy(() -> adam.update((Object) x, List.of(x), adam.init((Object) x)))
        .isInstanceOf(TreeException.class)
        .hasMessageContaining("adam: expected trees of one structure");
    assertThatThrownBy(() -> Optimizers.lbfgs(0)).hasMessageContaining("memory of 1 or more");
    assertThatThrownBy(() -> Optimizers.adam(Schedules.constant(1), 1, 0.9, 0))
        .hasMessage("adam: beta1: expected a number in [0, 1), got 1.0");
    assertThatThrownBy(() -> Optimizers.adamW(Schedules.constant(1), 0.9, 1, 0, 0.1))
        .hasMessage("adamW: beta2: expected a number in [0, 1), got 1.0");
    assertThatThrownBy(() -> Schedules.cosine(1, 0, 0)).hasMessageContaining("1 step or more");
  }
}
