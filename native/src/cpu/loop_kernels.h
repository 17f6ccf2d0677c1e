// Kernels over tiles: contiguous pieces of at most a few thousand elements that stay in the L1 cache. One table for
// each instruction set (cpu/isa.h).
#pragma once

#include <cstdint>

#include "lockstep/lockstep.h"

namespace lockstep {

// The ops that make_loop_step forms out of others, numbered after those of elementwise.def.
enum TileOp : int32_t {
  kMultiplyAdd =
      LS_OP_COUNT,    // a * b + c, each operation rounded, so that fused and unfused programs agree bit for bit
  kMultiplySubtract,  // a * b - c
  kSubtractMultiply,  // c - a * b
  kNegatedMultiply,   // -(a * b)
  kFill,              // a, for a splat operand
  kTileOpCount
};

// Element i of out depends on element i of each operand only; out may be an operand itself. n >= 1.
using TileKernel = void (*)(void *out, const void *a, const void *b, const void *c, int64_t n);

// The innermost dimensions of a box, outermost first, with one operand's strides in elements.
inline constexpr int kBoxRank = 4;
struct BoxView {
  int64_t extents[kBoxRank];
  int64_t strides[kBoxRank];
};

// Running values of a reduction, one a kept element: f64 for floating sums and products, otherwise the reduced value's
// own type. `errors` holds what the additions of f64 sums lost.
struct Accumulators {
  void *values;
  double *errors;
};
inline constexpr int64_t kAccumulatorBytes = 8;  // at most, of one value

struct ReduceKernels {
  void (*start)(Accumulators into, int64_t count);
  // Element (row, column) is x[row * row_stride + column].
  // Reduces each row: value `row` takes all its columns.
  void (*rows)(Accumulators into, const void *x, int64_t row_stride, int64_t rows, int64_t columns);
  // Reduces each column: value `column` takes all its rows.
  void (*columns)(Accumulators into, const void *x, int64_t row_stride, int64_t rows, int64_t columns);
  void (*combine)(Accumulators into, Accumulators from, int64_t count);
  void (*finish)(void *out, Accumulators from, int64_t count);
};

struct LoopKernels {
  const char *name;
  // Bit i of `splat`: operand i is one value, repeated. nullptr if that combination has no kernel; splat 0 has one for
  // every op and dtype of its domain.
  TileKernel (*find)(int32_t op, int32_t dtype, int32_t result, unsigned splat);
  // Copies between a box of strided memory and a contiguous tile.
  void (*gather)(void *tile, const void *memory, const BoxView &box, int64_t element_bytes);
  void (*scatter)(void *memory, const void *tile, const BoxView &box, int64_t element_bytes);
  // Copies a tile to adjacent memory past the caches: memory that is not read soon need not be fetched first. The
  // caller fences the stores.
  void (*stream)(void *memory, const void *tile, int64_t bytes);
  // tile[index] = start + sum(index[d] * strides[d]), converted to dtype.
  void (*index)(void *tile, int64_t start, const BoxView &box, int32_t dtype);
  const ReduceKernels *(*find_reduce)(int32_t reduce, int32_t dtype);
};

namespace v2 {
const LoopKernels &loop_kernels();
}
namespace v3 {
const LoopKernels &loop_kernels();
}
namespace v4 {
const LoopKernels &loop_kernels();
}

inline int64_t dtype_bytes(int32_t dtype) {
  switch (dtype) {
    case LS_BOOL:
      return 1;
    case LS_BF16:
      return 2;
    case LS_I32:
    case LS_F32:
      return 4;
    default:
      return 8;
  }
}

}  // namespace lockstep
