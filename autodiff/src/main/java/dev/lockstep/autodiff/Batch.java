package dev.lockstep.autodiff;

import dev.lockstep.program.Batched;
import dev.lockstep.program.Equation;
import dev.lockstep.program.Program;
import dev.lockstep.program.Trace;
import dev.lockstep.program.Variable;
import dev.lockstep.program.primitive.Collective;
import dev.lockstep.program.primitive.CollectiveRules;
import dev.lockstep.tensor.Tensor;
import dev.lockstep.tensor.TensorType;
import java.util.ArrayList;
import java.util.List;

/**
 * Makes the program over one example a program over a batch: mapped inputs move their axis to the
 * front, each equation follows its primitive's batching rule, outputs move their axis to its place.
 * An output that is the same for all examples is repeated, unless its axis is {@link #NONE}.
 *
 * @param in the mapped axis of each input, counted from 0, or {@link #NONE}
 * @param out the batch's axis in each output, counted from 0, or {@link #NONE}
 * @param name what collectives call the batch's axis, or null
 */
record Batch(List<Integer> in, List<Integer> out, long size, String name)
    implements Transform<Batch.Result> {
  /** The name of the axis that is being mapped, for programs inside of equations. */
  private static final ScopedValue<String> NAME = ScopedValue.newInstance();

  Batch {
    in = List.copyOf(in);
    out = List.copyOf(out);
  }

  /** Not mapped. */
  static final int NONE = -1;

  /** A batch whose axis has no name. */
  Batch(List<Integer> in, List<Integer> out, long size) {
    this(in, out, size, null);
  }

  /** Returns the batch of a program inside of an equation that is being mapped. */
  static Batch inside(List<Integer> in, List<Integer> out, long size) {
    return new Batch(in, out, size, NAME.isBound() ? NAME.get() : null);
  }

  /**
   * @param mapped whether each output differs between the examples; one with axis {@link #NONE}
   *     that does has the batch as axis 0
   */
  record Result(Program program, boolean[] mapped) {}

  @Override
  public Result of(Program example) {
    List<TensorType> types = new ArrayList<>(in.size());
    for (int i = 0; i < in.size(); i++) {
      TensorType type = example.inputs().get(i).type();
      types.add(in.get(i) == NONE ? type : type.with(type.shape().insert(in.get(i), size)));
    }
    boolean[] mappedOutputs = new boolean[out.size()];
    Program batched =
        ScopedValue.where(NAME, name)
            .call(() ->
                Trace.program("vmap", types, inputs -> interpret(example, inputs, mappedOutputs)));
    return new Result(batched, mappedOutputs);
  }

  private List<Tensor> interpret(Program example, List<Tensor> inputs, boolean[] mappedOutputs) {
    Environment environment = new Environment(example);
    boolean[] mapped = new boolean[example.variables()];
    for (int i = 0; i < inputs.size(); i++) {
      Variable variable = example.inputs().get(i);
      mapped[variable.id()] = in.get(i) != NONE;
      environment.set(
          variable,
          in.get(i) == NONE ? inputs.get(i) : Values.moveAxis(inputs.get(i), in.get(i), 0));
    }
    for (Equation equation : example.equations()) {
      Trace.at(equation.origin(), () -> apply(equation, environment, mapped));
    }
    List<Tensor> outputs = new ArrayList<>(out.size());
    for (int i = 0; i < out.size(); i++) {
      Variable variable = example.outputs().get(i);
      mappedOutputs[i] = mapped[variable.id()];
      outputs.add(place(environment.get(variable), mappedOutputs[i], out.get(i)));
    }
    return outputs;
  }

  private Void apply(Equation equation, Environment environment, boolean[] mapped) {
    List<Tensor> operands = environment.get(equation.inputs());
    boolean[] mappedOperands = new boolean[operands.size()];
    boolean any = false;
    for (int i = 0; i < mappedOperands.length; i++) {
      mappedOperands[i] = mapped[equation.inputs().get(i).id()];
      any |= mappedOperands[i];
    }
    boolean named = name != null && CollectiveRules.uses(equation.primitive(), name);
    if (!any && !named) {
      environment.set(
          equation.outputs(), Trace.bindAll(equation.primitive(), operands.toArray(Tensor[]::new)));
      return null;
    }
    Batched batched =
        named && equation.primitive() instanceof Collective collective
            ? collective.resolve(operands, mappedOperands)
            : equation.primitive().batch(size, operands, mappedOperands);
    for (int i = 0; i < equation.outputs().size(); i++) {
      Variable output = equation.outputs().get(i);
      check(equation, output.type(), batched.results().get(i), batched.mapped()[i]);
      environment.set(output, batched.results().get(i));
      mapped[output.id()] = batched.mapped()[i];
    }
    return null;
  }

  private void check(Equation equation, TensorType example, Tensor result, boolean mapped) {
    TensorType expected = mapped ? example.with(example.shape().insert(0, size)) : example;
    if (!result.type().equals(expected)) {
      throw new IllegalStateException(
          "vmap: the batching rule of %s gave %s, expected %s"
              .formatted(equation.primitive().name(), result.type(), expected));
    }
  }

  private Tensor place(Tensor output, boolean mapped, int axis) {
    if (mapped) {
      return axis == NONE ? output : Values.moveAxis(output, 0, axis);
    }
    return axis == NONE ? output : Values.repeat(output, axis, size);
  }
}
