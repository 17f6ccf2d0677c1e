package dev.lockstep.program;

import dev.lockstep.tensor.TensorType;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * What a compiled function does when it runs: its steps in order, and its memory.
 *
 * @param inputs the types of what a run reads: the arguments' tensors, then what the function
 *     captured
 * @param outputs the types of the results that a run allocates; a result that is an argument, or
 *     the same as another one, is not among them
 * @param workspaceBytes what values between steps take, shared where they never exist at once
 * @param runBytes what a run allocates besides the outputs: the workspace and the kernels' own
 *     scratch memory
 */
public record PlanReport(
    List<Step> steps,
    List<TensorType> inputs,
    List<TensorType> outputs,
    long workspaceBytes,
    long runBytes) {

  /**
   * One call of a kernel.
   *
   * @param name the kind: {@code loop}, {@code matmul}, {@code copy}, {@code scan} …
   * @param computes the ops whose results it computes
   * @param reads the types of what it reads from memory, as the kernel sees them
   * @param writes the types of what it writes
   * @param bytesRead of the elements read, each counted once
   * @param bytesWritten of the elements written
   * @param operations arithmetic on elements; of a {@code while}, of one round
   * @param kernel the kernel that the native core chose, and its sizes
   * @param why the reasons: of the step, then of the kernel's choice, in the order of the questions
   * @param parts what its sub-programs do: branches, condition and body, or the body of a scan
   */
  public record Step(
      String name,
      List<String> computes,
      List<TensorType> reads,
      List<TensorType> writes,
      long bytesRead,
      long bytesWritten,
      long operations,
      String kernel,
      List<String> why,
      List<PlanReport> parts) {

    @Override
    public String toString() {
      StringBuilder text = new StringBuilder(name);
      if (!computes.isEmpty()) {
        text.append(" (").append(String.join(", ", computes)).append(')');
      }
      text.append(' ').append(join(reads)).append(" -> ").append(join(writes));
      text.append(
          "\n   reads %s, writes %s, %s"
              .formatted(size(bytesRead, "B"), size(bytesWritten, "B"), size(operations, "FLOP")));
      text.append("\n   kernel: ").append(kernel);
      text.append("\n   why: ").append(String.join("; ", why));
      for (PlanReport part : parts) {
        text.append("\n   part: ").append(part.toString().replace("\n", "\n   "));
      }
      return text.toString();
    }
  }

  /** Returns the arithmetic on elements of all steps. */
  public long operations() {
    return steps.stream().mapToLong(Step::operations).sum();
  }

  /** Returns the bytes of all inputs. */
  public long inputBytes() {
    return inputs.stream().mapToLong(TensorType::bytes).sum();
  }

  /** Returns the bytes of the results that a run allocates. */
  public long outputBytes() {
    return outputs.stream().mapToLong(TensorType::bytes).sum();
  }

  /** Returns the native memory that a run takes at most, besides its inputs. */
  public long peakBytes() {
    return outputBytes() + runBytes;
  }

  /** Prints a line of totals, then the steps with their numbers. */
  @Override
  public String toString() {
    StringBuilder text =
        new StringBuilder(
            "%d step%s, %s; inputs %s, outputs %s, workspace %s, peak %s"
                .formatted(
                    steps.size(),
                    steps.size() == 1 ? "" : "s",
                    size(operations(), "FLOP"),
                    size(inputBytes(), "B"),
                    size(outputBytes(), "B"),
                    size(workspaceBytes, "B"),
                    size(peakBytes(), "B")));
    for (int i = 0; i < steps.size(); i++) {
      text.append("\n%d. %s".formatted(i + 1, steps.get(i)));
    }
    return text.toString();
  }

  private static String join(List<TensorType> types) {
    return types.stream().map(TensorType::toString).collect(Collectors.joining(" "));
  }

  private static String size(long count, String unit) {
    String[] prefixes = {"", "k", "M", "G", "T"};
    double size = count;
    int prefix = 0;
    while (size >= 1000 && prefix < prefixes.length - 1) {
      size /= 1000;
      prefix++;
    }
    return prefix == 0
        ? count + " " + unit
        : String.format(Locale.ROOT, "%.1f %s%s", size, prefixes[prefix], unit);
  }
}
