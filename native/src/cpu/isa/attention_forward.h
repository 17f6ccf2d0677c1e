// softmax(q k^T) v with the softmax continued from one block of keys to the next.
#pragma once

#include "cpu/isa/attention_blocks.h"

namespace lockstep::LS_ISA {
namespace {

constexpr int64_t kForwardRows = 256;

template <typename T>
struct ForwardScratch {
  T *queries, *keys, *values, *scores, *sums;
  Softmax<T> *softmax;
  int64_t bytes;

  ForwardScratch(const AttentionShape &shape, void *memory) {
    const int64_t rows = std::min(kForwardRows, shape.queries);
    const int64_t block = key_block<T>(shape.keys);
    Scratch<T> scratch(memory);
    queries = scratch.take(rows * shape.dimension);
    keys = scratch.take(padded_to_panel<T>(block) * shape.dimension);
    values = scratch.take(block * shape.value_dimension);
    scores = scratch.take(std::min(rows, kQueryBlock) * padded<T>(block));
    sums = scratch.take(rows * shape.value_dimension);
    softmax = reinterpret_cast<Softmax<T> *>(scratch.take(rows * 2));
    bytes = scratch.bytes();
  }
};

template <typename E>
int64_t forward_scratch(const AttentionShape &shape) {
  return ForwardScratch<Computed<E>>(shape, nullptr).bytes;
}

// One block of queries meets one block of keys.
template <typename E, typename T>
void forward_block(const AttentionShape &shape, const AttentionMatrix &mask, const Block<T> &block, const T *queries,
                   const Panels<T> &keys, const Panels<T> &values, Softmax<T> *softmax, T *sums) {
  const int64_t columns = shape.value_dimension;
  const bool first = block.first_key == 0;
  score<E>(shape, mask, queries, keys, block);
  for (int64_t i = 0; i < block.queries; ++i) {
    const T correction = continue_row(softmax[i], block.scores + i * block.row, padded<T>(block.keys));
    if (first || correction == 1) continue;
    for (int64_t d = 0; d < columns; ++d) sums[i * columns + d] *= correction;
  }
  multiply(block.queries, columns, block.keys, block.scores, block.row, 1, values, sums, columns, !first);
}

// The sums over the rows' softmax, `width` elements apart; zeros if no key was seen.
template <typename E, typename T>
void write_rows(const AttentionMatrix &to, AttentionRows rows, int64_t seen, int64_t columns, const T *sums,
                int64_t width, const Softmax<T> *softmax) {
  for (int64_t i = 0; i < rows.count; ++i) {
    E *row = reinterpret_cast<E *>(to.data) + (rows.first + i) * to.row;
    const T *from = sums + i * width;
    if (seen == 0) {
      for (int64_t d = 0; d < columns; ++d) row[d * to.column] = E{};
      continue;
    }
    const T inverse = 1 / softmax[i].sum;
    if (to.column == 1) {
      for (int64_t d = 0; d < columns; ++d) row[d] = Stored<E>::stored(from[d] * inverse);
    } else {
      for (int64_t d = 0; d < columns; ++d) row[d * to.column] = Stored<E>::stored(from[d] * inverse);
    }
  }
}

template <typename E>
void forward(const AttentionShape &shape, const AttentionOperands &operands, AttentionRows rows, void *memory) {
  using T = Computed<E>;
  ForwardScratch<T> scratch(shape, memory);
  const int64_t dimension = shape.dimension;
  const int64_t columns = shape.value_dimension;
  const int64_t seen = shape.keys_seen(rows.first + rows.count);
  const int64_t step = key_block<T>(shape.keys);
  const int64_t row_step = block_of(rows.count, kQueryBlock);
  pack_rows<E>(operands.q, rows, dimension, static_cast<T>(shape.scale), scratch.queries);
  std::fill_n(scratch.softmax, rows.count, Softmax<T>());

  for (int64_t key = 0; key < seen; key += step) {
    const int64_t keys = std::min(step, seen - key);
    const Panels<T> packed_keys = pack_transposed<E>(operands.k, key, keys, dimension, scratch.keys);
    const Panels<T> values = as_panels<E>(operands.v, key, keys, columns, scratch.values);
    for (int64_t row = 0; row < rows.count; row += row_step) {
      const int64_t count = std::min(row_step, rows.count - row);
      const int64_t block_keys = std::min(keys, shape.keys_seen(rows.first + row + count) - key);
      if (block_keys <= 0) continue;
      const Block<T> block = {rows.first + row, count, key, block_keys, scratch.scores, padded<T>(step)};
      forward_block<E>(shape, operands.mask, block, scratch.queries + row * dimension, packed_keys, values,
                       scratch.softmax + row, scratch.sums + row * columns);
    }
  }

  write_rows<E>(operands.to, rows, seen, columns, scratch.sums, columns, scratch.softmax);
}

}  // namespace
}  // namespace lockstep::LS_ISA
