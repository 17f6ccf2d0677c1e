package dev.lockstep.autodiff;

import dev.lockstep.program.ElementwiseLinear;
import dev.lockstep.program.Equation;
import dev.lockstep.program.Linear;
import dev.lockstep.program.Operand;
import dev.lockstep.program.Program;
import dev.lockstep.program.Trace;
import dev.lockstep.program.Variable;
import dev.lockstep.tensor.Tensor;
import dev.lockstep.tensor.TensorType;
import java.util.ArrayList;
import java.util.List;

/**
 * Runs the linear part of a program backwards: from the cotangents of its outputs to those of its
 * tangent inputs. This, with one jvp rule an op, is all of reverse mode. Each cotangent carries
 * where it may differ from zero ({@link Cotangent}), so that a selection leaks no NaN from what it
 * did not take.
 *
 * @param residuals how many of the linear program's inputs, the first ones, are known
 */
record Transpose(int residuals) implements Transform<Program> {
  /**
   * Returns a program from the residuals and a cotangent an output to a cotangent a tangent input.
   */
  @Override
  public Program of(Program linear) {
    List<TensorType> types = Programs.types(linear.inputs().subList(0, residuals));
    types.addAll(Programs.types(linear.outputs()));
    return Trace.program(
            "vjp",
            types,
            inputs ->
                backward(
                    linear, inputs.subList(0, residuals), inputs.subList(residuals, types.size())))
        .live();
  }

  /** Appends the transposed program to the current trace. */
  static List<Tensor> backward(
      Program linear, List<Tensor> residuals, List<Tensor> outputCotangents) {
    Environment known = new Environment(linear);
    known.set(linear.inputs().subList(0, residuals.size()), residuals);
    List<Equation> unknown = new ArrayList<>(linear.equations().size());
    for (Equation equation : linear.equations()) {
      if (known.hasAll(equation.inputs())) {
        Tensor[] operands = known.get(equation.inputs()).toArray(Tensor[]::new);
        known.set(
            equation.outputs(),
            Trace.at(equation.origin(), () -> Trace.bindAll(equation.primitive(), operands)));
      } else {
        unknown.add(equation);
      }
    }
    Cotangent[] cotangents = new Cotangent[linear.variables()];
    for (int i = 0; i < outputCotangents.size(); i++) {
      accumulate(cotangents, linear.outputs().get(i), Cotangent.of(outputCotangents.get(i)));
    }
    for (Equation equation : unknown.reversed()) {
      if (equation.outputs().stream().anyMatch(output -> cotangents[output.id()] != null)) {
        Trace.at(equation.origin(), () -> transpose(equation, known, cotangents));
      }
    }
    List<Tensor> results = new ArrayList<>();
    for (Variable input : linear.inputs().subList(residuals.size(), linear.inputs().size())) {
      Cotangent cotangent = cotangents[input.id()];
      results.add(cotangent == null ? Values.zeros(input.type()) : cotangent.value());
    }
    return results;
  }

  private static Void transpose(Equation equation, Environment known, Cotangent[] cotangents) {
    if (!(equation.primitive() instanceof Linear rule)) {
      throw new IllegalStateException(
          "vjp: the jvp rule of an op gave %s, which is not linear: %s has no transpose"
              .formatted(equation, equation.primitive().name()));
    }
    List<Operand> operands = new ArrayList<>(equation.inputs().size());
    for (Variable input : equation.inputs()) {
      Tensor value = known.get(input);
      operands.add(value == null ? new Operand.Unknown(input.type()) : new Operand.Known(value));
    }
    List<Cotangent> results = new ArrayList<>(equation.outputs().size());
    for (Variable output : equation.outputs()) {
      results.add(cotangents[output.id()]);
      cotangents[output.id()] = null;
    }
    List<Cotangent> gradients = pull(rule, results, operands);
    for (int i = 0; i < operands.size(); i++) {
      if (operands.get(i) instanceof Operand.Unknown && gradients.get(i) != null) {
        check(equation, equation.inputs().get(i), gradients.get(i).elements());
        accumulate(cotangents, equation.inputs().get(i), gradients.get(i));
      }
    }
    return null;
  }

  /**
   * Returns the cotangents of the operands, null for zero. What goes element by element need not
   * select the zeros before: what has no meaning stays outside of the support.
   */
  private static List<Cotangent> pull(
      Linear rule, List<Cotangent> results, List<Operand> operands) {
    List<Tensor> supports = new ArrayList<>(results.size());
    for (Cotangent result : results) {
      supports.add(result == null ? null : result.support());
    }
    List<Tensor> gradients;
    boolean exact = true;
    if (rule instanceof ElementwiseLinear elementwise) {
      Cotangent result = results.getFirst();
      gradients = elementwise.transposeWithin(List.of(result.elements()), operands);
      exact = result.exact() && elementwise.keepsZeros();
    } else {
      List<Tensor> values = new ArrayList<>(results.size());
      results.forEach(result -> values.add(result == null ? null : result.value()));
      gradients = rule.transpose(values, operands);
    }
    List<Tensor> gradientSupports = rule.support(supports, operands);
    List<Cotangent> pulled = new ArrayList<>(operands.size());
    for (int i = 0; i < operands.size(); i++) {
      Tensor gradient = gradients.get(i);
      pulled.add(gradient == null ? null : new Cotangent(gradient, gradientSupports.get(i), exact));
    }
    return pulled;
  }

  private static void accumulate(Cotangent[] cotangents, Variable variable, Cotangent cotangent) {
    Cotangent before = cotangents[variable.id()];
    cotangents[variable.id()] = before == null ? cotangent : before.plus(cotangent);
  }

  private static void check(Equation equation, Variable input, Tensor cotangent) {
    if (!cotangent.type().equals(input.type())) {
      throw new IllegalStateException(
          "vjp: the transpose rule of %s gave the cotangent %s, expected %s"
              .formatted(equation.primitive().name(), cotangent.type(), input.type()));
    }
  }
}
