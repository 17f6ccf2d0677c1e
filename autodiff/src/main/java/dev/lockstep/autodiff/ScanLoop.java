package dev.lockstep.autodiff;

import dev.lockstep.ScanOptions;
import dev.lockstep.Scanned;
import dev.lockstep.error.LockstepException;
import dev.lockstep.error.ShapeException;
import dev.lockstep.error.TreeException;
import dev.lockstep.program.Trace;
import dev.lockstep.program.primitive.ControlFlow.Scan;
import dev.lockstep.tensor.Tensor;
import dev.lockstep.tensor.TensorType;
import dev.lockstep.tensor.Tree;
import java.util.List;

/** Steps along axis 0 of trees, with a carry. */
public final class ScanLoop {
  private static final long FROM_XS = -1;

  private ScanLoop() {}

  /** Steps along {@code xs}. */
  public static <C, Y> Scanned<C, Y> over(Variadic body, C init, Object xs, ScanOptions options) {
    return run("scan", body, init, xs, FROM_XS, options);
  }

  /** Steps so many times, with no xs. */
  public static <C, Y> Scanned<C, Y> repeat(Variadic body, C init, long length) {
    if (length < 0) {
      throw new LockstepException(
          Call.located("scan: the length must be at least 0, got %d", length));
    }
    return run("scan", x -> body.apply(x[0]), init, null, length, ScanOptions.FORWARD);
  }

  static <C, Y> Scanned<C, Y> run(
      String op, Variadic body, Object init, Object xs, long steps, ScanOptions options) {
    Call call = Call.of(op, init, xs);
    Tree.Structure carry = call.structure().children().getFirst();
    int carries = carry.leafCount();
    List<TensorType> types = call.types();
    long length = steps == FROM_XS ? length(op, call, carries) : steps;
    for (int i = carries; i < types.size(); i++) {
      types.set(i, types.get(i).with(types.get(i).shape().remove(0)));
    }
    TracedCall traced = call.trace(body, types, null);
    Tree.Structure returned = traced.output().children().getFirst();
    Tree.Structure ys = traced.output().children().getLast();
    SubProgram.requireCarry(
        op, carry, types.subList(0, carries), returned, traced.program().outputs());

    List<Tensor> captured = traced.traced().captured();
    Scan scan =
        new Scan(
            SubProgram.capturedFirst(traced), length, options.reverse(), captured.size(), carries);
    List<Tensor> inputs = SubProgram.join(captured, call.leaves());
    List<Tensor> results =
        options.unroll() == 1
            ? Trace.bindAll(scan, inputs.toArray(Tensor[]::new))
            : UnrolledScan.apply(scan, options.unroll(), inputs);
    return new Scanned<>(
        returned.unflatten(results.subList(0, carries)),
        ys.unflatten(results.subList(carries, results.size())));
  }

  private static long length(String op, Call call, int carries) {
    List<Tensor> leaves = call.leaves();
    if (leaves.size() == carries) {
      throw new TreeException(
          Call.located(
              "%s: xs has no tensor to step along, got %s; without xs say how many steps:"
                  + " scan(body, init, 10)",
              op, call.structure().children().getLast()));
    }
    long length = -1;
    for (int i = carries; i < leaves.size(); i++) {
      Tensor x = leaves.get(i);
      if (x.rank() == 0) {
        throw new ShapeException(
            Call.located(
                "%s: xs must have an axis 0 to step along, %s is %s; let the body close over what"
                    + " is the same for all steps",
                op, path(call, i), x.type()));
      }
      if (length >= 0 && x.shape().extent(0) != length) {
        throw new ShapeException(
            Call.located(
                "%s: axis 0 of all xs must have one extent, %s is %s, %s is %s",
                op, path(call, carries), leaves.get(carries).type(), path(call, i), x.type()));
      }
      length = x.shape().extent(0);
    }
    return length;
  }

  private static String path(Call call, int leaf) {
    List<Tree.Structure> parts = call.structure().children();
    String path = parts.getLast().path(leaf - parts.getFirst().leafCount());
    return path.isEmpty() ? "xs" : "xs' " + path;
  }
}
