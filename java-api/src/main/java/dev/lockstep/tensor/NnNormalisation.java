package dev.lockstep.tensor;

import dev.lockstep.error.DTypeException;
import dev.lockstep.error.ShapeException;
import dev.lockstep.program.Trace;
import dev.lockstep.program.primitive.Structural.BroadcastInDim;
import java.util.Arrays;
import java.util.List;

/** Normalisations and dropout, composed so that each fuses into few loops. */
final class NnNormalisation {
  private NnNormalisation() {}

  static Tensor layerNorm(Tensor x, Tensor scale, Tensor bias, double epsilon) {
    requireLastAxis("layerNorm", x, scale);
    requireLastAxis("layerNorm", x, bias);
    return Trace.staged(() -> {
      Tensor real = wide(x);
      Tensor centred = real.sub(real.meanKeepDims(-1));
      Tensor variance = centred.square().meanKeepDims(-1);
      Tensor y = centred.mul(variance.add(epsilon).rsqrt()).mul(scale).add(bias);
      return rounded(y, x, scale, bias);
    });
  }

  static Tensor rmsNorm(Tensor x, Tensor scale, double epsilon) {
    requireLastAxis("rmsNorm", x, scale);
    return Trace.staged(() -> {
      Tensor real = wide(x);
      Tensor y = real.mul(real.square().meanKeepDims(-1).add(epsilon).rsqrt()).mul(scale);
      return rounded(y, x, scale);
    });
  }

  static BatchNorm batchNorm(
      Tensor x,
      int axis,
      Tensor scale,
      Tensor bias,
      Tensor runningMean,
      Tensor runningVariance,
      double momentum,
      double epsilon) {
    int channel = requireChannels("batchNorm", x, axis, scale, bias, runningMean, runningVariance);
    int[] others = others(x.rank(), channel);
    List<Tensor> results =
        Trace.stagedAll(() -> {
          Tensor real = wide(x);
          Tensor mean = mean(real, others);
          Tensor centred = real.sub(along(mean, real, channel));
          Tensor variance = mean(centred.square(), others);
          return List.of(
              rounded(scaled(centred, variance, scale, bias, channel, epsilon), x, scale, bias),
              rounded(moved(runningMean, mean, momentum), x, runningMean),
              rounded(moved(runningVariance, variance, momentum), x, runningVariance));
        });
    return new BatchNorm(results.get(0), results.get(1), results.get(2));
  }

  static Tensor batchNormInference(
      Tensor x, int axis, Tensor scale, Tensor bias, Tensor mean, Tensor variance, double epsilon) {
    int channel = requireChannels("batchNormInference", x, axis, scale, bias, mean, variance);
    return Trace.staged(() -> {
      Tensor real = wide(x);
      Tensor centred = real.sub(along(mean, real, channel));
      Tensor y = scaled(centred, wide(variance), scale, bias, channel, epsilon);
      return rounded(y, x, scale, bias, mean, variance);
    });
  }

  /** No axes are none here: of a vector, each entry is a channel. */
  private static Tensor mean(Tensor x, int... axes) {
    return axes.length == 0 ? x : x.mean(axes);
  }

  private static Tensor moved(Tensor running, Tensor batch, double momentum) {
    return wide(running).mul(momentum).add(batch.mul(1 - momentum));
  }

  /** Returns {@code x} as the normalisation computes on it: bf16 in f32. */
  private static Tensor wide(Tensor x) {
    return x.dtype() == DType.BF16
        ? ElementwiseOps.convert(x, DType.F32)
        : ElementwiseOps.floating(x);
  }

  /** Returns the result in bf16 if all operands are. */
  private static Tensor rounded(Tensor y, Tensor... operands) {
    boolean narrow = Arrays.stream(operands).allMatch(operand -> operand.dtype() == DType.BF16);
    return narrow ? ElementwiseOps.convert(y, DType.BF16) : y;
  }

  private static Tensor scaled(
      Tensor centred, Tensor variance, Tensor scale, Tensor bias, int channel, double epsilon) {
    Tensor factor = variance.add(epsilon).rsqrt().mul(scale);
    return centred.mul(along(factor, centred, channel)).add(along(bias, centred, channel));
  }

  static Tensor dropout(Tensor x, Key key, double rate) {
    requireRate(rate);
    if (key.shape().rank() != 0) {
      throw new ShapeException(
          "dropout: expected one key, got %s keys. Take one: keys.get(0)".formatted(key.shape()));
    }
    return Trace.staged(() -> dropout(x, key.bernoulli(1 - rate, x.shape().extents()), rate));
  }

  static Tensor dropout(Tensor x, Tensor keep, double rate) {
    requireRate(rate);
    if (keep.dtype() != DType.BOOL) {
      throw new DTypeException(
          "dropout: expected bool where to keep, got %s. Compare it: keep.notEqual(0)"
              .formatted(keep.type()));
    }
    Broadcasting.shape("dropout", x, keep);
    return ElementwiseOps.composed(x, real -> Tensor.where(keep, real.div(1 - rate), 0));
  }

  private static void requireRate(double rate) {
    if (!(rate >= 0 && rate < 1)) {
      throw new IllegalArgumentException("dropout: expected a rate in [0, 1), got " + rate);
    }
  }

  /** Returns a vector along one axis of {@code x}. */
  private static Tensor along(Tensor vector, Tensor x, int axis) {
    return Trace.bind(new BroadcastInDim(x.shape(), List.of(axis)), vector);
  }

  private static int[] others(int rank, int channel) {
    int[] axes = new int[rank - 1];
    for (int i = 0; i < axes.length; i++) {
      axes[i] = i < channel ? i : i + 1;
    }
    return axes;
  }

  private static void requireLastAxis(String op, Tensor x, Tensor parameter) {
    boolean fits =
        x.rank() > 0
            && parameter.rank() == 1
            && parameter.shape().extent(0) == x.shape().extent(x.rank() - 1);
    if (!fits) {
      throw new ShapeException(
          "%s: expected scale and bias of one entry an element of the last axis, got %s for %s"
              .formatted(op, parameter.type(), x.type()));
    }
  }

  private static int requireChannels(String op, Tensor x, int axis, Tensor... parameters) {
    int channel = x.shape().axis(op, axis);
    for (Tensor parameter : parameters) {
      if (parameter.rank() != 1 || parameter.shape().extent(0) != x.shape().extent(channel)) {
        throw new ShapeException(
            "%s: expected one entry a channel, axis %d of %s, got %s"
                .formatted(op, channel, x.type(), parameter.type()));
      }
    }
    return channel;
  }
}
