package dev.lockstep.bench;

import static dev.lockstep.Lockstep.grad;
import static dev.lockstep.Lockstep.jit;

import dev.lockstep.tensor.ConvOptions;
import dev.lockstep.tensor.DType;
import dev.lockstep.tensor.Fn;
import dev.lockstep.tensor.Nn;
import dev.lockstep.tensor.Padding;
import dev.lockstep.tensor.Tensor;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;

/** A layer of 64 to 64 channels on 8 images of 56 x 56, or the gradient of its squares' sum. */
public class Convolve extends Workload {
  record Layer(Tensor x, Tensor w) {}

  private static final ConvOptions SAME = ConvOptions.DEFAULT.padding(Padding.SAME);

  @Param("forward")
  String derivative;

  @Param("F32")
  DType dtype;

  private final Fn<Layer, Tensor> forward = jit(Convolve::conv);
  private final Fn<Layer, Layer> gradient = jit(grad((Layer layer) -> conv(layer).square().sum()));
  private Layer layer;

  private static Tensor conv(Layer layer) {
    return Nn.conv(layer.x(), layer.w(), SAME);
  }

  /** Makes the operands. */
  @Setup
  public void create() {
    layer =
        new Layer(uniform(1, 8, 64, 56, 56).cast(dtype), uniform(0.1, 64, 64, 3, 3).cast(dtype));
  }

  @Benchmark
  public void lockstep() {
    closing(() -> derivative.equals("forward") ? forward.apply(layer) : gradient.apply(layer));
  }
}
