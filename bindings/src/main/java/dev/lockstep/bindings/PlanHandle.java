package dev.lockstep.bindings;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.lockstep.bindings.generated.lockstep_h;
import dev.lockstep.error.NativeArgumentException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

/**
 * A native plan: created open, given its steps by one thread, sealed, then run by any number of
 * threads at once.
 *
 * <p>Frames are kept for reuse: one in {@code spare}, which a lone thread takes and returns with
 * one compare-and-set each, the others in a queue. {@link #destroy} may be called at any time after
 * building; the native plan goes with the last frame that is in use.
 */
public final class PlanHandle {
  private static final Frame DESTROYED = new Frame();

  private final long address;
  private final int inputCount;
  private final int outputCount;

  /** One free frame, or null, or {@link #DESTROYED} from {@link #destroy} on. */
  private final AtomicReference<Frame> spare = new AtomicReference<>();

  private final ConcurrentLinkedQueue<Frame> free = new ConcurrentLinkedQueue<>();

  /** The frames that exist, descriptions under way, and 1 for the handle until {@link #destroy}. */
  private final AtomicInteger references = new AtomicInteger(1);

  private PlanHandle(long address, int inputCount, int outputCount) {
    this.address = address;
    this.inputCount = inputCount;
    this.outputCount = outputCount;
  }

  /** Returns a new, open plan; the sizes are those of the memory that each run passes. */
  public static PlanHandle create(
      int device, long[] inputBytes, long[] outputBytes, long workspaceBytes) {
    NativeLibrary.load();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment plan = arena.allocate(ADDRESS);
      Status.check(
          lockstep_h.ls_plan_create(
              device,
              inputBytes.length,
              arena.allocateFrom(JAVA_LONG, inputBytes),
              outputBytes.length,
              arena.allocateFrom(JAVA_LONG, outputBytes),
              workspaceBytes,
              plan));
      return new PlanHandle(plan.get(ADDRESS, 0).address(), inputBytes.length, outputBytes.length);
    }
  }

  public void addLoop(LoopDescription loop) {
    try (Arena arena = Arena.ofConfined()) {
      Status.check(lockstep_h.ls_plan_add_loop(pointer(), StructWriter.loop(loop, arena)));
    }
  }

  public void addMatmul(MatmulDescription matmul) {
    try (Arena arena = Arena.ofConfined()) {
      Status.check(lockstep_h.ls_plan_add_matmul(pointer(), StructWriter.matmul(matmul, arena)));
    }
  }

  public void addCopy(CopyDescription copy) {
    try (Arena arena = Arena.ofConfined()) {
      Status.check(lockstep_h.ls_plan_add_copy(pointer(), StructWriter.copy(copy, arena)));
    }
  }

  public void addGather(GatherDescription gather) {
    try (Arena arena = Arena.ofConfined()) {
      Status.check(lockstep_h.ls_plan_add_gather(pointer(), StructWriter.gather(gather, arena)));
    }
  }

  public void addScatter(ScatterDescription scatter) {
    try (Arena arena = Arena.ofConfined()) {
      Status.check(lockstep_h.ls_plan_add_scatter(pointer(), StructWriter.scatter(scatter, arena)));
    }
  }

  public void addSort(SortDescription sort) {
    try (Arena arena = Arena.ofConfined()) {
      Status.check(lockstep_h.ls_plan_add_sort(pointer(), StructWriter.sort(sort, arena)));
    }
  }

  public void addCumulative(CumulativeDescription cumulative) {
    try (Arena arena = Arena.ofConfined()) {
      Status.check(
          lockstep_h.ls_plan_add_cumulative(pointer(), StructWriter.cumulative(cumulative, arena)));
    }
  }

  public void addRandom(RandomDescription random) {
    try (Arena arena = Arena.ofConfined()) {
      Status.check(lockstep_h.ls_plan_add_random(pointer(), BlockWriter.random(random, arena)));
    }
  }

  public void addLinearAlgebra(LinearAlgebraDescription op) {
    try (Arena arena = Arena.ofConfined()) {
      Status.check(lockstep_h.ls_plan_add_linalg(pointer(), StructWriter.linearAlgebra(op, arena)));
    }
  }

  public void addAttention(AttentionDescription attention) {
    try (Arena arena = Arena.ofConfined()) {
      Status.check(
          lockstep_h.ls_plan_add_attention(pointer(), AttentionWriter.attention(attention, arena)));
    }
  }

  public void addAttentionGradient(AttentionGradientDescription gradient) {
    try (Arena arena = Arena.ofConfined()) {
      Status.check(
          lockstep_h.ls_plan_add_attention_gradient(
              pointer(), AttentionWriter.gradient(gradient, arena)));
    }
  }

  public void addConvolution(ConvolutionDescription convolution) {
    try (Arena arena = Arena.ofConfined()) {
      Status.check(
          lockstep_h.ls_plan_add_convolution(
              pointer(), StructWriter.convolution(convolution, arena)));
    }
  }

  public void addPooling(PoolingDescription pooling) {
    try (Arena arena = Arena.ofConfined()) {
      Status.check(lockstep_h.ls_plan_add_pooling(pointer(), StructWriter.pooling(pooling, arena)));
    }
  }

  /** Adds a choice; the plan owns its sub-plans from now on. */
  public void addSwitch(SwitchDescription choice) {
    try (Arena arena = Arena.ofConfined()) {
      Status.check(lockstep_h.ls_plan_add_switch(pointer(), ControlWriter.choice(choice, arena)));
    }
    choice.branches().forEach(PlanHandle::handOver);
  }

  /** Adds a loop; the plan owns its sub-plans from now on. */
  public void addWhile(WhileDescription loop) {
    try (Arena arena = Arena.ofConfined()) {
      Status.check(lockstep_h.ls_plan_add_while(pointer(), ControlWriter.loop(loop, arena)));
    }
    loop.condition().handOver();
    loop.body().handOver();
  }

  /** Adds a scan; the plan owns its sub-plan from now on. */
  public void addScan(ScanDescription scan) {
    try (Arena arena = Arena.ofConfined()) {
      Status.check(lockstep_h.ls_plan_add_scan(pointer(), ControlWriter.scan(scan, arena)));
    }
    scan.body().handOver();
  }

  /** Ends building; the plan may run from now on. */
  public void seal() {
    Status.check(lockstep_h.ls_plan_seal(pointer()));
  }

  /** Returns what each run allocates besides its outputs: the workspace and scratch memory. */
  public long runBytes() {
    addReference();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment bytes = arena.allocate(JAVA_LONG);
      Status.check(lockstep_h.ls_plan_run_bytes(pointer(), bytes));
      return bytes.get(JAVA_LONG, 0);
    } finally {
      dropReference();
    }
  }

  /** One line a step: kernel taken, shape, bytes, FLOPs and why. */
  public String describe() {
    addReference();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment length = arena.allocate(JAVA_LONG);
      Status.check(lockstep_h.ls_plan_describe(pointer(), MemorySegment.NULL, 0, length));
      long capacity = length.get(JAVA_LONG, 0) + 1;
      MemorySegment text = arena.allocate(capacity);
      Status.check(lockstep_h.ls_plan_describe(pointer(), text, capacity, length));
      return text.getString(0);
    } finally {
      dropReference();
    }
  }

  /** Takes a frame for one run or several; give it back with {@link #release}. */
  public Frame frame() {
    Frame frame = spare.get();
    if (frame == null || frame == DESTROYED || !spare.compareAndSet(frame, null)) {
      frame = freeOrNewFrame();
    }
    frame.inUse = true;
    return frame;
  }

  /** Gives a frame back, which forgets its addresses. */
  public void release(Frame frame) {
    if (frame.plan() != this || !frame.inUse) {
      throw new NativeArgumentException(
          "Releasing a frame: expected one that this plan gave out and that was not released.");
    }
    frame.inUse = false;
    frame.clear();
    if (!spare.compareAndSet(null, frame)) {
      free.add(frame);
      if (spare.get() == DESTROYED) {
        dropFreeFrames();
      }
    }
  }

  /** Frees the plan when no frame is in use any more. Does nothing the second time. */
  public void destroy() {
    Frame last = spare.getAndSet(DESTROYED);
    if (last == DESTROYED) {
      return;
    }
    if (last != null) {
      drop(last);
    }
    dropFreeFrames();
    dropReference();
  }

  private Frame freeOrNewFrame() {
    requireAlive();
    Frame frame = free.poll();
    return frame != null ? frame : newFrame();
  }

  private Frame newFrame() {
    addReference();
    try {
      return new Frame(this, address, inputCount, outputCount);
    } catch (RuntimeException e) {
      dropReference();
      throw e;
    }
  }

  private void addReference() {
    requireAlive();
    int count = references.get();
    while (count == 0 || !references.compareAndSet(count, count + 1)) {
      requireAlive();
      count = references.get();
    }
  }

  private void dropFreeFrames() {
    for (Frame frame = free.poll(); frame != null; frame = free.poll()) {
      drop(frame);
    }
  }

  private void drop(Frame frame) {
    frame.free();
    dropReference();
  }

  private void dropReference() {
    if (references.decrementAndGet() == 0) {
      Status.check(lockstep_h.ls_plan_destroy(MemorySegment.ofAddress(address)));
    }
  }

  /**
   * Forgets the native plan, which another plan owns now; it never ran by itself, so has no frames.
   */
  private void handOver() {
    spare.set(DESTROYED);
  }

  MemorySegment pointer() {
    requireAlive();
    return MemorySegment.ofAddress(address);
  }

  private void requireAlive() {
    if (spare.get() == DESTROYED) {
      throw new NativeArgumentException("Using a plan: expected a live plan, it was destroyed.");
    }
  }
}
