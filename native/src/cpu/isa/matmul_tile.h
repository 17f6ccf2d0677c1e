// The register-blocked microkernel: a tile of C of Rows x (Vectors * lanes) elements is summed up in registers.
#pragma once

#include <array>

#include "cpu/isa/matmul_stored.h"

namespace lockstep::LS_ISA {
namespace {

// c = (accumulate ? c : 0) + a * b. Columns of b and c are adjacent; the last vector of a row has last_lanes columns.
// b's elements may be stored as another type B.
template <typename T, typename B>
using Tile = void (*)(int64_t k, const T *a, int64_t a_row, int64_t a_column, const B *b, int64_t b_row, T *c,
                      int64_t c_row, int64_t last_lanes, bool accumulate);

template <typename T, typename B, int Rows, int Vectors, bool Masked>
void tile(int64_t k, const T *a, int64_t a_row, int64_t a_column, const B *b, int64_t b_row, T *c, int64_t c_row,
          int64_t last_lanes, bool accumulate) {
  using S = Simd<T>;
  using Vector = typename S::Vector;
  // Few accumulators leave the multipliers waiting for each other: independent sums over k then share the work.
  constexpr int kChains = Rows * Vectors >= 8 ? 1 : Rows * Vectors >= 4 ? 2 : 4;
  [[maybe_unused]] const auto mask = S::mask(last_lanes);

  Vector sums[kChains][Rows][Vectors] = {};
  const T *a_rows[(Rows + 2) / 3];
#pragma GCC unroll 16
  for (int i = 0; i < Rows; i += 3) a_rows[i / 3] = a + i * a_row;

  auto step = [&](Vector(&sum)[Rows][Vectors], int64_t a_offset, const B *b_at) __attribute__((always_inline)) {
    Vector b_vectors[Vectors];
#pragma GCC unroll 16
    for (int j = 0; j < Vectors; ++j) {
      const B *from = b_at + j * S::kLanes;
      b_vectors[j] = Masked && j == Vectors - 1 ? Stored<B>::load(from, mask) : Stored<B>::load(from);
    }
#pragma GCC unroll 16
    for (int i = 0; i < Rows; ++i) {
      Vector a_value = S::broadcast(a_rows[i / 3][(i % 3) * a_row + a_offset]);
#pragma GCC unroll 16
      for (int j = 0; j < Vectors; ++j) sum[i][j] = S::multiply_add(a_value, b_vectors[j], sum[i][j]);
    }
  };

  int64_t p = 0;
  int64_t a_offset = 0;
  for (; p + kChains <= k; p += kChains) {
#pragma GCC unroll 16
    for (int chain = 0; chain < kChains; ++chain) {
      step(sums[chain], a_offset, b);
      a_offset += a_column;
      b += b_row;
    }
  }
  if constexpr (kChains > 1) {
    for (; p < k; ++p) {
      step(sums[0], a_offset, b);
      a_offset += a_column;
      b += b_row;
    }
  }

#pragma GCC unroll 16
  for (int i = 0; i < Rows; ++i) {
#pragma GCC unroll 16
    for (int j = 0; j < Vectors; ++j) {
      Vector sum = sums[0][i][j];
#pragma GCC unroll 16
      for (int chain = 1; chain < kChains; ++chain) sum += sums[chain][i][j];
      T *to = c + i * c_row + j * S::kLanes;
      if (Masked && j == Vectors - 1) {
        if (accumulate) sum += S::load(to, mask);
        S::store(to, sum, mask);
      } else {
        if (accumulate) sum += S::load(to);
        S::store(to, sum);
      }
    }
  }
}

constexpr int kMaxVectors = 4;
// By vectors in a row, from 1: sums, a row of b and one value of a fit in the registers.
constexpr std::array<int64_t, kMaxVectors + 1> kMaxRows =
    kVectorRegisters == 32 ? std::array<int64_t, 5>{0, 16, 12, 8, 6} : std::array<int64_t, 5>{0, 8, 6, 4, 2};

template <typename T, typename B, int Vectors, bool Masked, int... Row>
constexpr std::array<Tile<T, B>, 17> tiles_by_rows(std::integer_sequence<int, Row...>) {
  return {nullptr, &tile<T, B, Row + 1, Vectors, Masked>...};
}

template <typename T, typename B, bool Masked, int... Vector>
constexpr std::array<std::array<Tile<T, B>, 17>, kMaxVectors> tiles_by_vectors(std::integer_sequence<int, Vector...>) {
  return {tiles_by_rows<T, B, Vector + 1, Masked>(std::make_integer_sequence<int, kMaxRows[Vector + 1]>())...};
}

// kTiles<T>[masked][vectors - 1][rows]
template <typename T, typename B = T>
constexpr std::array<std::array<std::array<Tile<T, B>, 17>, kMaxVectors>, 2> kTiles = {
    tiles_by_vectors<T, B, false>(std::make_integer_sequence<int, kMaxVectors>()),
    tiles_by_vectors<T, B, true>(std::make_integer_sequence<int, kMaxVectors>())};

}  // namespace
}  // namespace lockstep::LS_ISA
