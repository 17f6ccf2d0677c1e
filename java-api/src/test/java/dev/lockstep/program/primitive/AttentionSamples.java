package dev.lockstep.program.primitive;

import dev.lockstep.program.primitive.AttentionOp.Attention;
import dev.lockstep.program.primitive.AttentionOp.AttentionGradient;
import dev.lockstep.program.primitive.AttentionOp.AttentionTangent;
import dev.lockstep.program.primitive.Sample.Values;
import dev.lockstep.tensor.DType;
import java.util.ArrayList;
import java.util.List;

/** The samples of attention, its tangent and its gradient: without a mask and with each kind. */
final class AttentionSamples {
  private static final Values Q = Values.f64(-1, 1, 2, 3, 4);
  private static final Values K = Values.f64(-1, 1, 2, 5, 4);
  private static final Values V = Values.f64(-1, 1, 2, 5, 3);
  private static final Values CT = Values.f64(-1, 1, 2, 3, 3);
  private static final List<List<Values>> MASKS =
      List.of(
          List.of(),
          List.of(Values.f64(-1, 1, 2, 3, 5)),
          List.of(Values.of(DType.BOOL, 0, 1, 2, 3, 5)));

  private AttentionSamples() {}

  static List<Sample> all() {
    List<Sample> samples = new ArrayList<>();
    for (boolean causal : new boolean[] {false, true}) {
      for (List<Values> mask : MASKS) {
        int next = 3 + mask.size();
        samples.add(
            new Sample(
                new Attention(0.5, causal),
                join(List.of(Q, K, V), mask, List.of()),
                "f64[2, 3, 3]",
                List.of()));
        samples.add(
            new Sample(
                new AttentionGradient(0.5, causal),
                join(List.of(Q, K, V), mask, List.of(CT)),
                "f64[2, 3, 4] and f64[2, 5, 4] and f64[2, 5, 3]",
                List.of(List.of(next))));
        samples.add(
            new Sample(
                new AttentionTangent(0.5, causal, List.of(0, 1, 2)),
                join(List.of(Q, K, V), mask, List.of(Q, K, V)),
                "f64[2, 3, 3]",
                List.of(List.of(next, next + 1, next + 2))));
        samples.add(
            new Sample(
                new AttentionTangent(0.5, causal, List.of(1)),
                join(List.of(Q, K, V), mask, List.of(K)),
                "f64[2, 3, 3]",
                List.of(List.of(next))));
      }
    }
    return samples;
  }

  private static List<Values> join(List<Values> first, List<Values> mask, List<Values> last) {
    List<Values> all = new ArrayList<>(first);
    all.addAll(mask);
    all.addAll(last);
    return all;
  }
}
