package dev.lockstep;

import static dev.lockstep.Derivatives.customJvp;
import static dev.lockstep.Derivatives.customVjp;
import static dev.lockstep.Derivatives.customVmap;
import static dev.lockstep.Lockstep.FIRST;
import static dev.lockstep.Lockstep.FOURTH;
import static dev.lockstep.Lockstep.NONE;
import static dev.lockstep.Lockstep.SECOND;
import static dev.lockstep.Lockstep.THIRD;
import static dev.lockstep.Lockstep.grad;
import static dev.lockstep.Lockstep.in;
import static dev.lockstep.Lockstep.jvp;
import static dev.lockstep.Lockstep.vmap;
import static dev.lockstep.Tensors.assertEqual;
import static dev.lockstep.Tensors.scalar;
import static dev.lockstep.Tensors.vector;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lockstep.error.ShapeException;
import dev.lockstep.tensor.Fn3;
import dev.lockstep.tensor.Fn4;
import dev.lockstep.tensor.Tensor;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Rules that give other values than they should, so that it shows which argument is whose. */
class CustomRulesOfMoreArgumentsTest extends EveryBackend {
  private static final Tensor A = scalar(2);
  private static final Tensor B = scalar(3);
  private static final Tensor C = scalar(5);
  private static final Tensor D = scalar(7);

  @Test
  void customJvpOfThree() {
    Fn3<Tensor, Tensor, Tensor, Tensor> f =
        customJvp(
            (Tensor a, Tensor b, Tensor c) -> a.mul(b).add(c),
            (a, b, c, da, db, dc) -> da.mul(b).add(db.mul(a).mul(10.0)).add(dc.mul(c).mul(100.0)));
    assertEqual(f.apply(A, B, C), 11);
    assertEqual(grad(f, FIRST).apply(A, B, C), 3);
    assertEqual(grad(f, SECOND).apply(A, B, C), 20);
    assertEqual(grad(f, THIRD).apply(A, B, C), 500);
    assertEqual(jvp(f, A, B, C, scalar(1), scalar(1), scalar(1)).tangent(), 523);
    assertEqual(vmap(grad(f, SECOND), in(0, NONE, NONE)).apply(vector(1, 2), B, C), 10, 20);
  }

  @Test
  void customJvpOfFour() {
    Fn4<Tensor, Tensor, Tensor, Tensor, Tensor> f =
        customJvp(
            (Tensor a, Tensor b, Tensor c, Tensor d) -> a.mul(b).add(c.mul(d)),
            (a, b, c, d, da, db, dc, dd) ->
                da.mul(b)
                    .add(db.mul(a).mul(10.0))
                    .add(dc.mul(d).mul(100.0))
                    .add(dd.mul(c).mul(1000.0)));
    assertEqual(f.apply(A, B, C, D), 41);
    assertEqual(grad(f, FIRST).apply(A, B, C, D), 3);
    assertEqual(grad(f, SECOND).apply(A, B, C, D), 20);
    assertEqual(grad(f, THIRD).apply(A, B, C, D), 700);
    assertEqual(grad(f, FOURTH).apply(A, B, C, D), 5000);
  }

  @Test
  void customVjpOfThree() {
    Fn3<Tensor, Tensor, Tensor, Tensor> f =
        customVjp(
            (Tensor a, Tensor b, Tensor c) -> a.mul(b).add(c),
            (a, b, c) -> new Forward<>(a.mul(b).add(c), List.of(a, b)),
            (r, ct) ->
                new Cotangents.Three<>(
                    ct.mul(r.get(1)), ct.mul(r.get(0)).mul(10.0), ct.mul(100.0)));
    assertEqual(f.apply(A, B, C), 11);
    assertEqual(grad(f, FIRST).apply(A, B, C), 3);
    assertEqual(grad(f, SECOND).apply(A, B, C), 20);
    assertEqual(grad(f, THIRD).apply(A, B, C), 100);
    assertEqual(vmap(grad(f, SECOND), in(0, NONE, NONE)).apply(vector(1, 2), B, C), 10, 20);
  }

  @Test
  void customVjpOfFour() {
    Fn4<Tensor, Tensor, Tensor, Tensor, Tensor> f =
        customVjp(
            (Tensor a, Tensor b, Tensor c, Tensor d) -> a.mul(b).add(c.mul(d)),
            (a, b, c, d) -> new Forward<>(a.mul(b).add(c.mul(d)), List.of(a, b, c, d)),
            (r, ct) ->
                new Cotangents.Four<>(
                    ct.mul(r.get(1)),
                    ct.mul(r.get(0)).mul(10.0),
                    ct.mul(r.get(3)).mul(100.0),
                    ct.mul(r.get(2)).mul(1000.0)));
    assertEqual(f.apply(A, B, C, D), 41);
    assertEqual(grad(f, FIRST).apply(A, B, C, D), 3);
    assertEqual(grad(f, SECOND).apply(A, B, C, D), 20);
    assertEqual(grad(f, THIRD).apply(A, B, C, D), 700);
    assertEqual(grad(f, FOURTH).apply(A, B, C, D), 5000);
  }

  @Test
  void customVmapOfThreeAndFour() {
    Fn3<Tensor, Tensor, Tensor, Tensor> three =
        customVmap(
            (Tensor a, Tensor b, Tensor c) -> a.mul(b).add(c),
            (Tensor a, Tensor b, Tensor c) -> a.add(b.mul(10.0)).add(c.mul(100.0)));
    assertEqual(three.apply(A, B, C), 11);
    assertEqual(vmap(three, in(0, NONE, 0)).apply(vector(1, 2), B, vector(3, 4)), 331, 432);
    Fn4<Tensor, Tensor, Tensor, Tensor, Tensor> four =
        customVmap(
            (Tensor a, Tensor b, Tensor c, Tensor d) -> a.mul(b).add(c.mul(d)),
            (Tensor a, Tensor b, Tensor c, Tensor d) ->
                a.add(b.mul(10.0)).add(c.mul(100.0)).add(d.mul(1000.0)));
    assertEqual(four.apply(A, B, C, D), 41);
    assertEqual(
        vmap(four, in(0, NONE, NONE, 0)).apply(vector(1, 2), B, C, vector(3, 4)), 3531, 4532);
  }

  @Test
  void rulesThatDoNotFit() {
    Fn3<Tensor, Tensor, Tensor, Tensor> f =
        customJvp(
            (Tensor a, Tensor b, Tensor c) -> a.mul(b).add(c).sum(),
            (a, b, c, da, db, dc) -> da.add(db).add(dc));
    assertThatThrownBy(() -> f.apply(vector(1, 2), vector(1, 2), C))
        .isInstanceOf(ShapeException.class)
        .hasMessageContaining(
            "customJvp: the tangent that the rule returned must be f64[] like the primal");
  }
}
