package dev.lockstep.bindings;

import static java.lang.foreign.ValueLayout.ADDRESS;

import dev.lockstep.bindings.generated.ls_block;
import dev.lockstep.bindings.generated.ls_scan;
import dev.lockstep.bindings.generated.ls_switch;
import dev.lockstep.bindings.generated.ls_while;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.util.List;

/** Writes the descriptions of steps with sub-plans as the C ABI's structs. */
final class ControlWriter {
  private ControlWriter() {}

  static MemorySegment choice(SwitchDescription choice, SegmentAllocator memory) {
    MemorySegment struct = ls_switch.allocate(memory);
    ls_switch.n_branches(struct, choice.branches().size());
    ls_switch.n_operands(struct, choice.operands().size());
    ls_switch.n_results(struct, choice.results().size());
    MemorySegment branches = memory.allocate(ADDRESS, Math.max(1, choice.branches().size()));
    for (int i = 0; i < choice.branches().size(); i++) {
      branches.setAtIndex(ADDRESS, i, choice.branches().get(i).pointer());
    }
    ls_switch.branches(struct, branches);
    BlockWriter.write(choice.index(), ls_switch.index(struct));
    ls_switch.operands(struct, blocks(choice.operands(), memory));
    ls_switch.results(struct, blocks(choice.results(), memory));
    return struct;
  }

  static MemorySegment loop(WhileDescription loop, SegmentAllocator memory) {
    MemorySegment struct = ls_while.allocate(memory);
    ls_while.condition(struct, loop.condition().pointer());
    ls_while.body(struct, loop.body().pointer());
    ls_while.n_condition_constants(struct, loop.conditionConstants().size());
    ls_while.n_body_constants(struct, loop.bodyConstants().size());
    ls_while.n_carries(struct, loop.initial().size());
    ls_while.condition_constants(struct, blocks(loop.conditionConstants(), memory));
    ls_while.body_constants(struct, blocks(loop.bodyConstants(), memory));
    ls_while.initial(struct, blocks(loop.initial(), memory));
    ls_while.results(struct, blocks(loop.results(), memory));
    return struct;
  }

  static MemorySegment scan(ScanDescription scan, SegmentAllocator memory) {
    MemorySegment struct = ls_scan.allocate(memory);
    ls_scan.body(struct, scan.body().pointer());
    ls_scan.length(struct, scan.length());
    ls_scan.reverse(struct, scan.reverse() ? 1 : 0);
    ls_scan.n_constants(struct, scan.constants().size());
    ls_scan.n_carries(struct, scan.initial().size());
    ls_scan.n_inputs(struct, scan.inputs().size());
    ls_scan.n_outputs(struct, scan.outputs().size());
    ls_scan.constants(struct, blocks(scan.constants(), memory));
    ls_scan.initial(struct, blocks(scan.initial(), memory));
    ls_scan.results(struct, blocks(scan.results(), memory));
    ls_scan.inputs(struct, blocks(scan.inputs(), memory));
    ls_scan.outputs(struct, blocks(scan.outputs(), memory));
    return struct;
  }

  private static MemorySegment blocks(List<Block> blocks, SegmentAllocator memory) {
    MemorySegment array = ls_block.allocateArray(Math.max(1, blocks.size()), memory);
    for (int i = 0; i < blocks.size(); i++) {
      BlockWriter.write(blocks.get(i), ls_block.asSlice(array, i));
    }
    return array;
  }
}
