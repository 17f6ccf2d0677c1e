package dev.lockstep.bindings;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.lockstep.bindings.generated.lockstep_h;
import dev.lockstep.bindings.generated.ls_convolution;
import dev.lockstep.bindings.generated.ls_copy;
import dev.lockstep.bindings.generated.ls_cumulative;
import dev.lockstep.bindings.generated.ls_gather;
import dev.lockstep.bindings.generated.ls_instruction;
import dev.lockstep.bindings.generated.ls_linalg;
import dev.lockstep.bindings.generated.ls_loop;
import dev.lockstep.bindings.generated.ls_matmul;
import dev.lockstep.bindings.generated.ls_matrix;
import dev.lockstep.bindings.generated.ls_operand;
import dev.lockstep.bindings.generated.ls_pooling;
import dev.lockstep.bindings.generated.ls_result;
import dev.lockstep.bindings.generated.ls_scatter;
import dev.lockstep.bindings.generated.ls_sort;
import dev.lockstep.error.NativeArgumentException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.util.List;

/** Writes the descriptions of steps as the C ABI's structs. */
final class StructWriter {
  private StructWriter() {}

  static MemorySegment loop(LoopDescription loop, SegmentAllocator memory) {
    MemorySegment struct = ls_loop.allocate(memory);
    ls_loop.rank(struct, loop.extents().length);
    ls_loop.reduce_rank(struct, loop.reduceRank());
    ls_loop.n_inputs(struct, loop.inputs().size());
    ls_loop.n_instructions(struct, loop.instructions().size());
    ls_loop.n_results(struct, loop.results().size());
    write("a loop's extents", loop.extents(), ls_loop.extents(struct));
    ls_loop.inputs(struct, operands(loop.inputs(), memory));
    ls_loop.instructions(struct, instructions(loop.instructions(), memory));
    ls_loop.results(struct, results(loop.results(), memory));
    return struct;
  }

  static MemorySegment matmul(MatmulDescription matmul, SegmentAllocator memory) {
    MemorySegment struct = ls_matmul.allocate(memory);
    ls_matmul.dtype(struct, matmul.dtype());
    ls_matmul.batch_rank(struct, matmul.batch().length);
    write("a product's batch", matmul.batch(), ls_matmul.batch(struct));
    ls_matmul.m(struct, matmul.m());
    ls_matmul.n(struct, matmul.n());
    ls_matmul.k(struct, matmul.k());
    write(matmul.a(), ls_matmul.a(struct));
    write(matmul.b(), ls_matmul.b(struct));
    write(matmul.c(), ls_matmul.c(struct));
    ls_matmul.epilogue(struct, epilogue(matmul.epilogue(), memory));
    return struct;
  }

  static MemorySegment copy(CopyDescription copy, SegmentAllocator memory) {
    MemorySegment struct = ls_copy.allocate(memory);
    ls_copy.rank(struct, copy.extents().length);
    write("a copy's extents", copy.extents(), ls_copy.extents(struct));
    write(copy.from(), ls_copy.from(struct));
    write(copy.to(), ls_copy.to(struct));
    return struct;
  }

  static MemorySegment gather(GatherDescription gather, SegmentAllocator memory) {
    MemorySegment struct = ls_gather.allocate(memory);
    ls_gather.rank(struct, gather.extents().length);
    ls_gather.n_indices(struct, gather.indices().size());
    ls_gather.bounds(struct, gather.bounds());
    ls_gather.fill(struct, gather.fill());
    write("a gather's extents", gather.extents(), ls_gather.extents(struct));
    write(gather.from(), ls_gather.from(struct));
    write(gather.to(), ls_gather.to(struct));
    ls_gather.indices(struct, operands(gather.indices(), memory));
    ls_gather.index_extents(struct, memory.allocateFrom(JAVA_LONG, gather.indexExtents()));
    ls_gather.index_strides(struct, memory.allocateFrom(JAVA_LONG, gather.indexStrides()));
    return struct;
  }

  static MemorySegment scatter(ScatterDescription scatter, SegmentAllocator memory) {
    MemorySegment struct = ls_scatter.allocate(memory);
    ls_scatter.rank(struct, scatter.extents().length);
    ls_scatter.n_indices(struct, scatter.indices().size());
    ls_scatter.bounds(struct, scatter.bounds());
    ls_scatter.mode(struct, scatter.mode());
    write("a scatter's extents", scatter.extents(), ls_scatter.extents(struct));
    write(scatter.from(), ls_scatter.from(struct));
    write(scatter.to(), ls_scatter.to(struct));
    ls_scatter.indices(struct, operands(scatter.indices(), memory));
    ls_scatter.index_extents(struct, memory.allocateFrom(JAVA_LONG, scatter.indexExtents()));
    ls_scatter.index_strides(struct, memory.allocateFrom(JAVA_LONG, scatter.indexStrides()));
    return struct;
  }

  static MemorySegment sort(SortDescription sort, SegmentAllocator memory) {
    MemorySegment struct = ls_sort.allocate(memory);
    ls_sort.rank(struct, sort.extents().length);
    ls_sort.descending(struct, sort.descending() ? 1 : 0);
    write("a sort's extents", sort.extents(), ls_sort.extents(struct));
    write(sort.keys(), ls_sort.keys(struct));
    writeOrNone(sort.values(), ls_sort.values(struct));
    writeOrNone(sort.indices(), ls_sort.indices(struct));
    return struct;
  }

  static MemorySegment cumulative(CumulativeDescription cumulative, SegmentAllocator memory) {
    MemorySegment struct = ls_cumulative.allocate(memory);
    ls_cumulative.rank(struct, cumulative.extents().length);
    ls_cumulative.kind(struct, cumulative.kind());
    ls_cumulative.reverse(struct, cumulative.reverse() ? 1 : 0);
    write("a running op's extents", cumulative.extents(), ls_cumulative.extents(struct));
    write(cumulative.from(), ls_cumulative.from(struct));
    write(cumulative.to(), ls_cumulative.to(struct));
    return struct;
  }

  static MemorySegment linearAlgebra(LinearAlgebraDescription op, SegmentAllocator memory) {
    MemorySegment struct = ls_linalg.allocate(memory);
    ls_linalg.kind(struct, op.kind());
    ls_linalg.dtype(struct, op.dtype());
    ls_linalg.flags(struct, op.flags());
    ls_linalg.batch_rank(struct, op.batch().length);
    write("a batch of matrices", op.batch(), ls_linalg.batch(struct));
    ls_linalg.m(struct, op.m());
    ls_linalg.n(struct, op.n());
    ls_linalg.k(struct, op.k());
    MemorySegment operands = ls_linalg.operands(struct);
    for (int i = 0; i < lockstep_h.LS_LINALG_OPERANDS(); i++) {
      MemorySegment operand = ls_matrix.asSlice(operands, i);
      if (i < op.operands().size() && op.operands().get(i) != null) {
        write(op.operands().get(i), operand);
      } else {
        ls_matrix.slot(operand, lockstep_h.LS_SLOT_NONE());
      }
    }
    return struct;
  }

  static MemorySegment convolution(ConvolutionDescription description, SegmentAllocator memory) {
    MemorySegment struct = ls_convolution.allocate(memory);
    ls_convolution.kind(struct, description.kind());
    ls_convolution.spatial_rank(struct, description.strides().length);
    ls_convolution.groups(struct, description.groups());
    String what = "a convolution's extents";
    write(what, description.xExtents(), ls_convolution.x_extents(struct));
    write(what, description.wExtents(), ls_convolution.w_extents(struct));
    write(what, description.yExtents(), ls_convolution.y_extents(struct));
    write("a convolution's strides", description.strides(), ls_convolution.strides(struct));
    write("a convolution's dilation", description.dilation(), ls_convolution.dilation(struct));
    write("a convolution's padding", description.low(), ls_convolution.low(struct));
    write(description.x(), ls_convolution.x(struct));
    write(description.w(), ls_convolution.w(struct));
    write(description.y(), ls_convolution.y(struct));
    ls_convolution.epilogue(struct, epilogue(description.epilogue(), memory));
    return struct;
  }

  static MemorySegment pooling(PoolingDescription description, SegmentAllocator memory) {
    MemorySegment struct = ls_pooling.allocate(memory);
    ls_pooling.kind(struct, description.kind());
    ls_pooling.least(struct, description.least() ? 1 : 0);
    ls_pooling.count_padding(struct, description.countPadding() ? 1 : 0);
    ls_pooling.rank(struct, description.xExtents().length);
    ls_pooling.first_spatial(struct, description.firstSpatial());
    ls_pooling.spatial_rank(struct, description.window().length);
    String what = "a pooling's extents";
    write(what, description.xExtents(), ls_pooling.x_extents(struct));
    write(what, description.yExtents(), ls_pooling.y_extents(struct));
    write("a pooling's window", description.window(), ls_pooling.window(struct));
    write("a pooling's strides", description.strides(), ls_pooling.strides(struct));
    write("a pooling's dilation", description.dilation(), ls_pooling.dilation(struct));
    write("a pooling's padding", description.low(), ls_pooling.low(struct));
    write(description.x(), ls_pooling.x(struct));
    writeOrNone(description.t(), ls_pooling.t(struct));
    write(description.y(), ls_pooling.y(struct));
    return struct;
  }

  private static MemorySegment epilogue(LoopDescription epilogue, SegmentAllocator memory) {
    return epilogue == null ? MemorySegment.NULL : loop(epilogue, memory);
  }

  private static void writeOrNone(Operand operand, MemorySegment struct) {
    if (operand != null) {
      write(operand, struct);
    } else {
      ls_operand.slot(struct, lockstep_h.LS_SLOT_NONE());
    }
  }

  private static MemorySegment operands(List<Operand> operands, SegmentAllocator memory) {
    MemorySegment array = ls_operand.allocateArray(operands.size(), memory);
    for (int i = 0; i < operands.size(); i++) {
      write(operands.get(i), ls_operand.asSlice(array, i));
    }
    return array;
  }

  private static MemorySegment instructions(
      List<Instruction> instructions, SegmentAllocator memory) {
    MemorySegment array = ls_instruction.allocateArray(instructions.size(), memory);
    for (int i = 0; i < instructions.size(); i++) {
      Instruction instruction = instructions.get(i);
      MemorySegment struct = ls_instruction.asSlice(array, i);
      ls_instruction.op(struct, instruction.op());
      ls_instruction.dtype(struct, instruction.dtype());
      ls_instruction.result(struct, instruction.result());
      ls_instruction.a(struct, instruction.a());
      ls_instruction.b(struct, instruction.b());
      ls_instruction.c(struct, instruction.c());
    }
    return array;
  }

  private static MemorySegment results(List<LoopResult> results, SegmentAllocator memory) {
    MemorySegment array = ls_result.allocateArray(results.size(), memory);
    for (int i = 0; i < results.size(); i++) {
      LoopResult result = results.get(i);
      MemorySegment struct = ls_result.asSlice(array, i);
      write(result.to(), ls_result.to(struct));
      ls_result.value(struct, result.value());
      ls_result.reduce(struct, result.reduce());
    }
    return array;
  }

  private static void write(Operand operand, MemorySegment struct) {
    ls_operand.slot(struct, operand.slot());
    ls_operand.dtype(struct, operand.dtype());
    ls_operand.offset(struct, operand.offset());
    write("an operand's strides", operand.strides(), ls_operand.strides(struct));
  }

  static void write(Matrix matrix, MemorySegment struct) {
    ls_matrix.slot(struct, matrix.slot());
    ls_matrix.offset(struct, matrix.offset());
    ls_matrix.row_stride(struct, matrix.rowStride());
    ls_matrix.column_stride(struct, matrix.columnStride());
    write("a matrix's batch strides", matrix.batchStrides(), ls_matrix.batch_strides(struct));
  }

  static void write(String what, long[] values, MemorySegment array) {
    if (values.length > lockstep_h.LS_MAX_RANK()) {
      throw new NativeArgumentException(
          "Building a plan: expected at most "
              + lockstep_h.LS_MAX_RANK()
              + " dimensions in "
              + what
              + ", got "
              + values.length
              + ". Reshape so that fewer dimensions remain.");
    }
    MemorySegment.copy(values, 0, array, JAVA_LONG, 0, values.length);
  }
}
