package dev.lockstep.compiler;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.program.Equation;
import dev.lockstep.program.Program;
import dev.lockstep.program.Trace;
import dev.lockstep.program.Traced;
import dev.lockstep.program.primitive.AttentionOp;
import dev.lockstep.runtime.Array;
import dev.lockstep.runtime.NativeBackend;
import dev.lockstep.runtime.ReferenceBackend;
import dev.lockstep.tensor.DType;
import dev.lockstep.tensor.Shape;
import dev.lockstep.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/** Programs before and after, and that their values stay. */
class AttentionRecognitionTest {
  private static final Tensor MASK = random(9, 8, 10);

  @Test
  void theProgramBeforeAndAfter() {
    Traced traced =
        trace(
            x -> x.get(0).matmul(x.get(1).transpose()).div(2.0).softmax(-1).matmul(x.get(2)),
            random(1, 8, 4),
            random(2, 10, 4),
            random(3, 10, 3));
    assertThat(traced.program().toString())
        .isEqualTo(
            """
            { a:f64[8, 4] b:f64[10, 4] c:f64[10, 3] f:f64[] ->
              d:f64[4, 10] = transpose[permutation=[1, 0]] b
              e:f64[8, 10] = dot_general[leftContract=[1] rightContract=[0] leftBatch=[] rightBatch=[]] a d
              g:f64[8, 10] = broadcast_in_dim[shape=[8, 10] axes=[]] f
              h:f64[8, 10] = div e g
              i:f64[8] = max[axes=[1]] h
              j:f64[8, 1] = reshape[shape=[8, 1]] i
              k:f64[8, 1] = stop_gradient j
              l:f64[8, 10] = broadcast_in_dim[shape=[8, 10] axes=[0, 1]] k
              m:f64[8, 10] = sub h l
              n:f64[8, 10] = exp m
              o:f64[8] = sum[axes=[1]] n
              p:f64[8, 1] = reshape[shape=[8, 1]] o
              q:f64[8, 10] = broadcast_in_dim[shape=[8, 10] axes=[0, 1]] p
              r:f64[8, 10] = div n q
              s:f64[8, 3] = dot_general[leftContract=[1] rightContract=[0] leftBatch=[] rightBatch=[]] r c
              return s }\
            """);
    assertThat(AttentionRecognition.apply(traced.program()).toString())
        .isEqualTo(
            """
            { a:f64[8, 4] b:f64[10, 4] c:f64[10, 3] f:f64[] ->
              d:f64[4, 10] = transpose[permutation=[1, 0]] b
              t:f64[8, 4] = broadcast_in_dim[shape=[8, 4] axes=[]] f
              u:f64[8, 4] = div a t
              v:f64[10, 4] = transpose[permutation=[1, 0]] d
              s:f64[8, 3] = attention[scale=1.0 causal=false] u v c
              return s }\
            """);
  }

  @Test
  void layoutsOfHeads() {
    for (String specs :
        List.of(
            "bhid,bhjd->bhij bhij,bhjd->bhid",
            "bihd,bjhd->bhij bhij,bjhd->bihd",
            "bhjd,bhid->bhji bhji,bhjd->bhid",
            "bhdi,bhdj->bhij bhxj,bhij->bhxi")) {
      String[] spec = specs.split(" ");
      String[] first = spec[0].split(",|->");
      String[] second = spec[1].split(",|->");
      int axis = first[2].indexOf('j');
      boolean scoresLeft = second[0].equals(first[2]);
      Tensor left = random(1, extents(first[0]));
      Tensor right = random(2, extents(first[1]));
      Tensor v = random(3, extents(second[scoresLeft ? 1 : 0]));
      recognised(
          x -> {
            Tensor p = Tensor.einsum(spec[0], x.get(0), x.get(1)).mul(0.5).softmax(axis);
            return scoresLeft
                ? Tensor.einsum(spec[1], p, x.get(2))
                : Tensor.einsum(spec[1], x.get(2), p);
          },
          left,
          right,
          v);
    }
  }

  private static long[] extents(String axes) {
    return axes.chars().mapToLong(axis -> "..bh.dxji".indexOf(axis)).toArray();
  }

  @Test
  void masks() {
    recognised(x -> attend(x, s -> s.mul(0.5).add(MASK)), operands());
    recognised(x -> attend(x, s -> MASK.add(s.mul(0.5))), operands());
    recognised(x -> attend(x, s -> s.mul(0.5).mul(3.0).div(2.0).add(MASK)), operands());
    for (double fill : new double[] {Double.NEGATIVE_INFINITY, -1e9, -1e30}) {
      recognised(
          x -> attend(x, s -> Tensor.where(seen(), s.div(2.0), Tensor.scalar(fill))), operands());
    }
  }

  @Test
  void aRowUnderAnInfiniteMaskStaysNan() {
    Traced traced =
        trace(
            x -> {
              Tensor none = Tensor.zeros(2, 8, 10).greater(1);
              return attend(x, s -> Tensor.where(none, s, Tensor.scalar(Double.NEGATIVE_INFINITY)));
            },
            operands());
    assertThat(run(traced, true)).containsOnly(Double.NaN);
    assertThat(AttentionRecognition.apply(traced.program()).toString()).contains("= attention");
  }

  @Test
  void whatIsNotAttentionStays() {
    stays(x -> {
      Tensor p = scores(x).softmax(-1);
      return p.matmul(x.get(2)).add(p.sum());
    });
    stays(x -> {
      Tensor s = scores(x);
      return s.softmax(-1).matmul(x.get(2)).add(s.sum());
    });
    stays(x -> scores(x).softmax(-1).mul(2.0).matmul(x.get(2)));
    stays(x -> scores(x).softmax(0).matmul(x.get(2)));
    stays(x -> scores(x).exp().softmax(-1).matmul(x.get(2)));
    stays(x -> attend(x, s -> Tensor.where(seen(), s, Tensor.scalar(-10.0))));
    stays(x -> attend(x, s -> s.mul(MASK)));
    stays(x -> attend(x, s -> Tensor.where(seen(), Tensor.scalar(-1e9), s)));
  }

  @Test
  void fewQueriesStay() {
    Tensor q = random(1, 7, 4);
    Tensor k = random(2, 10, 4);
    Traced traced =
        trace(x -> x.get(0).matmul(x.get(1).transpose()).softmax(-1).matmul(x.get(1)), q, k);
    assertThat(AttentionRecognition.apply(traced.program())).isSameAs(traced.program());
  }

  @Test
  void severalInOneProgram() {
    Traced traced =
        recognised(
            x -> {
              Tensor y = attend(x, s -> s.mul(0.5));
              return attend(List.of(x.get(0), y, y), s -> s);
            },
            random(1, 2, 8, 4),
            random(2, 2, 10, 4),
            random(3, 2, 10, 4));
    assertThat(count(AttentionRecognition.apply(traced.program()))).isEqualTo(2);
  }

  @Test
  void bf16WhereverItIsRounded() {
    Tensor bias = MASK.cast(DType.BF16);
    narrow(x -> attend(x, s -> s));
    narrow(x -> attend(x, s -> s.mul(0.3)));
    narrow(x -> attend(x, s -> s.div(1.7).mul(0.9)));
    narrow(x -> attend(x, s -> s.mul(0.3).add(like(s, bias))));
    narrow(x -> attend(x, s -> like(s, bias).add(s)));
    for (double fill : new double[] {Double.NEGATIVE_INFINITY, -1e9, -1e30}) {
      narrow(x -> attend(x, s -> Tensor.where(seen(), s.mul(0.3), fill)));
    }
    narrow(x -> {
      Tensor s = scores(x).mul(0.3);
      Tensor e = s.sub(s.maxKeepDims(-1)).exp();
      return e.div(e.sumKeepDims(-1)).matmul(x.get(2));
    });
    narrow(x -> {
      boolean exact = x.getFirst().dtype() == DType.F64;
      Tensor s = scores(x).cast(exact ? DType.F64 : DType.F32).mul(0.3);
      return s.softmax(-1).cast(x.getFirst().dtype()).matmul(x.get(2));
    });
  }

  /** What is exact in f32 is not rounded to bf16 for the op. */
  @Test
  void bf16BesideF32() {
    Traced traced =
        trace(
            x -> attend(x, s -> s.cast(DType.F32).add(MASK.cast(DType.F32))),
            narrowed(random(1, 2, 8, 4)),
            narrowed(random(2, 2, 10, 4)),
            random(3, 2, 10, 3).cast(DType.F32));
    Program program = AttentionRecognition.apply(traced.program());
    assertThat(count(program)).isEqualTo(1);
    assertThat(program.outputs().getFirst().type().dtype()).isEqualTo(DType.F32);
    for (Equation equation : program.equations()) {
      if (equation.primitive() instanceof AttentionOp) {
        assertThat(equation.inputs())
            .allSatisfy(input -> assertThat(input.type().dtype()).isEqualTo(DType.F32));
      }
    }
  }

  @Test
  void aSoftmaxInF64Stays() {
    Traced traced =
        trace(
            x -> attend(x, s -> s.cast(DType.F64)),
            random(1, 2, 8, 4).cast(DType.F32),
            random(2, 2, 10, 4).cast(DType.F32),
            random(3, 2, 10, 3));
    assertThat(AttentionRecognition.apply(traced.program())).isSameAs(traced.program());
  }

  private static Tensor narrowed(Tensor x) {
    return x.cast(DType.BF16);
  }

  private static Tensor like(Tensor scores, Tensor mask) {
    return mask.cast(scores.dtype());
  }

  /** Expects the op, and that it is nearer to exact arithmetic than its parts. */
  private static void narrow(Function<List<Tensor>, Tensor> function) {
    Tensor[] operands = {
      narrowed(random(1, 30, 8, 8).mul(3.0)),
      narrowed(random(2, 30, 10, 8).mul(3.0)),
      narrowed(random(3, 30, 10, 5))
    };
    Traced traced = trace(function, operands);
    assertThat(count(AttentionRecognition.apply(traced.program())))
        .as(traced.program().toString())
        .isEqualTo(1);
    assertThat(count(Compiler.optimise(traced.program()))).isEqualTo(1);
    double[] exact =
        function
            .apply(List.of(operands).stream().map(x -> x.cast(DType.F64)).toList())
            .toDoubleArray();
    double parts = distance(function.apply(List.of(operands)).toDoubleArray(), exact);
    List<Array> inputs = traced.captured().stream().map(x -> x.concrete("test")).toList();
    Array whole = NativeBackend.INSTANCE.run(traced.program(), inputs).getFirst();
    assertThat(whole.dtype()).isEqualTo(DType.BF16);
    assertThat(distance(whole.toDoubleArray(), exact)).isLessThan(parts);
  }

  private static double distance(double[] x, double[] y) {
    double sum = 0;
    for (int i = 0; i < x.length; i++) {
      sum += (x[i] - y[i]) * (x[i] - y[i]);
    }
    return Math.sqrt(sum);
  }

  private static Tensor[] operands() {
    return new Tensor[] {random(1, 2, 8, 4), random(2, 2, 10, 4), random(3, 2, 10, 3)};
  }

  private static Tensor scores(List<Tensor> x) {
    return x.get(0).matmul(x.get(1).swapAxes(-1, -2));
  }

  private static Tensor attend(List<Tensor> x, Function<Tensor, Tensor> change) {
    return change.apply(scores(x)).softmax(-1).matmul(x.get(2));
  }

  private static Tensor seen() {
    return Tensor.ones(8, 10).tril(0).greater(0);
  }

  private static void stays(Function<List<Tensor>, Tensor> function) {
    Traced traced = trace(function, operands());
    assertThat(AttentionRecognition.apply(traced.program())).isSameAs(traced.program());
  }

  private static Traced recognised(Function<List<Tensor>, Tensor> function, Tensor... operands) {
    Traced traced = trace(function, operands);
    assertThat(count(AttentionRecognition.apply(traced.program())))
        .as(traced.program().toString())
        .isPositive();
    assertThat(run(traced, true))
        .usingComparatorWithPrecision(1e-12)
        .containsExactly(run(traced, false));
    return traced;
  }

  private static long count(Program program) {
    return program.equations().stream()
        .filter(equation -> equation.primitive().name().equals("attention"))
        .count();
  }

  private static Traced trace(Function<List<Tensor>, Tensor> function, Tensor... operands) {
    Traced traced =
        Trace.trace(
            "test",
            List.of(operands).stream().map(Tensor::type).toList(),
            null,
            x -> List.of(function.apply(x)));
    boolean whereFills = traced.program().toString().contains("where");
    Traced constant = whereFills ? traced.withScalarsAsConstants() : traced;
    return new Traced(constant.program(), join(List.of(operands), constant.captured()));
  }

  private static List<Tensor> join(List<Tensor> first, List<Tensor> second) {
    List<Tensor> all = new ArrayList<>(first);
    all.addAll(second);
    return all;
  }

  /**
   * Returns the values from the native backend, or from the reference, which recognises nothing.
   */
  private static double[] run(Traced traced, boolean compiled) {
    List<Array> inputs = traced.captured().stream().map(x -> x.concrete("test")).toList();
    return (compiled ? NativeBackend.INSTANCE : ReferenceBackend.INSTANCE)
        .run(traced.program(), inputs)
        .getFirst()
        .toDoubleArray();
  }

  private static Tensor random(int seed, long... extents) {
    Shape shape = Shape.of(extents);
    return Tensor.of(new Random(seed).doubles(shape.size(), -1, 1).toArray(), shape);
  }
}
