// Products whose operands are both adjacent along k: scalar products, several at once.
#pragma once

#include "cpu/isa/matmul_stored.h"
#include "cpu/matmul_kernels.h"

namespace lockstep::LS_ISA {
namespace {

// Lane l of the result is the sum of sums[l]'s lanes, for l < Count; Count is a power of two, at most kLanes.
template <typename T, int Count, int Step = Simd<T>::kLanes / 2>
typename Simd<T>::Vector sum_lanes(const typename Simd<T>::Vector *sums) {
  using S = Simd<T>;
  if constexpr (Step == 0) {
    return sums[0];
  } else if constexpr (Step < Count) {
    typename S::Vector halved[Step];
#pragma GCC unroll 16
    for (int i = 0; i < Step; ++i) {
      halved[i] = S::template low_blocks<Step>(sums[i], sums[i + Step]) +
                  S::template high_blocks<Step>(sums[i], sums[i + Step]);
    }
    return sum_lanes<T, Step, Step / 2>(halved);
  } else {
    typename S::Vector folded[Count];
#pragma GCC unroll 16
    for (int i = 0; i < Count; ++i) {
      folded[i] = S::template low_blocks<Step>(sums[i], sums[i]) + S::template high_blocks<Step>(sums[i], sums[i]);
    }
    return sum_lanes<T, Count, Step / 2>(folded);
  }
}

// Rows x Columns scalar products. Paired: one row, whose column j has an own vector of a, at a + j * a_step.
template <typename E, int Rows, int Columns, bool Paired>
void dot_tile(int64_t k, const E *a, int64_t a_step, const E *b, int64_t b_column, E *c, int64_t c_row,
              int64_t c_column) {
  using T = Computed<E>;
  using S = Simd<T>;
  using Vector = typename S::Vector;
  constexpr int kChains = Rows * Columns == 1 ? 8 : 1;
  Vector sums[kChains][Rows][Columns] = {};

  auto add = [&](Vector(&sum)[Rows][Columns], auto load, int64_t p) __attribute__((always_inline)) {
    Vector a_values[Rows];
    if constexpr (!Paired) {
#pragma GCC unroll 16
      for (int i = 0; i < Rows; ++i) a_values[i] = load(a + i * a_step + p);
    }
#pragma GCC unroll 16
    for (int j = 0; j < Columns; ++j) {
      Vector b_value = load(b + j * b_column + p);
      if constexpr (Paired) a_values[0] = load(a + j * a_step + p);
#pragma GCC unroll 16
      for (int i = 0; i < Rows; ++i) sum[i][j] = S::multiply_add(a_values[i], b_value, sum[i][j]);
    }
  };
  const auto load_all = [](const E *from) __attribute__((always_inline)) { return Stored<E>::load(from); };

  int64_t p = 0;
  for (; p + kChains * S::kLanes <= k; p += kChains * S::kLanes) {
#pragma GCC unroll 16
    for (int chain = 0; chain < kChains; ++chain) add(sums[chain], load_all, p + chain * S::kLanes);
  }
  if constexpr (kChains > 1) {
    for (; p + S::kLanes <= k; p += S::kLanes) add(sums[0], load_all, p);
#pragma GCC unroll 16
    for (int step = kChains / 2; step > 0; step /= 2) {
#pragma GCC unroll 16
      for (int chain = 0; chain < step; ++chain) sums[chain][0][0] += sums[chain + step][0][0];
    }
  }
  if (p < k) {
    const auto mask = S::mask(k - p);
    add(
        sums[0], [mask](const E *from) __attribute__((always_inline)) { return Stored<E>::load(from, mask); }, p);
  }

  constexpr int kGroup = Columns < S::kLanes ? Columns : S::kLanes;
#pragma GCC unroll 16
  for (int i = 0; i < Rows; ++i) {
#pragma GCC unroll 16
    for (int j = 0; j < Columns; j += kGroup) {
      const Vector results = sum_lanes<T, kGroup>(sums[0][i] + j);
      E *to = c + i * c_row + j * c_column;
      if (kGroup == 1) {
        *to = Stored<E>::stored(results[0]);
      } else if (c_column == 1) {
        Stored<E>::store(to, results, S::mask(kGroup));
      } else {
        for (int lane = 0; lane < kGroup; ++lane) to[lane * c_column] = Stored<E>::stored(results[lane]);
      }
    }
  }
}

template <typename E, int Rows, bool Paired>
void dot_rows(const MatmulDots &dots, int64_t columns, const E *a, const E *b, E *c) {
  int64_t j = 0;
  const auto tiles = [&](auto tile, int64_t width) __attribute__((always_inline)) {
    for (; j + width <= columns; j += width) {
      tile(dots.k, Paired ? a + j * dots.a_step : a, dots.a_step, b + j * dots.b_column, dots.b_column,
           c + j * dots.c_column, dots.c_row, dots.c_column);
    }
  };
  tiles(dot_tile<E, Rows, 4, Paired>, 4);
  tiles(dot_tile<E, Rows, 1, Paired>, 1);
}

template <typename E>
void multiply_dots(const MatmulDots &dots, int64_t rows, int64_t columns, const void *a_bytes, const void *b_bytes,
                   void *c_bytes) {
  const E *a = static_cast<const E *>(a_bytes);
  const E *b = static_cast<const E *>(b_bytes);
  E *c = static_cast<E *>(c_bytes);
  if (dots.paired) return dot_rows<E, 1, true>(dots, columns, a, b, c);
  int64_t i = 0;
  const auto next_rows = [&](auto kernel, int64_t count) {
    for (; i + count <= rows; i += count) kernel(dots, columns, a + i * dots.a_step, b, c + i * dots.c_row);
  };
  if constexpr (kVectorRegisters == 32) next_rows(dot_rows<E, 4, false>, 4);
  next_rows(dot_rows<E, 2, false>, 2);
  next_rows(dot_rows<E, 1, false>, 1);
}

}  // namespace
}  // namespace lockstep::LS_ISA
