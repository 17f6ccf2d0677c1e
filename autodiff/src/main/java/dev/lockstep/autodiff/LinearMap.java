package dev.lockstep.autodiff;

import dev.lockstep.program.Program;
import dev.lockstep.program.Trace;
import dev.lockstep.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/** A function's derivative at one point, as a function of tangents; keeps the residuals. */
public final class LinearMap implements Variadic {
  private final Call call;
  private final TracedCall traced;
  private final Linearize.Result split;
  private final Object value;
  private final List<Tensor> residuals;

  private LinearMap(Call call, TracedCall traced, Linearize.Result split) {
    this.call = call;
    this.traced = traced;
    this.split = split;
    List<Tensor> known = Trace.apply(split.known(), traced.inputs(call.leaves()));
    int outputs = traced.program().outputs().size();
    this.value = traced.rebuild(known.subList(0, outputs));
    this.residuals = List.copyOf(known.subList(outputs, known.size()));
  }

  /** Evaluates the function and what its derivative needs. */
  public static LinearMap of(Variadic function, Object... arguments) {
    return at("linearize", function, arguments);
  }

  static LinearMap at(String transform, Variadic function, Object... arguments) {
    Call call = Call.of(transform, arguments);
    List<Integer> inputs = call.floatingLeaves();
    TracedCall traced = call.trace(function, call.types(), call.leaves());
    return new LinearMap(call, traced, new Linearize(inputs).cached(traced.program()));
  }

  /** Returns the function's value. */
  @SuppressWarnings("unchecked") // the door's signatures guarantee the type
  public <R> R value() {
    return (R) value;
  }

  /** Returns the tangent of the value. */
  @Override
  public Object apply(Object... tangents) {
    List<Tensor> inputs = new ArrayList<>(residuals);
    inputs.addAll(call.alike("tangent", tangents));
    return traced.rebuildSparse(split.outputs(), Trace.apply(split.linear(), inputs));
  }

  /** Returns the cotangents of the arguments. */
  Object pullBack(Object cotangent) {
    List<Tensor> all = traced.alike("cotangent", cotangent);
    List<Tensor> inputs = new ArrayList<>(residuals);
    for (int output : split.outputs()) {
      inputs.add(all.get(output));
    }
    Program backward = new Transpose(residuals.size()).cached(split.linear());
    return Arity.cotangents(call.rebuild(Trace.apply(backward, inputs)));
  }

  TracedCall traced() {
    return traced;
  }
}
