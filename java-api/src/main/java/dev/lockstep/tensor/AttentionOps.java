package dev.lockstep.tensor;

import dev.lockstep.error.DTypeException;
import dev.lockstep.error.ShapeException;
import dev.lockstep.program.Trace;
import dev.lockstep.program.primitive.AttentionOp.Attention;
import java.util.ArrayList;
import java.util.List;

/**
 * Attention: brings its operands to common leading axes and binds the primitive. If keys and values
 * have fewer heads than queries, the axis of the heads becomes two, (heads of the keys, group), and
 * keys and values are repeated along the group, which copies nothing.
 */
final class AttentionOps {
  private AttentionOps() {}

  static Tensor attention(Tensor q, Tensor k, Tensor v, AttentionOptions options) {
    requireMatrices(q, k, v);
    long group = group(q, k, v);
    Shape leading = leading(q, k, v, group);
    long queries = q.shape().extent(q.rank() - 2);
    long keys = k.shape().extent(k.rank() - 2);
    options.mask().ifPresent(mask -> requireMask(mask, append(leading, queries, keys)));
    DType dtype = dtype(q, k, v, options);
    double scale = options.scale().orElse(1 / Math.sqrt(q.shape().extent(q.rank() - 1)));
    return Trace.staged(() -> {
      List<Tensor> operands = new ArrayList<>();
      operands.add(split(broadcast(ElementwiseOps.convert(q, dtype), leading), group));
      for (Tensor x : List.of(k, v)) {
        Tensor converted = ElementwiseOps.convert(x, dtype);
        operands.add(
            group == 1
                ? broadcast(converted, leading)
                : repeated(converted, split(leading, group)));
      }
      options
          .mask()
          .ifPresent(mask -> {
            Tensor typed = mask.dtype() == DType.BOOL ? mask : ElementwiseOps.convert(mask, dtype);
            operands.add(split(typed.broadcastTo(append(leading, queries, keys).extents()), group));
          });
      Tensor y =
          Trace.bind(new Attention(scale, options.isCausal()), operands.toArray(Tensor[]::new));
      Shape result = append(leading, queries, v.shape().extent(v.rank() - 1));
      return group == 1 ? y : y.reshape(result.extents());
    });
  }

  /** Returns how many heads of the queries share a head of the keys and values. */
  private static long group(Tensor q, Tensor k, Tensor v) {
    if (q.rank() < 3 || k.rank() < 3 || v.rank() < 3) {
      return 1;
    }
    long heads = q.shape().extent(q.rank() - 3);
    long shared = Math.max(k.shape().extent(k.rank() - 3), v.shape().extent(v.rank() - 3));
    boolean both =
        k.shape().extent(k.rank() - 3) == shared && v.shape().extent(v.rank() - 3) == shared;
    boolean grouped = both && shared > 1 && heads > shared && heads % shared == 0;
    return grouped ? heads / shared : 1;
  }

  /** Returns the leading axes of the result. */
  private static Shape leading(Tensor q, Tensor k, Tensor v, long group) {
    Shape ofKeys = common(leading(k), leading(v));
    if (group > 1 && ofKeys != null) {
      int heads = ofKeys.rank() - 1;
      long[] extents = ofKeys.extents();
      extents[heads] *= group;
      ofKeys = Shape.of(extents);
    }
    Shape all = ofKeys == null ? null : common(leading(q), ofKeys);
    if (all == null) {
      throw new ShapeException(
          ("attention: expected leading axes that broadcast, or heads of q that are a multiple of"
                  + " those of k and v, got %s, %s and %s")
              .formatted(q.type(), k.type(), v.type()));
    }
    return all;
  }

  /** Returns what both broadcast to, or null. */
  private static Shape common(Shape a, Shape b) {
    long[] extents = new long[Math.max(a.rank(), b.rank())];
    for (int i = 1; i <= extents.length; i++) {
      long x = i <= a.rank() ? a.extent(a.rank() - i) : 1;
      long y = i <= b.rank() ? b.extent(b.rank() - i) : 1;
      if (x != y && x != 1 && y != 1) {
        return null;
      }
      extents[extents.length - i] = x == 1 ? y : x;
    }
    return Shape.of(extents);
  }

  private static Shape leading(Tensor x) {
    return x.shape().remove(x.rank() - 1).remove(x.rank() - 2);
  }

  private static Shape append(Shape leading, long rows, long columns) {
    int rank = leading.rank();
    return leading.insert(rank, rows).insert(rank + 1, columns);
  }

  private static Tensor broadcast(Tensor x, Shape leading) {
    int rank = x.rank();
    Shape shape = append(leading, x.shape().extent(rank - 2), x.shape().extent(rank - 1));
    return x.shape().equals(shape) ? x : x.broadcastTo(shape.extents());
  }

  /** Returns the leading axes with that of the heads, the last, as two. */
  private static Shape split(Shape leading, long group) {
    int heads = leading.rank() - 1;
    long[] extents = leading.extents();
    extents[heads] /= group;
    return Shape.of(extents).insert(heads + 1, group);
  }

  private static Tensor split(Tensor x, long group) {
    if (group == 1) {
      return x;
    }
    int rank = x.rank();
    Shape shape =
        append(split(leading(x), group), x.shape().extent(rank - 2), x.shape().extent(rank - 1));
    return x.reshape(shape.extents());
  }

  /** Returns {@code x[…, heads, rows, columns]} repeated along the group after the heads. */
  private static Tensor repeated(Tensor x, Shape leading) {
    return broadcast(x.expandDims(x.rank() - 2), leading);
  }

  private static DType dtype(Tensor q, Tensor k, Tensor v, AttentionOptions options) {
    DType dtype = DType.promote(DType.promote(q.dtype(), k.dtype()), v.dtype());
    if (!dtype.isFloating()) {
      throw new DTypeException(
          "attention: expected f32, f64 or bf16, got %s, %s and %s. Cast them: q.cast(DType.F32)"
              .formatted(q.type(), k.type(), v.type()));
    }
    DType mask = options.mask().map(Tensor::dtype).orElse(DType.BOOL);
    if (mask != DType.BOOL && !mask.isFloating()) {
      throw new DTypeException(
          "attention: expected a mask of bool (seen or not) or floating (added), got %s. Compare it:"
                  .formatted(options.mask().get().type())
              + " mask.notEqual(0)");
    }
    return mask == DType.BOOL ? dtype : DType.promote(dtype, mask);
  }

  private static void requireMatrices(Tensor q, Tensor k, Tensor v) {
    boolean fits =
        q.rank() >= 2
            && k.rank() >= 2
            && v.rank() >= 2
            && q.shape().extent(q.rank() - 1) == k.shape().extent(k.rank() - 1)
            && k.shape().extent(k.rank() - 2) == v.shape().extent(v.rank() - 2);
    if (!fits) {
      throw new ShapeException(
          "attention: expected q[…, queries, d], k[…, keys, d] and v[…, keys, e], got %s, %s and %s"
              .formatted(q.type(), k.type(), v.type()));
    }
    if (k.shape().extent(k.rank() - 2) == 0) {
      throw new ShapeException(
          "attention: expected at least one key, got k %s".formatted(k.type()));
    }
  }

  private static void requireMask(Tensor mask, Shape scores) {
    boolean fits = mask.rank() <= scores.rank();
    for (int i = 1; fits && i <= mask.rank(); i++) {
      long extent = mask.shape().extent(mask.rank() - i);
      fits = extent == 1 || extent == scores.extent(scores.rank() - i);
    }
    if (!fits) {
      throw new ShapeException(
          "attention: expected a mask that broadcasts to the scores %s, got %s"
              .formatted(scores, mask.type()));
    }
  }
}
