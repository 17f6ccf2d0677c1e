package dev.lockstep.compiler;

import static dev.lockstep.compiler.Written.f32;
import static dev.lockstep.compiler.Written.program;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.program.Program;
import dev.lockstep.program.Trace;
import dev.lockstep.program.Variable;
import dev.lockstep.program.primitive.Custom;
import dev.lockstep.tensor.Tensor;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What {@link InlineCustom} makes of small programs. */
class InlineCustomTest {
  /** Returns a program that calls the program as a function with derivatives of its own. */
  static Program called(Program program) {
    Custom custom = new Custom.CustomJvp(program, program, program.inputs().size());
    return Trace.trace(
            "test",
            program.inputs().stream().map(Variable::type).toList(),
            null,
            tensors -> Trace.bindAll(custom, tensors.toArray(Tensor[]::new)))
        .program();
  }

  @Test
  void callsBecomeWhatTheyCompute() {
    Program before = called(program(t -> List.of(t.getFirst().exp().sin()), f32(3)));
    assertThat(before.equations()).hasSize(1);
    assertThat(InlineCustom.apply(before))
        .hasToString(
            """
            { a:f32[3] ->
              c:f32[3] = exp a
              d:f32[3] = sin c
              return d }\
            """);
  }

  @Test
  void callsWithinCallsGoToo() {
    Program before = called(called(program(t -> List.of(t.getFirst().exp()), f32(3))));
    assertThat(InlineCustom.apply(before))
        .hasToString(
            """
            { a:f32[3] ->
              c:f32[3] = exp a
              return c }\
            """);
  }
}
