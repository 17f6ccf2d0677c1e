package dev.lockstep.compiler;

import static dev.lockstep.compiler.Written.f32;
import static dev.lockstep.compiler.Written.program;
import static dev.lockstep.compiler.Written.steps;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.program.Program;
import dev.lockstep.tensor.Tensor;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Structural ops become strides of what steps read and write. */
class ViewFoldingTest {
  @Test
  void transposesAndReversalsAreStrides() {
    Program before =
        program(
            t -> {
              Tensor x = t.get(0);
              return List.of(x.transpose().add(x.transpose().flip(0)).exp());
            },
            f32(2, 3));
    assertThat(steps(Compiler.optimise(before)))
        .isEqualTo(
            """
            loop [add, exp] input0[3, 2]/[1, 3] input0[3, 2]+8/[-1, 3] -> output0[3, 2]\
            """);
  }

  @Test
  void productsReadTransposedOperandsAndWriteTransposedResults() {
    Program before =
        program(
            t -> {
              Tensor x = t.get(0);
              return List.of(x.transpose().matmul(t.get(1)).transpose().tanh());
            },
            f32(4, 2),
            f32(4, 3));
    assertThat(steps(Compiler.optimise(before)))
        .isEqualTo(
            """
            matmul [dot_general, tanh] input0[4, 2] input1[4, 3] -> output0[2, 3]/[1, 2]\
            """);
  }

  @Test
  void partsOfAConcatenationAreWrittenInPlace() {
    Program before =
        program(
            t -> {
              Tensor x = t.get(0);
              return List.of(Tensor.concatenate(0, x.sin(), x.cos()));
            },
            f32(2));
    assertThat(steps(Compiler.optimise(before)))
        .isEqualTo(
            """
            loop [sin, cos] input0[2] -> output0[2] output0[2]+8\
            """);
  }

  @Test
  void broadcastsHaveStrideZero() {
    Program before =
        program(
            t -> {
              Tensor x = t.get(0);
              return List.of(x.add(t.get(1)));
            },
            f32(2, 3),
            f32(3));
    assertThat(steps(Compiler.optimise(before)))
        .isEqualTo(
            """
            loop [add] input0[2, 3] input1[2, 3]/[0, 1] -> output0[2, 3]\
            """);
  }
}
