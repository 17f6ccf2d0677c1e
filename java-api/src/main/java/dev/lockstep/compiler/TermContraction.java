package dev.lockstep.compiler;

import dev.lockstep.program.Variable;
import dev.lockstep.program.primitive.BinaryArithmetic;
import dev.lockstep.program.primitive.Contraction.DotGeneral;
import dev.lockstep.tensor.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/**
 * The product of a term and a dense tensor. A contracted axis of the term that runs along with one
 * that stays costs no sum: the other operand is read at its places instead.
 */
final class TermContraction {
  private final Emitter emitter;
  private final Term term;
  private final Variable other;
  private final boolean termIsLeft;
  private final List<Integer> contract;
  private final List<Integer> batch;
  private final List<Integer> free;
  private final List<Integer> otherContract;
  private final List<Integer> otherBatch;
  private final List<Integer> otherFree;

  /** Dense axes of the term that the other operand is read along; these stay. */
  private final List<Integer> shared = new ArrayList<>();

  /** Dense axes of the term that the other operand is read along; these are summed over. */
  private final List<Integer> summed = new ArrayList<>();

  /** Dense axes of the term that the other operand does not have. */
  private final List<Integer> own = new ArrayList<>();

  TermContraction(Emitter emitter, DotGeneral dot, Term term, Variable other, boolean termIsLeft) {
    this.emitter = emitter;
    this.term = term;
    this.other = other;
    this.termIsLeft = termIsLeft;
    contract = termIsLeft ? dot.leftContract() : dot.rightContract();
    batch = termIsLeft ? dot.leftBatch() : dot.rightBatch();
    otherContract = termIsLeft ? dot.rightContract() : dot.leftContract();
    otherBatch = termIsLeft ? dot.rightBatch() : dot.leftBatch();
    free = DotGeneral.free(term.rows(), contract, batch);
    otherFree = DotGeneral.free(other.type().shape().rank(), otherContract, otherBatch);
    for (int column = 0; column < term.columns(); column++) {
      boolean isRead = uses(batch, column) || uses(contract, column);
      boolean stays = uses(batch, column) || uses(free, column);
      (!isRead ? own : stays ? shared : summed).add(column);
    }
  }

  private boolean uses(List<Integer> rows, int column) {
    return rows.stream().anyMatch(row -> term.uses(row, column));
  }

  /** Returns the product as a term, or null if it is none. */
  Term product() {
    List<Integer> readColumns = Stream.concat(shared.stream(), summed.stream()).toList();
    Variable read = read(readColumns);
    if (read == null) {
      return null;
    }
    int freeAxes = otherFree.size();
    Variable dense = summed.isEmpty() ? multiply(read) : contract(read);
    // The dense result's axes: shared, own, then the other operand's free ones.
    List<Integer> columns = Stream.concat(shared.stream(), own.stream()).toList();
    List<long[]> batchRows = rowsOf(batch, columns, freeAxes);
    List<long[]> freeRows = rowsOf(free, columns, freeAxes);
    List<long[]> otherRows = new ArrayList<>();
    for (int i = 0; i < freeAxes; i++) {
      long[] row = new long[columns.size() + freeAxes];
      row[columns.size() + i] = 1;
      otherRows.add(row);
    }
    List<long[]> strides = new ArrayList<>(batchRows);
    strides.addAll(termIsLeft ? freeRows : otherRows);
    strides.addAll(termIsLeft ? otherRows : freeRows);
    List<Long> offsets = new ArrayList<>(offsetsOf(batch));
    List<Long> zeros = otherFree.stream().map(_ -> 0L).toList();
    offsets.addAll(termIsLeft ? offsetsOf(free) : zeros);
    offsets.addAll(termIsLeft ? zeros : offsetsOf(free));
    Term product =
        new Term(
            dense,
            offsets.stream().mapToLong(Long::longValue).toArray(),
            strides.toArray(long[][]::new));
    return product.places().isInjective(product.small()) ? product : null;
  }

  private List<Long> offsetsOf(List<Integer> rows) {
    return rows.stream().map(row -> term.offsets()[row]).toList();
  }

  private List<long[]> rowsOf(List<Integer> rows, List<Integer> columns, int more) {
    return rows.stream()
        .map(row -> {
          long[] strides = new long[columns.size() + more];
          for (int i = 0; i < columns.size(); i++) {
            strides[i] = term.strides()[row][columns.get(i)];
          }
          return strides;
        })
        .toList();
  }

  /** Returns the other operand with axes: the columns, then its free ones. */
  private Variable read(List<Integer> columns) {
    Shape shape = other.type().shape();
    int rank = columns.size() + otherFree.size();
    long[] offsets = new long[shape.rank()];
    long[][] strides = new long[shape.rank()][];
    for (int i = 0; i < otherBatch.size(); i++) {
      offsets[otherBatch.get(i)] = term.offsets()[batch.get(i)];
    }
    for (int i = 0; i < otherContract.size(); i++) {
      offsets[otherContract.get(i)] = term.offsets()[contract.get(i)];
    }
    List<long[]> batchRows = rowsOf(batch, columns, otherFree.size());
    List<long[]> contractRows = rowsOf(contract, columns, otherFree.size());
    IntStream.range(0, otherBatch.size())
        .forEach(i -> strides[otherBatch.get(i)] = batchRows.get(i));
    IntStream.range(0, otherContract.size())
        .forEach(i -> strides[otherContract.get(i)] = contractRows.get(i));
    for (int i = 0; i < otherFree.size(); i++) {
      strides[otherFree.get(i)] = new long[rank];
      strides[otherFree.get(i)][columns.size() + i] = 1;
    }
    return emitter.read(other, offsets, strides, extents(columns));
  }

  /** Returns the extents of the columns, then of the other operand's free axes. */
  private Shape extents(List<Integer> columns) {
    LongStream mine = columns.stream().mapToLong(term::extent);
    LongStream others = otherFree.stream().mapToLong(axis -> other.type().shape().extent(axis));
    return Shape.of(LongStream.concat(mine, others).toArray());
  }

  private Variable multiply(Variable read) {
    List<Integer> columns = Stream.concat(shared.stream(), own.stream()).toList();
    Shape shape = extents(columns);
    Variable mine =
        emitter.repeat(
            emitter.transpose(term.dense(), columns),
            shape,
            IntStream.range(0, columns.size()).boxed().toList());
    List<Integer> axes =
        IntStream.concat(
                IntStream.range(0, shared.size()), IntStream.range(columns.size(), shape.rank()))
            .boxed()
            .toList();
    return emitter.emit(new BinaryArithmetic.Mul(), mine, emitter.repeat(read, shape, axes));
  }

  private Variable contract(Variable read) {
    List<Integer> sharedOfRead = IntStream.range(0, shared.size()).boxed().toList();
    List<Integer> summedOfRead =
        IntStream.range(shared.size(), shared.size() + summed.size()).boxed().toList();
    return emitter.emit(
        new DotGeneral(summed, summedOfRead, shared, sharedOfRead), term.dense(), read);
  }
}
