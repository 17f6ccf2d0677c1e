package dev.lockstep.bindings;

import static dev.lockstep.bindings.StructWriter.write;

import dev.lockstep.bindings.generated.lockstep_h;
import dev.lockstep.bindings.generated.ls_attention;
import dev.lockstep.bindings.generated.ls_attention_gradient;
import dev.lockstep.bindings.generated.ls_matrix;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;

/** Writes the descriptions of attention as the C ABI's structs. */
final class AttentionWriter {
  private AttentionWriter() {}

  static MemorySegment attention(AttentionDescription attention, SegmentAllocator memory) {
    MemorySegment struct = ls_attention.allocate(memory);
    fill(attention, struct);
    return struct;
  }

  static MemorySegment gradient(AttentionGradientDescription gradient, SegmentAllocator memory) {
    MemorySegment struct = ls_attention_gradient.allocate(memory);
    fill(gradient.of(), ls_attention_gradient.of(struct));
    write(gradient.ct(), ls_attention_gradient.ct(struct));
    writeOrNone(gradient.dq(), ls_attention_gradient.dq(struct));
    writeOrNone(gradient.dk(), ls_attention_gradient.dk(struct));
    writeOrNone(gradient.dv(), ls_attention_gradient.dv(struct));
    return struct;
  }

  private static void fill(AttentionDescription attention, MemorySegment struct) {
    ls_attention.dtype(struct, attention.dtype());
    ls_attention.mask_dtype(struct, attention.maskDtype());
    ls_attention.causal(struct, attention.causal() ? 1 : 0);
    ls_attention.batch_rank(struct, attention.batch().length);
    write("attention's batch", attention.batch(), ls_attention.batch(struct));
    ls_attention.queries(struct, attention.queries());
    ls_attention.keys(struct, attention.keys());
    ls_attention.dimension(struct, attention.dimension());
    ls_attention.value_dimension(struct, attention.valueDimension());
    ls_attention.scale(struct, attention.scale());
    write(attention.q(), ls_attention.q(struct));
    write(attention.k(), ls_attention.k(struct));
    write(attention.v(), ls_attention.v(struct));
    writeOrNone(attention.mask(), ls_attention.mask(struct));
    writeOrNone(attention.to(), ls_attention.to(struct));
  }

  private static void writeOrNone(Matrix matrix, MemorySegment struct) {
    if (matrix != null) {
      write(matrix, struct);
    } else {
      ls_matrix.slot(struct, lockstep_h.LS_SLOT_NONE());
    }
  }
}
