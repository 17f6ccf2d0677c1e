package dev.lockstep.program.primitive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.lockstep.program.Batched;
import dev.lockstep.program.ElementwiseLinear;
import dev.lockstep.program.Linear;
import dev.lockstep.program.Traced;
import dev.lockstep.runtime.Backend;
import dev.lockstep.runtime.Backends;
import dev.lockstep.runtime.NativeBackend;
import dev.lockstep.runtime.ReferenceBackend;
import dev.lockstep.tensor.DType;
import dev.lockstep.tensor.Tensor;
import dev.lockstep.tensor.TensorType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Checks every rule of every primitive in f64: the shape rule against its sample's, batching
 * against a loop, derivatives against differences, transposes against the inner product.
 */
class PrimitiveRulesTest {
  private static final List<Backend> BACKENDS =
      List.of(ReferenceBackend.INSTANCE, NativeBackend.INSTANCE);
  private static final double TOLERANCE = 1e-9;
  private static final double STEP = 5e-4;
  private static final LongAdder CHECKS = new LongAdder();

  @AfterAll
  static void printCounts() {
    System.out.printf(
        "primitive rules: %d primitives, %d samples, %d checks on %d backends%n",
        Samples.primitives().size(), Samples.all().size(), CHECKS.sum(), BACKENDS.size());
  }

  @Test
  void everyPrimitiveHasSamples() {
    assertThat(Samples.primitives()).hasSizeGreaterThan(60);
    assertThat(Samples.primitives()).filteredOn(type -> Samples.of(type).isEmpty()).isEmpty();
  }

  @Test
  void everyLinearPrimitiveHasSamplesForItsTranspose() {
    assertThat(Samples.primitives())
        .filteredOn(Linear.class::isAssignableFrom)
        .filteredOn(
            type -> Samples.of(type).stream().allMatch(sample -> sample.linearIn().isEmpty()))
        .isEmpty();
  }

  static Stream<Arguments> samples() {
    return BACKENDS.stream()
        .flatMap(backend -> Samples.all().stream().map(sample -> Arguments.of(backend, sample)));
  }

  @ParameterizedTest
  @MethodSource("samples")
  void infersTheTypeOfTheValue(Backend backend, Sample sample) {
    Backends.with(
        backend,
        () -> {
          List<Tensor> operands = sample.tensors(1);
          List<TensorType> inferred = sample.primitive().infer(Rule.types(operands));
          assertThat(inferred.stream().map(TensorType::toString))
              .containsExactly(sample.expected().split(" and "));
          assertThat(Rule.types(Rule.applyAll(sample.primitive(), operands))).isEqualTo(inferred);
          CHECKS.increment();
          return null;
        });
  }

  @ParameterizedTest
  @MethodSource("samples")
  void batchesAsALoop(Backend backend, Sample sample) {
    Backends.with(
        backend,
        () -> {
          for (int size : new int[] {0, 1, 3}) {
            int subsets = 1 << sample.operands().size();
            for (int subset = Math.min(1, subsets - 1); subset < subsets; subset++) {
              checkBatch(sample, size, subset);
              CHECKS.increment();
            }
          }
          return null;
        });
  }

  private static void checkBatch(Sample sample, int size, int subset) {
    int count = sample.operands().size();
    boolean[] mapped = new boolean[count];
    List<Tensor> operands = new ArrayList<>();
    List<Tensor> unmapped = sample.tensors(7);
    List<Tensor> batches = sample.batch(size, 100);
    List<List<Tensor>> examples = new ArrayList<>();
    for (int e = 0; e < size; e++) {
      examples.add(new ArrayList<>(unmapped));
    }
    for (int i = 0; i < count; i++) {
      mapped[i] = (subset >> i & 1) == 1;
      if (!mapped[i]) {
        operands.add(unmapped.get(i));
        continue;
      }
      Tensor batch = batches.get(i);
      operands.add(batch);
      for (int e = 0; e < size; e++) {
        examples.get(e).set(i, batch.get(e));
      }
    }
    Batched batched = Rule.batch(sample.primitive(), size, operands, mapped);
    List<TensorType> types =
        sample.primitive().infer(sample.operands().stream().map(Sample.Values::type).toList());
    for (int r = 0; r < types.size(); r++) {
      Tensor result = batched.results().get(r);
      TensorType type = types.get(r);
      boolean resultMapped = batched.mapped()[r];
      String context =
          "%s result %d mapped %s size %d".formatted(sample, r, Arrays.toString(mapped), size);
      assertThat(result.type())
          .as(context)
          .isEqualTo(resultMapped ? type.with(type.shape().insert(0, size)) : type);
      for (int e = 0; e < size; e++) {
        Tensor want = Rule.applyAll(sample.primitive(), examples.get(e)).get(r);
        assertClose(context, resultMapped ? result.get(e) : result, want, 1e-14);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("samples")
  void pushesTangentsForwardAsDifferencesDo(Backend backend, Sample sample) {
    Backends.with(
        backend,
        () -> {
          for (List<Integer> moving : subsets(sample.floating())) {
            checkTangent(sample, moving);
            CHECKS.increment();
          }
          return null;
        });
  }

  private static void checkTangent(Sample sample, List<Integer> moving) {
    List<Tensor> operands = sample.tensors(3);
    List<Tensor> tangents = directions(operands, moving, 11);
    Tensor tangent = Rule.jvp(sample.primitive(), operands, tangents);
    TensorType result = sample.primitive().infer(Rule.types(operands)).getFirst();
    String context = sample + " moving " + moving;
    if (!result.dtype().isFloating()) {
      assertThat(tangent).as(context).isNull();
      return;
    }
    if (sample.primitive() instanceof Unary.StopGradient) {
      assertThat(tangent).as(context).isNull();
      return;
    }
    double[] want =
        difference(sample, point -> Rule.apply(sample.primitive(), point), operands, tangents);
    if (tangent == null) {
      assertClose(context, new double[want.length], want);
    } else {
      assertThat(tangent.type()).as(context).isEqualTo(result);
      assertClose(context, tangent.toDoubleArray(), want);
    }
  }

  /** Pushes a tangent through the program of the tangent, with the first tangent held fixed. */
  @ParameterizedTest
  @MethodSource("samples")
  void givesSecondDerivativesAsDifferencesDo(Backend backend, Sample sample) {
    Backends.with(
        backend,
        () -> {
          for (List<Integer> moving : subsets(sample.floating())) {
            checkSecond(sample, moving);
            CHECKS.increment();
          }
          return null;
        });
  }

  private static void checkSecond(Sample sample, List<Integer> moving) {
    List<Tensor> operands = sample.tensors(5);
    List<Tensor> first = directions(operands, moving, 13);
    Traced traced = Rule.tangent(sample.primitive(), operands, first);
    if (traced.program().outputs().isEmpty()) {
      return;
    }
    List<Tensor> given = Rule.present(first);
    List<Tensor> second = directions(operands, moving, 17);
    List<Tensor> all = new ArrayList<>(second);
    given.forEach(_ -> all.add(null));
    Tensor tangent = Rule.jvp(traced.program(), Rule.concatenate(operands, given), all);
    double[] want =
        difference(
            sample,
            point -> traced.apply(Rule.concatenate(point, given)).getFirst(),
            operands,
            second);
    String context = sample + " moving " + moving;
    if (tangent == null) {
      assertClose(context, new double[want.length], want);
    } else {
      assertClose(context, tangent.toDoubleArray(), want);
    }
  }

  @ParameterizedTest
  @MethodSource("samples")
  void transposesToTheAdjoint(Backend backend, Sample sample) {
    Backends.with(
        backend,
        () -> {
          for (List<Integer> unknown : sample.linearIn()) {
            checkTranspose(sample, unknown);
            CHECKS.increment();
          }
          return null;
        });
  }

  private static void checkTranspose(Sample sample, List<Integer> unknown) {
    List<Tensor> operands = sample.tensors(19);
    List<Tensor> tangents = directions(operands, unknown, 23);
    Tensor forward = Rule.jvp(sample.primitive(), operands, tangents);
    Tensor ct = new Sample.Values(forward.type(), -1, 1).tensor(29);
    List<Tensor> back = Rule.transpose((Linear) sample.primitive(), operands, unknown, ct);
    String context = sample + " in " + unknown;
    double adjoint = 0;
    for (int i = 0; i < operands.size(); i++) {
      if (!unknown.contains(i)) {
        assertThat(back.get(i)).as(context).isNull();
        continue;
      }
      assertThat(back.get(i).type()).as(context).isEqualTo(operands.get(i).type());
      adjoint += inner(tangents.get(i), back.get(i));
    }
    assertThat(adjoint).as(context).isCloseTo(inner(forward, ct), within(1e-12));
  }

  /** Outside of what the support rule gives, cotangents are zero. */
  @ParameterizedTest
  @MethodSource("samples")
  void supportsHoldTheCotangents(Backend backend, Sample sample) {
    Backends.with(
        backend,
        () -> {
          for (List<Integer> unknown : sample.linearIn()) {
            checkSupport(sample, unknown);
            CHECKS.increment();
          }
          return null;
        });
  }

  private static void checkSupport(Sample sample, List<Integer> unknown) {
    List<Tensor> operands = sample.tensors(19);
    TensorType result = sample.primitive().infer(Rule.types(operands)).getFirst();
    Tensor ct = new Sample.Values(result, -1, 1).tensor(29);
    Tensor support = new Sample.Values(result, -1, 1).tensor(31).greater(0.2);
    List<Tensor> pairs = Rule.supports((Linear) sample.primitive(), operands, unknown, ct, support);
    for (int i = 0; i < pairs.size(); i += 2) {
      double[] cotangent = pairs.get(i).toDoubleArray();
      boolean[] within = pairs.get(i + 1).toBooleanArray();
      assertThat(within).as(sample + " in " + unknown).hasSameSizeAs(cotangent);
      for (int j = 0; j < cotangent.length; j++) {
        if (!within[j]) {
          assertThat(cotangent[j]).as(sample + " in " + unknown + " element " + j).isZero();
        }
      }
    }
    if (sample.primitive() instanceof ElementwiseLinear
        || sample.primitive() instanceof Structural
        || sample.primitive() instanceof Indexing) {
      assertThat(pairs).as(sample + " in " + unknown).hasSize(2 * unknown.size());
    }
  }

  private static double inner(Tensor x, Tensor y) {
    double[] a = x.toDoubleArray();
    double[] b = y.toDoubleArray();
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += a[i] * b[i];
    }
    return sum;
  }

  /** Returns a random direction for the operands that move, null for the others. */
  private static List<Tensor> directions(List<Tensor> operands, List<Integer> moving, long seed) {
    List<Tensor> directions = new ArrayList<>();
    for (int i = 0; i < operands.size(); i++) {
      directions.add(
          moving.contains(i)
              ? new Sample.Values(operands.get(i).type(), -1, 1).tensor(seed + i)
              : null);
    }
    return directions;
  }

  private interface Function {
    Tensor at(List<Tensor> point);
  }

  /** The derivative along {@code direction} from five points; its error is of fourth order. */
  private static double[] difference(
      Sample sample, Function function, List<Tensor> point, List<Tensor> direction) {
    double[] result = null;
    int[] steps = {-2, -1, 1, 2};
    double[] weights = {1.0 / 12, -8.0 / 12, 8.0 / 12, -1.0 / 12};
    for (int s = 0; s < steps.length; s++) {
      List<Tensor> moved = new ArrayList<>();
      for (int i = 0; i < point.size(); i++) {
        moved.add(moved(point.get(i), direction.get(i), steps[s] * STEP));
      }
      double[] values = function.at(sample.inside().derive().apply(moved)).toDoubleArray();
      result = result == null ? new double[values.length] : result;
      for (int i = 0; i < values.length; i++) {
        result[i] += weights[s] / STEP * values[i];
      }
    }
    return result;
  }

  private static Tensor moved(Tensor x, Tensor direction, double by) {
    if (direction == null) {
      return x;
    }
    double[] elements = x.toDoubleArray();
    double[] along = direction.toDoubleArray();
    for (int i = 0; i < elements.length; i++) {
      elements[i] += by * along[i];
    }
    return Tensor.of(elements, x.shape());
  }

  private static List<List<Integer>> subsets(List<Integer> operands) {
    List<List<Integer>> subsets = new ArrayList<>();
    for (int subset = 1; subset < 1 << operands.size(); subset++) {
      List<Integer> chosen = new ArrayList<>();
      for (int i = 0; i < operands.size(); i++) {
        if ((subset >> i & 1) == 1) {
          chosen.add(operands.get(i));
        }
      }
      subsets.add(chosen);
    }
    return subsets;
  }

  private static void assertClose(String context, double[] got, double[] want) {
    assertThat(got).as(context).hasSameSizeAs(want);
    for (int i = 0; i < got.length; i++) {
      assertThat(got[i])
          .as(context + " element " + i)
          .isCloseTo(want[i], within(TOLERANCE * (1 + Math.abs(want[i]))));
    }
  }

  private static void assertClose(String context, Tensor got, Tensor want, double tolerance) {
    assertThat(got.type()).as(context).isEqualTo(want.type());
    double[] a = got.cast(DType.F64).toDoubleArray();
    double[] b = want.cast(DType.F64).toDoubleArray();
    for (int i = 0; i < a.length; i++) {
      assertThat(a[i])
          .as(context + " element " + i)
          .isCloseTo(b[i], within(tolerance * (1 + Math.abs(b[i]))));
    }
  }
}
