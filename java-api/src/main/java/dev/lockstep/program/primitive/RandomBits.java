package dev.lockstep.program.primitive;

import dev.lockstep.error.DTypeException;
import dev.lockstep.error.ShapeException;
import dev.lockstep.program.Batched;
import dev.lockstep.program.Primitive;
import dev.lockstep.program.Trace;
import dev.lockstep.tensor.DType;
import dev.lockstep.tensor.Shape;
import dev.lockstep.tensor.Tensor;
import dev.lockstep.tensor.TensorType;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/** Ops that make random bits out of keys. */
public sealed interface RandomBits extends Primitive {
  @Override
  default String name() {
    return Names.of(getClass());
  }

  /** How the numbers of a key are counted, as in JAX with {@code jax_threefry_partitionable}. */
  enum Counters {
    /** Number {@code i} has the 64-bit counter {@code start + i}: the mode on. */
    WIDE,
    /** One row of 32-bit counters, the first half paired with the second: the mode off. */
    HALVES
  }

  /**
   * Threefry-2x32 with 20 rounds (Salmon and others, "Parallel random numbers: as easy as 1, 2, 3",
   * SC 2011). Operands: keys {@code i32[…, 2]} and counters to start from, {@code i64[…]}, which
   * {@code HALVES} does not read. The result is {@code dtype[…, shape]}: numbers of 32 ({@code
   * i32}) or 64 ({@code i64}) random bits.
   */
  record Threefry(Shape shape, DType dtype, Counters counters) implements RandomBits {
    private static final long MOST_WORDS = 0xffffffffL;

    @Override
    public List<TensorType> infer(List<TensorType> operands) {
      TensorType keys = operands.get(0);
      TensorType starts = operands.get(1);
      Shape batch = starts.shape();
      if (keys.dtype() != DType.I32 || starts.dtype() != DType.I64) {
        throw new DTypeException(
            "threefry: expected keys in i32 and starts in i64, got " + keys + " and " + starts);
      }
      if (dtype != DType.I32 && dtype != DType.I64) {
        throw new DTypeException("threefry: expected i32 or i64 results, got " + dtype);
      }
      if (!keys.shape().equals(batch.insert(batch.rank(), 2))) {
        throw new ShapeException(
            "threefry: expected keys of the starts' shape and one more axis of 2, got "
                + keys
                + " and "
                + starts);
      }
      long most = dtype == DType.I32 ? MOST_WORDS : MOST_WORDS / 2;
      if (counters == Counters.HALVES && shape.size() > most) {
        throw new ShapeException(
            "threefry: expected at most %d numbers a key with 32-bit counters, got %s. Use wide counters."
                .formatted(most, shape));
      }
      return List.of(
          TensorType.of(
              dtype,
              Stream.of(batch, shape).flatMapToLong(s -> Arrays.stream(s.extents())).toArray()));
    }

    /** Bits do not change with a key. */
    @Override
    public List<Tensor> jvp(List<Tensor> operands, List<Tensor> tangents, List<Tensor> results) {
      return Rules.one(null);
    }

    @Override
    public Batched batch(long size, List<Tensor> operands, boolean[] mapped) {
      Tensor[] all = operands.toArray(Tensor[]::new);
      for (int i = 0; i < all.length; i++) {
        if (!mapped[i]) {
          all[i] = Rules.repeat(all[i], size);
        }
      }
      return Batched.of(Trace.bind(this, all));
    }
  }
}
