package dev.lockstep.compiler;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.program.Equation;
import dev.lockstep.program.Program;
import dev.lockstep.program.Trace;
import dev.lockstep.program.primitive.AffineMap;
import dev.lockstep.program.primitive.Contraction;
import dev.lockstep.program.primitive.Placed.Embed;
import dev.lockstep.program.primitive.Structural;
import dev.lockstep.runtime.Array;
import dev.lockstep.runtime.NativeBackend;
import dev.lockstep.runtime.ReferenceBackend;
import dev.lockstep.tensor.DType;
import dev.lockstep.tensor.Fn;
import dev.lockstep.tensor.Fn2;
import dev.lockstep.tensor.Shape;
import dev.lockstep.tensor.Tensor;
import dev.lockstep.tensor.TensorType;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class EmbeddingsTest {
  private static final TensorType MATRIX = TensorType.of(DType.F64, 3, 3);

  private static Tensor identity(long size) {
    Tensor ones = Trace.bind(new Structural.Full(TensorType.of(DType.F64, size), 1.0));
    return Trace.bind(new Embed(Shape.of(size, size), AffineMap.diagonal()), ones);
  }

  private static String optimised(Fn<Tensor, Tensor> f) {
    return Compiler.optimise(Program.of(f, MATRIX)).toString();
  }

  @Test
  void aProductWithTheIdentityIsTheOtherOperand() {
    Program program = Program.of(x -> x.matmul(identity(3)), MATRIX);
    assertThat(program)
        .hasToString(
            """
            { a:f64[3, 3] ->
              b:f64[3] = full[type=f64[3] value=1.0]
              c:f64[3, 3] = embed[shape=[3, 3] places=[(d0, d0)]] b
              d:f64[3, 3] = dot_general[leftContract=[1] rightContract=[0] leftBatch=[] \
            rightBatch=[]] a c
              return d }\
            """);
    Program optimised = Compiler.optimise(program);
    assertThat(optimised.equations())
        .extracting(Equation::primitive)
        .allMatch(primitive -> primitive instanceof Structural.Transpose);
  }

  @Test
  void anElementwiseProductReadsTheDiagonal() {
    assertThat(optimised(x -> x.mul(identity(3))))
        .isEqualTo(
            """
            { a:f64[3, 3] ->
              e:f64[3] = diagonal[shape=[3] places=(d0, d0)] a
              g:f64[3, 3] = embed[shape=[3, 3] places=[(d0, d0)]] e
              return g }\
            """);
  }

  @Test
  void neighbouringDiagonalsAreWrittenOnce() {
    Fn<Tensor, Tensor> f =
        x -> {
          Tensor y = identity(3);
          Tensor up = y.slice(new long[] {0, 1}, new long[] {3, 3}, new long[] {1, 1});
          Tensor shifted = Tensor.concatenate(1, up, Tensor.zeros(DType.F64, 3, 1));
          return y.mul(x).add(shifted).sub(y);
        };
    String program = optimised(f);
    assertThat(program).contains("places=[(d0+1, d0), (d0, d0)]").containsOnlyOnce("embed");
  }

  @Test
  void asManyElementsAsPlacesAreDense() {
    assertThat(optimised(x -> x.mul(identity(3)).sum(0))).doesNotContain("embed");
    assertThat(optimised(x -> identity(9).reshape(9, 3, 3).mul(x).sum(1, 2)))
        .doesNotContain("embed")
        .doesNotContain("9, 3, 3");
  }

  @Test
  void whatIsNotLinearSeesTheZeros() {
    assertThat(optimised(x -> identity(3).mul(x).exp())).contains("embed", "exp");
    assertThat(optimised(x -> identity(3).mul(x).max(0))).contains("embed", "max");
  }

  /** Blocks of one lattice that share a corner are too far apart to be one block. */
  @Test
  void placesThatOverlapAreAdded() {
    AffineMap corner = AffineMap.of(new long[] {1, 1}, new long[][] {{1, 0}, {0, 1}});
    Fn<Tensor, Tensor> f =
        x -> {
          Tensor first = Trace.bind(new Embed(Shape.of(5, 5), AffineMap.identity(2)), x);
          return first.add(Trace.bind(new Embed(Shape.of(5, 5), corner), x));
        };
    Program program = Program.of(f, TensorType.of(DType.F64, 2, 2));
    List<Array> inputs =
        List.of(Tensor.of(new double[] {1, 2, 3, 4}, Shape.of(2, 2)).concrete("test"));
    List<Array> expected = ReferenceBackend.INSTANCE.run(program, inputs);
    assertThat(expected.getFirst().toDoubleArray()[6]).isEqualTo(5);
    assertSame(NativeBackend.INSTANCE.run(program, inputs), expected, program);
  }

  @Test
  void aProgramWithoutBasisStaysAsItIs() {
    Program program = Program.of((Tensor x) -> x.matmul(x).sin(), MATRIX);
    assertThat(Embeddings.apply(program)).isSameAs(program);
  }

  static IntStream seeds() {
    return IntStream.range(0, 600);
  }

  /** The reference with the pass, and the native core, against the reference without the pass. */
  @ParameterizedTest
  @MethodSource("seeds")
  void keepsTheValuesOfRandomPrograms(int seed) {
    Random random = new Random(seed);
    List<Tensor> arguments = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      arguments.add(randomArray(random));
    }
    List<TensorType> types = arguments.stream().map(Tensor::type).toList();
    var traced = Trace.trace("test", types, null, tracers -> grow(tracers, random));
    Program program = traced.withScalarsAsConstants().program();
    List<Array> inputs =
        traced.withScalarsAsConstants().with(arguments).stream()
            .map(tensor -> tensor.concrete("test"))
            .toList();

    List<Array> expected = ReferenceBackend.INSTANCE.run(program, inputs);
    Program carried = Embeddings.apply(program);
    checkTypes(carried);
    assertSame(ReferenceBackend.INSTANCE.run(carried, inputs), expected, program);
    assertSame(NativeBackend.INSTANCE.run(program, inputs), expected, program);
  }

  private static void checkTypes(Program program) {
    for (Equation equation : program.equations()) {
      var types = equation.inputs().stream().map(v -> v.type()).toList();
      assertThat(equation.primitive().infer(types))
          .isEqualTo(equation.outputs().stream().map(v -> v.type()).toList());
    }
  }

  private static void assertSame(List<Array> actual, List<Array> expected, Program program) {
    for (int i = 0; i < expected.size(); i++) {
      assertThat(actual.get(i).type()).isEqualTo(expected.get(i).type());
      assertThat(actual.get(i).toDoubleArray())
          .as("output %d of %s", i, program)
          .usingComparatorWithPrecision(1e-9)
          .containsExactly(expected.get(i).toDoubleArray());
    }
  }

  /** The random programs together keep their values because ops are carried, not left alone. */
  @Test
  void randomProgramsAreCarried() {
    long withProducts = 0;
    long without = 0;
    for (int seed = 0; seed < 100; seed++) {
      Random random = new Random(seed);
      List<TensorType> types =
          IntStream.range(0, 3).mapToObj(_ -> randomArray(random).type()).toList();
      Program program = Trace.trace("test", types, null, t -> grow(t, random)).program();
      withProducts += dots(program.live());
      without += dots(Compiler.optimise(program));
    }
    assertThat(without).isLessThan(withProducts * 2 / 3);
  }

  private static long dots(Program program) {
    return program.equations().stream()
        .filter(e -> e.primitive() instanceof Contraction.DotGeneral)
        .count();
  }

  private static Tensor randomArray(Random random) {
    long[] extents = new long[random.nextInt(3)];
    for (int i = 0; i < extents.length; i++) {
      extents[i] = random.nextInt(20) == 0 ? 0 : 1 + random.nextInt(4);
    }
    double[] elements = random.doubles(Shape.of(extents).size(), -2, 2).toArray();
    return Tensor.of(elements, Shape.of(extents));
  }

  /** Applies random ops to a basis; what they combine it with comes from the arguments. */
  private static List<Tensor> grow(List<Tensor> arguments, Random random) {
    Tensor last = start(random);
    List<Tensor> values = new ArrayList<>(List.of(last));
    while (values.size() < 10) {
      Tensor x = random.nextInt(3) == 0 ? values.get(random.nextInt(values.size())) : last;
      Tensor grown = step(x, values, arguments, random);
      if (grown != null && grown.size() < 3000) {
        values.add(grown);
        last = grown;
      }
    }
    return List.of(last, values.get(random.nextInt(values.size())));
  }

  private static Tensor start(Random random) {
    int size = 1 + random.nextInt(6);
    Tensor basis = identity(random.nextInt(20) == 0 ? 0 : size);
    return switch (random.nextInt(4)) {
      case 0 -> size == 4 && basis.size() > 0 ? basis.reshape(4, 2, 2) : basis;
      case 1 -> size == 6 && basis.size() > 0 ? basis.reshape(6, 2, 3) : basis;
      case 2 -> size == 6 && basis.size() > 0 ? basis.reshape(3, 2, 6) : basis;
      default -> basis;
    };
  }

  private static Tensor step(Tensor x, List<Tensor> values, List<Tensor> arguments, Random random) {
    Tensor y = arguments.get(random.nextInt(arguments.size()));
    Tensor other = values.get(random.nextInt(values.size()));
    int rank = x.rank();
    return switch (random.nextInt(20)) {
      case 0 -> x.neg();
      case 1 -> x.mul(dense(x.shape(), y));
      case 2 -> dense(x.shape(), y).mul(x);
      case 3 -> x.div(dense(x.shape(), y).square().add(1.0));
      case 4, 5 -> other.shape().equals(x.shape()) ? x.add(other) : x.add(x.mul(2.0));
      case 6 -> other.shape().equals(x.shape()) ? x.sub(other) : null;
      case 7 -> rank > 1 ? x.swapAxes(random.nextInt(rank), random.nextInt(rank)) : null;
      case 8 -> rank > 0 ? x.flip(random.nextInt(rank)) : null;
      case 9 -> rank > 0 ? slice(x, random) : null;
      case 10 -> rank > 0 ? pad(x, random) : null;
      case 11 -> rank > 0 && rank < 4 ? concatenate(x, random) : null;
      case 12 -> reshape(x, random);
      case 13 -> rank < 4 ? x.expandDims(random.nextInt(rank + 1)) : null;
      case 14 -> rank < 4 && rank > 0 ? repeat(x, random) : null;
      case 15 -> rank > 1 ? x.sum(random.nextInt(rank)) : null;
      case 16, 17 -> rank > 0 && rank < 5 ? contract(x, y, random) : null;
      case 18 -> Tensor.where(dense(x.shape(), y).greater(0.5), x, Tensor.zeros(DType.F64));
      default -> x.cast(DType.F32).cast(DType.F64);
    };
  }

  /** Returns a tensor of this shape, half of the time one that is repeated along some axis. */
  private static Tensor dense(Shape shape, Tensor seed) {
    Tensor mean = seed.size() == 0 ? Tensor.ones(DType.F64) : seed.mean();
    boolean repeated = seed.rank() == 1 && shape.rank() > 1;
    Shape own = repeated ? shape.remove(0) : shape;
    Tensor counts =
        Trace.bind(new Structural.Iota(TensorType.of(DType.F64, own.size()), 0))
            .reshape(own.extents());
    return counts.mul(0.37).sin().add(mean).broadcastTo(shape.extents());
  }

  private static Tensor slice(Tensor x, Random random) {
    long[] start = new long[x.rank()];
    long[] limit = x.shape().extents();
    long[] stride = new long[x.rank()];
    for (int i = 0; i < start.length; i++) {
      start[i] = limit[i] > 1 ? random.nextInt((int) limit[i] - 1) : 0;
      limit[i] = Math.max(start[i], limit[i] - random.nextInt(2));
      stride[i] = 1 + random.nextInt(3);
    }
    return x.slice(start, limit, stride);
  }

  private static Tensor pad(Tensor x, Random random) {
    List<Long> low = new ArrayList<>();
    List<Long> high = new ArrayList<>();
    List<Long> interior = new ArrayList<>();
    for (int i = 0; i < x.rank(); i++) {
      low.add((long) random.nextInt(3));
      high.add((long) random.nextInt(3));
      interior.add((long) random.nextInt(2));
    }
    return Trace.bind(new Structural.Pad(low, high, interior), x);
  }

  private static Tensor concatenate(Tensor x, Random random) {
    Tensor[] parts = {x, x.mul(3.0), x.flip(0), Tensor.zeros(DType.F64, x.shape().extents())};
    Tensor other = parts[random.nextInt(4)];
    return Tensor.concatenate(random.nextInt(x.rank()), x, other);
  }

  private static Tensor reshape(Tensor x, Random random) {
    long[] extents = x.shape().extents();
    if (x.rank() > 1 && random.nextBoolean()) {
      int axis = random.nextInt(x.rank() - 1);
      long joined = extents[axis] * extents[axis + 1];
      return x.reshape(x.shape().remove(axis).remove(axis).insert(axis, joined).extents());
    }
    int axis = x.rank() == 0 ? 0 : random.nextInt(x.rank());
    for (int factor = 2; x.rank() > 0 && factor < 4; factor++) {
      if (extents[axis] % factor == 0 && extents[axis] > 0 && x.rank() < 5) {
        long rest = extents[axis] / factor;
        return x.reshape(x.shape().remove(axis).insert(axis, factor).insert(axis, rest).extents());
      }
    }
    return x.reshape(x.size());
  }

  private static Tensor repeat(Tensor x, Random random) {
    long[] extents = x.shape().extents();
    long[] repeated = x.shape().insert(0, 1 + random.nextInt(3)).extents();
    return extents.length == 0 ? null : x.broadcastTo(repeated);
  }

  /** Multiplies with a dense tensor, the basis left or right, an axis contracted or of a batch. */
  private static Tensor contract(Tensor x, Tensor seed, Random random) {
    int axis = random.nextInt(x.rank());
    int batch = random.nextInt(x.rank());
    boolean batched = batch != axis && random.nextBoolean();
    long extent = x.shape().extent(axis);
    List<Integer> mine = List.of(axis);
    List<Integer> myBatch = batched ? List.of(batch) : List.of();
    List<Integer> others = List.of(batched ? 1 : 0);
    List<Integer> othersBatch = batched ? List.of(0) : List.of();
    Shape shape = Shape.of(extent, 1 + random.nextInt(3));
    Tensor other = dense(batched ? shape.insert(0, x.shape().extent(batch)) : shape, seed);
    Fn2<Tensor, Tensor, Tensor> left =
        (a, b) -> Trace.bind(new Contraction.DotGeneral(mine, others, myBatch, othersBatch), a, b);
    Fn2<Tensor, Tensor, Tensor> right =
        (a, b) -> Trace.bind(new Contraction.DotGeneral(others, mine, othersBatch, myBatch), b, a);
    return (random.nextBoolean() ? left : right).apply(x, other);
  }
}
