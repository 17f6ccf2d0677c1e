// AMX: products of bf16 with sums in f32, on registers of 16 rows of 64 bytes. For processors with AVX-512, after the
// system has let the process use the registers (cpu/onednn_bf16.h). Denormal numbers count as zero.
#pragma once

#include <cstdint>

#include "cpu/math_bf16.h"

namespace lockstep::LS_ISA {
namespace {

constexpr int64_t kTile = 16;       // rows of a tile, and its columns of f32
constexpr int64_t kTileDepth = 32;  // its columns of bf16
constexpr int64_t kTilePair = 2 * kTile;

// The registers' shapes, as long as this exists, for the thread that makes it.
class TileShapes {
 public:
  TileShapes() {
    alignas(64) Shapes shapes = {};
    for (int tile = 0; tile < 8; ++tile) {
      shapes.row_bytes[tile] = 64;
      shapes.rows[tile] = kTile;
    }
    __asm__ volatile("ldtilecfg %0" ::"m"(shapes) : "memory");
  }
  ~TileShapes() { __asm__ volatile("tilerelease" ::: "memory"); }
  TileShapes(const TileShapes &) = delete;
  TileShapes &operator=(const TileShapes &) = delete;

 private:
  struct Shapes {
    uint8_t palette = 1;
    uint8_t start_row;
    uint8_t reserved[14];
    uint16_t row_bytes[16];
    uint8_t rows[16];
  };
};

template <int Tile>
inline void load_tile(const void *from, int64_t row_bytes) {
  __asm__ volatile("tileloadd (%0,%1,1), %%tmm%c2" ::"r"(from), "r"(row_bytes), "i"(Tile) : "memory");
}
template <int Tile>
inline void store_tile(void *to, int64_t row_bytes) {
  __asm__ volatile("tilestored %%tmm%c2, (%0,%1,1)" ::"r"(to), "r"(row_bytes), "i"(Tile) : "memory");
}
template <int Tile>
inline void zero_tile() {
  __asm__ volatile("tilezero %%tmm%c0" ::"i"(Tile));
}
// Sum[i, j] += the sum over k of A[i, k] * B[k / 2, 2 j + k % 2]
template <int Sum, int A, int B>
inline void multiply_tiles() {
  __asm__ volatile("tdpbf16ps %%tmm%c2, %%tmm%c1, %%tmm%c0" ::"i"(Sum), "i"(A), "i"(B));
}

// A right operand for tiles: panels of 16 columns, in which a row holds two rows of the matrix, element by element in
// turn.
struct TilePanels {
  const BFloat16 *data;
  int64_t depth;  // rows of the matrix
  const BFloat16 *at(int64_t column, int64_t row) const { return data + column * depth + row * kTile; }
};

// c[m, n] = (accumulate ? c : 0) + (the sum of `Parts` matrices a[m, depth]) * b[depth, n]; m and n are multiples of
// 32, as is the depth.
template <int Parts>
void multiply_by_tiles(int64_t m, int64_t n, const BFloat16 *const (&a)[Parts], int64_t a_row, const TilePanels &b,
                       int64_t depth, float *c, int64_t c_row, bool accumulate) {
  const int64_t a_bytes = a_row * static_cast<int64_t>(sizeof(BFloat16));
  const int64_t c_bytes = c_row * static_cast<int64_t>(sizeof(float));
  for (int64_t j = 0; j < n; j += kTilePair) {
    for (int64_t i = 0; i < m; i += kTilePair) {
      float *upper = c + i * c_row + j;
      float *lower = upper + kTile * c_row;
      if (accumulate) {
        load_tile<0>(upper, c_bytes);
        load_tile<1>(upper + kTile, c_bytes);
        load_tile<2>(lower, c_bytes);
        load_tile<3>(lower + kTile, c_bytes);
      } else {
        zero_tile<0>();
        zero_tile<1>();
        zero_tile<2>();
        zero_tile<3>();
      }
      for (int64_t p = 0; p < depth; p += kTileDepth) {
        load_tile<6>(b.at(j, p), 64);
        load_tile<7>(b.at(j + kTile, p), 64);
#pragma GCC unroll 2
        for (int part = 0; part < Parts; ++part) {
          load_tile<4>(a[part] + i * a_row + p, a_bytes);
          load_tile<5>(a[part] + (i + kTile) * a_row + p, a_bytes);
          multiply_tiles<0, 4, 6>();
          multiply_tiles<1, 4, 7>();
          multiply_tiles<2, 5, 6>();
          multiply_tiles<3, 5, 7>();
        }
      }
      store_tile<0>(upper, c_bytes);
      store_tile<1>(upper + kTile, c_bytes);
      store_tile<2>(lower, c_bytes);
      store_tile<3>(lower + kTile, c_bytes);
    }
  }
}

}  // namespace
}  // namespace lockstep::LS_ISA
