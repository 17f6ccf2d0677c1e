package dev.lockstep.compiler;

import dev.lockstep.bindings.Instruction;
import dev.lockstep.bindings.generated.lockstep_h;
import dev.lockstep.program.Program;
import dev.lockstep.program.primitive.Indexing;
import dev.lockstep.program.primitive.RandomBits;
import dev.lockstep.program.primitive.Windowing;
import dev.lockstep.tensor.DType;
import dev.lockstep.tensor.TensorType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.stream.Stream;

/** One call into the native core's kernels: what it reads, what it writes, and its parameters. */
sealed interface Step {
  /** Returns the views that the step reads. */
  List<View> reads();

  /** Returns the views that the step writes. */
  List<View> writes();

  /** Returns the name in reports. */
  default String name() {
    return getClass().getSimpleName().toLowerCase(Locale.ROOT);
  }

  /** Returns the arithmetic operations of the step's own, without those of its parts. */
  default long operations() {
    return 0;
  }

  /** Returns the programs that the step runs as sub-plans. */
  default List<Program> parts() {
    return List.of();
  }

  /** Returns how often each part runs, if that is known beforehand. */
  default long repetitions() {
    return 1;
  }

  /**
   * A fused elementwise loop.
   *
   * @param extents the loop's dimensions; the last {@code reduceRank} are reduced
   * @param inputs one stride a loop dimension
   */
  record Loop(
      long[] extents,
      int reduceRank,
      List<View> inputs,
      List<Instruction> instructions,
      List<Result> results)
      implements Step {
    @Override
    public long operations() {
      long elements = 1;
      for (long extent : extents) {
        elements *= extent;
      }
      long reductions = results.stream().filter(result -> result.reduce != 0).count();
      return elements * (instructions.size() + reductions);
    }

    @Override
    public List<View> reads() {
      return inputs;
    }

    @Override
    public List<View> writes() {
      return results.stream().map(Result::to).toList();
    }
  }

  /**
   * Where a loop's value goes.
   *
   * @param value the number of an input or instruction
   * @param reduce {@code LS_REDUCE_*}
   */
  record Result(View to, int value, int reduce) {}

  /**
   * A batch of matrix products: {@code c[batch, m, n] = a[batch, m, k] b[batch, k, n]}.
   *
   * @param epilogue a loop over batch, m and n that runs on each finished part of c, or null
   */
  record Matmul(
      DType dtype,
      long[] batch,
      long m,
      long n,
      long k,
      Matrix a,
      Matrix b,
      Matrix c,
      Loop epilogue)
      implements Step {
    @Override
    public long operations() {
      long matrices = 1;
      for (long extent : batch) {
        matrices *= extent;
      }
      return 2 * matrices * m * n * k + (epilogue == null ? 0 : epilogue.operations());
    }

    @Override
    public List<View> reads() {
      return Epilogues.reads(List.of(a.view, b.view), c.view, epilogue);
    }

    @Override
    public List<View> writes() {
      return Epilogues.writes(c.view, epilogue);
    }
  }

  /**
   * A batch of matrices within a view.
   *
   * @param view gives slot, dtype and offset; its own strides do not count
   */
  record Matrix(View view, long rowStride, long columnStride, long[] batchStrides) {
    /** Returns a view as matrices over its last two axes. */
    static Matrix of(View view) {
      int batch = view.strides().length - 2;
      return new Matrix(
          view,
          view.strides()[batch],
          view.strides()[batch + 1],
          Arrays.copyOf(view.strides(), batch));
    }
  }

  /** A strided copy between two views of one shape. */
  record Copy(View from, View to) implements Step {
    @Override
    public List<View> reads() {
      return List.of(from);
    }

    @Override
    public List<View> writes() {
      return List.of(to);
    }

    /**
     * Returns the step that fills {@code to} from {@code from}: a loop if no memory holds the
     * values.
     */
    static Step of(View from, View to) {
      if (from.slot().isMemory()) {
        return new Copy(from, to);
      }
      return new Loop(
          to.shape().extents(), 0, List.of(from), List.of(), List.of(new Result(to, 0, 0)));
    }

    /** Returns the view if memory holds it, else a copy, whose step is added. */
    static View inMemory(View view, List<Step> steps) {
      return view.slot().isMemory() ? view : toTemporary(view, steps);
    }

    /** Returns a dense copy, whose step is added. */
    static View toTemporary(View view, List<Step> steps) {
      TensorType type = new TensorType(view.dtype(), view.shape());
      View copied = View.dense(Slot.temporary(type.bytes()), type);
      steps.add(of(view, copied));
      return copied;
    }
  }

  /**
   * Reads elements at computed places. All views are over one loop.
   *
   * @param fill the bit pattern that indices out of range give
   * @param indexStrides elements of {@code from}, one an index
   */
  record Gather(
      Indexing.Bounds bounds,
      long fill,
      View from,
      View to,
      List<View> indices,
      long[] indexExtents,
      long[] indexStrides)
      implements Step {
    @Override
    public List<View> reads() {
      List<View> reads = new ArrayList<>(indices);
      reads.add(from);
      return reads;
    }

    @Override
    public List<View> writes() {
      return List.of(to);
    }
  }

  /**
   * Writes elements at computed places. All views are over one loop.
   *
   * @param indexStrides elements of {@code to}, one an index
   */
  record Scatter(
      Indexing.Bounds bounds,
      Indexing.Scatter.Mode mode,
      View from,
      View to,
      List<View> indices,
      long[] indexExtents,
      long[] indexStrides)
      implements Step {
    @Override
    public List<View> reads() {
      List<View> reads = new ArrayList<>(indices);
      reads.add(from);
      return reads;
    }

    @Override
    public List<View> writes() {
      return List.of(to);
    }
  }

  /**
   * Sorts rows along the last axis.
   *
   * @param values null if not wanted
   * @param indices null if not wanted
   */
  record Sort(boolean descending, View keys, View values, View indices) implements Step {
    @Override
    public List<View> reads() {
      return List.of(keys);
    }

    @Override
    public List<View> writes() {
      return Stream.of(values, indices).filter(Objects::nonNull).toList();
    }
  }

  /**
   * Attention. All views have the same leading axes.
   *
   * @param mask null if there is none
   * @param to null in an {@link AttentionGradient}
   */
  record Attention(double scale, boolean causal, View q, View k, View v, View mask, View to)
      implements Step {
    /** Counts both products over all scores. */
    @Override
    public long operations() {
      int rank = q.shape().rank();
      return 2 * products(q.shape().extent(rank - 1) + v.shape().extent(rank - 1));
    }

    /** Returns the multiplications of products over all scores, this many for each of them. */
    private long products(long each) {
      long keys = k.shape().extent(k.shape().rank() - 2);
      return q.shape().size() / Math.max(1, q.shape().extent(q.shape().rank() - 1)) * keys * each;
    }

    @Override
    public List<View> reads() {
      return Stream.of(q, k, v, mask).filter(Objects::nonNull).toList();
    }

    @Override
    public List<View> writes() {
      return List.of(to);
    }
  }

  /**
   * The gradients of attention.
   *
   * @param ct the cotangent of what attention gives
   * @param dq null if not wanted, as {@code dk} and {@code dv}
   */
  record AttentionGradient(Attention of, View ct, View dq, View dk, View dv) implements Step {
    /** Counts five products over all scores. */
    @Override
    public long operations() {
      int rank = of.q.shape().rank();
      return 2 * of.products(3 * of.q.shape().extent(rank - 1) + 2 * of.v.shape().extent(rank - 1));
    }

    @Override
    public List<View> reads() {
      List<View> reads = new ArrayList<>(of.reads());
      reads.add(ct);
      return reads;
    }

    @Override
    public List<View> writes() {
      return Stream.of(dq, dk, dv).filter(Objects::nonNull).toList();
    }
  }

  /**
   * Combines along the last axis each element with all before it.
   *
   * @param kind {@code LS_CUMULATE_*}
   */
  record Cumulative(int kind, boolean reverse, View from, View to) implements Step {
    @Override
    public List<View> reads() {
      return List.of(from);
    }

    @Override
    public List<View> writes() {
      return List.of(to);
    }
  }

  /** Random bits, {@code count} numbers a key. All views are dense. */
  record Random(RandomBits.Threefry op, View keys, View starts, View to) implements Step {
    @Override
    public List<View> reads() {
      return List.of(keys, starts);
    }

    @Override
    public List<View> writes() {
      return List.of(to);
    }
  }

  /**
   * Factorisations or solutions of a batch of matrices.
   *
   * @param kind {@code LS_LINALG_*}
   * @param operands in the native core's order, null for results that are not wanted
   * @param read how many of the operands are read
   */
  record LinearAlgebra(
      int kind, DType dtype, int flags, long[] batch, long[] sizes, List<Matrix> operands, int read)
      implements Step {
    @Override
    public List<View> reads() {
      return operands.subList(0, read).stream().map(Matrix::view).toList();
    }

    @Override
    public List<View> writes() {
      return operands.subList(read, operands.size()).stream()
          .filter(Objects::nonNull)
          .map(Matrix::view)
          .toList();
    }
  }

  /**
   * A convolution of f32 or bf16 or one of its transposes; of x, w and y one is the result.
   *
   * @param strides one entry a spatial axis, as dilation and low
   * @param epilogue a loop over y that runs on each finished part of it, or null; forward only
   */
  record Convolve(
      Kind kind,
      long groups,
      View x,
      View w,
      View y,
      List<Long> strides,
      List<Long> dilation,
      List<Long> low,
      Loop epilogue)
      implements Step {
    /** What is computed. */
    enum Kind {
      /** y. */
      FORWARD,
      /** x, so that the convolution is transposed with respect to it. */
      INPUT,
      /** w. */
      KERNEL
    }

    @Override
    public long operations() {
      long products = y.shape().size() * w.shape().size() / Math.max(1, w.shape().extent(0));
      return 2 * products + (epilogue == null ? 0 : epilogue.operations());
    }

    @Override
    public List<View> reads() {
      return switch (kind) {
        case FORWARD -> Epilogues.reads(List.of(x, w), y, epilogue);
        case INPUT -> List.of(w, y);
        case KERNEL -> List.of(x, y);
      };
    }

    @Override
    public List<View> writes() {
      return switch (kind) {
        case FORWARD -> Epilogues.writes(y, epilogue);
        case INPUT -> List.of(x);
        case KERNEL -> List.of(w);
      };
    }
  }

  /**
   * A pooling or one of its transposes; of x, t and y the one that the kind says is the result.
   *
   * @param t null if the kind does not have it
   */
  record Pooling(
      Kind kind, Windowing windowing, boolean least, boolean countPadding, View x, View t, View y)
      implements Step {
    /** What is computed. */
    enum Kind {
      /** y: the extreme element of each window of x. */
      EXTREME(lockstep_h.LS_POOLING_EXTREME()),
      /** y: the mean of each window of x. */
      MEAN(lockstep_h.LS_POOLING_MEAN()),
      /** y: the element of t where x has its extreme one. */
      TAKE(lockstep_h.LS_POOLING_TAKE()),
      /** t: TAKE transposed with respect to t. */
      PUT(lockstep_h.LS_POOLING_PUT()),
      /** x: MEAN transposed. */
      SPREAD(lockstep_h.LS_POOLING_SPREAD());

      private final int code;

      Kind(int code) {
        this.code = code;
      }

      int code() {
        return code;
      }
    }

    @Override
    public long operations() {
      long elements = windowing.window().stream().reduce(1L, (a, b) -> a * b);
      return y.shape().size() * elements;
    }

    @Override
    public List<View> reads() {
      return switch (kind) {
        case EXTREME, MEAN -> List.of(x);
        case TAKE -> List.of(x, t);
        case PUT -> List.of(x, y);
        case SPREAD -> List.of(y);
      };
    }

    @Override
    public List<View> writes() {
      return List.of(
          switch (kind) {
            case EXTREME, MEAN, TAKE -> y;
            case PUT -> t;
            case SPREAD -> x;
          });
    }
  }

  /** Runs one of several programs, by an index in memory. All views are dense. */
  record Switch(List<Program> branches, View index, List<View> operands, List<View> results)
      implements Step {
    @Override
    public List<Program> parts() {
      return branches;
    }

    @Override
    public List<View> reads() {
      List<View> reads = new ArrayList<>(operands);
      reads.add(index);
      return reads;
    }

    @Override
    public List<View> writes() {
      return results;
    }
  }

  /** Repeats a program while another one says so. All views are dense. */
  record While(
      Program condition,
      Program body,
      List<View> conditionConstants,
      List<View> bodyConstants,
      List<View> initial,
      List<View> results)
      implements Step {
    @Override
    public List<Program> parts() {
      return List.of(condition, body);
    }

    @Override
    public List<View> reads() {
      return Stream.of(conditionConstants, bodyConstants, initial).flatMap(List::stream).toList();
    }

    @Override
    public List<View> writes() {
      return results;
    }
  }

  /** Steps a program through axis 0 of its inputs and outputs. All views are dense. */
  record Scan(
      Program body,
      long length,
      boolean reverse,
      List<View> constants,
      List<View> initial,
      List<View> results,
      List<View> inputs,
      List<View> outputs)
      implements Step {
    @Override
    public List<Program> parts() {
      return List.of(body);
    }

    @Override
    public long repetitions() {
      return length;
    }

    @Override
    public List<View> reads() {
      return Stream.of(constants, initial, inputs).flatMap(List::stream).toList();
    }

    @Override
    public List<View> writes() {
      return Stream.of(results, outputs).flatMap(List::stream).toList();
    }
  }
}
