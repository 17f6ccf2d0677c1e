package dev.lockstep.compiler;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.program.Equation;
import dev.lockstep.program.Program;
import dev.lockstep.program.Variable;
import dev.lockstep.runtime.Array;
import dev.lockstep.runtime.NativeBackend;
import dev.lockstep.runtime.ReferenceBackend;
import dev.lockstep.tensor.DType;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Random programs give the same values through all passes and the native core as in the reference.
 */
class RandomProgramsTest {
  private static final int PROGRAMS = 400;

  static IntStream seeds() {
    return IntStream.range(0, PROGRAMS);
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void nativeEqualsReference(int seed) {
    RandomProgram random = RandomProgram.of(seed);
    Program program = random.program();
    List<Array> inputs = random.inputs();

    List<Array> expected = ReferenceBackend.INSTANCE.run(program, inputs);
    List<Array> actual = NativeBackend.INSTANCE.run(program, inputs);

    for (int i = 0; i < expected.size(); i++) {
      assertThat(actual.get(i).type()).isEqualTo(expected.get(i).type());
      assertThat(actual.get(i).toDoubleArray())
          .as("output %d of %s", i, program)
          .usingComparatorWithPrecision(1e-9)
          .containsExactly(expected.get(i).toDoubleArray());
    }
  }

  /** Every op rounds, whatever it is fused with. */
  @ParameterizedTest
  @MethodSource("seeds")
  void programsOnBf16GiveTheBitsOfTheirOps(int seed) {
    RandomProgram random = RandomProgram.of(seed, DType.BF16);
    Program program = random.program();
    Array[] values = new Array[program.variables()];
    for (int i = 0; i < random.inputs().size(); i++) {
      values[program.inputs().get(i).id()] = random.inputs().get(i);
    }
    for (Equation equation : program.equations()) {
      List<Variable> inputs = equation.inputs().stream().distinct().toList();
      List<Array> operands = inputs.stream().map(input -> values[input.id()]).toList();
      Program one = new Program(inputs, List.of(equation), equation.outputs(), values.length);
      List<Array> results = NativeBackend.INSTANCE.run(one, operands);
      for (int i = 0; i < results.size(); i++) {
        values[equation.outputs().get(i).id()] = results.get(i);
      }
    }

    List<Array> whole = NativeBackend.INSTANCE.run(program, random.inputs());

    for (int i = 0; i < whole.size(); i++) {
      Array expected = values[program.outputs().get(i).id()];
      assertThat(whole.get(i).type()).isEqualTo(expected.type());
      assertThat(signless(whole.get(i)))
          .as("output %d of %s", i, program)
          .isEqualTo(signless(expected));
    }
  }

  /** Returns the values with 0 for -0. */
  private static double[] signless(Array array) {
    return Arrays.stream(array.toDoubleArray()).map(value -> value + 0.0).toArray();
  }
}
