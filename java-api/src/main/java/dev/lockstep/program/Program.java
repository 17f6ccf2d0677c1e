package dev.lockstep.program;

import dev.lockstep.tensor.Fn;
import dev.lockstep.tensor.Fn2;
import dev.lockstep.tensor.Fn3;
import dev.lockstep.tensor.Tensor;
import dev.lockstep.tensor.TensorType;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * A typed, immutable list of equations in single-assignment form. Two programs are equal if they
 * have the same structure: types of the inputs, primitives with their parameters, and wiring.
 */
public final class Program {
  private final List<Variable> inputs;
  private final List<Equation> equations;
  private final List<Variable> outputs;
  private final int variables;
  private int hash;

  /**
   * @param variables one more than the highest variable id in use
   */
  public Program(
      List<Variable> inputs, List<Equation> equations, List<Variable> outputs, int variables) {
    this.inputs = List.copyOf(inputs);
    this.equations = List.copyOf(equations);
    this.outputs = List.copyOf(outputs);
    this.variables = variables;
  }

  /**
   * Returns the program of a function of one tensor; what it captures becomes further inputs.
   *
   * <pre>{@code
   * System.out.println(Program.of(x -> x.sin().sum(), TensorType.of(DType.F32, 3)));
   * }</pre>
   */
  public static Program of(Fn<Tensor, Tensor> f, TensorType x) {
    return of(List.of(x), t -> f.apply(t.getFirst()));
  }

  /** As {@link #of(Fn, TensorType)}, of two tensors. */
  public static Program of(Fn2<Tensor, Tensor, Tensor> f, TensorType x, TensorType y) {
    return of(List.of(x, y), t -> f.apply(t.get(0), t.get(1)));
  }

  /** As {@link #of(Fn, TensorType)}, of three tensors. */
  public static Program of(
      Fn3<Tensor, Tensor, Tensor, Tensor> f, TensorType x, TensorType y, TensorType z) {
    return of(List.of(x, y, z), t -> f.apply(t.get(0), t.get(1), t.get(2)));
  }

  private static Program of(List<TensorType> types, Function<List<Tensor>, Tensor> f) {
    return Trace.trace("Program.of", types, null, t -> List.of(f.apply(t))).program();
  }

  /** Returns the inputs: the function's arguments, then what it captured. */
  public List<Variable> inputs() {
    return inputs;
  }

  /** Returns the equations in an order in which each uses only what stands before it. */
  public List<Equation> equations() {
    return equations;
  }

  /** Returns the outputs; one variable may stand there twice, and may be an input. */
  public List<Variable> outputs() {
    return outputs;
  }

  /** Returns one more than the highest variable id in use: the size of a table by id. */
  public int variables() {
    return variables;
  }

  /** Returns the program without the equations whose results nothing uses. */
  public Program live() {
    boolean[] used = new boolean[variables];
    outputs.forEach(output -> used[output.id()] = true);
    List<Equation> kept = new ArrayList<>(equations.size());
    for (Equation equation : equations.reversed()) {
      if (equation.outputs().stream().anyMatch(output -> used[output.id()])) {
        kept.add(equation);
        equation.inputs().forEach(input -> used[input.id()] = true);
      }
    }
    return kept.size() == equations.size()
        ? this
        : new Program(inputs, kept.reversed(), outputs, variables);
  }

  @Override
  public boolean equals(Object other) {
    return other == this
        || other instanceof Program p
            && hashCode() == p.hashCode()
            && inputs.equals(p.inputs)
            && outputs.equals(p.outputs)
            && equations.equals(p.equations);
  }

  @Override
  public int hashCode() {
    int h = hash;
    if (h == 0) {
      h = inputs.hashCode();
      for (Equation equation : equations) {
        h = 31 * h + equation.hashCode();
      }
      for (Variable output : outputs) {
        h = 31 * h + output.id();
      }
      h = h == 0 ? 1 : h;
      hash = h;
    }
    return h;
  }

  /**
   * Prints one equation a line:
   *
   * <pre>{@code
   * { a:f32[3] b:f32[3] ->
   *   c:f32[3] = mul a b
   *   d:f32[] = sum[axes=[0]] c
   *   return d }
   * }</pre>
   */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder("{ ");
    inputs.forEach(v -> text.append(v).append(' '));
    text.append("->\n");
    for (Equation equation : equations) {
      text.append("  ").append(join(equation.outputs(), true)).append(" = ");
      text.append(PrimitivePrinter.print(equation.primitive()));
      if (!equation.inputs().isEmpty()) {
        text.append(' ').append(join(equation.inputs(), false));
      }
      text.append('\n');
    }
    return text.append("  return ").append(join(outputs, false)).append(" }").toString();
  }

  private static String join(List<Variable> variables, boolean typed) {
    return variables.stream()
        .map(v -> typed ? v.toString() : v.name())
        .collect(Collectors.joining(" "));
  }
}
