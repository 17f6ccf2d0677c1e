package dev.lockstep.compiler;

import dev.lockstep.bindings.Instruction;
import dev.lockstep.program.Program;
import dev.lockstep.program.primitive.Indexing;
import dev.lockstep.tensor.DType;
import dev.lockstep.tensor.TensorType;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/** One call into the native core's kernels: what it reads, what it writes, and its parameters. */
sealed interface Step {
  /** Returns the views that the step reads. */
  List<View> reads();

  /** Returns the views that the step writes. */
  List<View> writes();

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

  /** A batch of matrix products: {@code c[batch, m, n] = a[batch, m, k] b[batch, k, n]}. */
  record Matmul(DType dtype, long[] batch, long m, long n, long k, Matrix a, Matrix b, Matrix c)
      implements Step {
    @Override
    public List<View> reads() {
      return List.of(a.view, b.view);
    }

    @Override
    public List<View> writes() {
      return List.of(c.view);
    }
  }

  /**
   * A batch of matrices within a view.
   *
   * @param view gives slot, dtype and offset; its own strides do not count
   */
  record Matrix(View view, long rowStride, long columnStride, long[] batchStrides) {}

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

  /**
   * A convolution of f32 or one of its transposes; of x, w and y one is the result.
   *
   * @param strides one entry a spatial axis, as dilation and low
   */
  record Convolve(
      Kind kind,
      long groups,
      View x,
      View w,
      View y,
      List<Long> strides,
      List<Long> dilation,
      List<Long> low)
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
    public List<View> reads() {
      return switch (kind) {
        case FORWARD -> List.of(x, w);
        case INPUT -> List.of(w, y);
        case KERNEL -> List.of(x, y);
      };
    }

    @Override
    public List<View> writes() {
      return List.of(
          switch (kind) {
            case FORWARD -> y;
            case INPUT -> x;
            case KERNEL -> w;
          });
    }
  }

  /** Runs one of several programs, by an index in memory. All views are dense. */
  record Switch(List<Program> branches, View index, List<View> operands, List<View> results)
      implements Step {
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
    public List<View> reads() {
      return Stream.of(constants, initial, inputs).flatMap(List::stream).toList();
    }

    @Override
    public List<View> writes() {
      return Stream.of(results, outputs).flatMap(List::stream).toList();
    }
  }
}
