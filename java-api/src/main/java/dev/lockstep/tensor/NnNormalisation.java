package dev.lockstep.tensor;

import dev.lockstep.error.ShapeException;
import dev.lockstep.program.Trace;
import dev.lockstep.program.primitive.Structural.BroadcastInDim;
import java.util.List;

/** Normalisations and dropout, composed so that each fuses into few loops. */
final class NnNormalisation {
  private NnNormalisation() {}

  static Tensor layerNorm(Tensor x, Tensor scale, Tensor bias, double epsilon) {
    requireLastAxis("layerNorm", x, scale);
    requireLastAxis("layerNorm", x, bias);
    return Trace.staged(() -> {
      Tensor real = ElementwiseOps.floating(x);
      Tensor centred = real.sub(real.meanKeepDims(-1));
      Tensor variance = centred.square().meanKeepDims(-1);
      return centred.mul(variance.add(epsilon).rsqrt()).mul(scale).add(bias);
    });
  }

  static Tensor rmsNorm(Tensor x, Tensor scale, double epsilon) {
    requireLastAxis("rmsNorm", x, scale);
    return Trace.staged(() -> {
      Tensor real = ElementwiseOps.floating(x);
      return real.mul(real.square().meanKeepDims(-1).add(epsilon).rsqrt()).mul(scale);
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
          Tensor real = ElementwiseOps.floating(x);
          Tensor mean = real.mean(others);
          Tensor centred = real.sub(along(mean, real, channel));
          Tensor variance = centred.square().mean(others);
          return List.of(
              scaled(centred, variance, scale, bias, channel, epsilon),
              runningMean.mul(momentum).add(mean.mul(1 - momentum)),
              runningVariance.mul(momentum).add(variance.mul(1 - momentum)));
        });
    return new BatchNorm(results.get(0), results.get(1), results.get(2));
  }

  static Tensor batchNormInference(
      Tensor x, int axis, Tensor scale, Tensor bias, Tensor mean, Tensor variance, double epsilon) {
    int channel = requireChannels("batchNormInference", x, axis, scale, bias, mean, variance);
    return Trace.staged(() -> {
      Tensor real = ElementwiseOps.floating(x);
      Tensor centred = real.sub(along(mean, real, channel));
      return scaled(centred, variance, scale, bias, channel, epsilon);
    });
  }

  private static Tensor scaled(
      Tensor centred, Tensor variance, Tensor scale, Tensor bias, int channel, double epsilon) {
    Tensor factor = variance.add(epsilon).rsqrt().mul(scale);
    return centred.mul(along(factor, centred, channel)).add(along(bias, centred, channel));
  }

  static Tensor dropout(Tensor x, Key key, double rate) {
    requireRate(rate);
    return Trace.staged(() -> dropout(x, key.bernoulli(1 - rate, x.shape().extents()), rate));
  }

  static Tensor dropout(Tensor x, Tensor keep, double rate) {
    requireRate(rate);
    return Trace.staged(() -> {
      Tensor real = ElementwiseOps.floating(x);
      return Tensor.where(keep, real.div(1 - rate), 0);
    });
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
