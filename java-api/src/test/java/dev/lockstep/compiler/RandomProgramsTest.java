package dev.lockstep.compiler;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.program.Program;
import dev.lockstep.runtime.Array;
import dev.lockstep.runtime.NativeBackend;
import dev.lockstep.runtime.ReferenceBackend;
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
}
