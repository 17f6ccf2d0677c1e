package dev.lockstep.compiler;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.program.Program;
import dev.lockstep.runtime.Array;
import dev.lockstep.runtime.ReferenceBackend;
import java.util.List;
import java.util.function.UnaryOperator;
import org.assertj.core.data.Offset;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Random programs have the same values in the reference before and after each pass. */
class PassesPreserveValuesTest {
  private static final int PROGRAMS = 300;

  /** The passes that keep a program a program. */
  enum Pass {
    DEAD_CODE(Program::live),
    INLINE_CUSTOM(program -> InlineCustom.apply(InlineCustomTest.called(program))),
    PUSH_TRANSPOSES(PushTransposes::apply),
    SIMPLIFY(Simplify::apply),
    COMMON_SUBEXPRESSIONS(CommonSubexpressions::apply),
    ALL(Compiler::optimise);

    private final UnaryOperator<Program> pass;

    Pass(UnaryOperator<Program> pass) {
      this.pass = pass;
    }
  }

  @ParameterizedTest
  @EnumSource
  void valuesStay(Pass pass) {
    int changed = 0;
    for (int seed = 0; seed < PROGRAMS; seed++) {
      RandomProgram random = RandomProgram.of(seed);
      Program before = random.program();
      Program after = pass.pass.apply(before);
      changed += after.equals(before) ? 0 : 1;
      List<Array> expected = ReferenceBackend.INSTANCE.run(before, random.inputs());
      List<Array> actual = ReferenceBackend.INSTANCE.run(after, random.inputs());
      for (int i = 0; i < expected.size(); i++) {
        assertThat(actual.get(i).type()).isEqualTo(expected.get(i).type());
        assertThat(actual.get(i).toDoubleArray())
            .as("seed %d, output %d of\n%s\nand of\n%s", seed, i, before, after)
            .containsExactly(expected.get(i).toDoubleArray(), Offset.offset(1e-9));
      }
    }
    assertThat(changed).as("programs that %s changed", pass).isPositive();
  }
}
