package dev.lockstep;

import static dev.lockstep.Lockstep.grad;
import static dev.lockstep.Lockstep.in;
import static dev.lockstep.Lockstep.jit;
import static dev.lockstep.Lockstep.jvp;
import static dev.lockstep.Lockstep.vmap;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lockstep.error.NanException;
import dev.lockstep.error.TracerException;
import dev.lockstep.tensor.Fn;
import dev.lockstep.tensor.Tensor;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.function.Supplier;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.api.parallel.Resources;

/** NaN is found where it is made, and values print inside of transforms. */
class DebugTest extends EveryBackend {
  private static final Tensor X = Tensor.of(1.0, -2.0, 3.0);

  /** The line of the last log. */
  private static int line;

  private Tensor leaked;

  private static int here() {
    return StackWalker.getInstance()
        .walk(frames -> frames.skip(1).findFirst().orElseThrow())
        .getLineNumber();
  }

  private static Tensor sumOfLogs(Tensor x) {
    Tensor scaled = x.mul(2);
    line = here() + 1;
    Tensor logs = scaled.log();
    return logs.sum();
  }

  private static void assertNan(ThrowingCallable call, String text) {
    assertThatThrownBy(call)
        .isExactlyInstanceOf(NanException.class)
        .message()
        .satisfies(message -> {
          String plain = message.replace("DebugTest.java:" + line, "log's line");
          assertThat(plain.replaceAll("\\(DebugTest.java:\\d+\\)", "(line)")).isEqualTo(text);
        });
  }

  @Test
  void opsThatRunAtOnce() {
    assertNan(() -> Debug.nans(() -> sumOfLogs(X)), "log: made NaN from f64[3] at (log's line)");
    Tensor zero = Tensor.scalar(0f);
    assertNan(
        () -> Debug.nans(() -> zero.div(zero)), "div: made NaN from f32[] and f32[] at (line)");
  }

  @Test
  void underTransforms() {
    assertNan(
        () -> Debug.nans(() -> Lockstep.valueAndGrad(DebugTest::sumOfLogs).apply(X)),
        "log: made NaN from f64[3] at (log's line). Called at (line)");
    assertNan(
        () -> Debug.nans(() -> vmap(DebugTest::sumOfLogs).apply(Tensor.of(new double[][] {{-1}}))),
        "log: made NaN from f64[1, 1] at (log's line). Called at (line)");
    assertNan(
        () -> Debug.nans(() -> jit(grad((Tensor x) -> x.sqrt().mul(0).sum())).apply(X.mul(0))),
        "mul: made NaN from f64[3] and f64[3] at (line)");
  }

  @Test
  void compiledOutsideOfTheScope() {
    Fn<Tensor, Tensor> f = jit(DebugTest::sumOfLogs);
    assertThat(f.apply(X).item()).isNaN();
    assertNan(
        () -> Debug.nans(() -> f.apply(X)),
        "log: made NaN from f64[3] at (log's line). Called at (line)");
    assertThat(f.apply(X).item()).isNaN();
  }

  @Test
  void linesAreThoseOfTheFunctionNotOfAnEqualOne() {
    Lockstep.valueAndGrad((Tensor x) -> x.mul(2).log().sum()).apply(X);
    assertNan(
        () -> Debug.nans(() -> Lockstep.valueAndGrad(DebugTest::sumOfLogs).apply(X)),
        "log: made NaN from f64[3] at (log's line). Called at (line)");
  }

  @Test
  void choicesAndLoopsAreNamedAsAWhole() {
    assertThatThrownBy(
            () -> Debug.nans(() -> jit((Tensor x) -> Control.map(Tensor::log, x)).apply(X)))
        .isExactlyInstanceOf(NanException.class)
        .hasMessageStartingWith("scan: made NaN from f64[3] at (DebugTest.java:");
  }

  @Test
  void nanThatIsGivenOrDiscardedIsNoError() {
    Tensor given = Tensor.of(Double.NaN, 1.0);
    assertThat(Debug.nans(() -> given.add(1).exp()).toDoubleArray()[0]).isNaN();
    assertThat(Debug.nans(() -> jit((Tensor x) -> x.mul(Double.NaN)).apply(X)).toDoubleArray())
        .containsOnly(Double.NaN);
    Fn<Tensor, Tensor> masked = x -> Tensor.where(x.greater(0), x.log(), x.mul(0));
    assertThat(Debug.nans(() -> jit(masked).apply(X)).toDoubleArray()).doesNotContain(Double.NaN);
    assertNan(
        () -> Debug.nans(() -> jit((Tensor x) -> masked.apply(x).sum().add(x.sqrt())).apply(X)),
        "sqrt: made NaN from f64[3] at (line)");
  }

  @Test
  void bodiesWithoutResult() {
    Debug.nans(() -> {
      X.exp();
    });
    assertNan(
        () ->
            Debug.nans(() -> {
              X.sqrt();
            }),
        "sqrt: made NaN from f64[3] at (line)");
  }

  @Test
  @ResourceLock(Resources.SYSTEM_OUT)
  void printsValues() {
    Tensor x = Tensor.of(1.0, 2.0);
    assertThat(printed(() -> Debug.print("x is {}!", x))).isEqualTo("x is " + x + "!\n");
    assertThat(printed(() -> Debug.print("x", x))).isEqualTo("x " + x + "\n");
    Fn<Tensor, Tensor> f = t -> Debug.print("twice", t.mul(2)).mul(t).sum();
    Tensor[] gradient = new Tensor[1];
    assertThat(printed(() -> gradient[0] = grad(f).apply(x))).isEqualTo("twice " + x.mul(2) + "\n");
    assertThat(gradient[0].toDoubleArray()).containsExactly(4, 8);
    assertThat(printed(() -> jvp(f, x, x).tangent())).isEqualTo("twice " + x.mul(2) + "\n");
  }

  @Test
  @ResourceLock(Resources.SYSTEM_OUT)
  void printsTypesWhereNoSingleValueExists() {
    Tensor x = Tensor.of(1f, 2f);
    Fn<Tensor, Tensor> f = t -> Debug.print("t is {}", t).mul(t);
    assertThat(printed(() -> vmap(f, in(0)).apply(x)))
        .isEqualTo("t is f32[] under vmap: no single value here\n");
    Fn<Tensor, Tensor> compiled = jit(f);
    assertThat(printed(() -> compiled.apply(x)))
        .isEqualTo("t is f32[2] under jit: no single value here\n");
    assertThat(printed(() -> compiled.apply(x))).isEmpty();
    assertThat(printed(() -> vmap(grad(f)).apply(x)))
        .isEqualTo("t is f32[] under vmap: no single value here\n");
  }

  @Test
  void printOfAnEscapedTracerIsAnError() {
    vmap((Tensor t) -> leaked = t.mul(2)).apply(Tensor.of(1f, 2f));
    assertThatThrownBy(() -> Debug.print("leaked", leaked)).isInstanceOf(TracerException.class);
  }

  private static String printed(Supplier<Tensor> body) {
    PrintStream before = System.out;
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    System.setOut(new PrintStream(bytes, true, StandardCharsets.UTF_8));
    try {
      body.get();
    } finally {
      System.setOut(before);
    }
    return bytes.toString(StandardCharsets.UTF_8).replace(System.lineSeparator(), "\n");
  }
}
