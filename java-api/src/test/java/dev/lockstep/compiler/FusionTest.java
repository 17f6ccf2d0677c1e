package dev.lockstep.compiler;

import static dev.lockstep.compiler.Written.f32;
import static dev.lockstep.compiler.Written.program;
import static dev.lockstep.compiler.Written.steps;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.program.Program;
import dev.lockstep.tensor.Tensor;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Which equations become one loop. */
class FusionTest {
  @Test
  void oneLoopComputesAndReducesMoreThanOnce() {
    Program before =
        program(
            t -> {
              Tensor x = t.get(0);
              Tensor y = x.sin();
              return List.of(y.mul(x).sum(1), y.square().sum(1));
            },
            f32(2, 3));
    assertThat(steps(Compiler.optimise(before)))
        .isEqualTo(
            """
            loop [sin, mul, sum, square, sum] input0[2, 3] -> output0[2] output1[2]\
            """);
  }

  @Test
  void aReductionEndsALoop() {
    Program before =
        program(
            t -> {
              Tensor x = t.get(0);
              return List.of(x.exp().div(x.exp().sum(1).expandDims(1)));
            },
            f32(2, 3));
    assertThat(steps(Compiler.optimise(before)))
        .isEqualTo(
            """
            loop [exp, sum] input0[2, 3] -> temporary[2, 3] temporary[2]
            loop [div] temporary[2, 3] temporary[2, 3]/[1, 0] -> output0[2, 3]\
            """);
  }

  @Test
  void siblingsThatReadTheSameShareALoop() {
    Program before =
        program(
            t -> {
              Tensor x = t.get(0);
              return List.of(x.sin(), x.cos());
            },
            f32(2, 3));
    assertThat(steps(Compiler.optimise(before)))
        .isEqualTo(
            """
            loop [sin, cos] input0[2, 3] -> output0[2, 3] output1[2, 3]\
            """);
  }

  @Test
  void aLoopThatOneLaterLoopUsesIsPartOfIt() {
    Program before =
        program(
            t -> {
              Tensor negated = t.get(1).sin();
              Tensor x = t.get(0);
              return List.of(x.div(x.sum(1).expandDims(1)).mul(negated));
            },
            f32(2, 3),
            f32(2, 3));
    assertThat(steps(Compiler.optimise(before)))
        .isEqualTo(
            """
            loop [sum] input0[2, 3] -> temporary[2]
            loop [sin, div, mul] input1[2, 3] input0[2, 3] temporary[2, 3]/[1, 0] -> output0[2, 3]\
            """);
  }

  /** Else two matrices would have to wait where one does. */
  @Test
  void aLoopThatJoinsTwoComputedValuesStays() {
    Program before =
        program(
            t -> {
              Tensor x = t.get(0);
              Tensor first = x.matmul(x);
              Tensor second = x.matmul(x.transpose());
              Tensor joined = first.div(second);
              return List.of(x.cumSum(1).cumSum(1).cumSum(1).mul(joined));
            },
            f32(3, 3));
    assertThat(steps(Compiler.optimise(before))).contains("div] ", "loop [mul]");
  }

  @Test
  void aLoopOverAProductIsItsEpilogue() {
    Program before =
        program(
            t -> {
              Tensor x = t.get(0);
              return List.of(x.mul(2.0).matmul(t.get(1)).add(1.0).tanh());
            },
            f32(4, 2),
            f32(2, 3));
    assertThat(steps(Compiler.optimise(before)))
        .isEqualTo(
            """
            loop [mul] input0[4, 2] constant[4, 2] -> temporary[4, 2]
            matmul [dot_general, add, tanh] temporary[4, 2] input1[2, 3] constant[4, 3] \
            -> output0[4, 3]\
            """);
  }
}
