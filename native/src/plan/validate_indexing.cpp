// Gather and scatter: indices come from data and are checked as they are used; here it is checked that every valid
// index leads to an element inside the slot.
#include <algorithm>
#include <string>

#include "plan/dtype.h"
#include "plan/operands.h"
#include "plan/reach.h"
#include "plan/validate.h"

namespace lockstep {
namespace {

constexpr int32_t kMostIndices = LS_MAX_RANK;

// The loop's dimensions, then one for each index.
struct Reach {
  int64_t extents[LS_MAX_RANK + kMostIndices];
  int64_t strides[LS_MAX_RANK + kMostIndices];
};

template <typename Indexing>
View indexed_view(const std::string &what, const Indexing &indexing, const ls_operand &operand, Reach &reach) {
  std::copy_n(indexing.extents, indexing.rank, reach.extents);
  std::copy_n(operand.strides, indexing.rank, reach.strides);
  std::copy_n(indexing.index_extents, indexing.n_indices, reach.extents + indexing.rank);
  std::copy_n(indexing.index_strides, indexing.n_indices, reach.strides + indexing.rank);
  return {what,          operand.slot, operand.dtype, operand.offset, indexing.rank + indexing.n_indices,
          reach.extents, reach.strides};
}

template <typename Indexing>
void validate_indices(const std::string &what, const Indexing &indexing, const std::vector<Slot> &slots) {
  require_rank(what + ": rank", indexing.rank, LS_MAX_RANK);
  require_rank(what + ": n_indices", indexing.n_indices, kMostIndices);
  require_array(what + ": indices", indexing.n_indices, indexing.indices);
  require_array(what + ": index_extents", indexing.n_indices, indexing.index_extents);
  require_array(what + ": index_strides", indexing.n_indices, indexing.index_strides);
  if (indexing.bounds != LS_BOUNDS_CLAMP && indexing.bounds != LS_BOUNDS_FILL) {
    invalid(what + ": expected bounds 0 (clamp) or 1 (fill), got " + std::to_string(indexing.bounds));
  }
  count_elements(what, indexing.extents, indexing.rank);
  count_elements(what + ": index_extents", indexing.index_extents, indexing.n_indices);
  for (int32_t j = 0; j < indexing.n_indices; ++j) {
    std::string index = what + ": index " + std::to_string(j);
    require_source(view_of(index, indexing.indices[j], indexing.rank, indexing.extents), slots);
    int32_t dtype = indexing.indices[j].dtype;
    if (dtype != LS_I32 && dtype != LS_I64) invalid(index + ": expected i32 or i64, got " + dtype_name(dtype));
  }
}

}  // namespace

void validate_gather(const ls_gather &gather, const std::vector<Slot> &slots) {
  validate_indices("gather", gather, slots);
  require_one_dtype("gather", gather.from, gather.to);
  Reach reach;
  require_readable(indexed_view("gather: from", gather, gather.from, reach), slots);
  require_writable(view_of("gather: to", gather.to, gather.rank, gather.extents), slots);
}

void validate_scatter(const ls_scatter &scatter, const std::vector<Slot> &slots) {
  validate_indices("scatter", scatter, slots);
  require_one_dtype("scatter", scatter.from, scatter.to);
  if (scatter.mode < LS_SCATTER_SET || scatter.mode > LS_SCATTER_MAX) {
    invalid("scatter: expected a mode from 0 to 4, got " + std::to_string(scatter.mode));
  }
  if (scatter.mode != LS_SCATTER_SET) require_computed_dtype("scatter", scatter.to.dtype);
  if (scatter.from.slot != LS_SLOT_CONSTANT) {
    require_readable(view_of("scatter: from", scatter.from, scatter.rank, scatter.extents), slots);
  }
  Reach reach;
  require_updatable(indexed_view("scatter: to", scatter, scatter.to, reach), slots);
}

}  // namespace lockstep
