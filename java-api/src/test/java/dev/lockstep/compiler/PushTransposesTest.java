package dev.lockstep.compiler;

import static dev.lockstep.compiler.Written.f32;
import static dev.lockstep.compiler.Written.program;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.program.Program;
import dev.lockstep.tensor.Tensor;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What {@link PushTransposes} makes of small programs. */
class PushTransposesTest {
  @Test
  void transposesMoveToTheOperandsOfALoop() {
    Program before =
        program(
            t -> {
              Tensor x = t.get(0);
              return List.of(x.exp().neg().transpose().add(t.get(1)));
            },
            f32(4, 2),
            f32(2, 4));
    assertThat(before)
        .hasToString(
            """
            { a:f32[4, 2] b:f32[2, 4] ->
              c:f32[4, 2] = exp a
              d:f32[4, 2] = neg c
              e:f32[2, 4] = transpose[permutation=[1, 0]] d
              f:f32[2, 4] = add e b
              return f }\
            """);
    assertThat(PushTransposes.apply(before).live())
        .hasToString(
            """
            { a:f32[4, 2] b:f32[2, 4] ->
              g:f32[2, 4] = transpose[permutation=[1, 0]] a
              h:f32[2, 4] = exp g
              e:f32[2, 4] = neg h
              f:f32[2, 4] = add e b
              return f }\
            """);
  }

  @Test
  void aTransposedResultStaysOne() {
    Program before = program(t -> List.of(t.getFirst().exp().transpose()), f32(4, 2));
    assertThat(PushTransposes.apply(before)).isEqualTo(before);
  }

  @Test
  void transposesMoveThroughLoopsThatOthersMovedThrough() {
    Program before =
        program(
            t ->
                List.of(t.getFirst().exp().neg().transpose().sin().neg().transpose().add(t.get(1))),
            f32(4, 2),
            f32(4, 2));
    assertThat(Simplify.apply(PushTransposes.apply(before)).live())
        .hasToString(
            """
            { a:f32[4, 2] b:f32[4, 2] ->
              m:f32[4, 2] = exp a
              n:f32[4, 2] = neg m
              o:f32[4, 2] = sin n
              i:f32[4, 2] = sub b o
              return i }\
            """);
  }
}
