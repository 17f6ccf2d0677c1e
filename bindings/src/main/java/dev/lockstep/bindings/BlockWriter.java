package dev.lockstep.bindings;

import dev.lockstep.bindings.generated.ls_block;
import dev.lockstep.bindings.generated.ls_random;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;

/** Writes the descriptions of steps over dense blocks as the C ABI's structs. */
final class BlockWriter {
  private BlockWriter() {}

  static MemorySegment random(RandomDescription random, SegmentAllocator memory) {
    MemorySegment struct = ls_random.allocate(memory);
    ls_random.bits(struct, random.bits());
    ls_random.counters(struct, random.counters());
    ls_random.batch(struct, random.batch());
    ls_random.count(struct, random.count());
    write(random.keys(), ls_random.keys(struct));
    write(random.starts(), ls_random.starts(struct));
    write(random.to(), ls_random.to(struct));
    return struct;
  }

  static void write(Block block, MemorySegment struct) {
    ls_block.slot(struct, block.slot());
    ls_block.offset(struct, block.offset());
  }
}
