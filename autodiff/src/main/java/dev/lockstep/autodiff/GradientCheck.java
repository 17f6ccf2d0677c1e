package dev.lockstep.autodiff;

import dev.lockstep.Cotangents;
import dev.lockstep.error.DTypeException;
import dev.lockstep.error.LockstepException;
import dev.lockstep.tensor.DType;
import dev.lockstep.tensor.Tensor;
import dev.lockstep.tensor.TensorType;
import dev.lockstep.tensor.Tree;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.Set;

/** Compares derivatives with central differences, and reverse mode with forward mode. */
public final class GradientCheck {
  private static final int DIRECTIONS = 3;

  private GradientCheck() {}

  /**
   * @throws LockstepException if the derivatives differ
   */
  public static void check(Variadic function, Object... arguments) {
    Call call = Call.of("checkGrads", arguments);
    call.floatingLeaves();
    LinearMap map = LinearMap.at("checkGrads", function, arguments);
    map.traced().requireFloatingOutputs();
    Precision precision = Precision.of(call, map);
    compareValues(map, Tree.flatten(function.apply(arguments)).leaves(), precision.value);
    if (precision == Precision.BF16) {
      requireWide(function, call);
    }
    Random random = new Random(0);
    for (int i = 0; i < DIRECTIONS; i++) {
      List<Tensor> direction = random(call.types(), random);
      List<Tensor> above = moved(function, call, direction, precision.step);
      List<Tensor> below = moved(function, call, direction, -precision.step);
      List<Tensor> pushed = Tree.flatten(map.apply(call.rebuild(direction))).leaves();
      for (int leaf = 0; leaf < pushed.size(); leaf++) {
        Tensor difference = above.get(leaf).sub(below.get(leaf)).mul(0.5 / precision.step);
        compare(map, leaf, doubles(pushed.get(leaf)), doubles(difference), precision.derivative);
      }
      compareModes(map, call, direction, pushed, random, precision.modes);
    }
  }

  /** Steps and tolerances for the coarsest dtype in play. */
  private enum Precision {
    F64(1e-5, 1e-9, 1e-6, 1e-9),
    F32(1e-2, 1e-4, 2e-2, 1e-3),
    /** The differences are those of f32. */
    BF16(1e-2, 1e-2, 4e-2, 4e-2);

    final double step;
    final double value;
    final double derivative;
    final double modes;

    Precision(double step, double value, double derivative, double modes) {
      this.step = step;
      this.value = value;
      this.derivative = derivative;
      this.modes = modes;
    }

    static Precision of(Call call, LinearMap map) {
      Set<DType> dtypes = EnumSet.noneOf(DType.class);
      call.types().forEach(type -> dtypes.add(type.dtype()));
      map.traced().program().outputs().forEach(output -> dtypes.add(output.type().dtype()));
      return dtypes.contains(DType.BF16) ? BF16 : dtypes.contains(DType.F32) ? F32 : F64;
    }
  }

  /**
   * Differences of a function whose values are rounded to bf16 are mostly those of its rounding.
   */
  private static void requireWide(Variadic function, Call call) {
    List<Tensor> leaves = call.leaves().stream().map(GradientCheck::wide).toList();
    for (Tensor value : Tree.flatten(function.apply(call.rebuild(leaves))).leaves()) {
      if (value.dtype() == DType.BF16) {
        throw new DTypeException(
            Call.located(
                "checkGrads: the function casts to bf16, whose rounding hides the differences of"
                    + " its values; check it without that cast"));
      }
    }
  }

  /** Returns bf16 as f32. */
  private static Tensor wide(Tensor x) {
    return x.dtype() == DType.BF16 ? x.cast(DType.F32) : x;
  }

  private static List<Tensor> random(List<TensorType> types, Random random) {
    List<Tensor> tensors = new ArrayList<>();
    for (TensorType type : types) {
      double[] values = new double[Math.toIntExact(type.shape().size())];
      for (int i = 0; i < values.length; i++) {
        values[i] = random.nextGaussian();
      }
      tensors.add(Tensor.of(values, type.shape()).cast(type.dtype()));
    }
    return tensors;
  }

  private static List<Tensor> moved(
      Variadic function, Call call, List<Tensor> direction, double step) {
    List<Tensor> point = new ArrayList<>();
    for (int i = 0; i < direction.size(); i++) {
      point.add(wide(call.leaves().get(i)).add(wide(direction.get(i)).mul(step)));
    }
    return Tree.flatten(function.apply(call.rebuild(point))).leaves();
  }

  private static double[] doubles(Tensor x) {
    return x.cast(DType.F64).toDoubleArray();
  }

  /** A custom rule may give another value than the function that it is a rule of. */
  private static void compareValues(LinearMap map, List<Tensor> plain, double tolerance) {
    Object value = map.value();
    List<Tensor> differentiated = Tree.flatten(value).leaves();
    for (int leaf = 0; leaf < plain.size(); leaf++) {
      double[] got = doubles(differentiated.get(leaf));
      double[] expected = doubles(plain.get(leaf));
      int worst = worst(got, expected, tolerance);
      if (worst >= 0) {
        throw new LockstepException(
            Call.located(
                "checkGrads: the value under differentiation differs from the plain value of %s"
                    + " most at its element %d: it is %s, the plain one %s",
                map.traced().describe(leaf), worst, got[worst], expected[worst]));
      }
    }
  }

  private static void compare(
      LinearMap map, int leaf, double[] got, double[] expected, double tolerance) {
    int worst = worst(got, expected, tolerance);
    if (worst >= 0) {
      throw new LockstepException(
          Call.located(
              "checkGrads: the derivative of %s differs from central differences most by %s: at its"
                  + " element %d it is %s, the difference quotient %s",
              map.traced().describe(leaf),
              Math.abs(got[worst] - expected[worst]),
              worst,
              got[worst],
              expected[worst]));
    }
  }

  /** Returns the element that differs most, more than the tolerance allows, or -1. */
  private static int worst(double[] got, double[] expected, double tolerance) {
    int worst = -1;
    double largest = 0;
    for (int i = 0; i < got.length; i++) {
      double difference = Math.abs(got[i] - expected[i]);
      double scale = Math.max(1, Math.max(Math.abs(got[i]), Math.abs(expected[i])));
      boolean fits = difference <= tolerance * scale || got[i] == expected[i];
      if (!fits && (worst < 0 || !(difference <= largest))) {
        worst = i;
        largest = difference;
      }
    }
    return worst;
  }

  /** Compares ⟨ct, J v⟩ with ⟨Jᵀ ct, v⟩. */
  private static void compareModes(
      LinearMap map,
      Call call,
      List<Tensor> direction,
      List<Tensor> pushed,
      Random random,
      double tolerance) {
    List<Tensor> cotangents = random(Programs.types(map.traced().program().outputs()), random);
    Object pulled = map.pullBack(map.traced().rebuild(cotangents));
    Object[] parts =
        call.structure().children().size() == 1
            ? new Object[] {pulled}
            : Arity.parts((Cotangents) pulled);
    List<Tensor> gradients = Tree.flattenArguments("checkGrads", parts).leaves();
    double forward = dot(cotangents, pushed);
    double reverse = dot(gradients, direction);
    double scale = Math.max(1, Math.max(Math.abs(forward), Math.abs(reverse)));
    if (!(Math.abs(forward - reverse) <= tolerance * scale)) {
      throw new LockstepException(
          Call.located(
              "checkGrads: reverse mode differs from forward mode by %s: in a random direction %s"
                  + " and %s",
              Math.abs(forward - reverse), reverse, forward));
    }
  }

  private static double dot(List<Tensor> a, List<Tensor> b) {
    double sum = 0;
    for (int i = 0; i < a.size(); i++) {
      double[] x = doubles(a.get(i));
      double[] y = doubles(b.get(i));
      for (int j = 0; j < x.length; j++) {
        sum += x[j] * y[j];
      }
    }
    return sum;
  }
}
