package dev.lockstep.compiler;

import dev.lockstep.compiler.CommonDimensions.Piece;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/**
 * A product and a loop over its result as one step. Both get the dimensions that they have in
 * common: what the product walks as one and the loop does not becomes further batch dimensions.
 */
final class ProductEpilogue {
  /** Of a loop, two of which are rows and columns. */
  private static final int MOST_DIMENSIONS = 16;

  private static final int A = 0;
  private static final int B = 1;
  private static final int C = 2;

  private final Step.Matmul product;
  private final Step.Loop loop;
  private final boolean resultIsFree;
  private final int batchRank;
  private final ResultLoop over;

  /** The product's dimension that is the result's rows or columns, or the batch. */
  private enum Role {
    BATCH,
    ROWS,
    COLUMNS
  }

  /**
   * A dimension of both.
   *
   * @param strides of a, b and c, then of the loop's inputs and results
   */
  private record Dimension(Role role, long extent, long[] strides) {
    boolean mergesWith(Dimension inner) {
      return role == inner.role
          && IntStream.range(0, strides.length)
              .allMatch(i -> strides[i] == inner.strides[i] * inner.extent);
    }

    Dimension merge(Dimension inner) {
      return new Dimension(role, extent * inner.extent, inner.strides);
    }
  }

  /**
   * @param resultIsFree whether nothing but the loop reads the product's result, so that it need
   *     not be kept
   */
  ProductEpilogue(Step.Matmul product, Step.Loop loop, boolean resultIsFree) {
    this.product = product;
    this.loop = loop;
    this.resultIsFree = resultIsFree;
    this.batchRank = product.batch().length;
    this.over = new ResultLoop(product.c().view(), loop);
  }

  /** Returns the one step, or null if the loop does not walk the result's elements in pairs. */
  Step.Matmul fuse() {
    View read = over.read();
    if (read == null) {
      return null;
    }
    List<Piece> pieces =
        CommonDimensions.of(extents(), strides(product.c()), loop.extents(), read.strides());
    if (pieces == null) {
      return null;
    }
    List<Dimension> dimensions = merge(pieces.stream().map(this::dimension).toList());
    List<Dimension> order = new ArrayList<>();
    Dimension rows = takeLargest(Role.ROWS, dimensions, order);
    Dimension columns = takeLargest(Role.COLUMNS, dimensions, order);
    dimensions.stream().filter(dimension -> dimension.role == Role.BATCH).forEach(order::add);
    order.add(rows);
    order.add(columns);
    return order.size() > MOST_DIMENSIONS ? null : step(order);
  }

  private long[] extents() {
    long[] extents = Arrays.copyOf(product.batch(), batchRank + 2);
    extents[batchRank] = product.m();
    extents[batchRank + 1] = product.n();
    return extents;
  }

  /** Returns the strides along the batch, the rows and the columns. */
  private long[] strides(Step.Matrix matrix) {
    long[] strides = Arrays.copyOf(matrix.batchStrides(), batchRank + 2);
    strides[batchRank] = matrix.rowStride();
    strides[batchRank + 1] = matrix.columnStride();
    return strides;
  }

  private Dimension dimension(Piece piece) {
    int of = piece.first();
    Role role = of < batchRank ? Role.BATCH : of == batchRank ? Role.ROWS : Role.COLUMNS;
    long a = role == Role.COLUMNS ? 0 : strides(product.a())[of];
    long b = role == Role.ROWS ? 0 : strides(product.b())[of];
    LongStream own = LongStream.of(a, b, strides(product.c())[of]).map(s -> s * piece.firstSteps());
    LongStream ofLoop =
        over.operands().stream().mapToLong(v -> v.strides()[piece.second()] * piece.secondSteps());
    return new Dimension(role, piece.extent(), LongStream.concat(own, ofLoop).toArray());
  }

  private static List<Dimension> merge(List<Dimension> dimensions) {
    List<Dimension> merged = new ArrayList<>();
    for (Dimension dimension : dimensions) {
      if (!merged.isEmpty() && merged.getLast().mergesWith(dimension)) {
        merged.set(merged.size() - 1, merged.getLast().merge(dimension));
      } else {
        merged.add(dimension);
      }
    }
    return merged;
  }

  /** Returns the largest dimension of a role; the others join the batch. */
  private Dimension takeLargest(Role role, List<Dimension> dimensions, List<Dimension> batch) {
    Dimension largest = new Dimension(role, 1, new long[C + 1 + over.operands().size()]);
    for (Dimension dimension : dimensions) {
      if (dimension.role == role) {
        if (dimension.extent > largest.extent) {
          if (largest.extent > 1) {
            batch.add(largest);
          }
          largest = dimension;
        } else {
          batch.add(dimension);
        }
      }
    }
    return largest;
  }

  private Step.Matmul step(List<Dimension> order) {
    long[] extents = order.stream().mapToLong(Dimension::extent).toArray();
    int rank = order.size() - 2;
    int home = resultIsFree ? inPlace(order.get(rank), order.get(rank + 1)) : -1;
    List<long[]> ofOperands =
        IntStream.range(0, over.operands().size())
            .mapToObj(operand -> strides(order, C + 1 + operand))
            .toList();
    ResultLoop.Fused fused = over.over(extents, strides(order, C), ofOperands, home);
    return new Step.Matmul(
        product.dtype(),
        Arrays.copyOf(extents, rank),
        extents[rank],
        extents[rank + 1],
        product.k(),
        matrix(product.a().view(), strides(order, A), product.a().columnStride(), A),
        matrix(product.b().view(), strides(order, B), product.b().rowStride(), B),
        Step.Matrix.of(fused.result()),
        fused.epilogue());
  }

  /**
   * Returns the operand, a result of the loop, whose memory can hold the product's result too, or
   * -1. Its rows or columns are adjacent, as kernels of products want them.
   */
  private int inPlace(Dimension rows, Dimension columns) {
    int found = -1;
    for (int i = loop.results().size() - 1; i >= 0; i--) {
      int operand = loop.inputs().size() + i;
      long row = rows.strides[C + 1 + operand];
      long column = columns.strides[C + 1 + operand];
      boolean alike = row == rows.strides[C] && column == columns.strides[C];
      if (loop.results().get(i).to().dtype() == product.dtype()
          && (alike || found < 0 && (row == 1 || column == 1))) {
        found = operand;
      }
    }
    return found;
  }

  private static long[] strides(List<Dimension> order, int operand) {
    return order.stream().mapToLong(dimension -> dimension.strides[operand]).toArray();
  }

  /** Returns a or b, whose stride along what is added up is {@code inner}. */
  private static Step.Matrix matrix(View view, long[] strides, long inner, int operand) {
    int rank = strides.length - 2;
    long row = operand == A ? strides[rank] : inner;
    long column = operand == A ? inner : strides[rank + 1];
    return new Step.Matrix(view, row, column, Arrays.copyOf(strides, rank));
  }
}
