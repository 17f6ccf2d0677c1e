#include <algorithm>
#include <string>

#include "plan/dtype.h"
#include "plan/operands.h"
#include "plan/reach.h"
#include "plan/validate.h"

namespace lockstep {
namespace {

constexpr int64_t kLargest = INT32_MAX;  // oneDNN's kernels count in int

void require_operand(const char *name, const ls_operand &operand, int32_t rank, const int64_t *extents, bool written,
                     const std::vector<Slot> &slots) {
  const std::string what = std::string("convolution: ") + name;
  if (operand.dtype != LS_F32 && operand.dtype != LS_BF16) {
    invalid(what + ": expected f32 or bf16, got " + dtype_name(operand.dtype));
  }
  if (count_elements(what, extents, rank) == 0) invalid(what + ": expected elements, got none");
  for (int32_t d = 0; d < rank; ++d) {
    if (operand.strides[d] < 1) {
      invalid(what + ": expected strides of 1 or more, got " + list_text(operand.strides, rank));
    }
  }
  const View view = view_of(what, operand, rank, extents);
  if (written) {
    require_writable(view, slots);
  } else {
    require_readable(view, slots);
  }
}

}  // namespace

void validate_convolution(const ls_convolution &c, const std::vector<Slot> &slots) {
  if (c.kind < LS_CONVOLUTION_FORWARD || c.kind > LS_CONVOLUTION_KERNEL) {
    invalid("convolution: expected a kind from 0 to 2, got " + std::to_string(c.kind));
  }
  if (c.epilogue != nullptr && c.kind != LS_CONVOLUTION_FORWARD) {
    invalid("convolution: expected no epilogue of a gradient");
  }
  if (c.spatial_rank < 1 || c.spatial_rank > 3) {
    invalid("convolution: expected 1 to 3 spatial dimensions, got " + std::to_string(c.spatial_rank));
  }
  const int32_t rank = c.spatial_rank + 2;
  require_operand("x", c.x, rank, c.x_extents, c.kind == LS_CONVOLUTION_INPUT, slots);
  require_operand("w", c.w, rank, c.w_extents, c.kind == LS_CONVOLUTION_KERNEL, slots);
  require_operand("y", c.y, rank, c.y_extents, c.kind == LS_CONVOLUTION_FORWARD, slots);
  require_one_dtype("convolution: x and w", c.x, c.w);
  require_one_dtype("convolution: x and y", c.x, c.y);
  if (c.groups < 1 || c.x_extents[0] != c.y_extents[0] || c.w_extents[0] != c.y_extents[1] ||
      c.x_extents[1] / c.groups != c.w_extents[1] || c.x_extents[1] % c.groups != 0 || c.y_extents[1] % c.groups != 0) {
    invalid("convolution: x [" + list_text(c.x_extents, rank) + "], w [" + list_text(c.w_extents, rank) + "] and y [" +
            list_text(c.y_extents, rank) + "] do not fit for " + count_text(c.groups, "group"));
  }
  for (int32_t d = 0; d < c.spatial_rank; ++d) {
    if (c.strides[d] < 1 || c.dilation[d] < 1 || c.low[d] < 0) {
      invalid("convolution: expected strides and dilation of 1 or more and padding of 0 or more, got " +
              std::to_string(c.strides[d]) + ", " + std::to_string(c.dilation[d]) + " and " + std::to_string(c.low[d]));
    }
    if (std::max({c.strides[d], c.low[d], c.x_extents[d + 2]}) > kLargest ||
        c.w_extents[d + 2] - 1 > kLargest / c.dilation[d] || c.y_extents[d + 2] > kLargest / c.strides[d]) {
      invalid("convolution: spatial dimension " + std::to_string(d) + " is too large: expected at most 2^31 - 1 " +
              "elements with padding and dilation");
    }
    // Zeros behind the operand are as many as are needed.
    const int64_t reach = (c.w_extents[d + 2] - 1) * c.dilation[d] + 1;
    const int64_t needed = (c.y_extents[d + 2] - 1) * c.strides[d] + reach;
    const int64_t padded = std::max(needed, c.x_extents[d + 2] + c.low[d]);
    if ((padded - reach) / c.strides[d] + 1 != c.y_extents[d + 2]) {
      invalid("convolution: expected y to end where x does, got " + std::to_string(c.y_extents[d + 2]) +
              " elements of y along spatial dimension " + std::to_string(d));
    }
  }
  if (c.epilogue != nullptr) {
    validate_epilogue("convolution", *c.epilogue, view_of("convolution: y", c.y, rank, c.y_extents), slots);
  }
}

}  // namespace lockstep
