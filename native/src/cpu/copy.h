// Copies of strided views. In the order of the work: copy.cpp makes the step and splits it into blocks, copy_layout.cpp
// brings the dimensions into the simplest equivalent form, copy_kernels.cpp copies one two-dimensional block.
#pragma once

#include <cstdint>

#include "lockstep/lockstep.h"

namespace lockstep {

// In parallel when that pays.
void copy_bytes(void *to, const void *from, int64_t bytes);

// A strided pair of views, strides in bytes; dimensions run from the destination's largest stride to its smallest.
struct CopyLayout {
  int64_t element_bytes = 0;
  int32_t rank = 0;
  int64_t elements = 0;
  int64_t extents[LS_MAX_RANK] = {};
  int64_t to_strides[LS_MAX_RANK] = {};
  int64_t from_strides[LS_MAX_RANK] = {};
  int64_t to_offset = 0;
  int64_t from_offset = 0;
};

// No dimension of extent 1, no two dimensions that are one, no negative destination stride.
CopyLayout copy_layout(const ls_copy &copy);

// rows x columns elements. Strides in bytes.
struct CopyBlock {
  char *to;
  const char *from;
  int64_t rows;
  int64_t columns;
  int64_t to_row_stride;
  int64_t to_column_stride;
  int64_t from_row_stride;
  int64_t from_column_stride;
};

// kTransposeStreamed is kTranspose for results larger than the caches: it writes past them.
enum class CopyKernel { kRows, kFill, kTranspose, kTransposeStreamed, kStrided };

CopyKernel choose_copy_kernel(int64_t element_bytes, const CopyBlock &strides);
const char *copy_kernel_name(CopyKernel kernel);

// element_bytes: 1, 2, 4 or 8; transposes take no 1.
void copy_block(CopyKernel kernel, int64_t element_bytes, const CopyBlock &block);

}  // namespace lockstep
