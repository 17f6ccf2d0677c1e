// Attention of bf16 whose two products run on AMX's tiles. The first has q and k as they are, and its sums are scaled.
// For the second, an exponential e in f32 is a pair of bf16, its nearest and what is left of it: their two products
// have all but the last bits of e, as if it had not been rounded.
#pragma once

#include "cpu/isa/amx_tiles.h"
#include "cpu/isa/attention_forward.h"

namespace lockstep::LS_ISA {
namespace {

constexpr int64_t kLine = 64 / sizeof(BFloat16);
constexpr uint32_t kExponent = 0x7f80;  // of bf16: all ones in infinities and NaN
typedef uint16_t Elements __attribute__((vector_size(kVectorBytes / 2)));

inline int64_t padded_to_pair(int64_t count) { return divide_up(count, kTilePair) * kTilePair; }

struct TileScratch {
  BFloat16 *queries, *keys, *values, *high, *low, *rows;
  float *scores, *sums;
  Softmax<float> *softmax;
  int64_t key_step, dimension, columns;  // padded
  int64_t row;                           // of the scores and of the exponentials, odd in cache lines
  int64_t bytes;

  TileScratch(const AttentionShape &shape, void *memory)
      : key_step(padded_to_pair(block_of(shape.keys, kKeyBlock))),
        dimension(padded_to_pair(shape.dimension)),
        columns(padded_to_pair(shape.value_dimension)),
        row(key_step + kLine) {
    const int64_t all_rows = padded_to_pair(std::min(kForwardRows, shape.queries));
    const int64_t block_rows = std::min(all_rows, kQueryBlock);
    Scratch<BFloat16> narrow(memory);
    queries = narrow.take(all_rows * dimension);
    keys = narrow.take(key_step * dimension);
    values = narrow.take(key_step * columns);
    high = narrow.take(block_rows * row);
    low = narrow.take(block_rows * row);
    rows = narrow.take(kTile * std::max(dimension, columns));
    Scratch<float> wide(memory == nullptr ? nullptr : static_cast<char *>(memory) + narrow.bytes());
    scores = wide.take(block_rows * row);
    sums = wide.take(all_rows * columns);
    softmax = reinterpret_cast<Softmax<float> *>(wide.take(all_rows * 2));
    bytes = narrow.bytes() + wide.bytes();
  }
};

inline int64_t tile_scratch(const AttentionShape &shape) { return TileScratch(shape, nullptr).bytes; }

// Rows of a matrix, `width` elements apart, with zeros after the columns.
inline void copy_rows(const AttentionMatrix &matrix, int64_t first, int64_t count, int64_t columns, BFloat16 *to,
                      int64_t width) {
  for (int64_t i = 0; i < count; ++i, to += width) {
    const BFloat16 *from = rows_of<BFloat16>(matrix, first + i).data;
    if (matrix.column == 1) {
      std::copy_n(from, columns, to);
    } else {
      for (int64_t d = 0; d < columns; ++d) to[d] = from[d * matrix.column];
    }
    std::fill(to + columns, to + width, BFloat16{});
  }
}

// Whether rows of so many elements can be read where they are, as pairs.
inline bool are_pairs(const AttentionMatrix &matrix, int64_t columns) {
  return matrix.column == 1 && matrix.row % 2 == 0 && columns % kTilePair == 0 &&
         reinterpret_cast<uintptr_t>(matrix.data) % sizeof(float) == 0;
}

// k^T: pairs of a row's elements stay together, so that it is transposed as a matrix of 32-bit elements.
inline TilePanels pack_keys(const AttentionMatrix &k, int64_t first, int64_t count, int64_t columns,
                            const TileScratch &scratch) {
  const int64_t pairs = scratch.dimension / 2;
  const bool in_place = are_pairs(k, columns);
  for (int64_t j = 0; j < padded_to_pair(count); j += kTile) {
    const int64_t here = std::clamp<int64_t>(count - j, 0, kTile);
    Rows<const BFloat16> rows = rows_of<BFloat16>(k, first + j);
    if (!in_place || here < kTile) {
      copy_rows(k, first + j, here, columns, scratch.rows, scratch.dimension);
      std::fill(scratch.rows + here * scratch.dimension, scratch.rows + kTile * scratch.dimension, BFloat16{});
      rows = {scratch.rows, scratch.dimension};
    }
    const float *from = reinterpret_cast<const float *>(rows.data);
    float *panel = reinterpret_cast<float *>(scratch.keys + j * scratch.dimension);
    for (int64_t p = 0; p < pairs; p += kTile) {
      transpose_block(panel + p * kTile, kTile, from + p, rows.row / 2, kTile, kTile);
    }
  }
  return {scratch.keys, scratch.dimension};
}

struct TileValues {
  TilePanels panels;
  bool finite;
};

// v: the elements of two rows in turn.
inline TileValues pack_values(const AttentionMatrix &v, int64_t first, int64_t count, int64_t columns,
                              const TileScratch &scratch) {
  const int64_t depth = padded_to_pair(count);
  const int64_t width = scratch.columns;
  const bool in_place = are_pairs(v, columns);
  VectorI32 infinite = {};
  for (int64_t i = 0; i < depth; i += 2) {
    const int64_t here = std::clamp<int64_t>(count - i, 0, 2);
    Rows<const BFloat16> rows = rows_of<BFloat16>(v, first + i);
    if (!in_place || here < 2) {
      copy_rows(v, first + i, here, columns, scratch.rows, width);
      std::fill(scratch.rows + here * width, scratch.rows + 2 * width, BFloat16{});
      rows = {scratch.rows, width};
    }
    for (int64_t d = 0; d < width; d += kTile) {
      const VectorU32 upper = __builtin_convertvector(load<Elements>(rows.data + d), VectorU32);
      const VectorU32 lower = __builtin_convertvector(load<Elements>(rows.data + rows.row + d), VectorU32);
      store(scratch.values + d * depth + i * kTile, upper | lower << 16);
      infinite |= (upper & kExponent) == kExponent;
      infinite |= (lower & kExponent) == kExponent;
    }
  }
  return {{scratch.values, depth}, _mm512_test_epi32_mask((__m512i)infinite, (__m512i)infinite) == 0};
}

// The upper halves of the elements of two vectors.
inline __m512i upper_halves(VectorF32 x, VectorF32 y) {
  alignas(64) static constexpr uint16_t kOdd[32] = {1,  3,  5,  7,  9,  11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 31,
                                                    33, 35, 37, 39, 41, 43, 45, 47, 49, 51, 53, 55, 57, 59, 61, 63};
  return _mm512_permutex2var_epi16((__m512i)x, _mm512_load_si512(kOdd), (__m512i)y);
}

// The upper half is the nearest bf16; x is no NaN, or its row's sum is one too.
inline VectorF32 to_upper_half(VectorF32 x) { return (VectorF32)((VectorU32)x + 0x8000U); }

// As continue_row(), with the exponentials in two parts.
inline float continue_row(Softmax<float> &row, const float *scores, int64_t padded, BFloat16 *high, BFloat16 *low) {
  using S = Simd<float>;
  const float before = take_largest(row, scores, padded);
  const float shift = row.shift();
  VectorF32 sums[2] = {};
  for (int64_t j = 0; j < padded; j += 2 * S::kLanes) {
    VectorF32 e[2], rest[2];
    for (int half = 0; half < 2; ++half) {
      e[half] = vector_exp(S::load(scores + j + half * S::kLanes) - shift);
      sums[half] += e[half];
      const VectorF32 nearest = (VectorF32)((VectorU32)to_upper_half(e[half]) & 0xffff0000U);
      rest[half] = to_upper_half(e[half] - nearest);
      e[half] = nearest;
    }
    _mm512_storeu_si512(high + j, upper_halves(e[0], e[1]));
    _mm512_storeu_si512(low + j, upper_halves(rest[0], rest[1]));
  }
  return take_sum(row, before, sums[0] + sums[1]);
}

// Scales the products, applies the mask, and pads the rows with `-inf`.
inline void finish_scores(const AttentionShape &shape, const AttentionMatrix &mask, const Block<float> &block) {
  const int64_t end = padded_to_pair(block.keys);
  const float scale = static_cast<float>(shape.scale);
  for (int64_t i = 0; i < block.queries; ++i) {
    float *scores = block.scores + i * block.row;
    for (int64_t j = 0; scale != 1 && j < end; ++j) scores[j] *= scale;
    std::fill(scores + block.keys, scores + end, -std::numeric_limits<float>::infinity());
  }
  if (shape.mask == AttentionMask::kAdd) add_mask<BFloat16>(mask, block);
  hide(shape, mask, block, kHidden<float>);
}

inline void forward_block(const AttentionShape &shape, const AttentionMatrix &mask, const Block<float> &block,
                          const BFloat16 *queries, const TilePanels &keys, const TileValues &values,
                          Softmax<float> *softmax, float *sums, const TileScratch &scratch) {
  const bool first = block.first_key == 0;
  const int64_t rows = padded_to_pair(block.queries);
  const int64_t depth = padded_to_pair(block.keys);
  multiply_by_tiles<1>(rows, depth, {queries}, scratch.dimension, keys, scratch.dimension, block.scores, block.row,
                       false);
  finish_scores(shape, mask, block);
  for (int64_t i = 0; i < block.queries; ++i) {
    const float correction = continue_row(softmax[i], block.scores + i * block.row, depth, scratch.high + i * block.row,
                                          scratch.low + i * block.row);
    if (first || correction == 1) continue;
    for (int64_t d = 0; d < scratch.columns; ++d) sums[i * scratch.columns + d] *= correction;
  }
  if (values.finite) {
    multiply_by_tiles<2>(rows, scratch.columns, {scratch.high, scratch.low}, block.row, values.panels, depth, sums,
                         scratch.columns, !first);
  } else {
    // What is left of an exponential may be 0 or negative, and would make a NaN of an infinity.
    multiply_by_tiles<1>(rows, scratch.columns, {scratch.high}, block.row, values.panels, depth, sums, scratch.columns,
                         !first);
  }
}

inline void forward_by_tiles(const AttentionShape &shape, const AttentionOperands &operands, AttentionRows rows,
                             void *memory) {
  const TileScratch scratch(shape, memory);
  const TileShapes shapes;
  const int64_t seen = shape.keys_seen(rows.first + rows.count);
  copy_rows(operands.q, rows.first, rows.count, shape.dimension, scratch.queries, scratch.dimension);
  std::fill(scratch.queries + rows.count * scratch.dimension,
            scratch.queries + padded_to_pair(rows.count) * scratch.dimension, BFloat16{});
  std::fill_n(scratch.softmax, rows.count, Softmax<float>());

  for (int64_t key = 0; key < seen; key += scratch.key_step) {
    const int64_t keys = std::min(scratch.key_step, seen - key);
    const TilePanels packed_keys = pack_keys(operands.k, key, keys, shape.dimension, scratch);
    const TileValues values = pack_values(operands.v, key, keys, shape.value_dimension, scratch);
    for (int64_t row = 0; row < rows.count; row += kQueryBlock) {
      const int64_t count = std::min(kQueryBlock, rows.count - row);
      const int64_t block_keys = std::min(keys, shape.keys_seen(rows.first + row + count) - key);
      if (block_keys <= 0) continue;
      const Block<float> block = {rows.first + row, count, key, block_keys, scratch.scores, scratch.row};
      forward_block(shape, operands.mask, block, scratch.queries + row * scratch.dimension, packed_keys, values,
                    scratch.softmax + row, scratch.sums + row * scratch.columns, scratch);
    }
  }
  write_rows<BFloat16>(operands.to, rows, seen, shape.value_dimension, scratch.sums, scratch.columns, scratch.softmax);
}

}  // namespace
}  // namespace lockstep::LS_ISA
