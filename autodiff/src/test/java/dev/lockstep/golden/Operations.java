package dev.lockstep.golden;

import static dev.lockstep.Control.cond;
import static dev.lockstep.Control.foriLoop;
import static dev.lockstep.Control.scan;
import static dev.lockstep.Control.whileLoop;

import dev.lockstep.ScanOptions;
import dev.lockstep.Scanned;
import dev.lockstep.Step;
import dev.lockstep.tensor.PadMode;
import dev.lockstep.tensor.Tensor;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.BinaryOperator;
import java.util.function.UnaryOperator;
import java.util.stream.LongStream;

/**
 * Which method of {@link Tensor} each op of the golden files is. An op that is not a method of its
 * own has no line here: composing it would test this file.
 */
final class Operations {
  /** Applies an op to its operands. */
  @FunctionalInterface
  interface Operation {
    Tensor apply(List<Tensor> operands, Attributes attributes);
  }

  /** A reduction over axes, all if none is given. */
  @FunctionalInterface
  private interface Reduce {
    Tensor apply(Tensor x, int... axes);
  }

  /** A reduction in which the number of elements is reduced by {@code ddof}. */
  @FunctionalInterface
  private interface ReduceDdof {
    Tensor apply(Tensor x, long ddof, int... axes);
  }

  /** An op along one axis. */
  @FunctionalInterface
  private interface AlongAxis {
    Tensor apply(Tensor x, int axis);
  }

  /** By the name in golden files. */
  static final Map<String, Operation> TABLE = new HashMap<>();

  private Operations() {}

  static {
    unary("negative", Tensor::neg);
    unary("abs", Tensor::abs);
    unary("sign", Tensor::sign);
    unary("square", Tensor::square);
    unary("sqrt", Tensor::sqrt);
    unary("rsqrt", Tensor::rsqrt);
    unary("cbrt", Tensor::cbrt);
    unary("reciprocal", Tensor::reciprocal);
    unary("exp", Tensor::exp);
    unary("exp2", Tensor::exp2);
    unary("expm1", Tensor::expm1);
    unary("log", Tensor::log);
    unary("log2", Tensor::log2);
    unary("log10", Tensor::log10);
    unary("log1p", Tensor::log1p);
    unary("sin", Tensor::sin);
    unary("cos", Tensor::cos);
    unary("tan", Tensor::tan);
    unary("arcsin", Tensor::asin);
    unary("arccos", Tensor::acos);
    unary("arctan", Tensor::atan);
    unary("sinh", Tensor::sinh);
    unary("cosh", Tensor::cosh);
    unary("tanh", Tensor::tanh);
    unary("arcsinh", Tensor::asinh);
    unary("arccosh", Tensor::acosh);
    unary("arctanh", Tensor::atanh);
    unary("erf", Tensor::erf);
    unary("erfc", Tensor::erfc);
    unary("lgamma", Tensor::lgamma);
    unary("sigmoid", Tensor::sigmoid);
    unary("relu", Tensor::relu);
    unary("silu", Tensor::silu);
    unary("softplus", Tensor::softplus);
    unary("erfinv", Tensor::erfInv);
    unary("digamma", Tensor::digamma);
    unary("floor", Tensor::floor);
    unary("ceil", Tensor::ceil);
    unary("round", Tensor::round);
    unary("trunc", Tensor::trunc);
    unary("isnan", Tensor::isNan);
    unary("isinf", Tensor::isInf);
    unary("isfinite", Tensor::isFinite);
    unary("nan_to_num", Tensor::nanToNum);
    unary("bitwise_not", Tensor::not);
    unary("logical_not", x -> x.equal(0));
    unary("stop_gradient", Tensor::stopGradient);

    binary("add", Tensor::add);
    binary("subtract", Tensor::sub);
    binary("multiply", Tensor::mul);
    binary("divide", Tensor::div);
    binary("floor_divide", Tensor::floorDiv);
    binary("remainder", Tensor::floorMod);
    binary("logaddexp", Tensor::logAddExp);
    binary("power", Tensor::pow);
    binary("maximum", Tensor::maximum);
    binary("minimum", Tensor::minimum);
    binary("arctan2", Tensor::atan2);
    binary("equal", Tensor::equal);
    binary("not_equal", Tensor::notEqual);
    binary("less", Tensor::less);
    binary("less_equal", Tensor::lessEqual);
    binary("greater", Tensor::greater);
    binary("greater_equal", Tensor::greaterEqual);
    binary("hypot", Tensor::hypot);
    binary("rem", Tensor::rem);
    binary("fmod", Tensor::rem);
    binary("bitwise_and", Tensor::and);
    binary("bitwise_or", Tensor::or);
    binary("bitwise_xor", Tensor::xor);
    binary("logical_and", (x, y) -> x.notEqual(0).and(y.notEqual(0)));
    binary("logical_or", (x, y) -> x.notEqual(0).or(y.notEqual(0)));
    binary("logical_xor", (x, y) -> x.notEqual(0).xor(y.notEqual(0)));
    binary("left_shift", Tensor::shiftLeft);
    binary("right_shift", Tensor::shiftRight);
    binary("inner", Tensor::inner);
    binary("vdot", Tensor::vdot);
    binary("kron", Tensor::kron);
    binary("dot", Tensor::dot);
    binary("matmul", Tensor::matmul);
    binary("outer", Tensor::outer);

    reduction("sum", Tensor::sum, Tensor::sumKeepDims);
    reduction("prod", Tensor::prod, Tensor::prodKeepDims);
    reduction("mean", Tensor::mean, Tensor::meanKeepDims);
    reduction("any", Tensor::any, Tensor::anyKeepDims);
    reduction("all", Tensor::all, Tensor::allKeepDims);
    reduction("norm", Tensor::norm, Tensor::normKeepDims);
    reduction("median", Tensor::median, Tensor::medianKeepDims);
    spread("var", Tensor::var, Tensor::varKeepDims, Tensor::varDdof, Tensor::varDdofKeepDims);
    spread("std", Tensor::std, Tensor::stdKeepDims, Tensor::stdDdof, Tensor::stdDdofKeepDims);
    reduction("logsumexp", Tensor::logSumExp, Tensor::logSumExpKeepDims);
    reduction("max", Tensor::max, Tensor::maxKeepDims);
    reduction("min", Tensor::min, Tensor::minKeepDims);

    TABLE.put("where", (x, _) -> Tensor.where(x.get(0), x.get(1), x.get(2)));
    TABLE.put("clip", Operations::clipped);
    TABLE.put("cast", (x, a) -> x.get(0).cast(a.dtype("dtype")));
    TABLE.put("gelu", (x, a) -> a.flag("approximate") ? x.get(0).geluTanh() : x.get(0).gelu());
    TABLE.put("elu", (x, a) -> x.get(0).elu(a.real("alpha", 1)));
    TABLE.put("leaky_relu", (x, a) -> x.get(0).leakyRelu(a.real("negative_slope", 0.01)));
    TABLE.put("tensordot", Operations::tensordot);
    TABLE.put("einsum", (x, a) -> Tensor.einsum(a.text("spec"), x.toArray(Tensor[]::new)));
    alongAxis("softmax", Tensor::softmax);
    alongAxis("log_softmax", Tensor::logSoftmax);
    shapes();
    indexing();
    order();
    control();
    LinearAlgebraOperations.addTo(TABLE);
  }

  private static void shapes() {
    TABLE.put("reshape", (x, a) -> x.get(0).reshape(a.longs("shape")));
    TABLE.put(
        "transpose",
        (x, a) -> a.has("perm") ? x.get(0).transpose(a.integers("perm")) : x.get(0).transpose());
    TABLE.put("swapaxes", (x, a) -> x.get(0).swapAxes(a.integer("axis1"), a.integer("axis2")));
    TABLE.put(
        "moveaxis", (x, a) -> x.get(0).moveAxis(a.integers("source"), a.integers("destination")));
    TABLE.put("squeeze", (x, a) -> x.get(0).squeeze(a.axes()));
    TABLE.put("expand_dims", (x, a) -> x.get(0).expandDims(a.axes()));
    TABLE.put("broadcast_to", (x, a) -> x.get(0).broadcastTo(a.longs("shape")));
    TABLE.put("flip", (x, a) -> x.get(0).flip(a.axes()));
    TABLE.put("rot90", (x, a) -> x.get(0).rot90(a.integer("k", 1)));
    TABLE.put("tile", (x, a) -> x.get(0).tile(a.longs("reps")));
    TABLE.put(
        "repeat",
        (x, a) ->
            a.get("repeats").isArray()
                ? x.get(0).repeat(a.longs("repeats"), a.integer("axis"))
                : x.get(0).repeat(a.integer("repeats"), a.integer("axis")));
    TABLE.put(
        "slice",
        (x, a) ->
            a.has("stride")
                ? x.get(0).slice(a.longs("start"), a.longs("limit"), a.longs("stride"))
                : x.get(0).slice(a.longs("start"), a.longs("limit")));
    TABLE.put("pad", Operations::padded);
    TABLE.put("roll", Operations::rolled);
    TABLE.put("tril", (x, a) -> x.get(0).tril(a.integer("k", 0)));
    TABLE.put("triu", (x, a) -> x.get(0).triu(a.integer("k", 0)));
    TABLE.put("diag", (x, a) -> x.get(0).diag(a.integer("k", 0)));
    TABLE.put(
        "diagonal",
        (x, a) ->
            x.get(0)
                .diagonal(a.integer("offset", 0), a.integer("axis1", 0), a.integer("axis2", 1)));
    TABLE.put(
        "trace",
        (x, a) ->
            x.get(0).trace(a.integer("offset", 0), a.integer("axis1", 0), a.integer("axis2", 1)));
    TABLE.put(
        "concatenate",
        (x, a) -> Tensor.concatenate(a.integer("axis", 0), x.toArray(Tensor[]::new)));
    TABLE.put("stack", (x, a) -> Tensor.stack(a.integer("axis", 0), x.toArray(Tensor[]::new)));
  }

  private static void indexing() {
    TABLE.put("index", (x, a) -> x.get(0).get(a.integer("i")));
    TABLE.put("take", (x, a) -> orFlat(x.get(0), a).take(x.get(1), a.integer("axis", 0)));
    TABLE.put("take_along_axis", (x, a) -> x.get(0).takeAlongAxis(x.get(1), a.integer("axis")));
    TABLE.put(
        "dynamic_slice", (x, a) -> x.get(0).dynamicSliceAlong(x.get(1), a.integer("size"), 0));
    TABLE.put("scatter_add", (x, a) -> x.get(0).scatterAdd(x.get(1), x.get(2)));
    TABLE.put("segment_sum", (x, a) -> x.get(0).segmentSum(x.get(1), a.integer("n")));
    TABLE.put("segment_prod", (x, a) -> x.get(0).segmentProd(x.get(1), a.integer("n")));
    TABLE.put("segment_max", (x, a) -> x.get(0).segmentMax(x.get(1), a.integer("n")));
    TABLE.put("segment_min", (x, a) -> x.get(0).segmentMin(x.get(1), a.integer("n")));
    TABLE.put(
        "one_hot",
        (x, a) -> x.get(0).oneHot(a.integer("n"), a.dtype("dtype"), a.integer("axis", -1)));
  }

  private static void order() {
    either("sort", "descending", Tensor::sort, Tensor::sortDescending);
    either("argsort", "descending", Tensor::argSort, Tensor::argSortDescending);
    either("cummax", "reverse", Tensor::cumMax, Tensor::cumMaxReverse);
    either("cummin", "reverse", Tensor::cumMin, Tensor::cumMinReverse);
    either("cumlogsumexp", "reverse", Tensor::cumLogSumExp, Tensor::cumLogSumExpReverse);
    TABLE.put("cumsum", (x, a) -> orFlat(x.get(0), a).cumSum(a.integer("axis", 0)));
    TABLE.put("cumprod", (x, a) -> orFlat(x.get(0), a).cumProd(a.integer("axis", 0)));
    extremum("argmax", Tensor::argMax, Tensor::argMax, Tensor::argMaxKeepDims);
    extremum("argmin", Tensor::argMin, Tensor::argMin, Tensor::argMinKeepDims);
    TABLE.put("quantile", Operations::quantile);
    TABLE.put(
        "searchsorted",
        (x, a) ->
            a.has("side") && a.text("side").equals("right")
                ? x.get(0).searchSortedRight(x.get(1))
                : x.get(0).searchSorted(x.get(1)));
  }

  private static void control() {
    TABLE.put(
        "cond",
        (x, a) -> cond(x.get(0), v -> a.apply("then", v), v -> a.apply("else", v), x.get(1)));
    TABLE.put(
        "while", (x, a) -> whileLoop(v -> a.apply("cond", v), v -> a.apply("body", v), x.get(0)));
    TABLE.put(
        "fori", (x, a) -> foriLoop(a.integer("n"), (i, v) -> a.apply("body", i, v), x.get(0)));
    TABLE.put("scan", Operations::scanned);
  }

  private static Tensor clipped(List<Tensor> x, Attributes a) {
    if (!x.get(0).dtype().isFloating()) {
      return x.get(0).clip((long) a.integer("min"), (long) a.integer("max"));
    }
    if (a.has("min") && a.has("max")) {
      return x.get(0).clip(a.real("min"), a.real("max"));
    }
    return a.has("min") ? x.get(0).maximum(a.real("min")) : x.get(0).minimum(a.real("max"));
  }

  private static Tensor tensordot(List<Tensor> x, Attributes a) {
    return a.get("axes").isArray()
        ? x.get(0).tensordot(x.get(1), a.integersOf("axes", 0), a.integersOf("axes", 1))
        : x.get(0).tensordot(x.get(1), a.integer("axes"));
  }

  private static Tensor padded(List<Tensor> x, Attributes a) {
    long[] low = a.column("widths", 0);
    long[] high = a.column("widths", 1);
    return a.has("mode")
        ? x.get(0).pad(low, high, PadMode.valueOf(a.text("mode").toUpperCase(Locale.ROOT)))
        : x.get(0).dtype().isFloating()
            ? x.get(0).pad(low, high, a.real("value"))
            : x.get(0).pad(low, high, (long) a.integer("value"));
  }

  private static Tensor rolled(List<Tensor> x, Attributes a) {
    Tensor tensor = x.getFirst();
    if (!a.has("axis")) {
      return tensor.flatten().roll(a.integer("shift"), 0).reshape(tensor.shape().extents());
    }
    return a.get("axis").isArray()
        ? tensor.roll(a.longs("shift"), a.integers("axis"))
        : tensor.roll(a.integer("shift"), a.integer("axis"));
  }

  private static Tensor quantile(List<Tensor> x, Attributes a) {
    if (x.size() == 1) {
      return a.flag("keepdims")
          ? x.get(0).quantileKeepDims(a.real("q"), a.axes())
          : x.get(0).quantile(a.real("q"), a.axes());
    }
    return a.flag("keepdims")
        ? x.get(0).quantileKeepDims(x.get(1), a.axes())
        : x.get(0).quantile(x.get(1), a.axes());
  }

  /** An op along axis null is one along the only axis of the flattened operand. */
  private static Tensor orFlat(Tensor x, Attributes a) {
    return a.has("axis") ? x : x.flatten();
  }

  private static Tensor scanned(List<Tensor> x, Attributes a) {
    Scanned<Tensor, Tensor> result =
        scan(
            (c, t) -> new Step<>(a.apply("carry", c, t), a.apply("y", c, t)),
            x.get(0),
            x.get(1),
            a.flag("reverse") ? ScanOptions.REVERSE : ScanOptions.FORWARD);
    return a.text("result").equals("carry") ? result.carry() : result.ys();
  }

  private static void unary(String name, UnaryOperator<Tensor> method) {
    TABLE.put(name, (x, _) -> method.apply(x.getFirst()));
  }

  private static void binary(String name, BinaryOperator<Tensor> method) {
    TABLE.put(name, (x, _) -> method.apply(x.get(0), x.get(1)));
  }

  private static void alongAxis(String name, AlongAxis method) {
    TABLE.put(name, (x, a) -> method.apply(x.getFirst(), a.integer("axis", -1)));
  }

  private static void either(String name, String flag, AlongAxis method, AlongAxis flagged) {
    TABLE.put(
        name,
        (x, a) -> (a.flag(flag) ? flagged : method).apply(x.getFirst(), a.integer("axis", -1)));
  }

  private static void extremum(
      String name, UnaryOperator<Tensor> ofAll, AlongAxis drop, AlongAxis keep) {
    TABLE.put(
        name,
        (x, a) -> {
          if (a.has("axis")) {
            return (a.flag("keepdims") ? keep : drop).apply(x.getFirst(), a.integer("axis"));
          }
          Tensor place = ofAll.apply(x.getFirst());
          return a.flag("keepdims") ? place.reshape(ones(x.getFirst().rank())) : place;
        });
  }

  private static long[] ones(int rank) {
    return LongStream.generate(() -> 1).limit(rank).toArray();
  }

  private static void spread(
      String name, Reduce drop, Reduce keep, ReduceDdof dropDdof, ReduceDdof keepDdof) {
    TABLE.put(
        name,
        (x, a) ->
            a.has("ddof")
                ? (a.flag("keepdims") ? keepDdof : dropDdof)
                    .apply(x.getFirst(), a.integer("ddof"), a.axes())
                : (a.flag("keepdims") ? keep : drop).apply(x.getFirst(), a.axes()));
  }

  private static void reduction(String name, Reduce drop, Reduce keep) {
    TABLE.put(name, (x, a) -> (a.flag("keepdims") ? keep : drop).apply(x.getFirst(), a.axes()));
  }
}
