package dev.lockstep.compiler;

import dev.lockstep.program.Equation;
import dev.lockstep.program.Primitive;
import dev.lockstep.program.Variable;
import dev.lockstep.program.primitive.AffineMap;
import dev.lockstep.program.primitive.Placed;
import dev.lockstep.program.primitive.Structural;
import dev.lockstep.tensor.Shape;
import dev.lockstep.tensor.TensorType;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/** Writes the equations that a pass puts in another's place, leaving out those that do nothing. */
final class Emitter {
  private final Rewriter rewriter;
  private final Equation near;

  /**
   * @param near what the equations come from
   */
  Emitter(Rewriter rewriter, Equation near) {
    this.rewriter = rewriter;
    this.near = near;
  }

  Variable emit(Primitive primitive, Variable... inputs) {
    return rewriter.define(near, primitive, List.of(inputs));
  }

  Variable full(TensorType type, Number value) {
    return emit(new Structural.Full(type, value));
  }

  Variable reshape(Variable x, Shape shape) {
    return x.type().shape().equals(shape) ? x : emit(new Structural.Reshape(shape), x);
  }

  Variable transpose(Variable x, List<Integer> permutation) {
    boolean identity = permutation.equals(IntStream.range(0, permutation.size()).boxed().toList());
    return identity ? x : emit(new Structural.Transpose(List.copyOf(permutation)), x);
  }

  /** Returns {@code x} with its axes as {@code axes} of a larger shape, repeated along the rest. */
  Variable repeat(Variable x, Shape shape, List<Integer> axes) {
    return x.type().shape().equals(shape)
        ? x
        : emit(new Structural.BroadcastInDim(shape, List.copyOf(axes)), x);
  }

  /**
   * Returns the elements of a dense tensor at the places of a map with {@code small}'s axes, or
   * null if the map is not injective along the axes that it uses. Looks through broadcasts and
   * transposes, so that nothing large is made to be read in part.
   *
   * @param offsets one an axis of {@code x}; {@code strides} likewise
   */
  Variable read(Variable x, long[] offsets, long[][] strides, Shape small) {
    if (small.size() == 0) {
      return full(x.type().with(small), 0); // the axes in use may reach past an empty x
    }
    Primitive primitive = rewriter.primitiveOf(x);
    if (primitive instanceof Structural.Full full) {
      return full(x.type().with(small), full.value());
    }
    if (primitive instanceof Structural.BroadcastInDim broadcast) {
      Variable from = rewriter.operandsOf(x).getFirst();
      int rank = broadcast.axes().size();
      long[] fromOffsets = new long[rank];
      long[][] fromStrides = new long[rank][small.rank()];
      for (int axis = 0; axis < rank; axis++) {
        if (from.type().shape().extent(axis) > 1) {
          fromOffsets[axis] = offsets[broadcast.axes().get(axis)];
          fromStrides[axis] = strides[broadcast.axes().get(axis)];
        }
      }
      return read(from, fromOffsets, fromStrides, small);
    }
    if (primitive instanceof Structural.Transpose transpose) {
      long[] fromOffsets = new long[offsets.length];
      long[][] fromStrides = new long[offsets.length][];
      for (int axis = 0; axis < offsets.length; axis++) {
        fromOffsets[transpose.permutation().get(axis)] = offsets[axis];
        fromStrides[transpose.permutation().get(axis)] = strides[axis];
      }
      return read(rewriter.operandsOf(x).getFirst(), fromOffsets, fromStrides, small);
    }
    return readAt(x, offsets, strides, small);
  }

  private Variable readAt(Variable x, long[] offsets, long[][] strides, Shape small) {
    List<Integer> used =
        IntStream.range(0, small.rank())
            .filter(column -> Arrays.stream(strides).anyMatch(row -> row[column] != 0))
            .boxed()
            .toList();
    Shape part = Shape.of(used.stream().mapToLong(small::extent).toArray());
    long[][] partStrides = new long[strides.length][];
    for (int row = 0; row < strides.length; row++) {
      long[] from = strides[row];
      partStrides[row] = used.stream().mapToLong(column -> from[column]).toArray();
    }
    AffineMap places = AffineMap.of(offsets, partStrides);
    if (!places.isInjective(part)) {
      return null;
    }
    List<Integer> permutation = permutation(x.type().shape(), places, part);
    Variable read =
        permutation == null
            ? emit(new Placed.Diagonal(part, places), x)
            : transpose(x, permutation);
    return repeat(read, small, used);
  }

  /** Returns the permutation of the axes that the map is, or null if it is none. */
  private static List<Integer> permutation(Shape large, AffineMap places, Shape small) {
    if (small.rank() != large.rank() || small.size() != large.size()) {
      return null;
    }
    Integer[] permutation = new Integer[small.rank()];
    for (int row = 0; row < large.rank(); row++) {
      int column = places.strides().get(row).indexOf(1L);
      boolean moves =
          column >= 0
              && places.offset(row) == 0
              && places.strides().get(row).stream().filter(stride -> stride != 0).count() == 1
              && small.extent(column) == large.extent(row);
      if (!moves) {
        return null;
      }
      permutation[column] = row;
    }
    return Arrays.asList(permutation).contains(null) ? null : List.of(permutation);
  }
}
