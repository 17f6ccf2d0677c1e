package dev.lockstep.program.primitive;

import dev.lockstep.error.DTypeException;
import dev.lockstep.error.ShapeException;
import dev.lockstep.program.Batched;
import dev.lockstep.program.Linear;
import dev.lockstep.program.Operand;
import dev.lockstep.program.Primitive;
import dev.lockstep.program.Program;
import dev.lockstep.program.Trace;
import dev.lockstep.tensor.DType;
import dev.lockstep.tensor.Shape;
import dev.lockstep.tensor.Tensor;
import dev.lockstep.tensor.TensorType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Attention, its tangent and its gradient: {@code y = softmax(s) v} with the scores {@code s =
 * scale q kᵀ}, softmax over the keys.
 *
 * <p>All begin with the operands {@code q[…, queries, d]}, {@code k[…, keys, d]}, {@code v[…, keys,
 * e]} and, if there is one, {@code mask[…, queries, keys]}; the leading axes are the same. A
 * floating mask is added to the scores. Where a bool mask is false, and where the key comes after
 * the query if {@code causal}, the score is {@link AttentionParts#hidden} instead.
 */
public sealed interface AttentionOp extends Primitive {
  /** Returns the factor of the products of queries and keys. */
  double scale();

  /** Returns whether key j is hidden from query i if j > i. */
  boolean causal();

  /** Returns what the op is made of: its results by ops that are not attention. */
  List<Tensor> parts(List<Tensor> operands);

  /** Returns how many operands come after the mask, or its place. */
  int others();

  @Override
  default String name() {
    return Names.of(getClass());
  }

  /** Returns the program of {@link #parts}. */
  default Program definition(List<TensorType> operands) {
    return Trace.program(name(), operands, this::parts);
  }

  /** Returns the scores of these operands. */
  default AttentionParts scores(List<Tensor> operands) {
    Tensor mask = operands.size() - others() > 3 ? operands.get(3) : null;
    return AttentionParts.of(
        scale(), causal(), operands.get(0), operands.get(1), operands.get(2), mask);
  }

  /** Returns the tangent of a floating mask, null for zero or if there is no mask. */
  default Tensor maskTangent(List<Tensor> tangents) {
    return tangents.size() - others() > 3 ? tangents.get(3) : null;
  }

  /** The batch becomes the first of the leading axes. */
  @Override
  default Batched batch(long size, List<Tensor> operands, boolean[] mapped) {
    List<Tensor> batched = new ArrayList<>(operands.size());
    for (int i = 0; i < mapped.length; i++) {
      batched.add(mapped[i] ? operands.get(i) : Rules.repeat(operands.get(i), size));
    }
    List<Tensor> results = Trace.bindAll(this, batched.toArray(Tensor[]::new));
    boolean[] all = new boolean[results.size()];
    Arrays.fill(all, true);
    return new Batched(results, all);
  }

  /** Checks q, k, v and the mask, and returns the type of the result. */
  private TensorType requireOperands(List<TensorType> operands) {
    int count = operands.size() - others();
    TensorType q = operands.get(0);
    TensorType k = operands.get(1);
    TensorType v = operands.get(2);
    int rank = q.shape().rank();
    boolean fits = rank >= 2 && k.shape().rank() == rank && v.shape().rank() == rank;
    for (int axis = 0; fits && axis < rank - 2; axis++) {
      long extent = q.shape().extent(axis);
      fits = k.shape().extent(axis) == extent && v.shape().extent(axis) == extent;
    }
    if (!fits
        || k.shape().extent(rank - 1) != q.shape().extent(rank - 1)
        || k.shape().extent(rank - 2) != v.shape().extent(rank - 2)) {
      throw new ShapeException(
          "%s: expected q[…, queries, d], k[…, keys, d] and v[…, keys, e], got %s, %s and %s"
              .formatted(name(), q, k, v));
    }
    if (k.shape().extent(rank - 2) == 0) {
      throw new ShapeException("%s: expected at least one key, got k %s".formatted(name(), k));
    }
    if (!q.dtype().isFloating() || k.dtype() != q.dtype() || v.dtype() != q.dtype()) {
      throw new DTypeException(
          "%s: expected q, k and v of one floating dtype, got %s, %s and %s"
              .formatted(name(), q, k, v));
    }
    if (count > 3) {
      TensorType mask = operands.get(3);
      Shape scores = replaceLast(q.shape(), k.shape().extent(rank - 2));
      if (!mask.shape().equals(scores)
          || (mask.dtype() != DType.BOOL && mask.dtype() != q.dtype())) {
        throw new ShapeException(
            "%s: expected a mask bool%s or %s%s, got %s"
                .formatted(name(), scores, q.dtype(), scores, mask));
      }
    }
    return q.with(replaceLast(q.shape(), v.shape().extent(rank - 1)));
  }

  private static Shape replaceLast(Shape shape, long extent) {
    long[] extents = shape.extents();
    extents[extents.length - 1] = extent;
    return Shape.of(extents);
  }

  /** Attention itself. */
  record Attention(double scale, boolean causal) implements AttentionOp {
    @Override
    public int others() {
      return 0;
    }

    @Override
    public List<TensorType> infer(List<TensorType> operands) {
      return List.of(AttentionOp.super.requireOperands(operands));
    }

    @Override
    public List<Tensor> parts(List<Tensor> operands) {
      return List.of(scores(operands).result());
    }

    /** A mask that has a tangent is differentiated part by part. */
    @Override
    public List<Tensor> jvp(List<Tensor> operands, List<Tensor> tangents, List<Tensor> results) {
      Tensor mask = maskTangent(tangents);
      if (mask != null) {
        AttentionParts parts = scores(operands);
        Tensor scores = parts.scoresTangent(tangents.get(0), tangents.get(1), mask);
        return Rules.one(parts.resultTangent(scores, tangents.get(2)));
      }
      List<Integer> moving = new ArrayList<>();
      List<Tensor> all = new ArrayList<>(operands);
      for (int i = 0; i < 3; i++) {
        if (tangents.get(i) != null) {
          moving.add(i);
          all.add(tangents.get(i));
        }
      }
      return Rules.one(
          Trace.bind(
              new AttentionTangent(scale, causal, List.copyOf(moving)),
              all.toArray(Tensor[]::new)));
    }

    /** Queries that meet the same keys and values are one long list of queries. */
    @Override
    public Batched batch(long size, List<Tensor> operands, boolean[] mapped) {
      boolean queriesOnly = operands.size() == 3 && !causal && !mapped[1] && !mapped[2];
      if (!queriesOnly) {
        return AttentionOp.super.batch(size, operands, mapped);
      }
      Tensor q = operands.getFirst();
      int leading = q.rank() - 3;
      Tensor beside = q.moveAxis(0, leading);
      long[] apart = beside.shape().extents();
      long[] joined = new long[apart.length - 1];
      System.arraycopy(apart, 0, joined, 0, leading);
      joined[leading] = apart[leading] * apart[leading + 1];
      joined[leading + 1] = apart[leading + 2];
      Tensor y = Trace.bind(this, beside.reshape(joined), operands.get(1), operands.get(2));
      apart[leading + 2] = y.shape().extent(leading + 1);
      return Batched.of(y.reshape(apart).moveAxis(leading, 0));
    }
  }

  /**
   * The tangent of attention by q, k and v. It has no kernel: where it runs, it is its parts. It is
   * there to be transposed to {@link AttentionGradient}.
   *
   * <p>Operands: those of attention, then a tangent for each operand in {@code moving}.
   *
   * @param moving of 0, 1 and 2, ascending
   */
  record AttentionTangent(double scale, boolean causal, List<Integer> moving)
      implements AttentionOp, Linear {
    @Override
    public int others() {
      return moving.size();
    }

    @Override
    public List<TensorType> infer(List<TensorType> operands) {
      TensorType result = AttentionOp.super.requireOperands(operands);
      for (int i = 0; i < 3; i++) {
        int place = moving.indexOf(i);
        if (place >= 0) {
          Rules.requireAlike(
              name(),
              Domain.FLOATING,
              List.of(operands.get(i), operands.get(first(operands) + place)));
        }
      }
      return List.of(result);
    }

    /** Returns where the tangents begin. */
    private int first(List<?> operands) {
      return operands.size() - moving.size();
    }

    /** Returns the tangent of q, k or v, null for zero. */
    private Tensor tangent(int i, List<Tensor> operands) {
      int place = moving.indexOf(i);
      return place < 0 ? null : operands.get(first(operands) + place);
    }

    @Override
    public List<Tensor> parts(List<Tensor> operands) {
      AttentionParts parts = scores(operands);
      Tensor scores = parts.scoresTangent(tangent(0, operands), tangent(1, operands), null);
      return List.of(parts.resultTangent(scores, tangent(2, operands)));
    }

    @Override
    public List<Tensor> jvp(List<Tensor> operands, List<Tensor> tangents, List<Tensor> results) {
      int first = first(operands);
      if (tangents.subList(0, first).stream().allMatch(t -> t == null)) {
        List<Integer> still = new ArrayList<>();
        List<Tensor> all = new ArrayList<>(operands.subList(0, first));
        for (int i = 0; i < moving.size(); i++) {
          if (tangents.get(first + i) != null) {
            still.add(moving.get(i));
            all.add(tangents.get(first + i));
          }
        }
        return Rules.one(
            Trace.bind(
                new AttentionTangent(scale, causal, List.copyOf(still)),
                all.toArray(Tensor[]::new)));
      }
      return Rules.one(
          scores(operands)
              .secondTangent(
                  new AttentionParts.Direction(
                      tangent(0, operands), tangent(1, operands), tangent(2, operands), null),
                  new AttentionParts.Direction(
                      tangents.get(0), tangents.get(1), tangents.get(2), maskTangent(tangents)),
                  new AttentionParts.Direction(
                      tangent(0, tangents), tangent(1, tangents), tangent(2, tangents), null)));
    }

    @Override
    public List<Tensor> transpose(List<Tensor> cotangents, List<Operand> operands) {
      int first = first(operands);
      List<Tensor> known = new ArrayList<>();
      operands.subList(0, first).forEach(operand -> known.add(Rules.known(operand)));
      known.add(cotangents.getFirst());
      List<Tensor> gradients =
          Trace.bindAll(new AttentionGradient(scale, causal), known.toArray(Tensor[]::new));
      Tensor[] result = new Tensor[operands.size()];
      for (int i = 0; i < moving.size(); i++) {
        if (operands.get(first + i) instanceof Operand.Unknown) {
          result[first + i] = gradients.get(moving.get(i));
        }
      }
      return Arrays.asList(result);
    }
  }

  /**
   * The gradients of attention by q, k and v.
   *
   * <p>Operands: those of attention, then the cotangent of its result. Results: those of q, k, v.
   */
  record AttentionGradient(double scale, boolean causal) implements AttentionOp, Linear {
    @Override
    public int others() {
      return 1;
    }

    @Override
    public List<TensorType> infer(List<TensorType> operands) {
      TensorType result = AttentionOp.super.requireOperands(operands);
      Rules.requireAlike(name(), Domain.FLOATING, List.of(result, operands.getLast()));
      return List.copyOf(operands.subList(0, 3));
    }

    @Override
    public List<Tensor> parts(List<Tensor> operands) {
      return scores(operands).gradients(operands.getLast());
    }

    @Override
    public List<Tensor> jvp(List<Tensor> operands, List<Tensor> tangents, List<Tensor> results) {
      int last = operands.size() - 1;
      Tensor ct = tangents.get(last);
      if (tangents.subList(0, last).stream().allMatch(t -> t == null)) {
        List<Tensor> all = new ArrayList<>(operands.subList(0, last));
        all.add(ct);
        return Trace.bindAll(this, all.toArray(Tensor[]::new));
      }
      return scores(operands)
          .gradientTangents(
              operands.get(last),
              new AttentionParts.Direction(
                  tangents.get(0), tangents.get(1), tangents.get(2), maskTangent(tangents)),
              ct);
    }

    /** Of the cotangent of attention's result, in which alone it is linear. */
    @Override
    public List<Tensor> transpose(List<Tensor> cotangents, List<Operand> operands) {
      int last = operands.size() - 1;
      List<Tensor> all = new ArrayList<>();
      operands.subList(0, last).forEach(operand -> all.add(Rules.known(operand)));
      List<Integer> moving = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        if (cotangents.get(i) != null) {
          moving.add(i);
          all.add(cotangents.get(i));
        }
      }
      Tensor[] result = new Tensor[operands.size()];
      result[last] =
          Trace.bind(
              new AttentionTangent(scale, causal, List.copyOf(moving)), all.toArray(Tensor[]::new));
      return Arrays.asList(result);
    }
  }
}
