// Poolings of tiles: parts of an image that are small enough for the cache. One table for each instruction set
// (cpu/isa.h) and dtype.
#pragma once

#include <cstdint>

#include "lockstep/lockstep.h"

namespace lockstep {

inline constexpr int kPoolingAxes = 3;  // missing ones have extent 1; the last one is the columns of rows

// What kernels know of the rows of what they read and write. Short windows of lines (single elements, neighbours in
// memory) and of pixels (channels that are neighbours in memory) are looked at where they stand; for all others rows
// are spread out in phases.
enum class PoolingRows { kPhases, kLines, kPixels };

struct PoolingShape {
  int64_t x[kPoolingAxes];
  int64_t y[kPoolingAxes];
  int64_t window[kPoolingAxes];
  int64_t stride[kPoolingAxes];
  int64_t dilation[kPoolingAxes];
  int64_t low[kPoolingAxes];
  bool least;
  bool count_padding;
  PoolingRows rows;

  // What a window covers along the axis.
  int64_t reach(int axis) const { return (window[axis] - 1) * dilation[axis] + 1; }
};

// `data` is the address of the element 0, 0, 0 of the tile's image; strides in elements.
struct PoolingOperand {
  char *data;
  int64_t strides[kPoolingAxes];
  int64_t pixel_stride;
};

// Windows for what writes y, elements of x for the transposes. A pixel is `pixel` channels, which are pooled alike.
struct PoolingTile {
  int64_t first[kPoolingAxes];
  int64_t count[kPoolingAxes];
  int64_t pixel;
  PoolingOperand x;
  PoolingOperand t;
  PoolingOperand y;
};

struct PoolingKernel {
  void (*run)(const PoolingShape &shape, const PoolingTile &tile, void *scratch);
  // The bytes for tiles of up to these extents.
  int64_t (*scratch)(const PoolingShape &shape, const int64_t *count, int64_t pixel);
};

// By ls_pooling_kind; integers have the first only.
struct PoolingKernels {
  PoolingKernel of_kind[5];
};

namespace v2 {
const PoolingKernels &pooling_kernels_f32();
const PoolingKernels &pooling_kernels_f64();
const PoolingKernels &pooling_kernels_i32();
const PoolingKernels &pooling_kernels_i64();
}  // namespace v2
namespace v3 {
const PoolingKernels &pooling_kernels_f32();
const PoolingKernels &pooling_kernels_f64();
const PoolingKernels &pooling_kernels_i32();
const PoolingKernels &pooling_kernels_i64();
}  // namespace v3
namespace v4 {
const PoolingKernels &pooling_kernels_f32();
const PoolingKernels &pooling_kernels_f64();
const PoolingKernels &pooling_kernels_i32();
const PoolingKernels &pooling_kernels_i64();
}  // namespace v4

}  // namespace lockstep
