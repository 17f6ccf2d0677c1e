package dev.lockstep.autodiff;

import dev.lockstep.Chunk;
import dev.lockstep.error.LockstepException;
import dev.lockstep.program.Program;
import dev.lockstep.program.Trace;
import java.util.List;
import java.util.function.Function;

/** The Jacobian of a function with one output, with respect to one argument. */
public final class JacobianFunction implements Variadic {
  private final String transform;
  private final Variadic function;
  private final int argument;
  private final Function<List<Integer>, Transform<Program>> jacobian;

  private JacobianFunction(
      String transform,
      Variadic function,
      int argument,
      Function<List<Integer>, Transform<Program>> jacobian) {
    this.transform = transform;
    this.function = function;
    this.argument = argument;
    this.jacobian = jacobian;
  }

  /** Returns the Jacobian by columns. */
  public static JacobianFunction forward(Variadic function, int argument) {
    return new JacobianFunction("jacfwd", function, argument, ForwardJacobian::new);
  }

  /** Returns the Jacobian by rows. */
  public static JacobianFunction reverse(Variadic function, int argument) {
    return new JacobianFunction("jacrev", function, argument, ReverseJacobian::new);
  }

  /** Returns the Jacobian by columns, a chunk at a time. */
  public static JacobianFunction forward(Variadic function, int argument, Chunk chunk) {
    requirePositive("jacfwd", "column", chunk);
    return new JacobianFunction(
        "jacfwd", function, argument, inputs -> new ForwardJacobian(inputs, chunk.size()));
  }

  /** Returns the Jacobian by rows, a chunk at a time. */
  public static JacobianFunction reverse(Variadic function, int argument, Chunk chunk) {
    requirePositive("jacrev", "row", chunk);
    return new JacobianFunction(
        "jacrev", function, argument, inputs -> new ReverseJacobian(inputs, chunk.size()));
  }

  private static void requirePositive(String transform, String part, Chunk chunk) {
    if (chunk.size() < 1) {
      throw new LockstepException(
          Call.located("%s: chunks must have at least 1 %s, got %s", transform, part, chunk));
    }
  }

  /** Returns the Jacobian by columns or rows, whichever are fewer. */
  public static JacobianFunction smaller(Variadic function, int argument) {
    return new JacobianFunction("jacobian", function, argument, SmallerJacobian::new);
  }

  /** As {@link #smaller(Variadic, int)}, as a part of another transform. */
  public static JacobianFunction smallerWithin(String transform, Variadic function) {
    return new JacobianFunction(transform, function, 0, SmallerJacobian::new);
  }

  /** Returns the second derivatives: the Jacobian by columns of that by rows. */
  public static JacobianFunction hessian(Variadic function, int argument) {
    return new JacobianFunction("hessian", function, argument, Hessian::new);
  }

  @Override
  public Object apply(Object... arguments) {
    Call call = Call.of(transform, arguments);
    List<Integer> inputs = call.floatingLeaves(argument);
    TracedCall traced = call.trace(function, call.types(), call.leaves());
    traced.singleOutput();
    traced.requireFloatingOutputs();
    Program program = jacobian.apply(inputs).cached(traced.program());
    return call.rebuild(argument, Trace.apply(program, traced.inputs(call.leaves())));
  }
}
