package dev.lockstep.runtime;

import dev.lockstep.program.primitive.Convolution.ConvGeneral;
import dev.lockstep.tensor.DType;
import dev.lockstep.tensor.TensorType;
import java.util.List;

/** Convolutions in plain Java. */
final class ReferenceConvolution {
  private ReferenceConvolution() {}

  static HostArray apply(ConvGeneral op, List<HostArray> operands, TensorType type) {
    HostArray x = operands.get(0);
    HostArray w = operands.get(1);
    HostArray kernel = new HostArray(new TensorType(DType.BOOL, w.type().shape().remove(0)));
    long channels = w.type().shape().extent(1);
    HostArray result = new HostArray(type);
    for (int i = 0; i < result.size(); i++) {
      long[] place = result.index(i);
      long group = place[1] / (type.shape().extent(1) / op.groups());
      double sum = 0;
      long wholeSum = 0;
      for (int k = 0; k < kernel.size(); k++) {
        long[] element = kernel.index(k);
        long[] from = source(op, x, place, element);
        if (from != null) {
          from[1] = group * channels + element[0];
          int a = x.position(from);
          int b = Math.toIntExact(place[1] * kernel.size() + k);
          if (type.dtype().isFloating()) {
            sum += x.floating(a) * w.floating(b);
          } else {
            wholeSum += x.whole(a) * w.whole(b);
          }
        }
      }
      if (type.dtype().isFloating()) {
        result.set(i, sum);
      } else {
        result.set(i, wholeSum);
      }
    }
    return result;
  }

  /** Returns where the operand's element stands, its channel still 0, or null for a zero. */
  private static long[] source(ConvGeneral op, HostArray x, long[] place, long[] element) {
    long[] from = new long[place.length];
    from[0] = place[0];
    for (int axis = 2; axis < place.length; axis++) {
      int i = axis - 2;
      long at =
          place[axis] * op.strides().get(i)
              + element[axis - 1] * op.kernelDilation().get(i)
              - op.low().get(i);
      long distance = op.inputDilation().get(i);
      if (at < 0 || at % distance != 0 || at / distance >= x.type().shape().extent(axis)) {
        return null;
      }
      from[axis] = at / distance;
    }
    return from;
  }
}
