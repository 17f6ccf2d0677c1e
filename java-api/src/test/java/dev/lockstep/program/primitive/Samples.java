package dev.lockstep.program.primitive;

import static dev.lockstep.tensor.DType.BOOL;
import static dev.lockstep.tensor.DType.F32;
import static dev.lockstep.tensor.DType.F64;
import static dev.lockstep.tensor.DType.I32;
import static dev.lockstep.tensor.DType.I64;

import dev.lockstep.program.Primitive;
import dev.lockstep.program.primitive.Contraction.DotGeneral;
import dev.lockstep.program.primitive.Indexing.Scatter;
import dev.lockstep.program.primitive.Placed.Diagonal;
import dev.lockstep.program.primitive.Placed.Embed;
import dev.lockstep.program.primitive.Sample.Values;
import dev.lockstep.program.primitive.Structural.BroadcastInDim;
import dev.lockstep.program.primitive.Structural.Concatenate;
import dev.lockstep.program.primitive.Structural.Full;
import dev.lockstep.program.primitive.Structural.Iota;
import dev.lockstep.program.primitive.Structural.Pad;
import dev.lockstep.program.primitive.Structural.Reshape;
import dev.lockstep.program.primitive.Structural.Reverse;
import dev.lockstep.program.primitive.Structural.Slice;
import dev.lockstep.program.primitive.Structural.Transpose;
import dev.lockstep.tensor.DType;
import dev.lockstep.tensor.Shape;
import dev.lockstep.tensor.TensorType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/** The samples of all primitives, in one place. */
final class Samples {
  private static final long[] SHAPE = {2, 3, 4};

  private Samples() {}

  /**
   * Returns the record classes of all primitives, found through the sealed hierarchy, but for
   * control flow and collectives, which are tested where the transforms are that their rules need.
   */
  static List<Class<?>> primitives() {
    return leaves(Primitive.class)
        .filter(type -> !ControlFlow.class.isAssignableFrom(type))
        .filter(type -> !Collective.class.isAssignableFrom(type))
        .toList();
  }

  private static Stream<Class<?>> leaves(Class<?> type) {
    return type.isSealed()
        ? Stream.of(type.getPermittedSubclasses()).flatMap(Samples::leaves).distinct()
        : Stream.of(type);
  }

  /** Returns at least one sample of each primitive. */
  static List<Sample> all() {
    List<Sample> samples = new ArrayList<>();
    primitives().forEach(type -> samples.addAll(of(type)));
    return samples;
  }

  /** Returns the samples of a primitive; none if there are no samples of it here. */
  static List<Sample> of(Class<?> type) {
    return Stream.of(
            unary(),
            binary(),
            other(),
            reductions(),
            structural(),
            embeddings(),
            contractions(),
            placed(),
            LinearAlgebraSamples.all(),
            AttentionSamples.all(),
            ConvolutionSamples.all())
        .flatMap(List::stream)
        .filter(sample -> type.isInstance(sample.primitive()))
        .toList();
  }

  private static List<Sample> unary() {
    return List.of(
        unary(new UnaryArithmetic.Neg(), -2, 2, 0),
        unary(new UnaryArithmetic.Abs(), -2, -0.1),
        unary(new UnaryArithmetic.Abs(), 0.1, 2),
        unary(new UnaryArithmetic.Sign(), -2, -0.1),
        unary(new UnaryArithmetic.Square(), -2, 2),
        unary(new Exponential.Exp(), -2, 2),
        unary(new Exponential.Exp2(), -2, 2),
        unary(new Exponential.Expm1(), -1, 1),
        unary(new Exponential.Log(), 0.5, 4),
        unary(new Exponential.Log2(), 0.5, 4),
        unary(new Exponential.Log10(), 0.5, 4),
        unary(new Exponential.Log1p(), -0.4, 2),
        unary(new Exponential.Sigmoid(), -3, 3),
        unary(new Root.Sqrt(), 0.5, 4),
        unary(new Root.Rsqrt(), 0.5, 4),
        unary(new Root.Cbrt(), 0.5, 4),
        unary(new Root.Cbrt(), -4, -0.5),
        unary(new Root.Reciprocal(), 0.5, 4),
        unary(new Trigonometric.Sin(), -4, 4),
        unary(new Trigonometric.Cos(), -4, 4),
        unary(new Trigonometric.Tan(), -1, 1),
        unary(new Trigonometric.Asin(), -0.8, 0.8),
        unary(new Trigonometric.Acos(), -0.8, 0.8),
        unary(new Trigonometric.Atan(), -2, 2),
        unary(new Hyperbolic.Sinh(), -2, 2),
        unary(new Hyperbolic.Cosh(), -2, 2),
        unary(new Hyperbolic.Tanh(), -2, 2),
        unary(new Hyperbolic.Asinh(), -3, 3),
        unary(new Hyperbolic.Acosh(), 1.5, 4),
        unary(new Hyperbolic.Atanh(), -0.8, 0.8),
        unary(new Special.Erf(), -2, 2),
        unary(new Special.Erfc(), -1, 3),
        unary(new Special.ErfInv(), -0.8, 0.8),
        unary(new Drawing.XlaExp(), -2, 2),
        unary(new Drawing.XlaLog(), 0.5, 4),
        unary(new Drawing.XlaLog1p(), -0.4, 2),
        unary(new Drawing.XlaTan(), -1, 1),
        unary(new Drawing.XlaErf(), -2, 2),
        unary(new Drawing.XlaErfInv(), -0.8, 0.8),
        unary(new Special.Lgamma(), 0.6, 5),
        unary(new Special.Lgamma(), -1.8, -1.2),
        unary(new Special.Digamma(), 0.6, 5),
        unary(new Special.Digamma(), -1.8, -1.2),
        unary(new Rounding.Floor(), 0.1, 0.9),
        unary(new Rounding.Ceil(), 0.1, 0.9),
        unary(new Rounding.Round(), 0.6, 1.4),
        unary(new Rounding.Trunc(), 0.1, 0.9),
        classified(new Classification.IsNan()),
        classified(new Classification.IsInf()),
        classified(new Classification.IsFinite()),
        sample(new Unary.Not(), "bool[2, 3, 4]", Values.of(BOOL, 0, 1, SHAPE)),
        sample(new Unary.Not(), "i32[2, 3, 4]", Values.of(I32, -9, 9, SHAPE)),
        unary(new Unary.StopGradient(), -2, 2),
        unary(new Unary.Named("x"), -2, 2, 0));
  }

  private static List<Sample> binary() {
    List<Sample> samples = new ArrayList<>();
    samples.add(
        binary(new BinaryArithmetic.Add(), -2, 2, new int[] {0}, new int[] {1}, new int[] {0, 1}));
    samples.add(
        binary(new BinaryArithmetic.Sub(), -2, 2, new int[] {0}, new int[] {1}, new int[] {0, 1}));
    samples.add(binary(new BinaryArithmetic.Mul(), -2, 2, new int[] {0}, new int[] {1}));
    samples.add(binary(new BinaryArithmetic.Div(), 0.5, 2, new int[] {0}));
    samples.add(
        sample(
            new BinaryArithmetic.Rem(),
            "f64[2, 3, 4]",
            Values.f64(3.1, 3.9, SHAPE),
            Values.f64(1.1, 1.4, SHAPE)));
    samples.add(binary(new BinaryArithmetic.Pow(), 0.5, 3));
    for (BinaryArithmetic op :
        List.of(new BinaryArithmetic.Maximum(), new BinaryArithmetic.Minimum())) {
      samples.add(sample(op, "f64[2, 3, 4]", Values.f64(0, 1, SHAPE), Values.f64(1.1, 2, SHAPE)));
      samples.add(sample(op, "f64[2, 3, 4]", Values.f64(1.1, 2, SHAPE), Values.f64(0, 1, SHAPE)));
    }
    samples.add(binary(new BinaryFloating.Atan2(), 0.5, 2));
    samples.add(binary(new BinaryFloating.Hypot(), 0.5, 2));
    samples.add(binary(new BinaryFloating.XlaPow(), 0.5, 3));
    for (Bitwise op : List.of(new Bitwise.And(), new Bitwise.Or(), new Bitwise.Xor())) {
      samples.add(alike(op, "i64[2, 3, 4]", Values.of(I64, -9, 9, SHAPE)));
      samples.add(alike(op, "bool[2, 3, 4]", Values.of(BOOL, 0, 1, SHAPE)));
    }
    for (Bitwise op :
        List.of(
            new Bitwise.ShiftLeft(), new Bitwise.ShiftRight(), new Bitwise.ShiftRightLogical())) {
      samples.add(
          sample(
              op,
              "i32[2, 3, 4]",
              Values.of(I32, -1000, 1000, SHAPE),
              Values.of(I32, 0, 40, SHAPE)));
    }
    for (Comparison op :
        List.of(
            new Comparison.Eq(),
            new Comparison.Ne(),
            new Comparison.Lt(),
            new Comparison.Le(),
            new Comparison.Gt(),
            new Comparison.Ge())) {
      samples.add(alike(op, "bool[2, 3, 4]", Values.of(I32, 0, 3, SHAPE)));
      samples.add(alike(op, "bool[2, 3, 4]", Values.f64(0, 1, SHAPE)));
    }
    return samples;
  }

  private static List<Sample> other() {
    return List.of(
        new Sample(
            new Where(),
            List.of(
                Values.of(BOOL, 0, 1, SHAPE), Values.f64(-1, 1, SHAPE), Values.f64(-1, 1, SHAPE)),
            "f64[2, 3, 4]",
            List.of(List.of(1), List.of(2), List.of(1, 2))),
        sample(
            new MultiplyAdd(),
            "f64[2, 3, 4]",
            Values.f64(-1, 1, SHAPE),
            Values.f64(-1, 1, SHAPE),
            Values.f64(-1, 1, SHAPE)),
        unary(new Cast(F64), -2, 2, 0),
        sample(new Cast(I32), "i32[2, 3, 4]", Values.f64(1.1, 1.9, SHAPE)),
        sample(new Cast(BOOL), "bool[2, 3, 4]", Values.of(I64, 0, 3, SHAPE)),
        sample(new Cast(F32), "f32[2, 3, 4]", Values.of(I32, -9, 9, SHAPE)));
  }

  private static List<Sample> reductions() {
    List<Sample> samples = new ArrayList<>();
    for (List<Integer> axes :
        List.<List<Integer>>of(List.of(), List.of(1), List.of(0, 2), List.of(0, 1, 2))) {
      String shape =
          switch (axes.size()) {
            case 0 -> "[2, 3, 4]";
            case 1 -> "[2, 4]";
            case 2 -> "[3]";
            default -> "[]";
          };
      samples.add(
          new Sample(
              new Reduction.Sum(axes),
              List.of(Values.f64(-1, 1, SHAPE)),
              "f64" + shape,
              List.of(List.of(0))));
      samples.add(sample(new Reduction.Prod(axes), "f64" + shape, Values.f64(0.5, 1.5, SHAPE)));
      samples.add(sample(new Reduction.Max(axes), "f64" + shape, Values.f64(-1, 1, SHAPE)));
      samples.add(sample(new Reduction.Min(axes), "f64" + shape, Values.f64(-1, 1, SHAPE)));
      samples.add(sample(new Reduction.Max(axes), "bool" + shape, Values.of(BOOL, 0, 1, SHAPE)));
    }
    return samples;
  }

  private static List<Sample> structural() {
    return List.of(
        moved(new BroadcastInDim(Shape.of(5, 2, 3, 4), List.of(1, 2, 3)), "f64[5, 2, 3, 4]", SHAPE),
        moved(new BroadcastInDim(Shape.of(2, 3, 4), List.of(0, 2)), "f64[2, 3, 4]", 2, 1),
        moved(new BroadcastInDim(Shape.of(2, 3), List.of()), "f64[2, 3]"),
        moved(new BroadcastInDim(Shape.of(2, 1, 3), List.of(0, 2)), "f64[2, 1, 3]", 1, 3),
        moved(new Reshape(Shape.of(4, 6)), "f64[4, 6]", SHAPE),
        moved(new Reshape(Shape.of()), "f64[]", 1, 1),
        moved(new Transpose(List.of(2, 0, 1)), "f64[4, 2, 3]", SHAPE),
        moved(
            new Slice(List.of(0L, 1L, 0L), List.of(2L, 3L, 4L), List.of(1L, 1L, 3L)),
            "f64[2, 2, 2]",
            SHAPE),
        moved(
            new Slice(List.of(1L, 1L, 0L), List.of(1L, 3L, 3L), List.of(1L, 2L, 2L)),
            "f64[0, 1, 2]",
            SHAPE),
        moved(
            new Pad(List.of(0L, 1L, 2L), List.of(2L, 0L, 1L), List.of(0L, 2L, 1L)),
            "f64[4, 8, 10]",
            SHAPE),
        moved(new Reverse(List.of(0, 2)), "f64[2, 3, 4]", SHAPE),
        new Sample(
            new Concatenate(1),
            List.of(
                Values.f64(-1, 1, 2, 3, 4), Values.f64(-1, 1, 2, 1, 4), Values.f64(-1, 1, 2, 0, 4)),
            "f64[2, 4, 4]",
            List.of(List.of(0), List.of(1), List.of(0, 2), List.of(0, 1, 2))),
        sample(new Iota(TensorType.of(F64, SHAPE), 1), "f64[2, 3, 4]"),
        sample(new Iota(TensorType.of(I32, SHAPE), 2), "i32[2, 3, 4]"),
        sample(new Full(TensorType.of(F32, SHAPE), 2.5), "f32[2, 3, 4]"),
        sample(new Full(TensorType.of(BOOL), 1L), "bool[]"));
  }

  private static List<Sample> embeddings() {
    AffineMap above = AffineMap.of(new long[] {0, 1}, new long[][] {{1}, {1}});
    AffineMap backwards = AffineMap.of(new long[] {3, 0}, new long[][] {{-1}, {1}});
    AffineMap digits = AffineMap.of(new long[] {0, 0, 1}, new long[][] {{3, 1}, {1, 0}, {0, 2}});
    return List.of(
        moved(new Embed(Shape.of(3, 4), AffineMap.diagonal()), "f64[3, 4]", 3),
        moved(new Embed(Shape.of(4, 3), backwards), "f64[4, 3]", 3),
        moved(new Embed(Shape.of(6, 2, 6), digits), "f64[6, 2, 6]", 2, 3),
        moved(
            new Embed(Shape.of(2, 3), AffineMap.of(new long[] {1, 2}, new long[2][0])),
            "f64[2, 3]"),
        moved(new Embed(Shape.of(), AffineMap.identity(0)), "f64[]"),
        moved(new Embed(Shape.of(0, 0), AffineMap.diagonal()), "f64[0, 0]", 0),
        new Sample(
            new Embed(Shape.of(3, 3), List.of(AffineMap.diagonal(), above)),
            List.of(Values.f64(-1, 1, 3), Values.f64(-1, 1, 2)),
            "f64[3, 3]",
            List.of(List.of(0), List.of(1), List.of(0, 1))),
        moved(new Diagonal(Shape.of(2), AffineMap.diagonal()), "f64[2]", 2, 3),
        moved(new Diagonal(Shape.of(3), backwards), "f64[3]", 4, 3),
        moved(new Diagonal(Shape.of(2, 3), digits), "f64[2, 3]", 6, 2, 6),
        moved(new Diagonal(Shape.of(0), AffineMap.diagonal()), "f64[0]", 0, 2));
  }

  private static List<Sample> contractions() {
    return List.of(
        product(
            new int[] {1}, new int[] {0}, new int[] {}, new int[] {}, "f64[2, 4]", "2,3", "3,4"),
        product(new int[] {0}, new int[] {0}, new int[] {}, new int[] {}, "f64[]", "5", "5"),
        product(new int[] {}, new int[] {}, new int[] {}, new int[] {}, "f64[2, 3]", "2", "3"),
        product(new int[] {1}, new int[] {0}, new int[] {}, new int[] {}, "f64[2]", "2,3", "3"),
        product(
            new int[] {2},
            new int[] {1},
            new int[] {0},
            new int[] {0},
            "f64[2, 3, 5]",
            "2,3,4",
            "2,4,5"),
        product(
            new int[] {0, 2},
            new int[] {2, 1},
            new int[] {},
            new int[] {},
            "f64[3, 5]",
            "2,3,4",
            "5,4,2"),
        product(
            new int[] {3, 0},
            new int[] {1, 3},
            new int[] {2},
            new int[] {0},
            "f64[4, 3, 2]",
            "2,3,4,5",
            "4,5,2,2"));
  }

  private static List<Sample> placed() {
    List<Sample> samples = new ArrayList<>();
    for (Indexing.Bounds bounds : Indexing.Bounds.values()) {
      double low = bounds == Indexing.Bounds.NAN ? 0 : -1;
      samples.add(
          new Sample(
              new Indexing.Gather(0, 1, bounds),
              List.of(Values.f64(-1, 1, 3, 4), Values.of(I32, low, 3 - low, 2, 5)),
              "f64[2, 5, 4]",
              List.of(List.of(0))));
      samples.add(
          new Sample(
              new Indexing.Gather(1, 2, bounds),
              List.of(
                  Values.f64(-1, 1, 2, 3, 4, 5),
                  Values.of(I64, low, 3 - low, 2, 6),
                  Values.of(I64, low, 4 - low, 2, 6)),
              "f64[2, 6, 5]",
              List.of(List.of(0))));
      for (Scatter.Mode mode : Scatter.Mode.values()) {
        boolean linear = mode == Scatter.Mode.SET || mode == Scatter.Mode.ADD;
        List<List<Integer>> sets =
            linear ? List.of(List.of(0), List.of(2), List.of(0, 2)) : List.of();
        samples.add(
            new Sample(
                new Scatter(1, 1, bounds, mode),
                List.of(
                    Values.f64(0.5, 1.5, 2, 3, 4),
                    Values.of(I32, low, 3 - low, 2, 5),
                    Values.f64(0.5, 1.5, 2, 5, 4)),
                "f64[2, 3, 4]",
                sets));
      }
    }
    for (RandomBits.Counters counters : RandomBits.Counters.values()) {
      for (DType dtype : new DType[] {I32, I64}) {
        samples.add(
            sample(
                new RandomBits.Threefry(Shape.of(3, 5), dtype, counters),
                dtype == I32 ? "i32[2, 3, 5]" : "i64[2, 3, 5]",
                Values.of(I32, -2e9, 2e9, 2, 2),
                // The low word of the counter wraps in between.
                Values.of(I64, 0xfffffff8L, 0x100000008L, 2)));
      }
    }
    for (boolean flag : new boolean[] {false, true}) {
      samples.add(
          sample(
              new Ordering.Sort(flag), "f64[2, 3, 4] and i32[2, 3, 4]", Values.f64(-1, 1, SHAPE)));
      samples.add(
          sample(
              new Ordering.Sort(flag),
              "i32[2, 3, 4] and i32[2, 3, 4]",
              Values.of(I32, 0, 3, SHAPE)));
      samples.add(
          new Sample(
              new Cumulative.CumSum(flag),
              List.of(Values.f64(-1, 1, SHAPE)),
              "f64[2, 3, 4]",
              List.of(List.of(0))));
      samples.add(sample(new Cumulative.CumProd(flag), "f64[2, 3, 4]", Values.f64(-1, 1, SHAPE)));
      samples.add(sample(new Cumulative.CumMax(flag), "f64[2, 3, 4]", Values.f64(-1, 1, SHAPE)));
      samples.add(sample(new Cumulative.CumMin(flag), "f64[2, 3, 4]", Values.f64(-1, 1, SHAPE)));
      samples.add(
          sample(new Cumulative.CumLogSumExp(flag), "f64[2, 3, 4]", Values.f64(-1, 1, SHAPE)));
    }
    return samples;
  }

  private static Sample product(
      int[] leftContract,
      int[] rightContract,
      int[] leftBatch,
      int[] rightBatch,
      String expected,
      String left,
      String right) {
    return new Sample(
        new DotGeneral(list(leftContract), list(rightContract), list(leftBatch), list(rightBatch)),
        List.of(Values.f64(-1, 1, extents(left)), Values.f64(-1, 1, extents(right))),
        expected,
        List.of(List.of(0), List.of(1)));
  }

  private static List<Integer> list(int... values) {
    return Arrays.stream(values).boxed().toList();
  }

  private static long[] extents(String text) {
    return Stream.of(text.split(",")).mapToLong(Long::parseLong).toArray();
  }

  private static Sample unary(Primitive op, double low, double high, int... linearIn) {
    return new Sample(
        op,
        List.of(Values.f64(low, high, SHAPE)),
        "f64[2, 3, 4]",
        linearIn.length == 0 ? List.of() : List.of(list(linearIn)));
  }

  private static Sample classified(Classification op) {
    return sample(op, "bool[2, 3, 4]", Values.f64(0, 1, SHAPE));
  }

  private static Sample binary(Binary op, double low, double high, int[]... linearIn) {
    Values values = Values.f64(low, high, SHAPE);
    List<List<Integer>> sets = Stream.of(linearIn).map(Samples::list).toList();
    return new Sample(op, List.of(values, values), "f64[2, 3, 4]", sets);
  }

  private static Sample alike(Primitive op, String expected, Values values) {
    return sample(op, expected, values, values);
  }

  private static Sample moved(Structural op, String expected, long... extents) {
    return new Sample(op, List.of(Values.f64(-1, 1, extents)), expected, List.of(List.of(0)));
  }

  private static Sample sample(Primitive op, String expected, Values... operands) {
    return new Sample(op, List.of(operands), expected, List.of());
  }
}
