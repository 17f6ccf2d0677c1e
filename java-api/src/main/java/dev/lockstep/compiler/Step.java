package dev.lockstep.compiler;

import dev.lockstep.bindings.Instruction;
import dev.lockstep.tensor.DType;
import java.util.ArrayList;
import java.util.List;

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

    /** Returns the step that fills {@code to} from {@code from}: a loop if no memory holds the values. */
    static Step of(View from, View to) {
      if (from.slot().isMemory()) {
        return new Copy(from, to);
      }
      return new Loop(
          to.shape().extents(),
          0,
          new ArrayList<>(List.of(from)),
          List.of(),
          List.of(new Result(to, 0, 0)));
    }
  }
}
