package dev.lockstep.program.primitive;

import dev.lockstep.program.Primitive;
import dev.lockstep.program.primitive.Convolution.ConvGeneral;
import dev.lockstep.program.primitive.Sample.Values;
import dev.lockstep.tensor.DType;
import dev.lockstep.tensor.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/** The samples of convolutions and of ops on windows. */
final class ConvolutionSamples {
  private ConvolutionSamples() {}

  static List<Sample> all() {
    List<Sample> samples = new ArrayList<>();
    samples.add(
        conv(list(1), list(0), list(0), list(1), list(1), 1, "2,3,5", "4,3,2", "f64[2, 4, 4]"));
    samples.add(
        conv(list(2), list(1), list(2), list(3), list(2), 1, "1,2,4", "3,2,3", "f64[1, 3, 5]"));
    samples.add(
        conv(list(1), list(-1), list(-1), list(2), list(1), 1, "2,1,4", "1,1,2", "f64[2, 1, 4]"));
    samples.add(
        conv(
            list(1, 2),
            list(1, 0),
            list(0, 2),
            list(1, 1),
            list(1, 2),
            2,
            "2,4,3,5",
            "6,2,2,2",
            "f64[2, 6, 3, 3]"));
    samples.add(
        conv(
            list(3, 2),
            list(0, 1),
            list(1, 0),
            list(1, 2),
            list(2, 1),
            3,
            "1,3,6,4",
            "3,1,3,1",
            "f64[1, 3, 1, 4]"));
    samples.add(
        conv(list(1), list(0), list(0), list(1), list(1), 1, "1,1,2", "1,1,4", "f64[1, 1, 0]"));
    samples.add(
        conv(
            list(1, 1, 2),
            list(0, 1, 0),
            list(0, 1, 1),
            list(1, 1, 1),
            list(1, 1, 1),
            1,
            "1,2,3,2,4",
            "2,2,2,3,2",
            "f64[1, 2, 2, 2, 2]"));
    for (DType dtype : List.of(DType.I32, DType.I64)) {
      samples.add(
          new Sample(
              new ConvGeneral(list(1), list(1), list(0), list(1), list(1), 1),
              List.of(Values.of(dtype, -9, 9, 2, 2, 4), Values.of(dtype, -9, 9, 3, 2, 2)),
              dtype.toString().toLowerCase(Locale.ROOT) + "[2, 3, 4]",
              List.of()));
    }
    List<Windowing> windowings =
        List.of(
            new Windowing(1, list(2, 2), list(2, 2), list(1, 1)),
            new Windowing(0, list(2), list(1), list(1)),
            new Windowing(1, list(2, 3), list(1, 2), list(2, 1)),
            new Windowing(2, list(5), list(1), list(1)),
            new Windowing(1, list(4, 5), list(1, 1), list(1, 1)));
    for (Windowing windowing : windowings) {
      Shape shape = Shape.of(3, 4, 5);
      Values values = new Values(Values.f64(-1, 1, 3, 4, 5).type(), -1, 1);
      Shape windows = windowing.windows(shape);
      Shape positions = windowing.positions(shape);
      samples.add(linear(new Windowed.Windows(windowing), "f64" + windows, values));
      samples.add(linear(new Windowed.Fold(windowing, shape), "f64" + shape, values.with(windows)));
      samples.add(
          new Sample(
              new Windowed.WindowMax(windowing), List.of(values), "f64" + positions, List.of()));
      samples.add(
          new Sample(
              new Windowed.WindowMin(windowing), List.of(values), "f64" + positions, List.of()));
      Values integers = Values.of(DType.I32, 0, 4, 3, 4, 5);
      samples.add(
          new Sample(
              new Windowed.WindowMax(windowing), List.of(integers), "i32" + positions, List.of()));
    }
    return samples;
  }

  private static List<Long> list(long... values) {
    return LongStream.of(values).boxed().toList();
  }

  private static Sample linear(Primitive op, String expected, Values values) {
    return new Sample(op, List.of(values), expected, List.of(List.of(0)));
  }

  private static Sample conv(
      List<Long> strides,
      List<Long> low,
      List<Long> high,
      List<Long> inputDilation,
      List<Long> kernelDilation,
      long groups,
      String x,
      String w,
      String expected) {
    return new Sample(
        new ConvGeneral(strides, low, high, inputDilation, kernelDilation, groups),
        List.of(Values.f64(-1, 1, extents(x)), Values.f64(-1, 1, extents(w))),
        expected,
        List.of(List.of(0), List.of(1)));
  }

  private static long[] extents(String text) {
    return Stream.of(text.split(",")).mapToLong(Long::parseLong).toArray();
  }
}
