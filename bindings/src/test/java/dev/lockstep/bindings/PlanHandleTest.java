package dev.lockstep.bindings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lockstep.bindings.generated.lockstep_h;
import dev.lockstep.error.NativeArgumentException;
import dev.lockstep.error.OutOfNativeMemoryException;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class PlanHandleTest {
  private static final int F32 = lockstep_h.LS_F32();
  private static final int F64 = lockstep_h.LS_F64();
  private static final int CPU = lockstep_h.LS_CPU();

  private MemoryStatistics before;

  @BeforeEach
  void count() {
    before = Native.memoryStatistics();
  }

  @AfterEach
  void leaksNothing() {
    Native.setMemoryLimit(0);
    assertThat(Native.memoryStatistics().liveBlocks()).isEqualTo(before.liveBlocks());
    assertThat(Native.memoryStatistics().liveBytes()).isEqualTo(before.liveBytes());
  }

  /** {@code y[i] = x[i] * s + 1} for f64[n] and a scalar. */
  private static PlanHandle scaleAndAddOne(int n) {
    var plan = PlanHandle.create(CPU, new long[] {8L * n, 8}, new long[] {8L * n}, 0);
    plan.addLoop(
        new LoopDescription(
            new long[] {n},
            0,
            List.of(
                new Operand(0, F64, 0, new long[] {1}),
                new Operand(1, F64, 0, new long[] {0}),
                Operand.constant(F64, Double.doubleToRawLongBits(1))),
            List.of(
                new Instruction(lockstep_h.LS_OP_MUL(), F64, F64, 0, 1, -1),
                new Instruction(lockstep_h.LS_OP_ADD(), F64, F64, 3, 2, -1)),
            List.of(
                new LoopResult(
                    new Operand(2, F64, 0, new long[] {1}), 4, lockstep_h.LS_REDUCE_NONE()))));
    plan.seal();
    return plan;
  }

  private static long doubles(double... values) {
    long address = Native.allocate(8L * values.length);
    for (int i = 0; i < values.length; i++) {
      Memory.set(address + 8L * i, Double.doubleToRawLongBits(values[i]));
    }
    return address;
  }

  private static double[] read(long address, int n) {
    return IntStream.range(0, n)
        .mapToDouble(i -> Double.longBitsToDouble(Memory.get(address + 8L * i)))
        .toArray();
  }

  @Test
  void runsALoopWithAnInlineScalarAndAllocatesItsOutput() {
    PlanHandle plan = scaleAndAddOne(3);
    long x = doubles(1, 2, 3);
    for (double scale : new double[] {10, -1}) {
      Frame frame = plan.frame();
      frame.input(0, x);
      frame.inlineInput(1, Double.doubleToRawLongBits(scale));
      frame.run();
      long y = frame.output(0);
      plan.release(frame);
      assertThat(read(y, 3)).containsExactly(scale + 1, 2 * scale + 1, 3 * scale + 1);
      Native.free(y, 24);
    }
    Native.free(x, 24);
    plan.destroy();
  }

  @Test
  void writesIntoMemoryOfTheCaller() {
    PlanHandle plan = scaleAndAddOne(2);
    long x = doubles(5, 6);
    long y = doubles(0, 0);
    Frame frame = plan.frame();
    frame.input(0, x);
    frame.inlineInput(1, Double.doubleToRawLongBits(2));
    frame.outputInto(0, y);
    frame.run();
    assertThat(frame.output(0)).isEqualTo(y);
    plan.release(frame);
    assertThat(read(y, 2)).containsExactly(11, 13);
    Native.free(x, 16);
    Native.free(y, 16);
    plan.destroy();
  }

  @Test
  void reducesACountedIndex() {
    var plan = PlanHandle.create(CPU, new long[0], new long[] {8}, 0);
    plan.addLoop(
        new LoopDescription(
            new long[] {4, 5},
            2,
            List.of(Operand.index(F64, 100, new long[] {10, 1})),
            List.of(),
            List.of(
                new LoopResult(
                    new Operand(0, F64, 0, new long[0]), 0, lockstep_h.LS_REDUCE_SUM()))));
    plan.seal();
    Frame frame = plan.frame();
    frame.run();
    long sum = frame.output(0);
    plan.release(frame);
    assertThat(read(sum, 1)).containsExactly(20 * 100 + 5 * 60 + 4 * 10);
    Native.free(sum, 8);
    plan.destroy();
  }

  @Test
  void multipliesAndCopiesThroughTheWorkspace() {
    var plan = PlanHandle.create(CPU, new long[] {32, 32}, new long[] {32}, 32);
    long[] none = new long[0];
    plan.addMatmul(
        new MatmulDescription(
            F64,
            none,
            2,
            2,
            2,
            new Matrix(0, 0, 2, 1, none),
            new Matrix(1, 0, 2, 1, none),
            new Matrix(3, 0, 2, 1, none),
            null));
    plan.addCopy(
        new CopyDescription(
            new long[] {2, 2},
            new Operand(3, F64, 0, new long[] {1, 2}),
            new Operand(2, F64, 0, new long[] {2, 1})));
    plan.seal();
    assertThat(plan.describe().lines()).hasSize(2);
    assertThat(plan.runBytes()).isGreaterThanOrEqualTo(64);
    long a = doubles(1, 2, 3, 4);
    long b = doubles(5, 6, 7, 8);
    Frame frame = plan.frame();
    frame.input(0, a);
    frame.input(1, b);
    frame.run();
    long transposed = frame.output(0);
    plan.release(frame);
    assertThat(read(transposed, 4)).containsExactly(19, 43, 22, 50);
    Native.free(transposed, 32);
    Native.free(a, 32);
    Native.free(b, 32);
    plan.destroy();
  }

  @Test
  void runsFromManyThreadsAtOnce() throws Exception {
    PlanHandle plan = scaleAndAddOne(100);
    long x = doubles(IntStream.range(0, 100).asDoubleStream().toArray());
    Callable<Integer> run =
        () -> {
          int right = 0;
          for (int i = 0; i < 200; i++) {
            Frame frame = plan.frame();
            frame.input(0, x);
            frame.inlineInput(1, Double.doubleToRawLongBits(i));
            frame.run();
            long y = frame.output(0);
            plan.release(frame);
            right += read(y, 100)[99] == 99.0 * i + 1 ? 1 : 0;
            Native.free(y, 800);
          }
          return right;
        };
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (Future<Integer> right :
          threads.invokeAll(IntStream.range(0, 50).mapToObj(_ -> run).toList())) {
        assertThat(right.get()).isEqualTo(200);
      }
    }
    Native.free(x, 800);
    plan.destroy();
  }

  @Test
  void outlivesItsDestructionUntilTheLastFrameIsBack() {
    PlanHandle plan = scaleAndAddOne(1);
    Frame first = plan.frame();
    Frame second = plan.frame();
    plan.release(second);
    plan.destroy();
    long x = doubles(7);
    first.input(0, x);
    first.inlineInput(1, Double.doubleToRawLongBits(1));
    first.run();
    assertThat(read(first.output(0), 1)).containsExactly(8);
    Native.free(first.output(0), 8);
    Native.free(x, 8);
    plan.release(first);
    plan.destroy();
    assertThatThrownBy(plan::frame)
        .isInstanceOf(NativeArgumentException.class)
        .hasMessageContaining("destroyed");
    assertThatThrownBy(plan::describe).isInstanceOf(NativeArgumentException.class);
    assertThatThrownBy(plan::seal).isInstanceOf(NativeArgumentException.class);
  }

  @Test
  void takesEachFrameBackOnceAndOnlyItsOwn() {
    PlanHandle plan = scaleAndAddOne(1);
    PlanHandle other = scaleAndAddOne(1);
    Frame frame = plan.frame();
    assertThatThrownBy(() -> other.release(frame)).isInstanceOf(NativeArgumentException.class);
    plan.release(frame);
    assertThatThrownBy(() -> plan.release(frame)).isInstanceOf(NativeArgumentException.class);
    plan.destroy();
    other.destroy();
  }

  @Test
  void reportsMissingInputsAndMemoryAndStaysUsable() {
    PlanHandle plan = scaleAndAddOne(1000);
    long x = doubles(new double[1000]);
    Frame frame = plan.frame();
    frame.input(0, x);
    assertThatThrownBy(frame::run).isInstanceOf(NativeArgumentException.class);
    frame.inlineInput(1, 0);
    Native.setMemoryLimit(Native.memoryStatistics().liveBytes() + 100);
    assertThatThrownBy(frame::run).isInstanceOf(OutOfNativeMemoryException.class);
    Native.setMemoryLimit(0);
    plan.release(frame);
    Frame next = plan.frame();
    next.input(0, x);
    next.inlineInput(1, 0);
    next.run();
    Native.free(next.output(0), 8000);
    plan.release(next);
    Native.free(x, 8000);
    plan.destroy();
  }

  @Test
  void checksArgumentNumbers() {
    PlanHandle plan = scaleAndAddOne(1);
    Frame frame = plan.frame();
    assertThatThrownBy(() -> frame.input(2, 0)).isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> frame.inlineInput(-1, 0))
        .isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> frame.output(1)).isInstanceOf(IndexOutOfBoundsException.class);
    plan.release(frame);
    plan.destroy();
  }

  @Test
  void refusesStepsThatLeaveTheirSlots() {
    var plan = PlanHandle.create(CPU, new long[] {12}, new long[] {16}, 0);
    var copy =
        new CopyDescription(
            new long[] {4},
            new Operand(0, F32, 0, new long[] {1}),
            new Operand(1, F32, 0, new long[] {1}));
    assertThatThrownBy(() -> plan.addCopy(copy)).isInstanceOf(NativeArgumentException.class);
    plan.destroy();
  }

  @Test
  void refusesMoreDimensionsThanAStepCanHave() {
    var plan = PlanHandle.create(CPU, new long[] {4}, new long[] {4}, 0);
    var operand = new Operand(0, F32, 0, new long[17]);
    assertThatThrownBy(() -> plan.addCopy(new CopyDescription(new long[17], operand, operand)))
        .isInstanceOf(NativeArgumentException.class)
        .hasMessageContainingAll("at most 16", "got 17");
    plan.destroy();
  }
}
