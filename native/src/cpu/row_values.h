// Where the values of loops that run block by block of rows are kept.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

#include "cpu/row_access.h"

namespace lockstep {

// A place in memory whose values some loop writes and a later one writes over, or nobody reads after the loops: nothing
// else sees them, and a block's memory is enough for them.
struct RowValue {
  RowAccess access;
  size_t first_writer;
  size_t last_writer;  // what that one writes is not in the block's memory
  size_t last_user;
  int64_t offset;  // in the memory of one block
  int64_t bytes;   // there

  // Whether what the loop reads or writes there is in the block's memory.
  bool holds(size_t loop, const RowAccess &use, const Rows &rows) const;
};

struct RowValues {
  std::vector<RowValue> values;
  int64_t bytes;  // of one block
};

// accesses: of each loop. is_read_later: whether steps after the loops may read what these leave in memory.
RowValues values_of_blocks(const std::vector<std::vector<RowAccess>> &accesses, const Rows &rows,
                           int64_t rows_per_block, const std::function<bool(const ByteRange &)> &is_read_later);

}  // namespace lockstep
