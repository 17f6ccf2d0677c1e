#include <algorithm>
#include <limits>
#include <string>

#include "plan/dtype.h"
#include "plan/linalg_operands.h"
#include "plan/operands.h"
#include "plan/reach.h"
#include "plan/validate.h"

namespace lockstep {
namespace {

// What LAPACK counts with.
constexpr int64_t kLargestExtent = std::numeric_limits<int32_t>::max();

void require_extent(const std::string &what, const char *name, int64_t extent) {
  if (extent < 0 || extent > kLargestExtent) {
    invalid(what + ": " + name + ": expected 0 to " + std::to_string(kLargestExtent) + ", got " +
            std::to_string(extent));
  }
}

}  // namespace

void validate_linalg(const ls_linalg &linalg, const std::vector<Slot> &slots) {
  const char *name = linalg_name(linalg.kind);
  if (name == nullptr) invalid("linalg: expected a kind from 0 to 7, got " + std::to_string(linalg.kind));
  const std::string what = name;
  if (linalg.dtype != LS_F32 && linalg.dtype != LS_F64) {
    invalid(what + ": expected f32 or f64, got " + dtype_name(linalg.dtype));
  }
  constexpr int32_t kFlags = LS_LINALG_LOWER | LS_LINALG_UNIT_DIAGONAL | LS_LINALG_TRANSPOSED;
  if ((linalg.flags & ~kFlags) != 0) {
    invalid(what + ": expected flags of " + std::to_string(kFlags) + ", got " + std::to_string(linalg.flags));
  }
  // The views' rank is two more.
  require_rank(what + ": batch_rank", linalg.batch_rank, LS_MAX_RANK);
  require_extent(what, "m", linalg.m);
  require_extent(what, "n", linalg.n);
  require_extent(what, "k", linalg.k);
  if (linalg.kind == LS_LINALG_QR && linalg.k != linalg.m && linalg.k != std::min(linalg.m, linalg.n)) {
    invalid(what + ": expected k = m or the lesser of m and n, got m = " + std::to_string(linalg.m) +
            ", n = " + std::to_string(linalg.n) + ", k = " + std::to_string(linalg.k));
  }
  count_elements(what + ": batch", linalg.batch, linalg.batch_rank);
  for (const LinalgOperand &operand : linalg_operands(linalg)) {
    if (operand.written && operand.matrix->slot == LS_SLOT_NONE) continue;
    int64_t extents[LS_MAX_RANK + 2];
    int64_t strides[LS_MAX_RANK + 2];
    std::copy_n(linalg.batch, linalg.batch_rank, extents);
    std::copy_n(operand.matrix->batch_strides, linalg.batch_rank, strides);
    extents[linalg.batch_rank] = operand.rows;
    extents[linalg.batch_rank + 1] = operand.columns;
    strides[linalg.batch_rank] = operand.matrix->row_stride;
    strides[linalg.batch_rank + 1] = operand.matrix->column_stride;
    const int32_t rank = linalg.batch_rank + 2;
    count_elements(what + ": " + operand.name, extents, rank);
    const View view{what + ": " + operand.name,
                    operand.matrix->slot,
                    operand.dtype,
                    operand.matrix->offset,
                    rank,
                    extents,
                    strides};
    if (operand.written) {
      require_writable(view, slots);
    } else {
      require_readable(view, slots);
    }
  }
}

}  // namespace lockstep
