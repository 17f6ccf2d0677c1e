// C = A * B by tiles: blocks of k, n and m, packed where the blocking says so.
#pragma once

#include <algorithm>

#include "cpu/isa/matmul_copy.h"
#include "cpu/isa/matmul_tile.h"
#include "cpu/matmul_kernels.h"

namespace lockstep::LS_ISA {
namespace {

// One block. Panels of b are panel_width columns wide and b_panel elements apart.
template <typename T, typename B>
inline void multiply_panels(const MatmulBlocking &blocking, int64_t m, int64_t n, int64_t k, const T *a, int64_t a_row,
                            int64_t a_column, const B *b, int64_t b_row, int64_t b_panel, T *c, int64_t c_row,
                            bool accumulate) {
  using S = Simd<T>;
  const int64_t panel_width = blocking.panel_vectors * S::kLanes;
  for (int64_t j = 0; j < n; j += panel_width, b += b_panel) {
    const int64_t columns = std::min(panel_width, n - j);
    const int64_t vectors = (columns + S::kLanes - 1) / S::kLanes;
    const int64_t last_lanes = columns - (vectors - 1) * S::kLanes;
    const auto &tiles = kTiles<T, B>[last_lanes != S::kLanes][vectors - 1];
    const int64_t rows = blocking.tile_rows[vectors];
    for (int64_t i = 0; i < m; i += rows) {
      tiles[std::min(rows, m - i)](k, a + i * a_row, a_row, a_column, b, b_row, c + i * c_row + j, c_row, last_lanes,
                                   accumulate);
    }
  }
}

// A block of a as the tiles read it.
template <typename T>
struct BlockOfA {
  const T *data;
  int64_t row, column;
};

template <typename T, typename E>
BlockOfA<T> pack_a(const MatmulBlocking &blocking, const E *a, int64_t m, int64_t k, T *packed) {
  if constexpr (std::is_same_v<T, E>) {
    if (!blocking.pack_a) return {a, blocking.a_row, blocking.a_column};
  }
  if (blocking.a_row == 1) {
    copy_matrix(packed, m, a, blocking.a_column, blocking.a_row, k, m);
    return {packed, 1, m};
  }
  copy_matrix(packed, k, a, blocking.a_row, blocking.a_column, m, k);
  return {packed, k, 1};
}

// Sums of type T of elements that are stored as E: if that is another type, a is packed and c buffered.
template <typename T, typename E>
void multiply_blocks(const MatmulBlocking &blocking, int64_t m, int64_t n, const E *a, const E *b, E *c, T *scratch) {
  const int64_t panel_width = blocking.panel_vectors * Simd<T>::kLanes;
  T *packed_a = scratch;
  T *packed_b = scratch + blocking.packed_a_elements;
  T *sums = packed_b + blocking.packed_b_elements;
  int64_t sums_row = blocking.buffer_row;
  if constexpr (std::is_same_v<T, E>) {
    if (!blocking.buffer_c) {
      sums = c;
      sums_row = blocking.c_row;
    }
  }

  int64_t p = 0;
  do {
    const int64_t block_k = std::min(blocking.k_block, blocking.k - p);
    for (int64_t j = 0; j < n; j += blocking.n_block) {
      const int64_t block_n = std::min(blocking.n_block, n - j);
      const E *block_b = b + p * blocking.b_row + j * blocking.b_column;
      const auto multiply_rows = [&](const auto *panels, int64_t b_row, int64_t b_panel) {
        for (int64_t i = 0; i < m; i += blocking.m_block) {
          const int64_t block_m = std::min(blocking.m_block, m - i);
          const BlockOfA<T> block_a =
              pack_a(blocking, a + i * blocking.a_row + p * blocking.a_column, block_m, block_k, packed_a);
          multiply_panels(blocking, block_m, block_n, block_k, block_a.data, block_a.row, block_a.column, panels, b_row,
                          b_panel, sums + i * sums_row + j, sums_row, p > 0);
        }
      };
      if (blocking.pack_b) {
        for (int64_t column = 0; column < block_n; column += panel_width) {
          copy_matrix(packed_b + column * block_k, panel_width, block_b + column * blocking.b_column, blocking.b_row,
                      blocking.b_column, block_k, std::min(panel_width, block_n - column));
        }
        multiply_rows(static_cast<const T *>(packed_b), panel_width, panel_width * block_k);
      } else {
        multiply_rows(block_b, blocking.b_row, panel_width);
      }
    }
    p += blocking.k_block;
  } while (p < blocking.k);

  if (!blocking.buffer_c) return;
  if (blocking.c_row == 1) {
    copy_matrix(c, blocking.c_column, sums, 1, sums_row, n, m);
  } else if (blocking.c_column == 1) {
    copy_matrix(c, blocking.c_row, sums, sums_row, 1, m, n);
  } else {
    for (int64_t i = 0; i < m; ++i) {
      for (int64_t j = 0; j < n; ++j) {
        c[i * blocking.c_row + j * blocking.c_column] = Stored<E>::stored(sums[i * sums_row + j]);
      }
    }
  }
}

template <typename E>
void multiply_stored_as(const MatmulBlocking &blocking, int64_t m, int64_t n, const void *a, const void *b, void *c,
                        void *scratch) {
  multiply_blocks(blocking, m, n, static_cast<const E *>(a), static_cast<const E *>(b), static_cast<E *>(c),
                  static_cast<Computed<E> *>(scratch));
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
