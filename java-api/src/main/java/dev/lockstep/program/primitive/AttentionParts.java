package dev.lockstep.program.primitive;

import static dev.lockstep.program.primitive.Rules.sum;

import dev.lockstep.program.Trace;
import dev.lockstep.program.primitive.Contraction.DotGeneral;
import dev.lockstep.tensor.DType;
import dev.lockstep.tensor.Shape;
import dev.lockstep.tensor.Tensor;
import dev.lockstep.tensor.TensorType;
import java.util.Arrays;
import java.util.List;

/**
 * Attention by ops that hold all scores in memory: what it and its derivatives are. Tangents are
 * null for zero.
 *
 * @param seen {@code bool[…, queries, keys]}, null if all keys are seen
 * @param probabilities the softmax of the scores
 */
record AttentionParts(
    double scale, Tensor q, Tensor k, Tensor v, Tensor seen, Tensor probabilities) {

  /** Tangents of the operands. */
  record Direction(Tensor q, Tensor k, Tensor v, Tensor mask) {}

  /**
   * Returns the score of what is not seen: as in JAX -0.7 times the largest number, so that a row
   * of which nothing is seen has equal probabilities and no NaN.
   */
  static double hidden(DType dtype) {
    return dtype == DType.F32 ? -0.7f * Float.MAX_VALUE : -0.7 * dtype.largest();
  }

  static AttentionParts of(
      double scale, boolean causal, Tensor q, Tensor k, Tensor v, Tensor mask) {
    Tensor scores = scaled(scale, queriesByKeys(q, k));
    boolean keeps = mask != null && mask.dtype() == DType.BOOL;
    if (mask != null && !keeps) {
      scores = scores.add(mask);
    }
    Tensor seen = keeps ? mask : null;
    if (causal) {
      Tensor past = notAfter(scores.shape());
      seen = seen == null ? past : seen.and(past);
    }
    if (seen != null) {
      scores = Tensor.where(seen, scores, Rules.like(scores, hidden(q.dtype())));
    }
    return new AttentionParts(scale, q, k, v, seen, scores.softmax(-1));
  }

  /** Returns whether the last axis' index is at most that of the axis before it. */
  private static Tensor notAfter(Shape shape) {
    TensorType indices = new TensorType(DType.I64, shape);
    Tensor query = Trace.bind(new Structural.Iota(indices, shape.rank() - 2));
    Tensor key = Trace.bind(new Structural.Iota(indices, shape.rank() - 1));
    return key.lessEqual(query);
  }

  Tensor result() {
    return byValues(probabilities, v);
  }

  /** Returns the tangent of the scores. */
  Tensor scoresTangent(Tensor dq, Tensor dk, Tensor mask) {
    Tensor products = sum(queriesByKeys(dq, k), queriesByKeys(q, dk));
    return whereSeen(sum(scaled(scale, products), mask));
  }

  /** Returns the tangent of the result. */
  Tensor resultTangent(Tensor scores, Tensor dv) {
    return sum(byValues(softmaxTangent(scores), v), byValues(probabilities, dv));
  }

  /**
   * Returns the tangent of {@link #resultTangent}.
   *
   * @param first the direction whose tangent is pushed on
   * @param second the direction in which all operands move
   * @param change how the first direction moves
   */
  Tensor secondTangent(Direction first, Direction second, Direction change) {
    Tensor ds = scoresTangent(first.q, first.k, null);
    Tensor dp = softmaxTangent(ds);
    Tensor sMoved = scoresTangent(second.q, second.k, second.mask);
    Tensor pMoved = softmaxTangent(sMoved);
    Tensor products =
        sum(
            sum(queriesByKeys(change.q, k), queriesByKeys(q, change.k)),
            sum(queriesByKeys(first.q, second.k), queriesByKeys(second.q, first.k)));
    Tensor dsMoved = whereSeen(scaled(scale, products));
    Tensor dpMoved = softmaxTangent(dsMoved);
    if (ds != null && pMoved != null) {
      Tensor centred = ds.sub(rowSums(probabilities.mul(ds)));
      Tensor product = pMoved.mul(centred).sub(probabilities.mul(rowSums(pMoved.mul(ds))));
      dpMoved = sum(dpMoved, product);
    }
    return sum(
        sum(byValues(dpMoved, v), byValues(dp, second.v)),
        sum(byValues(pMoved, first.v), byValues(probabilities, change.v)));
  }

  /** Returns the cotangents of q, k and v. */
  List<Tensor> gradients(Tensor ct) {
    Tensor ds = scoresCotangent(ct);
    return List.of(
        scaled(scale, byValues(ds, k)),
        scaled(scale, byQueries(ds, q)),
        byQueries(probabilities, ct));
  }

  private Tensor scoresCotangent(Tensor ct) {
    Tensor dp = queriesByKeys(ct, v);
    return whereSeen(probabilities.mul(dp.sub(rowSums(probabilities.mul(dp)))));
  }

  /** Returns the tangents of {@link #gradients}. */
  List<Tensor> gradientTangents(Tensor ct, Direction moved, Tensor ctMoved) {
    Tensor dp = queriesByKeys(ct, v);
    Tensor pMoved = softmaxTangent(scoresTangent(moved.q, moved.k, moved.mask));
    Tensor dpMoved = sum(queriesByKeys(ctMoved, v), queriesByKeys(ct, moved.v));
    Tensor ds = scoresCotangent(ct);
    Tensor dsMoved = softmaxTangent(dpMoved);
    if (pMoved != null) {
      Tensor centred = dp.sub(rowSums(probabilities.mul(dp)));
      Tensor product = pMoved.mul(centred).sub(probabilities.mul(rowSums(pMoved.mul(dp))));
      dsMoved = sum(dsMoved, product);
    }
    dsMoved = whereSeen(dsMoved);
    return Arrays.asList(
        scaled(scale, sum(byValues(dsMoved, k), byValues(ds, moved.k))),
        scaled(scale, sum(byQueries(dsMoved, q), byQueries(ds, moved.q))),
        sum(byQueries(pMoved, ct), byQueries(probabilities, ctMoved)));
  }

  private static Tensor scaled(double scale, Tensor x) {
    return x == null ? null : x.mul(Rules.like(x, scale));
  }

  /** Returns the tangent of the softmax; its transpose is the same map. */
  private Tensor softmaxTangent(Tensor scores) {
    return scores == null
        ? null
        : probabilities.mul(scores.sub(rowSums(probabilities.mul(scores))));
  }

  private static Tensor rowSums(Tensor x) {
    return x.sumKeepDims(-1);
  }

  private Tensor whereSeen(Tensor x) {
    return x == null || seen == null ? x : Tensor.where(seen, x, Rules.like(x, 0));
  }

  /** {@code q kᵀ}: over the last axes of both. */
  private static Tensor queriesByKeys(Tensor a, Tensor b) {
    return product(a, 1, b, 1);
  }

  /** {@code p v}: over the keys. */
  private static Tensor byValues(Tensor p, Tensor v) {
    return product(p, 1, v, 2);
  }

  /** {@code pᵀ q}: over the queries. */
  private static Tensor byQueries(Tensor p, Tensor q) {
    return product(p, 2, q, 2);
  }

  /** Contracts axes counted from the end; the leading axes are the batch. */
  private static Tensor product(Tensor a, int ofA, Tensor b, int ofB) {
    if (a == null || b == null) {
      return null;
    }
    List<Integer> leading = Rules.range(0, a.rank() - 2);
    return Trace.bind(
        new DotGeneral(List.of(a.rank() - ofA), List.of(b.rank() - ofB), leading, leading), a, b);
  }
}
