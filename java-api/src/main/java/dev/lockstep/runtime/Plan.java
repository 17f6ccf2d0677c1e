package dev.lockstep.runtime;

import dev.lockstep.bindings.Frame;
import dev.lockstep.bindings.PlanHandle;
import dev.lockstep.compiler.Compiler;
import dev.lockstep.error.OutOfNativeMemoryException;
import dev.lockstep.program.Program;
import dev.lockstep.program.Variable;
import dev.lockstep.tensor.TensorType;
import java.lang.ref.Cleaner;
import java.lang.ref.Reference;
import java.util.ArrayList;
import java.util.List;

/**
 * A compiled program: running it is one native call. The native plan lives as long as this object.
 */
public final class Plan implements Executable {
  private static final Cleaner CLEANER = Cleaner.create();

  private final PlanHandle handle;
  private final List<TensorType> outputTypes;
  private final int[] outputSources;
  private final int inputs;
  private final long workspaceBytes;

  private Plan(Program program, Compiler.Compiled compiled) {
    this.handle = compiled.plan();
    this.outputSources = compiled.outputSources();
    this.workspaceBytes = compiled.workspaceBytes();
    this.inputs = program.inputs().size();
    this.outputTypes = program.outputs().stream().map(Variable::type).toList();
  }

  static Plan of(Program program) {
    Memory.readLimits();
    Plan plan = new Plan(program, Compiler.compile(program));
    PlanHandle handle = plan.handle;
    CLEANER.register(plan, handle::destroy);
    return plan;
  }

  @Override
  public List<Array> run(List<Array> arguments) {
    if (arguments.size() != inputs) {
      throw new IllegalArgumentException(
          "run: the program has %d inputs, got %d".formatted(inputs, arguments.size()));
    }
    Frame frame = handle.frame();
    int acquired = 0;
    try {
      for (; acquired < inputs; acquired++) {
        Array argument = arguments.get(acquired);
        if (argument.isLiteral()) {
          frame.inlineInput(acquired, argument.literalBits());
        } else {
          frame.input(acquired, argument.acquire());
        }
      }
      runFrame(frame);
      return results(frame, arguments);
    } finally {
      for (int i = 0; i < acquired; i++) {
        if (!arguments.get(i).isLiteral()) {
          arguments.get(i).release();
        }
      }
      handle.release(frame);
      Reference.reachabilityFence(this);
    }
  }

  private static void runFrame(Frame frame) {
    try {
      frame.run();
    } catch (OutOfNativeMemoryException _) {
      Memory.retrying(() -> {
        frame.run();
        return null;
      });
    }
  }

  private List<Array> results(Frame frame, List<Array> arguments) {
    if (outputSources.length == 1 && outputSources[0] < 0) {
      return List.of(Array.adopt(outputTypes.getFirst(), frame.output(0)));
    }
    List<Array> results = new ArrayList<>(outputSources.length);
    int written = 0;
    for (int i = 0; i < outputSources.length; i++) {
      int source = outputSources[i];
      if (source < 0) {
        results.add(Array.adopt(outputTypes.get(i), frame.output(written++)));
      } else {
        Array same = source < inputs ? arguments.get(source) : results.get(source - inputs);
        results.add(same.share());
      }
    }
    return results;
  }

  /** Returns one line a step, and the workspace that each run takes. */
  public String describe() {
    return handle.describe() + "workspace " + workspaceBytes + " bytes\n";
  }
}
