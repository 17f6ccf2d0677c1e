#include "cpu/row_values.h"

#include <algorithm>

namespace lockstep {
namespace {

constexpr int64_t kLine = 64;

bool is_same_place(const RowAccess &a, const RowAccess &b) {
  return a.slot == b.slot && a.first == b.first && a.span == b.span && a.steps == b.steps;
}

bool is_within(const RowAccess &part, const RowAccess &whole) {
  return part.steps == whole.steps && part.first >= whole.first && part.first + part.span <= whole.first + whole.span;
}

// A block's rows follow one another.
bool is_dense(const RowAccess &access, const Rows &rows) {
  return access.complete && (rows.extents.back() == 1 || access.steps[rows.rank() - 1] == access.span);
}

// All that touches the place either is it, or reads a part of it.
bool is_touched_as_one(const RowAccess &place, const std::vector<std::vector<RowAccess>> &accesses, const Rows &rows) {
  for (const std::vector<RowAccess> &of_loop : accesses) {
    for (const RowAccess &access : of_loop) {
      if (are_apart(place, access, rows) || is_same_place(place, access)) continue;
      if (access.written || !is_within(access, place)) return false;
    }
  }
  return true;
}

// In memory that no other value needs while this one lasts.
void place(RowValues &all, RowValue value) {
  for (bool moved = true; moved;) {
    moved = false;
    for (const RowValue &other : all.values) {
      const bool at_once = other.first_writer <= value.last_user && value.first_writer <= other.last_user;
      const bool apart = other.offset + other.bytes <= value.offset || value.offset + value.bytes <= other.offset;
      if (!at_once || apart) continue;
      value.offset = other.offset + other.bytes;
      moved = true;
    }
  }
  all.bytes = std::max(all.bytes, value.offset + value.bytes);
  all.values.push_back(value);
}

}  // namespace

bool RowValue::holds(size_t loop, const RowAccess &use, const Rows &rows) const {
  if (are_apart(access, use, rows)) return false;
  return use.written ? loop < last_writer : loop > first_writer && loop <= last_writer;
}

RowValues values_of_blocks(const std::vector<std::vector<RowAccess>> &accesses, const Rows &rows,
                           int64_t rows_per_block, const std::function<bool(const ByteRange &)> &is_read_later) {
  std::vector<RowValue> found;
  for (size_t loop = 0; loop < accesses.size(); ++loop) {
    for (const RowAccess &access : accesses[loop]) {
      auto known = std::ranges::find_if(found, [&](const RowValue &v) { return !are_apart(v.access, access, rows); });
      if (known != found.end()) known->last_user = loop;
      if (!access.written) continue;
      known = std::ranges::find_if(found, [&](const RowValue &v) { return is_same_place(v.access, access); });
      if (known != found.end()) {
        known->last_writer = loop;
      } else {
        // An odd number of cache lines, so that values of a power of two are not all in the same cache sets.
        const int64_t lines = (access.span * rows_per_block + kLine - 1) / kLine | 1;
        found.push_back({access, loop, loop, loop, 0, lines * kLine});
      }
    }
  }
  RowValues all = {{}, 0};
  for (RowValue &value : found) {
    if (!is_dense(value.access, rows) || !is_touched_as_one(value.access, accesses, rows)) continue;
    if (is_read_later(range_of(value.access, rows))) {
      value.last_user = value.last_writer;
    } else {
      value.last_writer = accesses.size();
    }
    if (value.first_writer < value.last_writer) place(all, value);
  }
  return all;
}

}  // namespace lockstep
