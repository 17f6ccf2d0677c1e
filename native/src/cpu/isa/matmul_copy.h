// Copies a strided matrix into one whose columns are adjacent, block-transposing in registers where rows are adjacent.
// Elements may be stored as another type there.
#pragma once

#include <algorithm>

#include "cpu/isa/matmul_stored.h"

namespace lockstep::LS_ISA {
namespace {

template <typename T, int Step>
void transpose_stage(typename Simd<T>::Vector *rows) {
  if constexpr (Step < Simd<T>::kLanes) {
#pragma GCC unroll 16
    for (int row = 0; row < Simd<T>::kLanes; ++row) {
      if (row & Step) continue;
      auto low = Simd<T>::template low_blocks<Step>(rows[row], rows[row + Step]);
      auto high = Simd<T>::template high_blocks<Step>(rows[row], rows[row + Step]);
      rows[row] = low;
      rows[row + Step] = high;
    }
    transpose_stage<T, Step * 2>(rows);
  }
}

// to[i * to_row + j] = from[j * from_column + i] for i < rows, j < columns, both at most a vector's lanes.
template <typename To, typename From>
void transpose_block(To *to, int64_t to_row, const From *from, int64_t from_column, int64_t rows, int64_t columns) {
  using T = Computed<From>;
  using S = Simd<T>;
  typename S::Vector block[S::kLanes];
  if (rows == S::kLanes && columns == S::kLanes) {
#pragma GCC unroll 16
    for (int j = 0; j < S::kLanes; ++j) block[j] = Stored<From>::load(from + j * from_column);
    transpose_stage<T, 1>(block);
#pragma GCC unroll 16
    for (int i = 0; i < S::kLanes; ++i) Stored<To>::store(to + i * to_row, block[i]);
    return;
  }
  auto row_mask = S::mask(rows);
  auto column_mask = S::mask(columns);
#pragma GCC unroll 16
  for (int j = 0; j < S::kLanes; ++j) {
    block[j] = j < columns ? Stored<From>::load(from + j * from_column, row_mask) : typename S::Vector{};
  }
  transpose_stage<T, 1>(block);
#pragma GCC unroll 16
  for (int i = 0; i < S::kLanes; ++i) {
    if (i < rows) Stored<To>::store(to + i * to_row, block[i], column_mask);
  }
}

template <typename To, typename From>
void copy_matrix(To *to, int64_t to_row, const From *from, int64_t from_row, int64_t from_column, int64_t rows,
                 int64_t columns) {
  using S = Simd<Computed<From>>;
  if (from_column == 1) {
    int64_t full = columns / S::kLanes * S::kLanes;
    auto mask = S::mask(columns - full);
    for (int64_t i = 0; i < rows; ++i) {
      To *to_at = to + i * to_row;
      const From *from_at = from + i * from_row;
      for (int64_t j = 0; j < full; j += S::kLanes) Stored<To>::store(to_at + j, Stored<From>::load(from_at + j));
      if (full < columns) Stored<To>::store(to_at + full, Stored<From>::load(from_at + full, mask), mask);
    }
  } else if (from_row == 1) {
    for (int64_t j = 0; j < columns; j += S::kLanes) {
      int64_t block_columns = std::min<int64_t>(S::kLanes, columns - j);
      for (int64_t i = 0; i < rows; i += S::kLanes) {
        int64_t block_rows = std::min<int64_t>(S::kLanes, rows - i);
        transpose_block(to + i * to_row + j, to_row, from + i + j * from_column, from_column, block_rows,
                        block_columns);
      }
    }
  } else {
    for (int64_t i = 0; i < rows; ++i) {
      for (int64_t j = 0; j < columns; ++j) {
        to[i * to_row + j] = Stored<To>::stored(Stored<From>::computed(from[i * from_row + j * from_column]));
      }
    }
  }
}

}  // namespace
}  // namespace lockstep::LS_ISA
