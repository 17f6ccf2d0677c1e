package dev.lockstep.compiler;

import static dev.lockstep.compiler.Written.f32;
import static dev.lockstep.compiler.Written.program;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.program.Program;
import dev.lockstep.tensor.Tensor;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What {@link CommonSubexpressions} and dead code elimination make of small programs. */
class CommonSubexpressionsTest {
  @Test
  void equalComputationsAreOne() {
    Program before =
        program(
            t -> {
              Tensor x = t.get(0);
              return List.of(
                  x.sin().add(x.sin().exp()), x.mul(2.0).add(x.mul(2.0)), x.sum(0), x.sum(1));
            },
            f32(2, 2));
    assertThat(CommonSubexpressions.apply(before).live())
        .hasToString(
            """
            { a:f32[2, 2] ->
              f:f32[] = full[type=f32[] value=2.0]
              b:f32[2, 2] = sin a
              d:f32[2, 2] = exp b
              e:f32[2, 2] = add b d
              g:f32[2, 2] = broadcast_in_dim[shape=[2, 2] axes=[]] f
              h:f32[2, 2] = mul a g
              l:f32[2, 2] = add h h
              m:f32[2] = sum[axes=[0]] a
              n:f32[2] = sum[axes=[1]] a
              return e l m n }\
            """);
  }

  @Test
  void whatNothingUsesGoes() {
    Program before =
        program(
            t -> {
              Tensor x = t.get(0);
              x.exp().sum();
              return List.of(x.sin());
            },
            f32(2));
    assertThat(before)
        .hasToString(
            """
            { a:f32[2] ->
              b:f32[2] = exp a
              c:f32[] = sum[axes=[0]] b
              d:f32[2] = sin a
              return d }\
            """);
    assertThat(before.live())
        .hasToString(
            """
            { a:f32[2] ->
              d:f32[2] = sin a
              return d }\
            """);
  }
}
