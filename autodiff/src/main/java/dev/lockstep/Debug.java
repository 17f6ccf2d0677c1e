package dev.lockstep;

import dev.lockstep.error.TracerException;
import dev.lockstep.program.Tracer;
import dev.lockstep.runtime.Backends;
import dev.lockstep.runtime.NanBackend;
import dev.lockstep.tensor.Tensor;

/** Finds where wrong numbers come from. */
public final class Debug {
  private Debug() {}

  /**
   * Runs {@code body} and throws a {@link dev.lockstep.error.NanException} as soon as something
   * that runs in it gives NaN: an op, a transformed function or a function under {@code jit}. The
   * error names the op that made NaN from operands without NaN, their types and your line:
   *
   * <pre>{@code
   * Debug.nans(() -> grad(loss).apply(x));
   * // log: made NaN from f64[3] at (Pricing.java:12). Called at (Pricing.java:20)
   * }</pre>
   *
   * <p>NaN that comes in as data, in an argument or a constant, is no error, and neither is NaN
   * that a transformed function discards, as {@code where} does. A choice or a loop that makes NaN
   * is named as a whole. A function under {@code jit} that was traced before may name the line of
   * an equal function.
   *
   * <p>It holds for this thread. Each result is read once more, and what gave NaN runs again, one
   * op at a time; outside of the scope nothing costs more. The system property {@code
   * lockstep.debug.nans=true} checks everything that runs on the native core.
   */
  public static <R, X extends Throwable> R nans(ScopedValue.CallableOp<R, X> body) throws X {
    return Backends.with(NanBackend.around(Backends.current()), body);
  }

  /** As {@link #nans(ScopedValue.CallableOp)}, for a body without a result. */
  public static void nans(Runnable body) {
    nans(() -> {
      body.run();
      return null;
    });
  }

  /**
   * Prints a tensor to {@code System.out} and returns it, also inside of functions that are
   * transformed.
   *
   * <pre>{@code
   * grad(x -> Debug.print("x is {}", x).sin().sum())
   * }</pre>
   *
   * <p>Under {@code grad}, {@code jvp} and {@code vjp} of known arguments it prints the value, each
   * time the function is called. Under {@code vmap} and {@code jit}, and in the bodies of choices
   * and loops, the function is traced once for all values: it prints the type and what traces, when
   * it traces: {@code x is f32[3] under vmap: no single value here}.
   *
   * @param text what to print; the value stands in place of <code>{}</code>, or at the end
   */
  public static Tensor print(String text, Tensor x) {
    String value = describe(x);
    System.out.println(text.contains("{}") ? text.replace("{}", value) : text + " " + value);
    return x;
  }

  private static String describe(Tensor x) {
    try {
      return x.concrete("Debug.print").toString();
    } catch (TracerException e) {
      String transform = x instanceof Tracer tracer ? tracer.transformWithoutValues() : null;
      if (transform == null) {
        throw e;
      }
      return x.type() + " under " + transform + ": no single value here";
    }
  }
}
