// Consecutive loops over common rows, run block by block of rows: all loops on one block, which stays in a core's
// caches, before the next block.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "cpu/loop_copy.h"
#include "cpu/row_access.h"
#include "plan/step.h"

namespace lockstep {

// A loop and its step of make_loop_step.
struct RowLoop {
  const LoopCopy *loop;
  const Step *whole;
};

class RowBlocks : public Step {
 public:
  // Takes over the loops' steps.
  virtual void own(std::vector<std::unique_ptr<Step>> whole) = 0;
};

// rows_per_block: along the last row dimension; a block is one row along the others. Each operand keeps to its rows
// (keep_to_their_rows). Returns nullptr if some loop has no parts that give its bits.
// is_read_later: whether steps after the loops may read what these leave in memory.
std::unique_ptr<RowBlocks> make_row_blocks(const std::vector<RowLoop> &loops, const Rows &rows, int64_t rows_per_block,
                                           int32_t workspace,
                                           const std::function<bool(const ByteRange &)> &is_read_later);

}  // namespace lockstep
