package dev.lockstep.golden;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lockstep.tensor.Fn;
import dev.lockstep.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/** Runs one golden case: builds the function, transforms it, applies it and compares. */
final class GoldenRun {
  private GoldenRun() {}

  /** Returns what differs from the expected outputs; a thrown exception is a difference too. */
  static List<String> differences(GoldenCase golden) {
    List<Tensor> got;
    List<String> differences = new ArrayList<>();
    try {
      got = run(golden);
      if (got.size() != golden.outputs().size()) {
        return List.of(
            "expected %d outputs, got %d".formatted(golden.outputs().size(), got.size()));
      }
      for (int i = 0; i < got.size(); i++) {
        String output = got.size() == 1 ? "" : "output " + i + ": ";
        golden
            .tolerance()
            .difference(Value.of(got.get(i)), golden.outputs().get(i))
            .ifPresent(difference -> differences.add(output + difference));
      }
    } catch (RuntimeException | LinkageError | AssertionError | StackOverflowError e) {
      differences.add(e.toString());
    }
    return differences;
  }

  private static List<Tensor> run(GoldenCase golden) {
    Fn<List<Tensor>, List<Tensor>> function =
        arguments -> List.of(Expression.evaluate(golden.function(), arguments));
    for (JsonNode transform : golden.transforms()) {
      function = Transforms.apply(transform, function);
    }
    return function.apply(golden.inputs().stream().map(Value::tensor).toList());
  }
}
