// What gather and scatter share: one side of a copy is addressed through indices that come from data. A loop over
// points finds where each point's row stands, a block of points at a time; gather.cpp and scatter.cpp then move the
// rows.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "lockstep/lockstep.h"

namespace lockstep {

struct IndexSource {
  int32_t slot;    // negative: the value is offset + sum(coordinate * stride)
  bool narrow;     // i32
  int64_t offset;  // bytes, or a value
  int64_t strides[LS_MAX_RANK];
  int64_t extent;
  int64_t step;  // bytes of the indexed side
};

// Offsets and strides in bytes. No dimension of extent 1, no two dimensions that are one.
struct IndexedLayout {
  int64_t element_bytes = 0;
  int64_t elements = 0;
  bool clamp = false;

  int64_t points = 0;
  int32_t rank = 0;  // of the points
  int64_t extents[LS_MAX_RANK] = {};
  int64_t plain_strides[LS_MAX_RANK] = {};
  int64_t indexed_strides[LS_MAX_RANK] = {};
  int64_t plain_offset = 0;
  int64_t indexed_offset = 0;

  // The last dimension, if no index depends on it: the elements that one point moves.
  int64_t row = 1;
  int64_t row_plain_stride = 0;
  int64_t row_indexed_stride = 0;

  std::vector<IndexSource> indices;

  bool contiguous_rows() const { return row_plain_stride == element_bytes && row_indexed_stride == element_bytes; }
};

struct Indexing {
  int32_t rank;
  const int64_t *extents;
  const ls_operand &plain;
  const ls_operand &indexed;
  int32_t n_indices;
  const ls_operand *indices;
  const int64_t *index_extents;
  const int64_t *index_strides;
  int32_t bounds;
};

IndexedLayout indexed_layout(const Indexing &indexing);

// Whether points that differ in this dimension (`rank`: elements that differ in the row) always touch different
// elements of the indexed side. False when it is not provable.
bool disjoint_along(const IndexedLayout &layout, int32_t dimension);

// Consecutive points of one line.
struct PointBlock {
  static constexpr int64_t kMost = 256;
  int64_t count;
  int64_t plain;  // the first point's row
  int64_t plain_stride;
  bool any_outside;
  int64_t indexed[kMost];  // of a point outside: some element's
  uint8_t outside[kMost];
};

// Fills the block's other fields for `count` points from these coordinates on.
void locate(const IndexedLayout &layout, void *const *slots, const int64_t *coordinates, PointBlock &block);

// Visits points [first, last) in row-major order.
template <typename Visit>
void for_each_block(const IndexedLayout &layout, void *const *slots, int64_t first, int64_t last, Visit &&visit) {
  int64_t coordinates[LS_MAX_RANK + 1] = {};
  int64_t rest = first;
  for (int32_t d = layout.rank - 1; d >= 0; --d) {
    coordinates[d] = rest % layout.extents[d];
    rest /= layout.extents[d];
  }
  int32_t line = std::max(layout.rank - 1, 0);
  int64_t line_extent = layout.rank > 0 ? layout.extents[line] : 1;
  PointBlock block;
  for (int64_t point = first; point < last; point += block.count) {
    block.count = std::min({line_extent - coordinates[line], last - point, PointBlock::kMost});
    locate(layout, slots, coordinates, block);
    visit(block);
    coordinates[line] += block.count;
    for (int32_t d = line; d > 0 && coordinates[d] == layout.extents[d]; --d) {
      coordinates[d] = 0;
      ++coordinates[d - 1];
    }
  }
}

// "3 indices, clamped, 128 rows of 64 contiguous elements"
std::string indexing_text(const IndexedLayout &layout, const char *outside);

}  // namespace lockstep
