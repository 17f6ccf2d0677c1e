// Products whose batch is adjacent in memory: each lane of a vector computes another matrix of the batch.
#pragma once

#include "cpu/isa/matmul_simd.h"
#include "cpu/matmul_kernels.h"

namespace lockstep::LS_ISA {
namespace {

// Rows x Columns elements of c in as many matrices as a vector has lanes, or as the mask says.
template <typename T, int Rows, int Columns, bool Masked>
void lanes_tile(const MatmulLanes &p, const T *a, const T *b, T *c, typename Simd<T>::Mask mask, int64_t count) {
  using S = Simd<T>;
  using Vector = typename S::Vector;
  const auto load = [mask](const T *from) __attribute__((always_inline)) {
    return Masked ? S::load(from, mask) : S::load(from);
  };
  Vector sums[Rows][Columns] = {};
  for (int64_t l = 0; l < p.k; ++l, a += p.a_column, b += p.b_row) {
    Vector a_values[Rows];
#pragma GCC unroll 16
    for (int i = 0; i < Rows; ++i) a_values[i] = load(a + i * p.a_row);
#pragma GCC unroll 16
    for (int j = 0; j < Columns; ++j) {
      const Vector b_value = load(b + j * p.b_column);
#pragma GCC unroll 16
      for (int i = 0; i < Rows; ++i) sums[i][j] = S::multiply_add(a_values[i], b_value, sums[i][j]);
    }
  }
#pragma GCC unroll 16
  for (int i = 0; i < Rows; ++i) {
#pragma GCC unroll 16
    for (int j = 0; j < Columns; ++j) {
      T *to = c + i * p.c_row + j * p.c_column;
      if (p.c_batch != 1) {
        for (int64_t lane = 0; lane < count; ++lane) to[lane * p.c_batch] = sums[i][j][lane];
      } else if (Masked) {
        S::store(to, sums[i][j], mask);
      } else {
        S::store(to, sums[i][j]);
      }
    }
  }
}

template <typename T, int Rows, bool Masked>
void lanes_rows(const MatmulLanes &p, const T *a, const T *b, T *c, typename Simd<T>::Mask mask, int64_t count) {
  int64_t j = 0;
  for (; j + 4 <= p.n; j += 4) {
    lanes_tile<T, Rows, 4, Masked>(p, a, b + j * p.b_column, c + j * p.c_column, mask, count);
  }
  for (; j < p.n; ++j) lanes_tile<T, Rows, 1, Masked>(p, a, b + j * p.b_column, c + j * p.c_column, mask, count);
}

template <typename T, bool Masked>
void lanes_matrices(const MatmulLanes &p, const T *a, const T *b, T *c, int64_t count) {
  const auto mask = Simd<T>::mask(Masked ? count : 1);
  constexpr int kRows = kVectorRegisters == 32 ? 4 : 2;
  int64_t i = 0;
  for (; i + kRows <= p.m; i += kRows)
    lanes_rows<T, kRows, Masked>(p, a + i * p.a_row, b, c + i * p.c_row, mask, count);
  for (; i < p.m; ++i) lanes_rows<T, 1, Masked>(p, a + i * p.a_row, b, c + i * p.c_row, mask, count);
}

template <typename T>
void multiply_lanes(const MatmulLanes &lanes, int64_t batch, const void *a_bytes, const void *b_bytes, void *c_bytes) {
  const T *a = static_cast<const T *>(a_bytes);
  const T *b = static_cast<const T *>(b_bytes);
  T *c = static_cast<T *>(c_bytes);
  constexpr int64_t kLanes = Simd<T>::kLanes;
  int64_t first = 0;
  for (; first + kLanes <= batch; first += kLanes) {
    lanes_matrices<T, false>(lanes, a + first, b + first, c + first * lanes.c_batch, kLanes);
  }
  if (first < batch) lanes_matrices<T, true>(lanes, a + first, b + first, c + first * lanes.c_batch, batch - first);
}

}  // namespace
}  // namespace lockstep::LS_ISA
