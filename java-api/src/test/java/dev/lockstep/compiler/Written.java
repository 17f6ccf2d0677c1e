package dev.lockstep.compiler;

import dev.lockstep.program.Program;
import dev.lockstep.program.Trace;
import dev.lockstep.tensor.DType;
import dev.lockstep.tensor.Tensor;
import dev.lockstep.tensor.TensorType;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Small programs for tests of passes, and what the compiler makes of them as text. */
final class Written {
  private Written() {}

  static TensorType f32(long... extents) {
    return TensorType.of(DType.F32, extents);
  }

  /** Returns the program of a function of tensors, with numbers as constants. */
  static Program program(Function<List<Tensor>, List<Tensor>> f, TensorType... types) {
    return Trace.trace("test", List.of(types), null, f::apply).withScalarsAsConstants().program();
  }

  /** Returns the steps of a program as the lowering plans them, a line each. */
  static String steps(Program program) {
    return Lowering.lower(program, false).planned().stream()
        .map(Written::line)
        .collect(Collectors.joining("\n"));
  }

  private static String line(Lowering.Planned planned) {
    Step step = planned.step();
    return "%s %s %s -> %s"
        .formatted(
            step.name(), planned.reason().computes(), views(step.reads()), views(step.writes()));
  }

  private static String views(List<View> views) {
    return views.stream().map(Written::view).collect(Collectors.joining(" "));
  }

  /** Prints where a view looks: {@code input0[2, 3]/[1, 2]} has strides 1 and 2. */
  private static String view(View view) {
    Slot slot = view.slot();
    String place =
        switch (slot.kind) {
          case INPUT, OUTPUT -> slot.kind.name().toLowerCase(Locale.ROOT) + slot.position;
          case TEMPORARY -> "temporary";
          case INDEX -> "index";
          case CONSTANT -> "constant";
        };
    return place
        + view.shape()
        + (view.offset() != 0 && slot.isMemory() ? "+" + view.offset() : "")
        + (view.isContiguous() || !slot.isMemory() ? "" : "/" + Arrays.toString(view.strides()));
  }
}
