package dev.lockstep.compiler;

import dev.lockstep.bindings.CopyDescription;
import dev.lockstep.bindings.LoopDescription;
import dev.lockstep.bindings.LoopResult;
import dev.lockstep.bindings.MatmulDescription;
import dev.lockstep.bindings.Matrix;
import dev.lockstep.bindings.Operand;
import dev.lockstep.bindings.PlanHandle;
import dev.lockstep.program.Program;
import dev.lockstep.program.Variable;
import dev.lockstep.tensor.TensorType;
import java.util.ArrayList;
import java.util.List;

/** Compiles programs to native plans: the passes in their order, then one native call a step. */
public final class Compiler {
  private static final int CPU = 0;

  private final int inputs;
  private final int workspaceSlot;
  private final int[] writtenPositions;

  private Compiler(int inputs, int[] writtenPositions, int written) {
    this.inputs = inputs;
    this.writtenPositions = writtenPositions;
    this.workspaceSlot = inputs + written;
  }

  /**
   * A compiled program.
   *
   * @param plan takes the program's inputs and gives the outputs that steps write, in order
   * @param outputSources for each output of the program: -1 if the plan writes it; {@code i} if it
   *     is the program's input i; {@code inputs + j} if it is the same value as the earlier output j
   * @param workspaceBytes what each run needs besides its inputs and outputs
   */
  public record Compiled(PlanHandle plan, int[] outputSources, long workspaceBytes) {}

  /** Compiles a program. */
  public static Compiled compile(Program program) {
    Program optimised = optimise(program);
    Lowering.Lowered lowered = Lowering.lower(optimised);
    long workspace = MemoryPlan.assign(lowered.steps());
    int[] positions = new int[optimised.outputs().size()];
    List<TensorType> written = new ArrayList<>();
    for (int i = 0; i < positions.length; i++) {
      if (lowered.outputSources()[i] < 0) {
        positions[i] = written.size();
        written.add(optimised.outputs().get(i).type());
      }
    }
    PlanHandle plan =
        PlanHandle.create(
            CPU,
            optimised.inputs().stream().map(Variable::type).mapToLong(TensorType::bytes).toArray(),
            written.stream().mapToLong(TensorType::bytes).toArray(),
            workspace);
    Compiler compiler = new Compiler(optimised.inputs().size(), positions, written.size());
    for (Step step : lowered.steps()) {
      compiler.add(plan, step);
    }
    plan.seal();
    return new Compiled(plan, lowered.outputSources(), workspace);
  }

  /** Returns the program after all passes that keep it a program. */
  public static Program optimise(Program program) {
    Program simplified = Simplify.apply(program.live());
    return CommonSubexpressions.apply(simplified).live();
  }

  private void add(PlanHandle plan, Step step) {
    switch (step) {
      case Step.Loop loop ->
          plan.addLoop(
              new LoopDescription(
                  loop.extents(),
                  loop.reduceRank(),
                  loop.inputs().stream().map(this::operand).toList(),
                  loop.instructions(),
                  loop.results().stream()
                      .map(r -> new LoopResult(operand(r.to()), r.value(), r.reduce()))
                      .toList()));
      case Step.Matmul matmul ->
          plan.addMatmul(
              new MatmulDescription(
                  matmul.dtype().code(),
                  matmul.batch(),
                  matmul.m(),
                  matmul.n(),
                  matmul.k(),
                  matrix(matmul.a()),
                  matrix(matmul.b()),
                  matrix(matmul.c())));
      case Step.Copy copy ->
          plan.addCopy(
              new CopyDescription(
                  copy.from().shape().extents(), operand(copy.from()), operand(copy.to())));
    }
  }

  private Operand operand(View view) {
    int dtype = view.dtype().code();
    return switch (view.slot().kind) {
      case INDEX -> Operand.index(dtype, view.offset(), view.strides());
      case CONSTANT -> Operand.constant(dtype, view.offset());
      case INPUT, OUTPUT, TEMPORARY ->
          new Operand(number(view.slot()), dtype, bytes(view), view.strides());
    };
  }

  private Matrix matrix(Step.Matrix matrix) {
    View view = matrix.view();
    return new Matrix(
        number(view.slot()),
        bytes(view),
        matrix.rowStride(),
        matrix.columnStride(),
        matrix.batchStrides());
  }

  private int number(Slot slot) {
    return switch (slot.kind) {
      case INPUT -> slot.position;
      case OUTPUT -> inputs + writtenPositions[slot.position];
      case TEMPORARY -> workspaceSlot;
      case INDEX, CONSTANT -> throw new IllegalStateException("no memory: " + slot.kind);
    };
  }

  private static long bytes(View view) {
    return view.slot().kind == Slot.Kind.TEMPORARY
        ? view.slot().offset + view.offset()
        : view.offset();
  }
}
