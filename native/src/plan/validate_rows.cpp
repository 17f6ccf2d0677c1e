// Sort and cumulative: steps along the last dimension.
#include <limits>
#include <string>

#include "plan/dtype.h"
#include "plan/operands.h"
#include "plan/reach.h"
#include "plan/validate.h"

namespace lockstep {
namespace {

void require_rows(const std::string &what, int32_t rank, const int64_t *extents) {
  if (rank < 1 || rank > LS_MAX_RANK) {
    invalid(what + ": rank: expected 1 to " + std::to_string(LS_MAX_RANK) + ", got " + std::to_string(rank));
  }
  count_elements(what, extents, rank);
}

}  // namespace

void validate_sort(const ls_sort &sort, const std::vector<Slot> &slots) {
  require_rows("sort", sort.rank, sort.extents);
  require_computed_dtype("sort: keys", sort.keys.dtype);
  require_readable(view_of("sort: keys", sort.keys, sort.rank, sort.extents), slots);
  if (sort.values.slot == LS_SLOT_NONE && sort.indices.slot == LS_SLOT_NONE) {
    invalid("sort: expected values, indices or both, got neither");
  }
  if (sort.values.slot != LS_SLOT_NONE) {
    require_one_dtype("sort: keys and values", sort.keys, sort.values);
    require_writable(view_of("sort: values", sort.values, sort.rank, sort.extents), slots);
  }
  if (sort.indices.slot == LS_SLOT_NONE) return;
  require_dtype("sort: indices", sort.indices.dtype);
  if (sort.indices.dtype != LS_I32 && sort.indices.dtype != LS_I64) {
    invalid(std::string("sort: indices: expected i32 or i64, got ") + dtype_name(sort.indices.dtype));
  }
  int64_t n = sort.extents[sort.rank - 1];
  if (sort.indices.dtype == LS_I32 && n > int64_t{std::numeric_limits<int32_t>::max()} + 1) {
    invalid("sort: indices: rows of " + std::to_string(n) + " elements have places beyond i32; use i64");
  }
  require_writable(view_of("sort: indices", sort.indices, sort.rank, sort.extents), slots);
}

void validate_cumulative(const ls_cumulative &cumulative, const std::vector<Slot> &slots) {
  require_rows("cumulative", cumulative.rank, cumulative.extents);
  if (cumulative.kind < LS_CUMULATE_SUM || cumulative.kind > LS_CUMULATE_LOG_SUM_EXP) {
    invalid("cumulative: expected a kind from 0 to 4, got " + std::to_string(cumulative.kind));
  }
  require_one_dtype("cumulative", cumulative.from, cumulative.to);
  require_computed_dtype("cumulative", cumulative.to.dtype);
  if (cumulative.kind == LS_CUMULATE_LOG_SUM_EXP && cumulative.to.dtype != LS_F32 && cumulative.to.dtype != LS_F64) {
    invalid(std::string("cumulative: log_sum_exp is defined for f32 and f64, got ") + dtype_name(cumulative.to.dtype));
  }
  require_readable(view_of("cumulative: from", cumulative.from, cumulative.rank, cumulative.extents), slots);
  require_writable(view_of("cumulative: to", cumulative.to, cumulative.rank, cumulative.extents), slots);
}

}  // namespace lockstep
