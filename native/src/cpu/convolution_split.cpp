#include "cpu/convolution_split.h"

#include <algorithm>

#include "plan/dtype.h"
#include "threads/pool.h"

namespace lockstep {
namespace {

constexpr double kParallelFrom = 2e6;  // multiplications: about 50 us of one thread
constexpr double kLeastWork = 5e5;     // of a part
constexpr int64_t kMostParts = 16;     // enough to even out threads of different speed
constexpr int64_t kVector = 16;        // channels that kernels compute at once
constexpr int64_t kLeastRows = 2;      // of a part, in windows: what overlaps is computed or reordered twice

double bytes(const ls_operand &operand, const int64_t *extents, int32_t rank) {
  double product = static_cast<double>(dtype_size(operand.dtype));
  for (int32_t d = 0; d < rank; ++d) product *= static_cast<double>(extents[d]);
  return product;
}

// Channels that belong to one element of the axis.
int64_t unit(const ls_convolution &c, const ConvolutionAxis &axis, int32_t operand) {
  return convolution_extents(c, operand)[axis.dimension[static_cast<size_t>(operand)]] / axis.extent;
}

// Rows of x and of y that belong together, and the padding before those of x.
struct Rows {
  int64_t x_first, x_count, y_first, y_count, low;
};

int64_t divided_up(int64_t a, int64_t b) { return a >= 0 ? (a + b - 1) / b : -(-a / b); }

Rows rows_of(const ls_convolution &c, const ConvolutionAxis &axis, int64_t part) {
  const int64_t first = part * axis.size;
  const int64_t limit = first + axis.size_of(part);
  const int64_t stride = c.strides[0];
  const int64_t low = c.low[0];
  const int64_t reach = (c.w_extents[2] - 1) * c.dilation[0] + 1;
  if (c.kind == LS_CONVOLUTION_INPUT) {
    const int64_t from = std::max<int64_t>(0, divided_up(first + low - reach + 1, stride));
    const int64_t to = std::min(c.y_extents[2], (limit - 1 + low) / stride + 1);
    return {first, limit - first, from, to - from, first + low - from * stride};
  }
  const int64_t from = first * stride - low;
  const int64_t to = std::min(c.x_extents[2], (limit - 1) * stride - low + reach);
  const int64_t inside = std::max<int64_t>(0, from);
  return {inside, to - inside, first, limit - first, inside - from};
}

// One image's rows, in as many parts as pay; none may lie in the padding alone. Each reads the whole kernel. With
// channels first oneDNN reorders rows slower than channels, which pays only where parts of channels waste more.
ConvolutionAxis split_rows(const ls_convolution &c, int64_t most_parts) {
  const int32_t rank = c.spatial_rank + 2;
  const int64_t reach = (c.w_extents[2] - 1) * c.dilation[0] + 1;
  ConvolutionAxis rows = {{2, -1, 2}, (c.kind == LS_CONVOLUTION_INPUT ? c.x_extents : c.y_extents)[2]};
  const double images = bytes(c.x, c.x_extents, rank) + bytes(c.y, c.y_extents, rank);
  const bool channels_last = c.x.strides[1] == 1 && c.y.strides[1] == 1;
  const bool few_channels = c.kind == LS_CONVOLUTION_INPUT && c.x_extents[1] < kVector / 2;
  if (c.x_extents[0] > 1 || bytes(c.w, c.w_extents, rank) > images || (!channels_last && !few_channels)) return rows;
  if (c.kind == LS_CONVOLUTION_INPUT && reach < c.strides[0]) return rows;
  rows.split(std::clamp<int64_t>(rows.extent / (kLeastRows * reach), 1, most_parts), 1);
  for (int64_t part = 0; part < rows.parts(); ++part) {
    const Rows at = rows_of(c, rows, part);
    if (at.x_count < 1 || at.y_count < 1) rows.size = rows.extent;
  }
  return rows;
}

}  // namespace

void ConvolutionAxis::split(int64_t most_parts, int64_t multiple) {
  const int64_t even = (extent + most_parts - 1) / most_parts;
  size = std::min(extent, (even + multiple - 1) / multiple * multiple);
}

ConvolutionSplit split_convolution(const ls_convolution &c, double multiplications) {
  const int32_t rank = c.spatial_rank + 2;
  const ConvolutionAxis examples = {{0, -1, 0}, c.x_extents[0]};
  const ConvolutionAxis in = {{1, 1, -1}, c.x_extents[1]};
  const ConvolutionAxis out = {{-1, 0, 1}, c.y_extents[1]};
  const ConvolutionAxis groups = {{1, 0, 1}, c.groups};
  const bool grouped = c.groups > 1;
  const bool depthwise = grouped && c.w_extents[1] == 1 && c.w_extents[0] == c.groups;
  const int64_t multiple = grouped && !depthwise ? 1 : kVector;
  ConvolutionSplit split = {examples, grouped ? groups : c.kind == LS_CONVOLUTION_INPUT ? in : out, false};
  const int64_t workers = threads();
  if (multiplications < kParallelFrom || workers == 1) return split;
  const auto most = std::min(kMostParts, static_cast<int64_t>(multiplications / kLeastWork));
  if (c.kind != LS_CONVOLUTION_KERNEL) {
    split.outer.split(std::min(most, split.outer.extent), 1);
    const ConvolutionAxis rows = split_rows(c, workers);
    if (rows.parts() > 1) split.outer = rows;
    if (split.outer.parts() < workers)
      split.inner.split((workers + split.outer.parts() - 1) / split.outer.parts(), multiple);
    // Images have few channels: their gradient is a sum over many output channels.
    if (split.parts() == 1 && c.kind == LS_CONVOLUTION_INPUT && !grouped && out.extent >= 2 * kVector) {
      split = {out, in, true};
      split.outer.split(workers, kVector);
    }
    return split;
  }
  // Each channel part reorders x anew, each example part has a result of its own.
  const double operands = bytes(c.x, c.x_extents, rank) + bytes(c.y, c.y_extents, rank);
  const double results = bytes(c.w, c.w_extents, rank) * static_cast<double>(workers);
  if (grouped && c.groups >= workers * multiple) {
    split.inner.split(std::min(most, c.groups), multiple);
  } else if (examples.extent >= workers && results < operands) {
    split.sums = true;
    split.outer.split(workers, 1);
  } else if (const ConvolutionAxis rows = split_rows(c, workers); rows.parts() > 1 && results < operands) {
    split.sums = true;
    split.outer = rows;
  } else {
    split.inner.split(workers, multiple);
  }
  return split;
}

ls_convolution part_of(const ls_convolution &c, const ConvolutionAxis &axis, int64_t part) {
  ls_convolution result = c;
  if (axis.is_rows()) {
    const Rows rows = rows_of(c, axis, part);
    result.x_extents[2] = rows.x_count;
    result.y_extents[2] = rows.y_count;
    result.low[0] = rows.low;
    return result;
  }
  int64_t *const extents[] = {result.x_extents, result.w_extents, result.y_extents};
  for (int32_t operand = 0; operand < 3; ++operand) {
    const int32_t dimension = axis.dimension[static_cast<size_t>(operand)];
    if (dimension >= 0) extents[operand][dimension] = axis.size_of(part) * unit(c, axis, operand);
  }
  if (axis.is_groups()) result.groups = axis.size_of(part);
  return result;
}

int64_t index_of(const ls_convolution &c, const ConvolutionAxis &axis, int64_t part, int32_t operand) {
  if (axis.dimension[static_cast<size_t>(operand)] < 0) return 0;
  if (!axis.is_rows()) return part * axis.size * unit(c, axis, operand);
  const Rows rows = rows_of(c, axis, part);
  return operand == 0 ? rows.x_first : rows.y_first;
}

int64_t first_of(const ls_convolution &c, const ConvolutionAxis &axis, int64_t part, int32_t operand) {
  const int32_t dimension = axis.dimension[static_cast<size_t>(operand)];
  if (dimension < 0) return 0;
  return index_of(c, axis, part, operand) * convolution_operand(c, operand).strides[dimension];
}

}  // namespace lockstep
