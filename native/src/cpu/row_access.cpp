#include "cpu/row_access.h"

#include <algorithm>

#include "plan/dtype.h"

namespace lockstep {
namespace {

RowAccess access_of(const ls_loop &loop, const ls_operand &operand, int32_t rank, bool written, const Rows &rows) {
  RowAccess access = {operand.slot, written, operand.offset, 0, {}, false};
  if (std::find(loop.extents, loop.extents + rank, 0) != loop.extents + rank) return access;  // touches nothing
  const int64_t size = dtype_size(operand.dtype);
  int64_t elements = 1;
  int64_t last = 0;
  for (int32_t d = 0; d < rank; ++d) {
    if (loop.extents[d] == 1) continue;
    const int64_t step = operand.strides[d] * size;
    if (d < rows.rank()) {
      access.steps[d] = step;
      continue;
    }
    const int64_t reach = step * (loop.extents[d] - 1);
    access.first += std::min<int64_t>(reach, 0);
    last += std::max(reach, -reach);
    if (step != 0) elements *= loop.extents[d];
  }
  access.span = last + size;
  access.complete = elements * size == access.span;
  return access;
}

}  // namespace

int32_t kept_rank(const ls_loop &loop) {
  const bool reduces = std::any_of(loop.results, loop.results + loop.n_results,
                                   [](const ls_result &result) { return result.reduce != LS_REDUCE_NONE; });
  return reduces ? loop.rank - loop.reduce_rank : loop.rank;
}

RowAccess row_access(const ls_loop &loop, const ls_operand &operand, const Rows &rows) {
  return access_of(loop, operand, loop.rank, false, rows);
}

RowAccess row_access(const ls_loop &loop, const ls_result &result, const Rows &rows) {
  return access_of(loop, result.to, result.reduce == LS_REDUCE_NONE ? loop.rank : kept_rank(loop), true, rows);
}

std::vector<RowAccess> row_accesses(const ls_loop &loop, const Rows &rows) {
  std::vector<RowAccess> accesses;
  for (int32_t i = 0; i < loop.n_inputs; ++i) {
    if (loop.inputs[i].slot >= 0) accesses.push_back(row_access(loop, loop.inputs[i], rows));
  }
  for (int32_t i = 0; i < loop.n_results; ++i) accesses.push_back(row_access(loop, loop.results[i], rows));
  return accesses;
}

ByteRange range_of(const RowAccess &access, const Rows &rows) {
  ByteRange range = {access.slot, access.first, access.first + access.span};
  for (int d = 0; d < rows.rank(); ++d) {
    const int64_t reach = access.steps[d] * (rows.extents[d] - 1);
    (reach < 0 ? range.first : range.end) += reach;
  }
  return range;
}

bool are_apart(const RowAccess &a, const RowAccess &b, const Rows &rows) {
  return range_of(a, rows).is_apart(range_of(b, rows));
}

bool keep_to_their_rows(const RowAccess &a, const RowAccess &b, const Rows &rows) {
  if (are_apart(a, b, rows)) return true;
  if (a.steps != b.steps) return false;
  int64_t width = std::max(a.first + a.span, b.first + b.span) - std::min(a.first, b.first);
  for (int d = rows.rank() - 1; d >= 0; --d) {
    if (rows.extents[d] == 1) continue;
    if (a.steps[d] < width) return false;
    width += a.steps[d] * (rows.extents[d] - 1);
  }
  return true;
}

}  // namespace lockstep
