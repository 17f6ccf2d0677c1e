// Products whose batch is adjacent in memory: each lane of a vector computes another matrix of the batch.
#pragma once

#include "cpu/isa/matmul_stored.h"
#include "cpu/matmul_kernels.h"

namespace lockstep::LS_ISA {
namespace {

// Rows x Columns elements of c in as many matrices as a vector has lanes, or as the mask says.
template <typename E, int Rows, int Columns, bool Masked>
void lanes_tile(const MatmulLanes &p, const E *a, const E *b, E *c, typename Stored<E>::Mask mask, int64_t count) {
  using S = typename Stored<E>::S;
  using Vector = typename S::Vector;
  const auto load = [mask](const E *from) __attribute__((always_inline)) {
    return Masked ? Stored<E>::load(from, mask) : Stored<E>::load(from);
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
      E *to = c + i * p.c_row + j * p.c_column;
      if (p.c_batch != 1) {
        for (int64_t lane = 0; lane < count; ++lane) to[lane * p.c_batch] = Stored<E>::stored(sums[i][j][lane]);
      } else if (Masked) {
        Stored<E>::store(to, sums[i][j], mask);
      } else {
        Stored<E>::store(to, sums[i][j]);
      }
    }
  }
}

template <typename E, int Rows, bool Masked>
void lanes_rows(const MatmulLanes &p, const E *a, const E *b, E *c, typename Stored<E>::Mask mask, int64_t count) {
  int64_t j = 0;
  for (; j + 4 <= p.n; j += 4) {
    lanes_tile<E, Rows, 4, Masked>(p, a, b + j * p.b_column, c + j * p.c_column, mask, count);
  }
  for (; j < p.n; ++j) lanes_tile<E, Rows, 1, Masked>(p, a, b + j * p.b_column, c + j * p.c_column, mask, count);
}

template <typename E, bool Masked>
void lanes_matrices(const MatmulLanes &p, const E *a, const E *b, E *c, int64_t count) {
  const auto mask = Stored<E>::S::mask(Masked ? count : 1);
  constexpr int kRows = kVectorRegisters == 32 ? 4 : 2;
  int64_t i = 0;
  for (; i + kRows <= p.m; i += kRows)
    lanes_rows<E, kRows, Masked>(p, a + i * p.a_row, b, c + i * p.c_row, mask, count);
  for (; i < p.m; ++i) lanes_rows<E, 1, Masked>(p, a + i * p.a_row, b, c + i * p.c_row, mask, count);
}

template <typename E>
void multiply_lanes(const MatmulLanes &lanes, int64_t batch, const void *a_bytes, const void *b_bytes, void *c_bytes) {
  const E *a = static_cast<const E *>(a_bytes);
  const E *b = static_cast<const E *>(b_bytes);
  E *c = static_cast<E *>(c_bytes);
  constexpr int64_t kLanes = Stored<E>::S::kLanes;
  int64_t first = 0;
  for (; first + kLanes <= batch; first += kLanes) {
    lanes_matrices<E, false>(lanes, a + first, b + first, c + first * lanes.c_batch, kLanes);
  }
  if (first < batch) lanes_matrices<E, true>(lanes, a + first, b + first, c + first * lanes.c_batch, batch - first);
}

}  // namespace
}  // namespace lockstep::LS_ISA
