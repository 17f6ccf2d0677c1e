#include <algorithm>
#include <cstdint>
#include <limits>
#include <string>

#include "plan/dtype.h"
#include "plan/operands.h"
#include "plan/pooling_operands.h"
#include "plan/reach.h"
#include "plan/validate.h"

namespace lockstep {
namespace {

// Far from overflow in what kernels add up and multiply.
constexpr int64_t kLargest = int64_t{1} << 40;
constexpr double kMostElements = 0x1p48;

void require_dtype_of(const ls_pooling &p, const std::string &what, int32_t dtype) {
  require_dtype(what, dtype);
  const bool floating = dtype == LS_F32 || dtype == LS_F64;
  const bool integer = dtype == LS_I32 || dtype == LS_I64;
  if (floating || (integer && p.kind == LS_POOLING_EXTREME)) return;
  invalid(what + ": expected " + (p.kind == LS_POOLING_EXTREME ? "i32, i64, f32 or f64" : "f32 or f64") + ", got " +
          dtype_name(dtype));
}

void require_windows(const ls_pooling &p) {
  int64_t elements = 1;
  for (int32_t i = 0; i < p.spatial_rank; ++i) {
    const int64_t least = std::min({p.window[i], p.strides[i], p.dilation[i]});
    const int64_t most = std::max({p.window[i], p.strides[i], p.dilation[i], p.low[i]});
    if (least < 1 || p.low[i] < 0 || most > kLargest) {
      invalid(
          "pooling: expected windows, strides and dilation of 1 or more and padding of 0 or more, at most 2^40, got " +
          std::to_string(p.window[i]) + ", " + std::to_string(p.strides[i]) + ", " + std::to_string(p.dilation[i]) +
          " and " + std::to_string(p.low[i]));
    }
    if (__builtin_mul_overflow(elements, p.window[i], &elements) || elements >= std::numeric_limits<int32_t>::max() ||
        (p.window[i] - 1) > kLargest / p.dilation[i]) {
      invalid("pooling: windows of (" + list_text(p.window, p.spatial_rank) + ") elements are too large");
    }
  }
}

// Scratch memory is counted in padded elements, times what a vector and a block of pixels take.
void require_countable(const ls_pooling &p) {
  double elements = 1;
  for (int32_t d = 0; d < p.rank; ++d) {
    const int32_t i = d - p.first_spatial;
    const bool spatial = i >= 0 && i < p.spatial_rank;
    const auto x = static_cast<double>(p.x_extents[d]);
    const auto windows = static_cast<double>(spatial ? (p.window[i] - 1) * p.dilation[i] + p.strides[i] : 0);
    const auto moves = static_cast<double>(spatial ? p.y_extents[d] * p.strides[i] : 0);
    elements *= std::max(1.0, x + windows + moves);
  }
  if (elements > kMostElements) {
    invalid("pooling: x [" + list_text(p.x_extents, p.rank) + "] with windows of (" +
            list_text(p.window, p.spatial_rank) + ") and dilation (" + list_text(p.dilation, p.spatial_rank) +
            ") is too large");
  }
}

}  // namespace

void validate_pooling(const ls_pooling &p, const std::vector<Slot> &slots) {
  if (p.kind < LS_POOLING_EXTREME || p.kind > LS_POOLING_SPREAD) {
    invalid("pooling: expected a kind from 0 to 4, got " + std::to_string(p.kind));
  }
  require_rank("pooling", p.rank, LS_MAX_RANK);
  if (p.spatial_rank < 1 || p.spatial_rank > 3 || p.first_spatial < 0 || p.first_spatial > p.rank - p.spatial_rank) {
    invalid("pooling: expected 1 to 3 of " + count_text(p.rank, "dimension") + " to be spatial, got " +
            std::to_string(p.spatial_rank) + " from " + std::to_string(p.first_spatial) + " on");
  }
  require_windows(p);
  for (const PoolingRole &role : pooling_operands(p)) {
    const std::string what = std::string("pooling: ") + role.name;
    require_dtype_of(p, what, role.operand->dtype);
    count_elements(what, role.extents, p.rank);
    const View view = view_of(what, *role.operand, p.rank, role.extents);
    if (role.written) {
      require_writable(view, slots);
    } else {
      require_readable(view, slots);
    }
    require_one_dtype("pooling", *role.operand, p.y);
  }
  for (int32_t d = 0; d < p.rank; ++d) {
    if (d >= p.first_spatial && d < p.first_spatial + p.spatial_rank) {
      if (p.x_extents[d] > kLargest || p.y_extents[d] > kLargest / p.strides[d - p.first_spatial]) {
        invalid("pooling: dimension " + std::to_string(d) + " is too large");
      }
    } else if (p.x_extents[d] != p.y_extents[d]) {
      invalid("pooling: x [" + list_text(p.x_extents, p.rank) + "] and y [" + list_text(p.y_extents, p.rank) +
              "] differ in dimension " + std::to_string(d) + ", which is not spatial");
    }
  }
  require_countable(p);
}

}  // namespace lockstep
