package dev.lockstep.compiler;

import dev.lockstep.bindings.AttentionDescription;
import dev.lockstep.bindings.AttentionGradientDescription;
import dev.lockstep.bindings.Block;
import dev.lockstep.bindings.ConvolutionDescription;
import dev.lockstep.bindings.CopyDescription;
import dev.lockstep.bindings.CumulativeDescription;
import dev.lockstep.bindings.GatherDescription;
import dev.lockstep.bindings.LinearAlgebraDescription;
import dev.lockstep.bindings.LoopDescription;
import dev.lockstep.bindings.LoopResult;
import dev.lockstep.bindings.MatmulDescription;
import dev.lockstep.bindings.Matrix;
import dev.lockstep.bindings.Operand;
import dev.lockstep.bindings.PlanHandle;
import dev.lockstep.bindings.PoolingDescription;
import dev.lockstep.bindings.RandomDescription;
import dev.lockstep.bindings.ScanDescription;
import dev.lockstep.bindings.ScatterDescription;
import dev.lockstep.bindings.SortDescription;
import dev.lockstep.bindings.SwitchDescription;
import dev.lockstep.bindings.WhileDescription;
import dev.lockstep.bindings.generated.lockstep_h;
import dev.lockstep.program.Program;
import dev.lockstep.program.primitive.Indexing;
import dev.lockstep.program.primitive.RandomBits;
import dev.lockstep.tensor.DType;
import dev.lockstep.tensor.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;

/** Writes steps into a native plan: one native call a step. */
final class PlanWriter {
  private final PlanHandle plan;
  private final int inputs;
  private final int workspaceSlot;
  private final int[] writtenPositions;

  /**
   * @param writtenPositions for each output of the program its position among those that steps
   *     write
   */
  PlanWriter(PlanHandle plan, int inputs, int[] writtenPositions, int written) {
    this.plan = plan;
    this.inputs = inputs;
    this.writtenPositions = writtenPositions;
    this.workspaceSlot = inputs + written;
  }

  /** Adds a step to the plan. */
  void add(Step step) {
    switch (step) {
      case Step.Loop loop -> plan.addLoop(loop(loop));
      case Step.Matmul matmul ->
          plan.addMatmul(
              new MatmulDescription(
                  matmul.dtype().code(),
                  matmul.batch(),
                  matmul.m(),
                  matmul.n(),
                  matmul.k(),
                  matrix(matmul.a()),
                  matrix(matmul.b()),
                  matrix(matmul.c()),
                  epilogue(matmul.epilogue())));
      case Step.Copy copy ->
          plan.addCopy(
              new CopyDescription(
                  copy.from().shape().extents(), operand(copy.from()), operand(copy.to())));
      case Step.Gather gather ->
          plan.addGather(
              new GatherDescription(
                  gather.to().shape().extents(),
                  bounds(gather.bounds()),
                  gather.fill(),
                  operand(gather.from()),
                  operand(gather.to()),
                  gather.indices().stream().map(this::operand).toList(),
                  gather.indexExtents(),
                  gather.indexStrides()));
      case Step.Scatter scatter ->
          plan.addScatter(
              new ScatterDescription(
                  scatter.from().shape().extents(),
                  bounds(scatter.bounds()),
                  mode(scatter.mode()),
                  operand(scatter.from()),
                  operand(scatter.to()),
                  scatter.indices().stream().map(this::operand).toList(),
                  scatter.indexExtents(),
                  scatter.indexStrides()));
      case Step.Sort sort ->
          plan.addSort(
              new SortDescription(
                  sort.keys().shape().extents(),
                  sort.descending(),
                  operand(sort.keys()),
                  sort.values() == null ? null : operand(sort.values()),
                  sort.indices() == null ? null : operand(sort.indices())));
      case Step.Cumulative op ->
          plan.addCumulative(
              new CumulativeDescription(
                  op.from().shape().extents(),
                  op.kind(),
                  op.reverse(),
                  operand(op.from()),
                  operand(op.to())));
      case Step.Random random ->
          plan.addRandom(
              new RandomDescription(
                  random.op().dtype() == DType.I32 ? 32 : 64,
                  counters(random.op().counters()),
                  random.starts().shape().size(),
                  random.op().shape().size(),
                  block(random.keys()),
                  block(random.starts()),
                  block(random.to())));
      case Step.LinearAlgebra op ->
          plan.addLinearAlgebra(
              new LinearAlgebraDescription(
                  op.kind(),
                  op.dtype().code(),
                  op.flags(),
                  op.batch(),
                  op.sizes()[0],
                  op.sizes()[1],
                  op.sizes()[2],
                  op.operands().stream()
                      .map(operand -> operand == null ? null : matrix(operand))
                      .toList()));
      case Step.Attention attention -> plan.addAttention(attention(attention));
      case Step.AttentionGradient gradient ->
          plan.addAttentionGradient(
              new AttentionGradientDescription(
                  attention(gradient.of()),
                  matrix(gradient.ct()),
                  matrix(gradient.dq()),
                  matrix(gradient.dk()),
                  matrix(gradient.dv())));
      case Step.Convolve conv ->
          plan.addConvolution(
              new ConvolutionDescription(
                  kind(conv.kind()),
                  conv.groups(),
                  conv.x().shape().extents(),
                  conv.w().shape().extents(),
                  conv.y().shape().extents(),
                  array(conv.strides()),
                  array(conv.dilation()),
                  array(conv.low()),
                  operand(conv.x()),
                  operand(conv.w()),
                  operand(conv.y()),
                  epilogue(conv.epilogue())));
      case Step.Pooling pooling ->
          plan.addPooling(
              new PoolingDescription(
                  pooling.kind().code(),
                  pooling.least(),
                  pooling.countPadding(),
                  pooling.windowing().firstAxis(),
                  pooling.x().shape().extents(),
                  pooling.y().shape().extents(),
                  array(pooling.windowing().window()),
                  array(pooling.windowing().strides()),
                  array(pooling.windowing().dilation()),
                  array(pooling.windowing().low()),
                  operand(pooling.x()),
                  pooling.t() == null ? null : operand(pooling.t()),
                  operand(pooling.y())));
      case Step.Switch choice ->
          withParts(
              choice.branches(),
              parts ->
                  plan.addSwitch(
                      new SwitchDescription(
                          parts,
                          block(choice.index()),
                          blocks(choice.operands()),
                          blocks(choice.results()))));
      case Step.While loop ->
          withParts(
              List.of(loop.condition(), loop.body()),
              parts ->
                  plan.addWhile(
                      new WhileDescription(
                          parts.get(0),
                          parts.get(1),
                          blocks(loop.conditionConstants()),
                          blocks(loop.bodyConstants()),
                          blocks(loop.initial()),
                          blocks(loop.results()))));
      case Step.Scan scan ->
          withParts(
              List.of(scan.body()),
              parts ->
                  plan.addScan(
                      new ScanDescription(
                          parts.getFirst(),
                          scan.length(),
                          scan.reverse(),
                          blocks(scan.constants()),
                          blocks(scan.initial()),
                          blocks(scan.results()),
                          blocks(scan.inputs()),
                          blocks(scan.outputs()))));
    }
  }

  private LoopDescription loop(Step.Loop loop) {
    return new LoopDescription(
        loop.extents(),
        loop.reduceRank(),
        loop.inputs().stream().map(this::operand).toList(),
        loop.instructions(),
        loop.results().stream()
            .map(r -> new LoopResult(operand(r.to()), r.value(), r.reduce()))
            .toList());
  }

  private LoopDescription epilogue(Step.Loop epilogue) {
    return epilogue == null ? null : loop(epilogue);
  }

  /**
   * Compiles the programs and adds the step that owns them; frees them if it does not come to that.
   */
  private static void withParts(List<Program> programs, Consumer<List<PlanHandle>> add) {
    List<PlanHandle> parts = new ArrayList<>();
    try {
      programs.forEach(program -> parts.add(Compiler.compilePart(program)));
      add.accept(parts);
    } catch (RuntimeException e) {
      parts.forEach(PlanHandle::destroy);
      throw e;
    }
  }

  private static long[] array(List<Long> values) {
    return values.stream().mapToLong(value -> value).toArray();
  }

  private static int kind(Step.Convolve.Kind kind) {
    return switch (kind) {
      case FORWARD -> lockstep_h.LS_CONVOLUTION_FORWARD();
      case INPUT -> lockstep_h.LS_CONVOLUTION_INPUT();
      case KERNEL -> lockstep_h.LS_CONVOLUTION_KERNEL();
    };
  }

  private static int bounds(Indexing.Bounds bounds) {
    return switch (bounds) {
      case CLAMP -> lockstep_h.LS_BOUNDS_CLAMP();
      case DROP, NAN -> lockstep_h.LS_BOUNDS_FILL();
    };
  }

  private static int mode(Indexing.Scatter.Mode mode) {
    return switch (mode) {
      case SET -> lockstep_h.LS_SCATTER_SET();
      case ADD -> lockstep_h.LS_SCATTER_ADD();
      case MUL -> lockstep_h.LS_SCATTER_MUL();
      case MIN -> lockstep_h.LS_SCATTER_MIN();
      case MAX -> lockstep_h.LS_SCATTER_MAX();
    };
  }

  private static int counters(RandomBits.Counters counters) {
    return switch (counters) {
      case WIDE -> lockstep_h.LS_COUNTERS_WIDE();
      case HALVES -> lockstep_h.LS_COUNTERS_HALVES();
    };
  }

  private List<Block> blocks(List<View> views) {
    return views.stream().map(this::block).toList();
  }

  private Block block(View view) {
    return new Block(number(view.slot()), bytes(view));
  }

  private Operand operand(View view) {
    int dtype = view.dtype().code();
    return switch (view.slot().kind) {
      case INDEX -> Operand.index(dtype, view.offset(), view.strides());
      case CONSTANT -> Operand.constant(dtype, view.offset());
      case INPUT, OUTPUT, TEMPORARY ->
          new Operand(number(view.slot()), dtype, bytes(view), view.strides());
    };
  }

  private AttentionDescription attention(Step.Attention attention) {
    Shape q = attention.q().shape();
    Shape v = attention.v().shape();
    int batch = q.rank() - 2;
    int dtype = attention.q().dtype().code();
    return new AttentionDescription(
        dtype,
        Arrays.copyOf(q.extents(), batch),
        q.extent(batch),
        v.extent(batch),
        q.extent(batch + 1),
        v.extent(batch + 1),
        attention.scale(),
        attention.causal(),
        matrix(attention.q()),
        matrix(attention.k()),
        matrix(attention.v()),
        matrix(attention.mask()),
        attention.mask() == null ? dtype : attention.mask().dtype().code(),
        matrix(attention.to()));
  }

  private Matrix matrix(View view) {
    return view == null ? null : matrix(Step.Matrix.of(view));
  }

  private Matrix matrix(Step.Matrix matrix) {
    View view = matrix.view();
    return new Matrix(
        number(view.slot()),
        bytes(view),
        matrix.rowStride(),
        matrix.columnStride(),
        matrix.batchStrides());
  }

  private int number(Slot slot) {
    return switch (slot.kind) {
      case INPUT -> slot.position;
      case OUTPUT -> inputs + writtenPositions[slot.position];
      case TEMPORARY -> slot.home == null ? workspaceSlot : number(slot.home);
      case INDEX, CONSTANT -> throw new IllegalStateException("no memory: " + slot.kind);
    };
  }

  private static long bytes(View view) {
    return view.slot().kind == Slot.Kind.TEMPORARY
        ? view.slot().offset + view.offset()
        : view.offset();
  }
}
