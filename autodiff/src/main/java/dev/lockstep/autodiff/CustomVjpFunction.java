package dev.lockstep.autodiff;

import dev.lockstep.Cotangents;
import dev.lockstep.program.Program;
import dev.lockstep.program.Trace;
import dev.lockstep.program.Traced;
import dev.lockstep.program.Variable;
import dev.lockstep.program.primitive.Custom;
import dev.lockstep.tensor.Tensor;
import dev.lockstep.tensor.TensorType;
import dev.lockstep.tensor.Tree;
import java.util.List;

/** A function with a rule for the cotangents of its arguments. */
public final class CustomVjpFunction implements Variadic {
  private static final String NAME = "customVjp";

  private final Variadic function;
  private final Variadic forward;
  private final Variadic backward;

  /**
   * @param forward takes the arguments, gives a {@link dev.lockstep.Forward}
   * @param backward takes residuals and a cotangent, gives the cotangents of the arguments
   */
  public CustomVjpFunction(Variadic function, Variadic forward, Variadic backward) {
    this.function = function;
    this.forward = forward;
    this.backward = backward;
  }

  @Override
  public Object apply(Object... arguments) {
    Call call = Call.of(NAME, arguments);
    TracedCall primal = call.trace(function, call.types(), call.leaves());
    TracedCall ahead = call.trace(forward, call.types(), null);
    List<TensorType> results = Programs.types(primal.program().outputs());
    requireValue(primal, ahead, results);
    TracedCall back = traceBackward(call, primal, ahead, results);
    List<Tensor> captured = SubProgram.captured(List.of(primal, ahead, back));
    int residuals = ahead.program().outputs().size() - results.size();
    Custom.CustomVjp op =
        new Custom.CustomVjp(
            SubProgram.withCaptured(primal.traced(), captured),
            SubProgram.withCaptured(ahead.traced(), captured),
            capturedInside(
                SubProgram.withCaptured(back.traced(), captured), residuals, results.size()),
            call.leaves().size());
    List<Tensor> inputs = SubProgram.join(call.leaves(), captured);
    return primal.rebuild(Trace.bindAll(op, inputs.toArray(Tensor[]::new)));
  }

  private static void requireValue(TracedCall primal, TracedCall ahead, List<TensorType> results) {
    Tree.Structure value = ahead.output().children().getFirst();
    List<Tensor> leaves = ahead.result().leaves().subList(0, value.leafCount());
    Call.requireAlike(
        NAME,
        "value that forward returned",
        primal.output(),
        results,
        new Tree.Flattened(leaves, value));
  }

  private TracedCall traceBackward(
      Call call, TracedCall primal, TracedCall ahead, List<TensorType> results) {
    Tree.Structure residuals = ahead.output().children().getLast();
    int count = residuals.leafCount();
    List<TensorType> outputs = Programs.types(ahead.program().outputs());
    List<TensorType> types =
        SubProgram.join(outputs.subList(results.size(), outputs.size()), results);
    Tree.Flattened[] gradients = new Tree.Flattened[1];
    Traced traced =
        Trace.trace(
            NAME,
            types,
            null,
            tensors -> {
              Object residual = residuals.unflatten(tensors.subList(0, count));
              Object cotangent = primal.rebuild(tensors.subList(count, tensors.size()));
              Object result = backward.apply(residual, cotangent);
              List<Tensor> leaves = gradients(call, result);
              gradients[0] = new Tree.Flattened(leaves, call.structure());
              return leaves;
            });
    return new TracedCall(NAME, traced, gradients[0]);
  }

  private static List<Tensor> gradients(Call call, Object result) {
    Object[] each =
        call.structure().children().size() == 1
            ? new Object[] {result}
            : Arity.parts((Cotangents) result);
    return call.alike("cotangent that backward returned", each);
  }

  /** Returns the program with what is captured between the residuals and the cotangents. */
  private static Program capturedInside(Program program, int residuals, int results) {
    List<Variable> inputs = program.inputs();
    int arguments = residuals + results;
    return new Program(
        SubProgram.join(
            inputs.subList(0, residuals),
            inputs.subList(arguments, inputs.size()),
            inputs.subList(residuals, arguments)),
        program.equations(),
        program.outputs(),
        program.variables());
  }
}
