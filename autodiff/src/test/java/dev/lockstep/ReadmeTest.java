package dev.lockstep;

import static dev.lockstep.Lockstep.NONE;
import static dev.lockstep.Lockstep.grad;
import static dev.lockstep.Lockstep.hessian;
import static dev.lockstep.Lockstep.in;
import static dev.lockstep.Lockstep.jit;
import static dev.lockstep.Lockstep.vmap;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.lockstep.tensor.Fn;
import dev.lockstep.tensor.Fn2;
import dev.lockstep.tensor.Fn3;
import dev.lockstep.tensor.Scope;
import dev.lockstep.tensor.Tensor;
import dev.lockstep.tensor.Tree;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The README's examples are here, line for line, and print what it says. */
class ReadmeTest {
  private static final Path README = Path.of("../README.md");
  private static final Path SELF = Path.of("src/test/java/dev/lockstep/ReadmeTest.java");
  private static final Pattern BLOCK = Pattern.compile("```(java)?\\n(.*?)```", Pattern.DOTALL);

  private final StringBuilder printed = new StringBuilder();

  record Line(Tensor slope, Tensor offset) {}

  private void print(Object value) {
    printed.append(value).append('\n');
  }

  @Test
  void examplesPrintWhatTheReadmeSays() throws IOException {
    example();

    String outputs = String.join("", blocks(null));
    String error = outputs.lines().filter(line -> line.startsWith("vmap: ")).findFirst().get();
    assertThat(outputs.replace(error + "\n", "")).isEqualTo(printed.toString());
    assertThat(perExampleError()).startsWith(error.replaceFirst(" Called at .*", " Called at"));
  }

  @Test
  void examplesStandHereLineForLine() throws IOException {
    String self = withoutSpace(Files.readString(SELF));
    for (String block : blocks("java")) {
      for (String line : block.lines().filter(line -> !line.isBlank()).toList()) {
        assertThat(self).contains(withoutSpace(line));
      }
    }
  }

  @SuppressWarnings("try") // the README names its scope
  private void example() {
    Tensor w = Tensor.of(new float[][] {{1, 2}, {3, 4}, {5, 6}});
    Fn<Tensor, Tensor> layer = x -> w.matmul(x);
    Tensor batch = Tensor.of(new float[][] {{1, 0}, {0, 1}, {1, 1}, {2, 1}});
    print(vmap(layer).apply(batch));

    Fn<Tensor, Tensor> f = p -> p.get(0).add(p.get(1).square()); // x + y²
    Tensor points = Tensor.of(new double[][] {{1, 1}, {2, 2}, {3, 3}});
    print(vmap(grad(f)).apply(points));
    print(hessian(f).apply(Tensor.of(3.0, 3.0)));
    Fn2<Tensor, Tensor, Tensor> dots = vmap(Tensor::dot, in(NONE, 0));
    print(dots.apply(Tensor.of(1.0, 10.0), points));

    Fn3<Line, Tensor, Tensor, Tensor> loss =
        (p, x, y) -> p.slope().mul(x).add(p.offset()).sub(y).square().mean();
    Fn3<Line, Tensor, Tensor, Line> gradient = jit(grad(loss));
    Tensor x = Tensor.of(0.0, 1.0, 2.0, 3.0);
    Tensor y = Tensor.of(1.0, 3.0, 5.0, 7.0);
    Line line = new Line(Tensor.scalar(0.0), Tensor.scalar(0.0));
    for (int i = 0; i < 500; i++) {
      Line g = gradient.apply(line, x, y);
      line = Tree.map(line, g, (p, dp) -> p.sub(dp.mul(0.1)));
    }
    print(line.slope().mul(1000).round().div(1000));
    print(line.offset().mul(1000).round().div(1000));

    try (Scope scope = Scope.open()) {
      Tensor big = Tensor.ones(1000, 1000).mul(2);
      print(big.sum().item());
    }
  }

  private static String perExampleError() {
    return catchThrowable(
            () -> {
              Fn2<Tensor, Tensor, Tensor> perExample = vmap((Tensor m, Tensor v) -> m.matmul(v));
              perExample.apply(Tensor.ones(64, 100), Tensor.ones(16, 100));
            })
        .getMessage();
  }

  /** Returns the code blocks in a language, or without one, below the heading of the examples. */
  private static List<String> blocks(String language) throws IOException {
    String readme = Files.readString(README);
    Matcher matcher = BLOCK.matcher(readme.substring(readme.indexOf("## Examples")));
    List<String> blocks = new ArrayList<>();
    while (matcher.find()) {
      if (Objects.equals(matcher.group(1), language)) {
        blocks.add(matcher.group(2));
      }
    }
    return blocks;
  }

  private static String withoutSpace(String text) {
    return text.replaceAll("\\s", "");
  }
}
