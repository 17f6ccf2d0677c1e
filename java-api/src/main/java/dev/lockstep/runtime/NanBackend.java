package dev.lockstep.runtime;

import dev.lockstep.error.NanException;
import dev.lockstep.program.Equation;
import dev.lockstep.program.Origin;
import dev.lockstep.program.Program;
import dev.lockstep.program.Trace;
import dev.lockstep.program.Variable;
import dev.lockstep.tensor.Tensor;
import dev.lockstep.tensor.TensorType;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Runs programs on another backend and looks for NaN in their results. A program that made NaN runs
 * again, one equation at a time, to find which did.
 */
public final class NanBackend implements Backend {
  private final Backend backend;

  private NanBackend(Backend backend) {
    this.backend = backend;
  }

  /** Returns a backend that checks what {@code backend} computes. */
  public static NanBackend around(Backend backend) {
    return backend instanceof NanBackend checking ? checking : new NanBackend(backend);
  }

  @Override
  public String name() {
    return backend.name();
  }

  @Override
  public Executable compile(Program program) {
    Executable executable = backend.compile(program);
    return inputs -> {
      List<Array> results = executable.run(inputs);
      boolean checked = false;
      try {
        if (results.stream().anyMatch(this::hasNan)) {
          new Search(program, inputs).run();
        }
        checked = true;
      } finally {
        if (!checked) {
          results.forEach(Array::close);
        }
      }
      return results;
    };
  }

  private boolean hasNan(Array array) {
    if (!array.dtype().isFloating()) {
      return false;
    }
    Program any = Trace.program("nans", List.of(array.type()), x -> List.of(nanIn(x)));
    try (Array found = backend.run(any, List.of(array)).getFirst()) {
      return found.itemBoolean();
    }
  }

  private static Tensor nanIn(List<Tensor> x) {
    return x.getFirst().isNan().any();
  }

  /** One program that gave NaN, run again equation by equation. */
  private final class Search {
    private final Program program;
    private final Array[] values;
    private final boolean[] nan;

    /** Whether NaN came in as data: in an input or a constant. */
    private boolean given;

    Search(Program program, List<Array> inputs) {
      this.program = program;
      this.values = new Array[program.variables()];
      this.nan = new boolean[program.variables()];
      for (int i = 0; i < inputs.size(); i++) {
        given |= set(program.inputs().get(i), inputs.get(i));
      }
    }

    /** Throws unless all NaN comes from NaN that the program was given. */
    void run() {
      List<Array> made = new ArrayList<>();
      try {
        for (Equation equation : program.equations()) {
          made.addAll(evaluate(equation));
        }
      } finally {
        made.forEach(Array::close);
      }
      Equation first = first();
      if (first != null) {
        throw new NanException(describe(first));
      }
      if (!given) {
        throw new NanException(
            "nans: a program made NaN that none of its ops makes alone, at %s:\n%s"
                .formatted(Origin.print(Origin.capture()), program));
      }
    }

    private List<Array> evaluate(Equation equation) {
      List<Variable> inputs = equation.inputs().stream().distinct().toList();
      List<Array> operands = inputs.stream().map(input -> values[input.id()]).toList();
      Program one = new Program(inputs, List.of(equation), equation.outputs(), program.variables());
      List<Array> results = backend.run(one, operands);
      for (int i = 0; i < results.size(); i++) {
        boolean found = set(equation.outputs().get(i), results.get(i));
        given |= found && inputs.isEmpty();
      }
      return results;
    }

    private boolean set(Variable variable, Array value) {
      values[variable.id()] = value;
      nan[variable.id()] = hasNan(value);
      return nan[variable.id()];
    }

    /**
     * Returns the first equation that made NaN which reached a result, or null. NaN that a choice
     * discards is not an error.
     */
    private Equation first() {
      boolean[] reaches = new boolean[program.variables()];
      program.outputs().forEach(output -> reaches[output.id()] = nan[output.id()]);
      Equation first = null;
      for (Equation equation : program.equations().reversed()) {
        if (equation.outputs().stream().anyMatch(output -> reaches[output.id()])) {
          List<Variable> from = equation.inputs().stream().filter(v -> nan[v.id()]).toList();
          from.forEach(v -> reaches[v.id()] = true);
          if (from.isEmpty() && !equation.inputs().isEmpty()) {
            first = equation;
          }
        }
      }
      return first;
    }

    private static String describe(Equation equation) {
      String operands =
          equation.inputs().stream()
              .map(Variable::type)
              .map(TensorType::toString)
              .collect(Collectors.joining(" and "));
      String called = Origin.print(Origin.capture());
      String line = equation.origin() == null ? called : Origin.print(equation.origin());
      return "%s: made NaN from %s at %s%s"
          .formatted(
              equation.primitive().name(),
              operands,
              line,
              line.equals(called) ? "" : ". Called at " + called);
    }
  }
}
