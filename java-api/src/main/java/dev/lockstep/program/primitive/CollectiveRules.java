package dev.lockstep.program.primitive;

import dev.lockstep.program.Batched;
import dev.lockstep.program.Primitive;
import dev.lockstep.program.Program;
import dev.lockstep.program.Trace;
import dev.lockstep.tensor.Tensor;
import java.util.List;

/** What the rules of {@link Collective} share, and where collectives are. */
public final class CollectiveRules {
  private CollectiveRules() {}

  /** Returns whether the primitive or a program of it has a collective along this axis. */
  public static boolean uses(Primitive primitive, String axis) {
    return switch (primitive) {
      case Collective collective -> collective.axis().equals(axis);
      case ControlFlow.Switch(List<Program> branches) ->
          branches.stream().anyMatch(branch -> uses(branch, axis));
      case ControlFlow.While loop -> uses(loop.condition(), axis) || uses(loop.body(), axis);
      case ControlFlow.Scan scan -> uses(scan.body(), axis);
      case ControlFlow.Checkpoint(Program program, _) -> uses(program, axis);
      case Custom.CustomJvp custom -> uses(custom.program(), axis) || uses(custom.rule(), axis);
      case Custom.CustomVjp custom ->
          uses(custom.program(), axis)
              || uses(custom.forward(), axis)
              || uses(custom.backward(), axis);
      case Custom.CustomVmap custom -> uses(custom.program(), axis);
      case Custom.CustomPullback custom -> uses(custom.backward(), axis);
      case Elementwise _,
          Reduction _,
          Structural _,
          Contraction _,
          Indexing _,
          Ordering _,
          Cumulative _,
          RandomBits _,
          LinearAlgebra _ ->
          false;
    };
  }

  private static boolean uses(Program program, String axis) {
    return program.equations().stream().anyMatch(equation -> uses(equation.primitive(), axis));
  }

  /** Returns a result that is the same for all examples. */
  static Batched same(Tensor result) {
    return new Batched(List.of(result), new boolean[] {false});
  }

  static Tensor sum(Tensor x, boolean mapped, long size) {
    return mapped ? Trace.bind(new Reduction.Sum(List.of(0)), x) : x.mul(Rules.like(x, size));
  }

  static Batched reduce(Reduction reduction, List<Tensor> operands, boolean[] mapped) {
    Tensor x = operands.getFirst();
    return same(mapped[0] ? Trace.bind(reduction, x) : x);
  }

  /** Returns the mean of the tangents of those examples that equal the result. */
  static List<Tensor> chosenTangent(
      Collective op, List<Tensor> operands, List<Tensor> tangents, List<Tensor> results) {
    Tensor x = operands.getFirst();
    Tensor dx = tangents.getFirst();
    Collective.Psum sum = new Collective.Psum(op.axis(), op.size());
    Tensor chosen = x.equal(results.getFirst());
    Tensor total = Trace.bind(sum, Tensor.where(chosen, dx, Rules.like(dx, 0)));
    return Rules.one(total.div(Trace.bind(sum, chosen.cast(x.dtype()))));
  }
}
