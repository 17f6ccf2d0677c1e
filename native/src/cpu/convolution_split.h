// How a convolution is shared out: along two axes, of which the first may be one that the result sums over.
#pragma once

#include <array>
#include <cstdint>

#include "lockstep/lockstep.h"

namespace lockstep {

// The operands by number: x, w, y.
inline const int64_t *convolution_extents(const ls_convolution &c, int32_t operand) {
  return operand == 0 ? c.x_extents : operand == 1 ? c.w_extents : c.y_extents;
}
inline const ls_operand &convolution_operand(const ls_convolution &c, int32_t operand) {
  return operand == 0 ? c.x : operand == 1 ? c.w : c.y;
}
inline int32_t convolution_result(const ls_convolution &c) {
  return c.kind == LS_CONVOLUTION_FORWARD ? 2 : c.kind == LS_CONVOLUTION_INPUT ? 0 : 1;
}

// An axis of the sum: examples, channels, groups, which are whole, or rows: places along the first spatial dimension.
// Windows of two parts' rows may overlap.
struct ConvolutionAxis {
  std::array<int32_t, 3> dimension;  // of x, w and y; -1: none
  int64_t extent;
  int64_t size = extent;  // of a part; the last may be smaller

  int64_t parts() const { return (extent + size - 1) / size; }
  int64_t size_of(int64_t part) const { return part + 1 < parts() ? size : extent - part * size; }
  bool is_groups() const { return dimension[0] >= 0 && dimension[1] >= 0 && dimension[2] >= 0; }
  bool is_rows() const { return dimension[0] == 2; }
  void split(int64_t most_parts, int64_t multiple);
};

struct ConvolutionSplit {
  ConvolutionAxis outer, inner;
  bool sums;  // the results of outer parts are added up

  int64_t parts() const { return outer.parts() * inner.parts(); }
};

ConvolutionSplit split_convolution(const ls_convolution &c, double multiplications);

// The convolution that computes a part along the axis.
ls_convolution part_of(const ls_convolution &c, const ConvolutionAxis &axis, int64_t part);

// Where the part's operand begins along the axis, in elements along the operand's dimension.
int64_t index_of(const ls_convolution &c, const ConvolutionAxis &axis, int64_t part, int32_t operand);
// The same in elements of memory.
int64_t first_of(const ls_convolution &c, const ConvolutionAxis &axis, int64_t part, int32_t operand);

}  // namespace lockstep
