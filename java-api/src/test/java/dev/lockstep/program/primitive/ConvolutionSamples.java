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
    samples.addAll(windows());
    return samples;
  }

  private static List<Sample> windows() {
    List<Windowing> windowings =
        List.of(
            new Windowing(1, list(2, 2), list(2, 2), list(1, 1)),
            new Windowing(0, list(2), list(1), list(1)),
            new Windowing(1, list(2, 3), list(1, 2), list(2, 1)),
            new Windowing(2, list(5), list(1), list(1)),
            new Windowing(1, list(4, 5), list(1, 1), list(1, 1)),
            new Windowing(1, list(3, 2), list(2, 1), list(1, 2), list(1, 2), list(2, 1)),
            new Windowing(1, list(10, 3), list(1, 1), list(1, 1), list(9, 2), list(9, 1)),
            new Windowing(
                0, list(2, 1, 3), list(1, 2, 2), list(2, 1, 1), list(1, 0, 1), list(0, 0, 2)),
            new Windowing(2, list(9), list(1), list(1)));
    List<Sample> samples = new ArrayList<>();
    for (Windowing windowing : windowings) {
      Shape shape = Shape.of(3, 4, 5);
      Values values = Values.f64(-1, 1, 3, 4, 5);
      Values positions = values.with(windowing.positions(shape));
      String type = positions.type().toString();
      Values integers = Values.of(DType.I32, 0, 4, 3, 4, 5);
      String whole = positions.with(DType.I32).type().toString();
      for (Windowed.Extreme extreme :
          List.of(new Windowed.WindowMax(windowing), new Windowed.WindowMin(windowing))) {
        samples.add(new Sample(extreme, List.of(values), type, List.of()));
        samples.add(new Sample(extreme, List.of(integers), whole, List.of()));
      }
      for (boolean flag : List.of(false, true)) {
        samples.add(
            new Sample(
                new Windowed.WindowTake(windowing, flag),
                List.of(values, values),
                type,
                List.of(List.of(1))));
        samples.add(
            new Sample(
                new Windowed.WindowPut(windowing, flag),
                List.of(values, positions),
                "f64[3, 4, 5]",
                List.of(List.of(1))));
        samples.add(linear(new Windowed.WindowMean(windowing, flag), type, values));
        samples.add(
            linear(new Windowed.WindowSpread(windowing, flag, shape), "f64[3, 4, 5]", positions));
      }
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
