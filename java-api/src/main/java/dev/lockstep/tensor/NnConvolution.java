package dev.lockstep.tensor;

import dev.lockstep.error.DTypeException;
import dev.lockstep.error.ShapeException;
import dev.lockstep.program.Trace;
import dev.lockstep.program.primitive.Convolution.ConvGeneral;
import dev.lockstep.program.primitive.Windowing;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** Convolutions: checked here, computed with channels first, which costs no copy by itself. */
final class NnConvolution {
  private NnConvolution() {}

  static Tensor conv(Tensor x, Tensor w, ConvOptions options) {
    return convolve("conv", x, w, options, false);
  }

  static Tensor convTranspose(Tensor x, Tensor w, ConvOptions options) {
    return convolve("convTranspose", x, w, options, true);
  }

  private static Tensor convolve(
      String op, Tensor x, Tensor w, ConvOptions options, boolean transposed) {
    int axes = w.rank() - 2;
    require(op, x, w, options);
    List<Long> strides = SpatialPadding.perAxis(op, "strides", options.strides(), axes);
    List<Long> dilation = SpatialPadding.perAxis(op, "dilation", options.dilation(), axes);
    boolean last = options.layout() == Layout.CHANNELS_LAST;
    List<Long> extents = new ArrayList<>();
    List<Long> reach = new ArrayList<>();
    for (int i = 0; i < axes; i++) {
      extents.add(x.shape().extent(options.layout().firstSpatial() + i));
      reach.add(Windowing.dilated(w.shape().extent(last ? i : i + 2), dilation.get(i)));
    }
    SpatialPadding padding =
        transposed
            ? SpatialPadding.transposed(op, options.padding(), reach, strides)
            : SpatialPadding.of(op, options.padding(), extents, reach, strides);
    List<Long> ones = Collections.nCopies(axes, 1L);
    ConvGeneral conv =
        new ConvGeneral(
            transposed ? ones : strides,
            padding.low(),
            padding.high(),
            transposed ? strides : ones,
            dilation,
            options.groups());
    DType dtype = DType.promote(x.dtype(), w.dtype());
    return Trace.staged(() -> {
      Tensor images = ElementwiseOps.convert(x, dtype);
      Tensor kernel = ElementwiseOps.convert(w, dtype);
      if (!last) {
        return Trace.bind(conv, images, kernel);
      }
      Tensor first = kernel.moveAxis(-1, 0).moveAxis(-1, 1);
      return Trace.bind(conv, images.moveAxis(-1, 1), first).moveAxis(1, -1);
    });
  }

  private static void require(String op, Tensor x, Tensor w, ConvOptions options) {
    int axes = w.rank() - 2;
    boolean last = options.layout() == Layout.CHANNELS_LAST;
    String images = last ? "[examples, spatial…, channels]" : "[examples, channels, spatial…]";
    String kernels = last ? "[kernel…, in / groups, out]" : "[out, in / groups, kernel…]";
    if (axes < 1 || axes > 3 || x.rank() != w.rank()) {
      throw new ShapeException(
          ("%s: expected x %s and w %s with 1 to 3 spatial axes each, got %s and %s."
                  + " Add the axis of one example with x.expandDims(0)")
              .formatted(op, images, kernels, x.type(), w.type()));
    }
    if (DType.promote(x.dtype(), w.dtype()) == DType.BOOL) {
      throw new DTypeException(
          "%s: not defined for bool, got %s and %s. Cast one: x.cast(DType.I32)"
              .formatted(op, x.type(), w.type()));
    }
    long channels = x.shape().extent(options.layout().channels(x.rank()));
    long in = w.shape().extent(last ? axes : 1);
    long out = w.shape().extent(last ? axes + 1 : 0);
    long groups = options.groups();
    if (groups < 1 || in * groups != channels || out % groups != 0) {
      throw new ShapeException(
          ("%s: expected x with in channels and w %s, out a multiple of groups, "
                  + "got %s, %s and %d groups")
              .formatted(op, kernels, x.type(), w.type(), groups));
    }
    for (int i = 0; i < axes; i++) {
      if (w.shape().extent(last ? i : i + 2) == 0) {
        throw new ShapeException(op + ": the kernel is empty: " + w.type());
      }
    }
  }
}
