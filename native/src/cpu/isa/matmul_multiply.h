// C = A * B by tiles: blocks of k, n and m, packed where the blocking says so.
#pragma once

#include <algorithm>

#include "cpu/isa/matmul_copy.h"
#include "cpu/isa/matmul_tile.h"
#include "cpu/matmul_kernels.h"

namespace lockstep::LS_ISA {
namespace {

// One block. Panels of b are panel_width columns wide and b_panel elements apart.
template <typename T>
inline void multiply_panels(const MatmulBlocking &blocking, int64_t m, int64_t n, int64_t k, const T *a, int64_t a_row,
                            int64_t a_column, const T *b, int64_t b_row, int64_t b_panel, T *c, int64_t c_row,
                            bool accumulate) {
  using S = Simd<T>;
  const int64_t panel_width = blocking.panel_vectors * S::kLanes;
  for (int64_t j = 0; j < n; j += panel_width, b += b_panel) {
    const int64_t columns = std::min(panel_width, n - j);
    const int64_t vectors = (columns + S::kLanes - 1) / S::kLanes;
    const int64_t last_lanes = columns - (vectors - 1) * S::kLanes;
    const auto &tiles = kTiles<T>[last_lanes != S::kLanes][vectors - 1];
    const int64_t rows = blocking.tile_rows[vectors];
    for (int64_t i = 0; i < m; i += rows) {
      tiles[std::min(rows, m - i)](k, a + i * a_row, a_row, a_column, b, b_row, c + i * c_row + j, c_row, last_lanes,
                                   accumulate);
    }
  }
}

template <typename T>
void multiply_blocks(const MatmulBlocking &blocking, int64_t m, int64_t n, const T *a, const T *b, T *c, T *scratch) {
  const int64_t panel_width = blocking.panel_vectors * Simd<T>::kLanes;
  T *packed_a = scratch;
  T *packed_b = scratch + blocking.packed_a_elements;
  T *sums = blocking.buffer_c ? packed_b + blocking.packed_b_elements : c;
  const int64_t sums_row = blocking.buffer_c ? blocking.buffer_row : blocking.c_row;

  int64_t p = 0;
  do {
    const int64_t block_k = std::min(blocking.k_block, blocking.k - p);
    for (int64_t j = 0; j < n; j += blocking.n_block) {
      const int64_t block_n = std::min(blocking.n_block, n - j);
      const T *block_b = b + p * blocking.b_row + j * blocking.b_column;
      int64_t b_row = blocking.b_row;
      int64_t b_panel = panel_width;
      if (blocking.pack_b) {
        b_row = panel_width;
        b_panel = panel_width * block_k;
        for (int64_t column = 0; column < block_n; column += panel_width) {
          copy_matrix(packed_b + column * block_k, panel_width, block_b + column * blocking.b_column, blocking.b_row,
                      blocking.b_column, block_k, std::min(panel_width, block_n - column));
        }
        block_b = packed_b;
      }
      for (int64_t i = 0; i < m; i += blocking.m_block) {
        const int64_t block_m = std::min(blocking.m_block, m - i);
        const T *block_a = a + i * blocking.a_row + p * blocking.a_column;
        int64_t a_row = blocking.a_row;
        int64_t a_column = blocking.a_column;
        if (blocking.pack_a && a_row == 1) {
          copy_matrix(packed_a, block_m, block_a, a_column, a_row, block_k, block_m);
          block_a = packed_a;
          a_column = block_m;
        } else if (blocking.pack_a) {
          copy_matrix(packed_a, block_k, block_a, a_row, a_column, block_m, block_k);
          block_a = packed_a;
          a_row = block_k;
          a_column = 1;
        }
        multiply_panels(blocking, block_m, block_n, block_k, block_a, a_row, a_column, block_b, b_row, b_panel,
                        sums + i * sums_row + j, sums_row, p > 0);
      }
    }
    p += blocking.k_block;
  } while (p < blocking.k);

  if (blocking.buffer_c && blocking.c_row == 1) {
    copy_matrix(c, blocking.c_column, sums, 1, sums_row, n, m);
  } else if (blocking.buffer_c) {
    for (int64_t i = 0; i < m; ++i) {
      for (int64_t j = 0; j < n; ++j) c[i * blocking.c_row + j * blocking.c_column] = sums[i * sums_row + j];
    }
  }
}

template <typename T>
void multiply(const MatmulBlocking &blocking, int64_t m, int64_t n, const void *a, const void *b, void *c,
              void *scratch) {
  const T *a_elements = static_cast<const T *>(a);
  const T *b_elements = static_cast<const T *>(b);
  T *c_elements = static_cast<T *>(c);
  if (blocking.one_tile) {
    const int64_t last_lanes = n - (blocking.panel_vectors - 1) * Simd<T>::kLanes;
    kTiles<T>[last_lanes != Simd<T>::kLanes][blocking.panel_vectors - 1][m](
        blocking.k, a_elements, blocking.a_row, blocking.a_column, b_elements, blocking.b_row, c_elements,
        blocking.c_row, last_lanes, false);
  } else if (blocking.direct) {
    multiply_panels(blocking, m, n, blocking.k, a_elements, blocking.a_row, blocking.a_column, b_elements,
                    blocking.b_row, blocking.panel_vectors * Simd<T>::kLanes, c_elements, blocking.c_row, false);
  } else {
    multiply_blocks(blocking, m, n, a_elements, b_elements, c_elements, static_cast<T *>(scratch));
  }
}

}  // namespace
}  // namespace lockstep::LS_ISA
