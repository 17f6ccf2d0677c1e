package dev.lockstep.compiler;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.program.Trace;
import dev.lockstep.program.Traced;
import dev.lockstep.runtime.Array;
import dev.lockstep.runtime.NativeBackend;
import dev.lockstep.runtime.ReferenceBackend;
import dev.lockstep.tensor.Shape;
import dev.lockstep.tensor.Tensor;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Padding writes each element once: borders are filled, and the rest is copied. */
class PadLoweringTest {
  private static Traced pad(Tensor x, long[] low, long[] high) {
    return Trace.trace(
        "test", List.of(x.type()), null, tracers -> List.of(tracers.getFirst().pad(low, high)));
  }

  private static long elementsWritten(Traced traced) {
    return Lowering.lower(Compiler.optimise(traced.program()), false).steps().stream()
        .flatMap(step -> step.writes().stream())
        .mapToLong(view -> view.shape().size())
        .sum();
  }

  private static void check(Tensor x, long[] low, long[] high) {
    Traced traced = pad(x, low, high);
    List<Array> inputs = traced.with(List.of(x)).stream().map(t -> t.concrete("test")).toList();
    Array expected = ReferenceBackend.INSTANCE.run(traced.program(), inputs).getFirst();
    Array actual = NativeBackend.INSTANCE.run(traced.program(), inputs).getFirst();
    assertThat(actual.shape()).isEqualTo(expected.shape());
    assertThat(actual.toDoubleArray()).containsExactly(expected.toDoubleArray());
    assertThat(elementsWritten(traced)).isEqualTo(expected.shape().size());
  }

  @Test
  void everyElementIsWrittenOnce() {
    Tensor cube = Tensor.arange(2.0, 62.0).reshape(3, 4, 5);
    check(cube, new long[] {0, 0, 0}, new long[] {2, 0, 0});
    check(cube, new long[] {1, 2, 3}, new long[] {0, 1, 2});
    check(cube.get(0), new long[] {0, 7}, new long[] {0, 0});
    check(Tensor.of(5.0), new long[] {3}, new long[] {4});
    check(Tensor.of(new double[0], Shape.of(0, 2)), new long[] {1, 1}, new long[] {1, 0});
  }
}
