package dev.lockstep.golden;

import static dev.lockstep.Control.cond;
import static dev.lockstep.Control.foriLoop;
import static dev.lockstep.Control.scan;
import static dev.lockstep.Control.whileLoop;

import dev.lockstep.ScanOptions;
import dev.lockstep.Scanned;
import dev.lockstep.Step;
import dev.lockstep.tensor.ConvOptions;
import dev.lockstep.tensor.Nn;
import dev.lockstep.tensor.Padding;
import dev.lockstep.tensor.PoolOptions;
import dev.lockstep.tensor.Tensor;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BinaryOperator;
import java.util.function.UnaryOperator;

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
    unary("gelu", Tensor::gelu);
    unary("silu", Tensor::silu);
    unary("softplus", Tensor::softplus);
    unary("norm", Tensor::norm);
    unary("floor", Tensor::floor);
    unary("ceil", Tensor::ceil);
    unary("diag", Tensor::diag);
    unary("diagonal", Tensor::diag);
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
    binary("dot", Tensor::dot);
    binary("matmul", Tensor::matmul);
    binary("outer", Tensor::outer);

    reduction("sum", Tensor::sum, Tensor::sumKeepDims);
    reduction("prod", Tensor::prod, Tensor::prodKeepDims);
    reduction("mean", Tensor::mean, Tensor::meanKeepDims);
    reduction("var", Tensor::var, Tensor::varKeepDims);
    reduction("std", Tensor::std, Tensor::stdKeepDims);
    reduction("logsumexp", Tensor::logSumExp, Tensor::logSumExpKeepDims);
    reduction("max", Tensor::max, Tensor::maxKeepDims);
    reduction("min", Tensor::min, Tensor::minKeepDims);

    TABLE.put("where", (x, _) -> Tensor.where(x.get(0), x.get(1), x.get(2)));
    TABLE.put("clip", (x, a) -> x.get(0).clip(a.real("min"), a.real("max")));
    TABLE.put("softmax", (x, a) -> x.get(0).softmax(a.integer("axis")));
    TABLE.put("log_softmax", (x, a) -> x.get(0).logSoftmax(a.integer("axis")));
    TABLE.put("cast", (x, a) -> x.get(0).cast(a.dtype("dtype")));
    TABLE.put("tensordot", (x, a) -> x.get(0).tensordot(x.get(1), a.integer("axes")));
    TABLE.put("einsum", (x, a) -> Tensor.einsum(a.text("spec"), x.toArray(Tensor[]::new)));
    TABLE.put("reshape", (x, a) -> x.get(0).reshape(a.longs("shape")));
    TABLE.put(
        "transpose",
        (x, a) -> a.has("perm") ? x.get(0).transpose(a.integers("perm")) : x.get(0).transpose());
    TABLE.put("squeeze", (x, a) -> x.get(0).squeeze(a.axes()));
    TABLE.put("expand_dims", (x, a) -> x.get(0).expandDims(a.integer("axis")));
    TABLE.put("broadcast_to", (x, a) -> x.get(0).broadcastTo(a.longs("shape")));
    TABLE.put("flip", (x, a) -> x.get(0).flip(a.axes()));
    TABLE.put(
        "slice", (x, a) -> x.get(0).slice(a.longs("start"), a.longs("limit"), a.longs("stride")));
    TABLE.put(
        "pad",
        (x, a) -> x.get(0).pad(a.column("widths", 0), a.column("widths", 1), a.real("value")));
    TABLE.put("roll", (x, a) -> x.get(0).roll(a.integer("shift"), a.integer("axis")));
    TABLE.put("tril", (x, a) -> x.get(0).tril(a.integer("k", 0)));
    TABLE.put("triu", (x, a) -> x.get(0).triu(a.integer("k", 0)));
    TABLE.put("index", (x, a) -> x.get(0).get(a.integer("i")));
    TABLE.put(
        "concatenate",
        (x, a) -> Tensor.concatenate(a.integer("axis", 0), x.toArray(Tensor[]::new)));
    TABLE.put("argmax", (x, a) -> x.get(0).argMax(a.integer("axis")));
    TABLE.put("argmin", (x, a) -> x.get(0).argMin(a.integer("axis")));
    TABLE.put("argsort", (x, a) -> x.get(0).argSort(a.integer("axis")));
    TABLE.put("sort", (x, a) -> x.get(0).sort(a.integer("axis")));
    TABLE.put("cumsum", (x, a) -> x.get(0).cumSum(a.integer("axis")));
    TABLE.put("cumprod", (x, a) -> x.get(0).cumProd(a.integer("axis")));
    unary("trace", Tensor::trace);
    TABLE.put("take", (x, a) -> x.get(0).take(x.get(1), a.integer("axis")));
    TABLE.put("take_along_axis", (x, a) -> x.get(0).takeAlongAxis(x.get(1), a.integer("axis")));
    TABLE.put(
        "dynamic_slice", (x, a) -> x.get(0).dynamicSliceAlong(x.get(1), a.integer("size"), 0));
    TABLE.put("scatter_add", (x, a) -> x.get(0).scatterAdd(x.get(1), x.get(2)));
    TABLE.put("segment_sum", (x, a) -> x.get(0).segmentSum(x.get(1), a.integer("n")));
    TABLE.put("one_hot", (x, a) -> x.get(0).oneHot(a.integer("n"), a.dtype("dtype")));
    TABLE.put("stack", (x, a) -> Tensor.stack(a.integer("axis", 0), x.toArray(Tensor[]::new)));

    TABLE.put("layer_norm", (x, _) -> Nn.layerNorm(x.get(0), x.get(1), x.get(2), 1e-5));
    TABLE.put("max_pool2d", (x, a) -> Nn.maxPool(x.get(0), pool(a)));
    TABLE.put("avg_pool2d", (x, a) -> Nn.avgPool(x.get(0), pool(a)));
    TABLE.put("conv2d", (x, a) -> Nn.conv(x.get(0), x.get(1), conv(a)));

    TABLE.put(
        "cond",
        (x, a) -> cond(x.get(0), v -> a.apply("then", v), v -> a.apply("else", v), x.get(1)));
    TABLE.put(
        "while", (x, a) -> whileLoop(v -> a.apply("cond", v), v -> a.apply("body", v), x.get(0)));
    TABLE.put(
        "fori", (x, a) -> foriLoop(a.integer("n"), (i, v) -> a.apply("body", i, v), x.get(0)));
    TABLE.put("scan", Operations::scanned);
  }

  private static PoolOptions pool(Attributes a) {
    return PoolOptions.of(a.longs("window")).strides(a.longs("strides"));
  }

  private static ConvOptions conv(Attributes a) {
    Padding padding =
        switch (a.get("padding").asText()) {
          case "VALID" -> Padding.VALID;
          case "SAME" -> Padding.SAME;
          default -> Padding.of(a.column("padding", 0), a.column("padding", 1));
        };
    return ConvOptions.DEFAULT
        .strides(a.longs("strides"))
        .padding(padding)
        .groups(a.integer("groups"));
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

  private static void reduction(String name, Reduce drop, Reduce keep) {
    TABLE.put(name, (x, a) -> (a.flag("keepdims") ? keep : drop).apply(x.getFirst(), a.axes()));
  }
}
