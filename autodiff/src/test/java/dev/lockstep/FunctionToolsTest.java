package dev.lockstep;

import static dev.lockstep.Control.foriLoop;
import static dev.lockstep.Derivatives.gradWithAux;
import static dev.lockstep.Derivatives.linearTranspose;
import static dev.lockstep.Lockstep.evalShape;
import static dev.lockstep.Lockstep.grad;
import static dev.lockstep.Lockstep.jit;
import static dev.lockstep.Lockstep.vectorize;
import static dev.lockstep.Lockstep.vmap;
import static dev.lockstep.Tensors.assertClose;
import static dev.lockstep.Tensors.assertEqual;
import static dev.lockstep.Tensors.random;
import static dev.lockstep.Tensors.scalar;
import static dev.lockstep.Tensors.vector;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lockstep.error.LockstepException;
import dev.lockstep.error.ShapeException;
import dev.lockstep.program.Program;
import dev.lockstep.tensor.DType;
import dev.lockstep.tensor.Fn;
import dev.lockstep.tensor.Fn2;
import dev.lockstep.tensor.Tensor;
import dev.lockstep.tensor.TensorType;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Gradients with other results, transposes, shapes without values, signatures. */
class FunctionToolsTest extends EveryBackend {
  @Test
  void gradientsHandOnOtherResults() {
    Fn<Tensor, WithAux<Map<String, Tensor>>> f =
        x -> new WithAux<>(x.sin().sum(), Map.of("cos", x.cos(), "count", Tensor.scalar(3)));
    Tensor x = random(0, 4);
    var got = gradWithAux(f).apply(x);
    assertClose(got.value(), x.sin().sum());
    assertClose(got.gradient(), x.cos());
    assertClose(got.aux().get("cos"), x.cos());
    assertEqual(got.aux().get("count"), 3);
    assertClose(jit(gradWithAux(f)).apply(x).gradient(), x.cos());
    Tensor batch = random(1, 2, 4);
    assertClose(vmap(gradWithAux(f)).apply(batch).gradient(), batch.cos());
    Fn<Tensor, Tensor> second = v -> gradWithAux(f).apply(v).gradient().sum();
    assertClose(grad(second).apply(x), x.sin().neg());
    var constant = gradWithAux((Tensor v) -> new WithAux<>(scalar(2), v)).apply(x);
    assertEqual(constant.gradient(), 0, 0, 0, 0);
    assertClose(
        gradWithAux((Tensor a, Tensor b) -> new WithAux<>(a.dot(b), null))
            .apply(x, x.sin())
            .gradient(),
        x.sin());
    assertThatThrownBy(() -> gradWithAux((Tensor v) -> new WithAux<>(v, v)).apply(x))
        .isInstanceOf(ShapeException.class)
        .hasMessageStartingWith("gradWithAux: the value must be a floating scalar, it is f64[4]");
  }

  @Test
  void transposesOfLinearFunctions() {
    Tensor w = random(0, 2, 3);
    Fn<Tensor, Tensor> transposed =
        linearTranspose((Tensor x) -> w.matmul(x).mul(2.0), random(1, 3));
    Tensor ct = random(2, 2);
    assertClose(transposed.apply(ct), ct.matmul(w).mul(2.0));
    assertClose(
        vmap(transposed).apply(random(3, 5, 2)).get(4), transposed.apply(random(3, 5, 2).get(4)));
    Fn<List<Tensor>, List<Tensor>> pair = x -> List.of(x.get(0).sub(x.get(1)), x.get(1));
    List<Tensor> both =
        linearTranspose(pair, List.of(scalar(0), scalar(0))).apply(List.of(scalar(3), scalar(4)));
    assertEqual(both.get(0), 3);
    assertEqual(both.get(1), 1);
    assertThatThrownBy(() -> linearTranspose((Tensor x) -> x.sin(), scalar(1)))
        .isExactlyInstanceOf(LockstepException.class)
        .hasMessageStartingWith("linearTranspose: the function is not linear in its arguments");
    assertThatThrownBy(() -> linearTranspose((Tensor x) -> x.mul(x), scalar(1)))
        .isExactlyInstanceOf(LockstepException.class)
        .hasMessageStartingWith("linearTranspose: the function is not linear in its arguments");
  }

  @Test
  void shapesWithoutValues() {
    assertThat(evalShape((Tensor a, Tensor b) -> a.matmul(b), random(0, 2, 3), random(1, 3, 4)))
        .containsExactly(TensorType.of(DType.F64, 2, 4));
    assertThat(evalShape((Tensor a) -> List.of(a.sum(), a.greater(0)), random(0, 2)))
        .containsExactly(TensorType.of(DType.F64), TensorType.of(DType.BOOL, 2));
  }

  @Test
  void programsOfFunctions() {
    TensorType type = TensorType.of(DType.F32, 3);
    assertThat(Program.of(x -> x.sin().sum(), type))
        .hasToString(
            """
            { a:f32[3] ->
              b:f32[3] = sin a
              c:f32[] = sum[axes=[0]] b
              return c }\
            """);
    TensorType scalar = TensorType.of(DType.F32);
    assertThat(Program.of(x -> foriLoop(2, (i, c) -> c.mul(x), x), scalar))
        .hasToString(
            """
            { a:f32[] ->
              b:i32[2] = iota[type=i32[2] axis=0]
              c:f32[] = scan[body={ c:f32[] a:f32[] b:i32[] ->
                  d:f32[] = mul a c
                  return d } length=2 reverse=false constants=1 carries=1] a a b
              return c }\
            """);
    assertThat(Program.of((x, y) -> x.mul(y), type, type).equations()).hasSize(1);
    assertThat(Program.of((x, y, z) -> x.mul(y).add(z), type, type, type).inputs()).hasSize(3);
    Tensor captured = vector(1);
    assertThat(Program.of(x -> x.mul(captured), TensorType.of(DType.F64, 1)).inputs()).hasSize(2);
  }

  @Test
  void signatures() {
    Fn2<Tensor, Tensor, Tensor> f = vectorize("(n,m),(m)->(n)", (a, x) -> a.matmul(x).tanh());
    Tensor a = random(0, 5, 2, 3);
    Tensor x = random(1, 4, 1, 3);
    Tensor got = f.apply(a, x);
    assertThat(got.shape().extents()).containsExactly(4, 5, 2);
    for (int i = 0; i < 4; i++) {
      for (int j = 0; j < 5; j++) {
        assertClose(got.get(i).get(j), a.get(j).matmul(x.get(i).get(0)).tanh());
      }
    }
    assertClose(f.apply(a.get(0), x.get(0).get(0)), a.get(0).matmul(x.get(0).get(0)).tanh());
    Fn<Tensor, Tensor> sum = vectorize("(n)->()", v -> v.sum());
    assertClose(sum.apply(a), a.sum(-1));
    assertThat(sum.apply(random(0, 1, 3)).shape().extents()).containsExactly(1);
    assertClose(
        vectorize("(),(),()->()", (p, q, r) -> p.mul(q).add(r))
            .apply(scalar(2), vector(1, 2), scalar(1)),
        vector(3, 5));
    assertThatThrownBy(() -> vectorize("(n->n)", v -> v))
        .hasMessageStartingWith("vectorize: expected a signature such as");
    assertThatThrownBy(() -> vectorize("(n)->(n)", (p, q) -> p))
        .hasMessageStartingWith("vectorize: the function takes 2 arguments");
    assertThatThrownBy(() -> f.apply(a, random(1, 4)))
        .isInstanceOf(ShapeException.class)
        .hasMessageStartingWith(
            "vectorize: axis m of \"(n,m),(m)->(n)\" must have one extent, got 3");
    assertThatThrownBy(() -> f.apply(a, random(1, 4, 3)))
        .isInstanceOf(ShapeException.class)
        .hasMessageStartingWith("vectorize: the axes before those of");
    assertThatThrownBy(() -> sum.apply(scalar(1)))
        .isInstanceOf(ShapeException.class)
        .hasMessageStartingWith("vectorize: argument 0 must have the axes [n]");
    assertThatThrownBy(() -> vectorize("(n)->(n)", v -> v.sum()).apply(a))
        .isInstanceOf(ShapeException.class)
        .hasMessageStartingWith("vectorize: \"(n)->(n)\" says that the result has 1 axes");
  }
}
