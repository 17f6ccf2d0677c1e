// How a loop is cut into tiles. Dimensions are reordered so that memory is walked along small strides, neighbours that
// every operand walks as one are joined, and a box of the innermost ones becomes the tile.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "cpu/loop_kernels.h"
#include "lockstep/lockstep.h"

namespace lockstep {

struct LoopDimension {
  int64_t extent;
  int64_t box;    // a tile's extent; at most the last kBoxRank dimensions have more than 1
  int64_t tiles;  // ceil(extent / box)
  bool reduced;
};

struct LoopOperand {
  int32_t slot;
  int32_t dtype;
  int64_t offset;
  std::vector<int64_t> strides;  // in elements, one a dimension of the layout

  bool is_memory() const { return slot >= 0; }
};

struct LoopLayout {
  std::vector<LoopDimension> dimensions;  // outermost first; a tile's elements lie in this order
  std::vector<LoopOperand> inputs;
  std::vector<LoopOperand> results;
  bool kept_inside;      // a tile is [reduced][kept] rather than [kept][reduced]
  bool empty;            // no kept elements: nothing to do
  bool nothing_reduced;  // the reduced extents are empty: results are identities
  int64_t kept_elements;
  int64_t reduced_elements;

  // The index of the box's dimension i, -1 if the layout has fewer dimensions.
  int box_dimension(int i) const { return static_cast<int>(dimensions.size()) - kBoxRank + i; }
  int64_t box_elements(bool reduced) const;
  int64_t tiles(bool reduced) const;
  BoxView box_view(const LoopOperand &operand) const;
  // The box's elements follow one another in memory, for every tile.
  bool is_contiguous(const LoopOperand &operand) const;
  // The operand has one value a tile.
  bool is_splat(const LoopOperand &operand) const;
  // The operand has the same elements in every tile.
  bool is_same_in_all_tiles(const LoopOperand &operand) const;
};

// Tiles have about `tile_elements` elements. only_reduces: no instructions and no stored results, so that tiles are
// read where they are and need not fit the L1 cache.
LoopLayout make_loop_layout(const ls_loop &loop, int64_t tile_elements, bool only_reduces);

}  // namespace lockstep
