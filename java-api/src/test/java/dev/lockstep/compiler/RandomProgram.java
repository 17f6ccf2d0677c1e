package dev.lockstep.compiler;

import dev.lockstep.program.Program;
import dev.lockstep.program.Trace;
import dev.lockstep.program.Traced;
import dev.lockstep.runtime.Array;
import dev.lockstep.tensor.DType;
import dev.lockstep.tensor.Shape;
import dev.lockstep.tensor.Tensor;
import dev.lockstep.tensor.TensorType;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** A program of random ops, the same for the same seed, and arrays to run it on. */
record RandomProgram(Program program, List<Array> inputs) {
  private static final int OPS = 14;

  static RandomProgram of(int seed) {
    return of(seed, DType.F64);
  }

  /** A program on this dtype; of bf16 without sums, which may be in another order. */
  static RandomProgram of(int seed, DType dtype) {
    Random random = new Random(seed);
    List<Tensor> arguments = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      arguments.add(randomArray(random).cast(dtype));
    }
    List<TensorType> types = arguments.stream().map(Tensor::type).toList();
    Traced traced = Trace.trace("test", types, null, tracers -> grow(tracers, random));
    if (random.nextBoolean()) {
      traced = traced.withScalarsAsConstants();
    }
    return new RandomProgram(
        traced.program(),
        traced.with(arguments).stream().map(tensor -> tensor.concrete("test")).toList());
  }

  private static Tensor randomArray(Random random) {
    long[] extents = new long[random.nextInt(4)];
    for (int i = 0; i < extents.length; i++) {
      extents[i] = random.nextInt(12) == 0 ? 0 : 1 + random.nextInt(4);
    }
    Shape shape = Shape.of(extents);
    double[] elements = random.doubles(shape.size(), -2, 2).toArray();
    return Tensor.of(elements, shape);
  }

  /** Applies random ops to random values so far; returns a few of them, the last one among them. */
  private static List<Tensor> grow(List<Tensor> arguments, Random random) {
    List<Tensor> values = new ArrayList<>(arguments);
    while (values.size() < arguments.size() + OPS) {
      Tensor grown = step(values, random);
      if (grown != null) {
        values.add(grown);
      }
    }
    List<Tensor> results = new ArrayList<>(List.of(values.getLast()));
    for (int i = random.nextInt(4); i > 0; i--) {
      results.add(values.get(random.nextInt(values.size())));
    }
    return results;
  }

  private static Tensor step(List<Tensor> values, Random random) {
    Tensor x = values.get(random.nextInt(values.size()));
    Tensor y = values.get(random.nextInt(values.size()));
    int rank = x.rank();
    boolean adds = x.dtype() != DType.BF16;
    return switch (random.nextInt(18)) {
      case 0 -> x.sin();
      case 1 -> x.tanh();
      case 2 -> x.mul(random.nextInt(3));
      case 3 -> x.add(random.nextInt(2)).neg();
      case 4, 5 -> broadcastable(x, y) ? x.mul(y) : null;
      case 6 -> broadcastable(x, y) ? x.sub(y) : null;
      case 7 -> broadcastable(x, y) ? Tensor.where(x.greater(y), x, y.cos()) : null;
      case 8 -> adds && rank > 0 ? x.sum(random.nextInt(rank)) : null;
      case 9 -> {
        if (rank > 0 && x.size() > 0) {
          yield x.max(random.nextInt(rank));
        }
        yield adds ? x.mean() : null;
      }
      case 10 -> rank > 1 ? x.swapAxes(random.nextInt(rank), random.nextInt(rank)) : null;
      case 11 -> x.reshape(x.size());
      case 12 -> rank < 4 ? x.expandDims(random.nextInt(rank + 1)) : null;
      case 13 -> rank > 0 ? slice(x, random) : null;
      case 14 -> rank > 0 ? x.flip(random.nextInt(rank)) : null;
      case 15 -> rank > 0 ? concatenate(x, random) : null;
      case 16 -> adds && rank > 0 && rank < 3 ? x.dot(x.transpose()) : null;
      default -> x.cast(DType.F32).cast(x.dtype()).add(Tensor.ones(x.dtype()).sin());
    };
  }

  private static boolean broadcastable(Tensor x, Tensor y) {
    for (int i = 1; i <= Math.min(x.rank(), y.rank()); i++) {
      long m = x.shape().extent(x.rank() - i);
      long n = y.shape().extent(y.rank() - i);
      if (m != n && m != 1 && n != 1) {
        return false;
      }
    }
    return Math.max(x.size(), 1) * Math.max(y.size(), 1) < 1 << 16;
  }

  private static Tensor slice(Tensor x, Random random) {
    long[] start = new long[x.rank()];
    long[] limit = x.shape().extents();
    long[] stride = new long[x.rank()];
    for (int i = 0; i < start.length; i++) {
      start[i] = limit[i] > 1 ? random.nextInt((int) limit[i] - 1) : 0;
      stride[i] = 1 + random.nextInt(2);
    }
    return x.slice(start, limit, stride);
  }

  private static Tensor concatenate(Tensor x, Random random) {
    int axis = random.nextInt(x.rank());
    return x.size() > 500 ? null : Tensor.concatenate(axis, x, x.exp().minimum(2.0), x.square());
  }
}
