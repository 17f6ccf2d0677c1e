// What the matmul kernels of one instruction set offer (cpu/isa/matmul_*.cpp), a table for each dtype.
#pragma once

#include <array>
#include <cstdint>

#include "lockstep/lockstep.h"

namespace lockstep {

// How one product C[m, n] = A[m, k] * B[k, n] is cut; strides in elements. Scratch holds, in this order, a packed block
// of a, of b, and the sums, where the flags ask for them. bf16 is packed as f32: a always is, and c is always buffered.
struct MatmulBlocking {
  int64_t k;
  int64_t a_row, a_column;
  int64_t b_row, b_column;
  int64_t c_row, c_column;

  bool one_tile;  // direct, and a tile holds all of c
  bool direct;    // one block, nothing packed: b_column == 1 and c_column == 1
  bool pack_a;    // needed if neither stride of a is small
  bool pack_b;    // needed unless b_column == 1
  bool buffer_c;  // needed unless c_column == 1
  int64_t m_block, n_block, k_block;
  int64_t panel_vectors;  // columns of a panel of b, in vectors
  int64_t tile_rows[5];   // rows of a tile, by its vectors
  int64_t packed_a_elements, packed_b_elements;
  int64_t buffer_row;
};

// c[i, j] = sum over p < k of a[i * a_step + p] * b[j * b_column + p]; paired: one row, with a[j * a_step + p].
struct MatmulDots {
  int64_t k;
  int64_t a_step;
  int64_t b_column;
  int64_t c_row, c_column;
  bool paired;
};

// Matrices whose batch is adjacent: elements [i, j] of a and b are vectors over the batch.
struct MatmulLanes {
  int64_t m, n, k;
  int64_t a_row, a_column;
  int64_t b_row, b_column;
  int64_t c_row, c_column, c_batch;
};

struct MatmulKernels {
  int64_t lanes;
  int64_t max_vectors;
  std::array<int64_t, 5> max_rows;  // by a tile's vectors
  void (*multiply)(const MatmulBlocking &blocking, int64_t m, int64_t n, const void *a, const void *b, void *c,
                   void *scratch);
  void (*multiply_dots)(const MatmulDots &dots, int64_t rows, int64_t columns, const void *a, const void *b, void *c);
  void (*multiply_lanes)(const MatmulLanes &lanes, int64_t batch, const void *a, const void *b, void *c);
};

// The kernels for a dtype other than bool, on this processor.
const MatmulKernels &matmul_kernels(ls_dtype dtype);

#define LS_MATMUL_KERNELS(isa)                \
  namespace isa {                             \
  const MatmulKernels &matmul_kernels_f32();  \
  const MatmulKernels &matmul_kernels_f64();  \
  const MatmulKernels &matmul_kernels_i32();  \
  const MatmulKernels &matmul_kernels_i64();  \
  const MatmulKernels &matmul_kernels_bf16(); \
  }
LS_MATMUL_KERNELS(v2)
LS_MATMUL_KERNELS(v3)
LS_MATMUL_KERNELS(v4)
#undef LS_MATMUL_KERNELS

}  // namespace lockstep
