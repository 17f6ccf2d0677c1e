// What loops touch row by row. A row is one point of the loops' first dimensions, which they have in common.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "lockstep/lockstep.h"

namespace lockstep {

// The row dimensions of several loops.
struct Rows {
  std::vector<int64_t> extents;

  int rank() const { return static_cast<int>(extents.size()); }
};

struct RowAccess {
  int32_t slot;
  bool written;
  int64_t first;                           // the lowest byte of row 0
  int64_t span;                            // bytes from a row's lowest to its last
  std::array<int64_t, LS_MAX_RANK> steps;  // bytes from row to row, one a row dimension; 0 along those of one row
  bool complete;                           // every byte of the span is an element's
};

// The dimensions along which a loop does not reduce, all of which come first.
int32_t kept_rank(const ls_loop &loop);

RowAccess row_access(const ls_loop &loop, const ls_operand &operand, const Rows &rows);
RowAccess row_access(const ls_loop &loop, const ls_result &result, const Rows &rows);

// Of all operands in memory, inputs first.
std::vector<RowAccess> row_accesses(const ls_loop &loop, const Rows &rows);

// All bytes from the first to the last.
struct ByteRange {
  int32_t slot;
  int64_t first;
  int64_t end;

  bool is_apart(const ByteRange &other) const { return slot != other.slot || end <= other.first || other.end <= first; }
};

ByteRange range_of(const RowAccess &access, const Rows &rows);

// No byte in common.
bool are_apart(const RowAccess &a, const RowAccess &b, const Rows &rows);

// No row of one has a byte in common with another row of the other.
bool keep_to_their_rows(const RowAccess &a, const RowAccess &b, const Rows &rows);

}  // namespace lockstep
