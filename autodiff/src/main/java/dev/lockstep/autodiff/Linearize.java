package dev.lockstep.autodiff;

import dev.lockstep.compiler.AttentionRecognition;
import dev.lockstep.program.Equation;
import dev.lockstep.program.Program;
import dev.lockstep.program.Variable;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Splits what {@link Push} made into a part that does not depend on the tangents and the rest,
 * which is linear in them. What the linear part needs of the known one are the residuals.
 *
 * @param inputs the inputs that have tangents, in ascending order
 */
record Linearize(List<Integer> inputs) implements Transform<Linearize.Result> {
  /**
   * @param known takes the inputs; gives the outputs, then the residuals
   * @param linear takes the residuals, then a tangent for each of {@code inputs}; gives the
   *     tangents of {@code outputs}
   * @param residuals how many there are
   * @param outputs the outputs whose tangents are not zero, in ascending order
   */
  record Result(Program known, Program linear, int residuals, List<Integer> outputs) {}

  @Override
  public Result of(Program primal) {
    Push.Result pushed = new Push(inputs).cached(AttentionRecognition.apply(primal));
    Program both = pushed.program();
    int primalInputs = primal.inputs().size();
    int primalOutputs = primal.outputs().size();
    List<Variable> tangents = both.inputs().subList(primalInputs, both.inputs().size());
    boolean[] linear = new boolean[both.variables()];
    for (Variable tangent : tangents) {
      linear[tangent.id()] = true;
    }
    List<Equation> knownEquations = new ArrayList<>();
    List<Equation> linearEquations = new ArrayList<>();
    for (Equation equation : both.equations()) {
      boolean isLinear = equation.inputs().stream().anyMatch(v -> linear[v.id()]);
      if (isLinear) {
        equation.outputs().forEach(v -> linear[v.id()] = true);
        linearEquations.add(equation);
      } else {
        knownEquations.add(equation);
        if (equation.inputs().isEmpty()) {
          // A constant is cheaper made again than kept.
          linearEquations.add(equation);
        }
      }
    }
    List<Variable> tangentOutputs = both.outputs().subList(primalOutputs, both.outputs().size());
    Program linearPart =
        new Program(List.of(), linearEquations, tangentOutputs, both.variables()).live();
    List<Variable> residuals = List.copyOf(free(linearPart, tangents));
    List<Variable> knownOutputs = new ArrayList<>(both.outputs().subList(0, primalOutputs));
    knownOutputs.addAll(residuals);
    List<Variable> linearInputs = new ArrayList<>(residuals);
    linearInputs.addAll(tangents);
    return new Result(
        new Program(
                both.inputs().subList(0, primalInputs),
                knownEquations,
                knownOutputs,
                both.variables())
            .live(),
        new Program(linearInputs, linearPart.equations(), tangentOutputs, both.variables()),
        residuals.size(),
        pushed.outputs());
  }

  /** Returns what the program uses but does not compute, without {@code bound}. */
  private static Set<Variable> free(Program program, List<Variable> bound) {
    boolean[] computed = new boolean[program.variables()];
    bound.forEach(v -> computed[v.id()] = true);
    Set<Variable> free = new LinkedHashSet<>();
    for (Equation equation : program.equations()) {
      for (Variable input : equation.inputs()) {
        if (!computed[input.id()]) {
          free.add(input);
        }
      }
      equation.outputs().forEach(v -> computed[v.id()] = true);
    }
    for (Variable output : program.outputs()) {
      if (!computed[output.id()]) {
        free.add(output);
      }
    }
    return free;
  }
}
