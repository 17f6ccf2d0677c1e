package dev.lockstep.autodiff;

import dev.lockstep.Jvp;
import dev.lockstep.program.Trace;
import dev.lockstep.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/** Forward mode: a function's value and its derivative in one direction, computed together. */
public final class Pushforward {
  private Pushforward() {}

  /** Returns the function's value and tangent. */
  public static <R> Jvp<R> jvp(Variadic function, Object[] primals, Object[] tangents) {
    return jvp("jvp", function, primals, tangents);
  }

  /**
   * As {@link #jvp(Variadic, Object[], Object[])}.
   *
   * @param transform what errors start with
   */
  @SuppressWarnings("unchecked") // the door's signatures guarantee the types
  public static <R> Jvp<R> jvp(
      String transform, Variadic function, Object[] primals, Object[] tangents) {
    Call call = Call.of(transform, primals);
    List<Integer> inputs = call.floatingLeaves();
    List<Tensor> directions = call.alike("tangent", tangents);
    TracedCall traced = call.trace(function, call.types(), call.leaves());
    Push.Result pushed = new Push(inputs).cached(traced.program());
    List<Tensor> all = new ArrayList<>(traced.inputs(call.leaves()));
    all.addAll(directions);
    List<Tensor> results = Trace.apply(pushed.program(), all);
    int outputs = traced.program().outputs().size();
    return new Jvp<>(
        (R) traced.rebuild(results.subList(0, outputs)),
        (R) traced.rebuildSparse(pushed.outputs(), results.subList(outputs, results.size())));
  }
}
