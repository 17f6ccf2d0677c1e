package dev.lockstep.runtime;

import dev.lockstep.tensor.BFloat16;
import dev.lockstep.tensor.DType;
import dev.lockstep.tensor.Shape;
import dev.lockstep.tensor.TensorType;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongFunction;
import java.util.function.LongToDoubleFunction;

/**
 * Prints arrays as NumPy's {@code str} does: aligned, wrapped, and shortened above 1000 elements.
 */
final class ArrayPrinter {
  private static final int LINE_WIDTH = 75;
  private static final int SUMMARISED_ABOVE = 1000;
  private static final int EDGE = 3;

  /** Stands for the elements left out between the edges. */
  private static final long GAP = -1;

  private final Shape shape;
  private final boolean summarised;
  private final LongFunction<String> element;

  private ArrayPrinter(TensorType type, long address) {
    this.shape = type.shape();
    this.summarised = shape.size() > SUMMARISED_ABOVE;
    this.element = format(type.dtype(), address);
  }

  static String print(Array array) {
    TensorType type = array.type();
    if (type.shape().size() == 0) {
      return "[]";
    }
    if (type.shape().rank() == 0) {
      return scalar(type.dtype(), Elements.firstBits(array, "toString"));
    }
    return Elements.read(
        array, "toString", address -> new ArrayPrinter(type, address).block(0, 0, " "));
  }

  private static String scalar(DType dtype, long bits) {
    return switch (dtype) {
      case BOOL -> bits == 0 ? "False" : "True";
      case I32 -> Integer.toString((int) bits);
      case I64 -> Long.toString(bits);
      case F32 -> new Decimals(dtype).scalar(Float.intBitsToFloat((int) bits));
      case F64 -> new Decimals(dtype).scalar(Double.longBitsToDouble(bits));
      case BF16 -> new Decimals(dtype).scalar(BFloat16.toFloat((short) bits));
    };
  }

  /** Returns what prints the element at a place, as wide as all that are shown. */
  private LongFunction<String> format(DType dtype, long address) {
    if (dtype == DType.BOOL) {
      return i -> Elements.longAt(dtype, address, i) == 0 ? "False" : " True";
    }
    List<Long> shown = new ArrayList<>();
    collect(0, 0, shown);
    if (dtype.isInteger()) {
      int width = 0;
      for (long i : shown) {
        width = Math.max(width, Long.toString(Elements.longAt(dtype, address, i)).length());
      }
      String pattern = "%" + width + "d";
      return i -> pattern.formatted(Elements.longAt(dtype, address, i));
    }
    LongToDoubleFunction at = i -> Elements.doubleAt(dtype, address, i);
    double[] values = shown.stream().mapToDouble(i -> at.applyAsDouble(i)).toArray();
    DecimalColumn column = new DecimalColumn(values, new Decimals(dtype));
    return i -> column.format(at.applyAsDouble(i));
  }

  private void collect(int axis, long block, List<Long> shown) {
    if (axis == shape.rank()) {
      shown.add(block);
      return;
    }
    for (long i : indices(axis)) {
      if (i != GAP) {
        collect(axis + 1, block * shape.extent(axis) + i, shown);
      }
    }
  }

  private long[] indices(int axis) {
    long extent = shape.extent(axis);
    boolean gap = summarised && extent > 2 * EDGE;
    long[] indices = new long[gap ? 2 * EDGE + 1 : (int) extent];
    for (int i = 0; i < indices.length; i++) {
      indices[i] = !gap || i < EDGE ? i : extent - indices.length + i;
    }
    if (gap) {
      indices[EDGE] = GAP;
    }
    return indices;
  }

  /**
   * Prints what lies below one index of each of the first axes.
   *
   * @param block the number of that combination of indices
   * @param indent what stands before a row's bracket on a line of its own
   */
  private String block(int axis, long block, String indent) {
    long first = block * shape.extent(axis);
    return axis == shape.rank() - 1 ? row(axis, first, indent) : rows(axis, first, indent);
  }

  private String rows(int axis, long first, String indent) {
    String separator = "\n".repeat(shape.rank() - axis - 1);
    StringBuilder text = new StringBuilder("[");
    for (long i : indices(axis)) {
      if (text.length() > 1) {
        text.append(separator).append(indent);
      }
      text.append(i == GAP ? "..." : block(axis + 1, first + i, indent + " "));
    }
    return text.append(']').toString();
  }

  private String row(int axis, long first, String indent) {
    int width = LINE_WIDTH - axis - 1;
    StringBuilder text = new StringBuilder();
    String line = indent;
    for (long i : indices(axis)) {
      String word = i == GAP ? "..." : element.apply(first + i);
      boolean begins = text.isEmpty() && line.equals(indent);
      String extended = begins ? line : line + " ";
      if (extended.length() + word.length() > width && extended.length() > indent.length()) {
        text.append(line.stripTrailing()).append('\n');
        extended = indent;
      }
      line = extended + word;
    }
    text.append(line);
    return "[" + text.substring(indent.length()) + "]";
  }
}
