#include "cpu/loop_layout.h"

#include <algorithm>
#include <cstdlib>

namespace lockstep {
namespace {

constexpr int64_t kShortTile = 128;         // shorter tiles are worth gathering several rows into one
constexpr int64_t kTransposedColumns = 32;  // of a tile that an operand crosses
constexpr int64_t kShortReduction = 16;

template <typename Visit>
void visit_operands(LoopLayout &layout, Visit visit) {
  for (LoopOperand &operand : layout.inputs) visit(operand);
  for (LoopOperand &operand : layout.results) visit(operand);
}

// Bytes between neighbours along a dimension, over all operands: what a step along it costs.
int64_t reach(const LoopLayout &layout, int dimension) {
  int64_t sum = 0;
  for (const std::vector<LoopOperand> *operands : {&layout.inputs, &layout.results}) {
    for (const LoopOperand &operand : *operands) {
      if (operand.is_memory()) sum += std::abs(operand.strides[dimension]) * dtype_bytes(operand.dtype);
    }
  }
  return sum;
}

void reorder(LoopLayout &layout, const std::vector<int> &order) {
  std::vector<LoopDimension> dimensions;
  for (int from : order) dimensions.push_back(layout.dimensions[from]);
  layout.dimensions = dimensions;
  visit_operands(layout, [&](LoopOperand &operand) {
    std::vector<int64_t> strides;
    for (int from : order) strides.push_back(operand.strides[from]);
    operand.strides = strides;
  });
}

std::vector<int> identity_order(const LoopLayout &layout) {
  std::vector<int> order(layout.dimensions.size());
  for (size_t i = 0; i < order.size(); ++i) order[i] = static_cast<int>(i);
  return order;
}

// Within kept and within reduced dimensions the longest steps come first; `kept_inside` says which group is inner.
void order_dimensions(LoopLayout &layout) {
  std::vector<int> order = identity_order(layout);
  std::vector<int64_t> reaches;
  for (int dimension : order) reaches.push_back(reach(layout, dimension));
  int64_t nearest[2] = {INT64_MAX, INT64_MAX};
  for (int dimension : order) {
    int64_t &near = nearest[layout.dimensions[dimension].reduced];
    near = std::min(near, reaches[dimension]);
  }
  layout.kept_inside =
      nearest[0] < nearest[1] || (layout.reduced_elements < kShortReduction && layout.kept_elements >= kShortReduction);
  std::stable_sort(order.begin(), order.end(), [&](int a, int b) {
    bool a_inside = layout.dimensions[a].reduced != layout.kept_inside;
    bool b_inside = layout.dimensions[b].reduced != layout.kept_inside;
    if (a_inside != b_inside) return b_inside;
    return reaches[a] > reaches[b];
  });
  reorder(layout, order);
}

bool walks_as_one(LoopLayout &layout, int outer) {
  const LoopDimension &inner = layout.dimensions[outer + 1];
  if (layout.dimensions[outer].reduced != inner.reduced) return false;
  bool together = true;
  visit_operands(layout, [&](LoopOperand &operand) {
    together = together && operand.strides[outer] == operand.strides[outer + 1] * inner.extent;
  });
  return together;
}

void join_dimensions(LoopLayout &layout) {
  for (int outer = static_cast<int>(layout.dimensions.size()) - 2; outer >= 0; --outer) {
    if (!walks_as_one(layout, outer)) continue;
    layout.dimensions[outer + 1].extent *= layout.dimensions[outer].extent;
    layout.dimensions.erase(layout.dimensions.begin() + outer);
    visit_operands(layout, [&](LoopOperand &operand) { operand.strides.erase(operand.strides.begin() + outer); });
  }
}

// At most `limit`, such that the tiles of a dimension are of nearly equal size.
int64_t balanced(int64_t extent, int64_t limit) {
  if (extent <= limit) return extent;
  int64_t tiles = (extent + limit - 1) / limit;
  int64_t share = (extent + tiles - 1) / tiles;
  return std::min(limit, (share + 15) / 16 * 16);
}

// A dimension other than the innermost along which some operand's steps are shorter; -1 if there is none.
int crossing_dimension(const LoopLayout &layout) {
  int inner = static_cast<int>(layout.dimensions.size()) - 1;
  int found = -1;
  int64_t longest = 0;
  for (const std::vector<LoopOperand> *operands : {&layout.inputs, &layout.results}) {
    for (const LoopOperand &operand : *operands) {
      int64_t step = std::abs(operand.strides[inner]);
      if (!operand.is_memory() || step < 4) continue;
      for (int dimension = 0; dimension < inner; ++dimension) {
        int64_t other = std::abs(operand.strides[dimension]);
        if (other != 0 && other * 2 <= step && layout.dimensions[dimension].extent >= 4 && step > longest) {
          found = dimension;
          longest = step;
        }
      }
    }
  }
  return found;
}

// All operands are read along the innermost dimension, element after element.
bool read_where_they_are(const LoopLayout &layout) {
  return std::all_of(layout.inputs.begin(), layout.inputs.end(),
                     [](const LoopOperand &input) { return input.is_memory() && input.strides.back() == 1; });
}

void choose_box(LoopLayout &layout, int64_t tile_elements, bool only_reduces) {
  int rank = static_cast<int>(layout.dimensions.size());
  if (rank == 0) return;
  LoopDimension &inner = layout.dimensions[rank - 1];
  int crossing = inner.extent >= 4 ? crossing_dimension(layout) : -1;
  if (crossing >= 0) {
    LoopDimension &rows = layout.dimensions[crossing];
    rows.box = balanced(rows.extent, std::max<int64_t>(1, tile_elements / kTransposedColumns));
    inner.box = balanced(inner.extent, std::max(kTransposedColumns, tile_elements / rows.box));
    rows.box = balanced(rows.extent, std::max<int64_t>(1, tile_elements / inner.box));
    return;
  }
  bool in_place = only_reduces && read_where_they_are(layout);
  if (in_place && rank >= 2 && layout.kept_inside && !inner.reduced && inner.extent >= kShortTile) {
    inner.box = balanced(inner.extent, 1024);
    LoopDimension &rows = layout.dimensions[rank - 2];
    if (rows.reduced) rows.box = balanced(rows.extent, 64);
    return;
  }
  int64_t limit = in_place ? 4 * tile_elements : tile_elements;
  if (layout.kept_inside && layout.reduced_elements < kShortReduction)
    limit /= std::max<int64_t>(1, layout.reduced_elements);
  int64_t elements = 1;
  for (int i = rank - 1; i >= std::max(0, rank - kBoxRank) && elements < kShortTile; --i) {
    LoopDimension &dimension = layout.dimensions[i];
    dimension.box = balanced(dimension.extent, limit / elements);
    elements *= dimension.box;
    if (dimension.box < dimension.extent) break;
  }
  if (layout.kept_inside && layout.reduced_elements < kShortReduction) {
    int outermost = std::max(0, rank - kBoxRank);
    for (int i = rank - 1; i >= outermost; --i) {
      if (layout.dimensions[i].reduced) layout.dimensions[i].box = layout.dimensions[i].extent;
    }
  }
}

// Only the last kBoxRank dimensions can be part of a box; those that a box does not extend along may stand anywhere.
void put_box_last(LoopLayout &layout) {
  std::vector<int> order = identity_order(layout);
  std::stable_partition(order.begin(), order.end(), [&](int i) { return layout.dimensions[i].box == 1; });
  reorder(layout, order);
}

LoopOperand without_strides(const ls_operand &from) { return {from.slot, from.dtype, from.offset, {}}; }

}  // namespace

LoopLayout make_loop_layout(const ls_loop &loop, int64_t tile_elements, bool only_reduces) {
  LoopLayout layout = {};
  bool reduces = false;
  for (int i = 0; i < loop.n_inputs; ++i) layout.inputs.push_back(without_strides(loop.inputs[i]));
  for (int i = 0; i < loop.n_results; ++i) {
    layout.results.push_back(without_strides(loop.results[i].to));
    reduces = reduces || loop.results[i].reduce != LS_REDUCE_NONE;
  }
  int first_reduced = reduces ? loop.rank - loop.reduce_rank : loop.rank;
  layout.kept_elements = 1;
  layout.reduced_elements = 1;
  for (int d = 0; d < loop.rank; ++d) {
    bool reduced = d >= first_reduced;
    (reduced ? layout.reduced_elements : layout.kept_elements) *= loop.extents[d];
  }
  layout.empty = layout.kept_elements == 0;
  layout.nothing_reduced = layout.reduced_elements == 0;
  for (int d = 0; d < loop.rank; ++d) {
    bool reduced = d >= first_reduced;
    if (loop.extents[d] == 1 || (reduced && layout.nothing_reduced)) continue;
    layout.dimensions.push_back({loop.extents[d], 1, 1, reduced});
    for (int i = 0; i < loop.n_inputs; ++i) layout.inputs[i].strides.push_back(loop.inputs[i].strides[d]);
    for (int i = 0; i < loop.n_results; ++i) {
      bool walked = !reduced || loop.results[i].reduce == LS_REDUCE_NONE;
      layout.results[i].strides.push_back(walked ? loop.results[i].to.strides[d] : 0);
    }
  }
  if (layout.empty) return layout;
  order_dimensions(layout);
  join_dimensions(layout);
  choose_box(layout, tile_elements, only_reduces);
  put_box_last(layout);
  for (LoopDimension &dimension : layout.dimensions) {
    dimension.tiles = (dimension.extent + dimension.box - 1) / dimension.box;
  }
  return layout;
}

int64_t LoopLayout::box_elements(bool reduced) const {
  int64_t product = 1;
  for (const LoopDimension &dimension : dimensions) {
    if (dimension.reduced == reduced) product *= dimension.box;
  }
  return product;
}

int64_t LoopLayout::tiles(bool reduced) const {
  int64_t product = 1;
  for (const LoopDimension &dimension : dimensions) {
    if (dimension.reduced == reduced) product *= dimension.tiles;
  }
  return product;
}

BoxView LoopLayout::box_view(const LoopOperand &operand) const {
  BoxView view;
  for (int i = 0; i < kBoxRank; ++i) {
    int d = box_dimension(i);
    view.extents[i] = d < 0 ? 1 : dimensions[d].box;
    view.strides[i] = d < 0 ? 0 : operand.strides[d];
  }
  return view;
}

bool LoopLayout::is_contiguous(const LoopOperand &operand) const {
  if (!operand.is_memory()) return false;
  int64_t expected = 1;
  bool complete = true;  // the dimensions further in are covered by every tile
  for (int d = static_cast<int>(dimensions.size()) - 1; d >= 0; --d) {
    if (dimensions[d].box == 1) continue;
    if (!complete || operand.strides[d] != expected) return false;
    expected *= dimensions[d].box;
    complete = dimensions[d].box == dimensions[d].extent;
  }
  return true;
}

bool LoopLayout::is_splat(const LoopOperand &operand) const {
  for (size_t d = 0; d < dimensions.size(); ++d) {
    if (dimensions[d].box > 1 && operand.strides[d] != 0) return false;
  }
  return true;
}

bool LoopLayout::is_same_in_all_tiles(const LoopOperand &operand) const {
  bool outermost = true;
  for (size_t d = 0; d < dimensions.size(); ++d) {
    if (dimensions[d].tiles > 1 && operand.strides[d] != 0) return false;
    if (dimensions[d].box == 1) continue;
    if (!outermost && dimensions[d].tiles > 1) return false;  // an incomplete tile would be laid out otherwise
    outermost = false;
  }
  return true;
}

}  // namespace lockstep
