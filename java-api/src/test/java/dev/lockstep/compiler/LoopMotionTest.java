package dev.lockstep.compiler;

import static dev.lockstep.compiler.Written.f32;
import static dev.lockstep.compiler.Written.program;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.program.Program;
import dev.lockstep.program.Trace;
import dev.lockstep.program.Variable;
import dev.lockstep.program.primitive.ControlFlow.Scan;
import dev.lockstep.runtime.Array;
import dev.lockstep.runtime.NativeBackend;
import dev.lockstep.runtime.ReferenceBackend;
import dev.lockstep.tensor.DType;
import dev.lockstep.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What {@link LoopMotion} makes of scans, with the same values. */
class LoopMotionTest {
  /** {@code h = tanh(h w + x u)}, with h as the only result. */
  private static Program recurrent(boolean reverse) {
    Program step =
        program(
            t -> List.of(t.get(2).matmul(t.get(0)).add(t.get(3).matmul(t.get(1))).tanh()),
            f32(3, 3),
            f32(2, 3),
            f32(4, 3),
            f32(4, 2));
    return program(
        t -> Trace.bindAll(new Scan(step, 5, reverse, 2, 1), t.toArray(Tensor[]::new)),
        f32(3, 3),
        f32(2, 3),
        f32(4, 3),
        f32(5, 4, 2));
  }

  /** A carry h, a sum of transposed products of h and x, and stacks of x, h and of nothing read. */
  private static Program summed(boolean reverse) {
    Program step =
        program(
            t -> {
              Tensor h = t.get(0).add(t.get(3)).sin();
              Tensor sum = t.get(1).add(h.transpose().matmul(t.get(2)).transpose());
              return List.of(h, sum, t.get(2), h.exp());
            },
            f32(4, 3),
            f32(2, 3),
            f32(4, 2),
            f32(4, 3));
    return program(
        t -> {
          List<Tensor> operands = new ArrayList<>(t);
          operands.add(Tensor.full(DType.F32, 0.5, 5, 4, 3));
          return Trace.bindAll(new Scan(step, 5, reverse, 0, 2), operands.toArray(Tensor[]::new))
              .subList(0, 3);
        },
        f32(4, 3),
        f32(2, 3),
        f32(5, 4, 2));
  }

  @Test
  void productsOfTheXsComeBefore() {
    Program before = recurrent(false);
    assertThat(before)
        .hasToString(
            """
            { a:f32[3, 3] b:f32[2, 3] c:f32[4, 3] d:f32[5, 4, 2] ->
              e:f32[4, 3] = scan[body={ a:f32[3, 3] b:f32[2, 3] c:f32[4, 3] d:f32[4, 2] ->
                  e:f32[4, 3] = dot_general[leftContract=[1] rightContract=[0] leftBatch=[] rightBatch=[]] c a
                  f:f32[4, 3] = dot_general[leftContract=[1] rightContract=[0] leftBatch=[] rightBatch=[]] d b
                  g:f32[4, 3] = add e f
                  h:f32[4, 3] = tanh g
                  return h } length=5 reverse=false constants=2 carries=1] a b c d
              return e }\
            """);
    assertThat(LoopMotion.apply(before))
        .hasToString(
            """
            { a:f32[3, 3] b:f32[2, 3] c:f32[4, 3] d:f32[5, 4, 2] ->
              f:f32[5, 4, 3] = dot_general[leftContract=[2] rightContract=[0] leftBatch=[] rightBatch=[]] d b
              e:f32[4, 3] = scan[body={ a:f32[3, 3] c:f32[4, 3] f:f32[4, 3] ->
                  e:f32[4, 3] = dot_general[leftContract=[1] rightContract=[0] leftBatch=[] rightBatch=[]] c a
                  g:f32[4, 3] = add e f
                  h:f32[4, 3] = tanh g
                  return h } length=5 reverse=false constants=1 carries=1] a c f
              return e }\
            """);
  }

  @Test
  void sumsOfProductsComeAfter() {
    assertThat(Compiler.optimise(summed(false)))
        .hasToString(
            """
            { a:f32[4, 3] b:f32[2, 3] c:f32[5, 4, 2] ->
              e:f32[4, 3] i:f32[5, 4, 3] = scan[body={ a:f32[4, 3] ->
                  d:f32[4, 3] = full[type=f32[4, 3] value=0.5]
                  e:f32[4, 3] = add a d
                  f:f32[4, 3] = sin e
                  return f f } length=5 reverse=false constants=0 carries=1] a
              j:f32[3, 2] = dot_general[leftContract=[0, 1] rightContract=[0, 1] leftBatch=[] rightBatch=[]] i c
              k:f32[2, 3] = transpose[permutation=[1, 0]] j
              f:f32[2, 3] = add b k
              return e f c }\
            """);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void valuesStay(boolean reverse) {
    for (Program before : List.of(recurrent(reverse), summed(reverse))) {
      Random random = new Random(0);
      List<Array> inputs = new ArrayList<>();
      for (Variable input : before.inputs()) {
        double[] values = random.doubles(input.type().shape().size(), -1, 1).toArray();
        inputs.add(Tensor.of(values, input.type().shape()).cast(DType.F32).concrete("test"));
      }
      Program after = Compiler.optimise(before);
      assertThat(after).isNotEqualTo(before);
      List<Array> expected = ReferenceBackend.INSTANCE.run(before, inputs);
      assertAlike(ReferenceBackend.INSTANCE.run(after, inputs), expected);
      assertAlike(NativeBackend.INSTANCE.run(before, inputs), expected);
    }
  }

  private static void assertAlike(List<Array> actual, List<Array> expected) {
    for (int i = 0; i < expected.size(); i++) {
      assertThat(actual.get(i).type()).isEqualTo(expected.get(i).type());
      assertThat(actual.get(i).cast(DType.F64).toDoubleArray())
          .containsExactly(expected.get(i).cast(DType.F64).toDoubleArray(), Offset.offset(1e-5));
    }
  }
}
