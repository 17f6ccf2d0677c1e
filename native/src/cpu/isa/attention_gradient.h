// The gradients of softmax(q k^T) v. With P the softmax, G = ct v^T and D the sums over the rows of P * G (by element),
// the scores' cotangent is dS = P * (G - D), and
//
//   dv = P^T ct    dq = scale dS k    dk = scale dS^T q
//
// Keys that fit one block need no second look. Otherwise a first pass over the blocks finds each row's softmax and D,
// and the second computes the scores again.
//
// If all columns of ct are one, that column c says it all: G = c (v 1)^T and dv = (P^T c) 1^T, as if v had one column.
#pragma once

#include "cpu/isa/attention_blocks.h"

namespace lockstep::LS_ISA {
namespace {

inline int64_t value_columns(const AttentionShape &shape) { return shape.uniform_ct ? 1 : shape.value_dimension; }

inline int64_t gradient_sums(const AttentionShape &shape) {
  return shape.keys * (shape.dimension + value_columns(shape));
}

template <typename T>
struct GradientScratch {
  T *queries, *cts, *keys_transposed, *keys, *values_transposed, *scores, *score_cts, *dq, *dots;
  Softmax<T> *softmax;
  int64_t bytes;

  GradientScratch(const AttentionShape &shape, int64_t rows, void *memory) {
    const int64_t block = key_block<T>(shape.keys);
    const int64_t scores_row = padded<T>(block);
    const int64_t row_block = std::min(rows, kQueryBlock);
    Scratch<T> scratch(memory);
    queries = scratch.take(rows * shape.dimension);
    cts = scratch.take(rows * value_columns(shape));
    keys_transposed = scratch.take(padded_to_panel<T>(block) * shape.dimension);
    keys = scratch.take(block * shape.dimension);
    values_transposed = scratch.take(padded_to_panel<T>(block) * value_columns(shape));
    scores = scratch.take(row_block * scores_row);
    score_cts = scratch.take(row_block * scores_row);
    dq = scratch.take(rows * shape.dimension);
    dots = scratch.take(rows);
    softmax = reinterpret_cast<Softmax<T> *>(scratch.take(rows * 2));
    bytes = scratch.bytes();
  }
};

template <typename E>
int64_t gradient_scratch(const AttentionShape &shape, int64_t rows) {
  return GradientScratch<Computed<E>>(shape, rows, nullptr).bytes;
}

// v^T in panels, or the sums of its rows.
template <typename E, typename T>
Panels<T> pack_values(const AttentionShape &shape, const AttentionMatrix &v, int64_t first, int64_t count, T *to) {
  if (!shape.uniform_ct) return pack_transposed<E>(v, first, count, shape.value_dimension, to);
  for (int64_t j = 0; j < count; ++j) {
    const E *row = rows_of<E>(v, first + j).data;
    T sum = 0;
    for (int64_t d = 0; d < shape.value_dimension; ++d) sum += Stored<E>::computed(row[d * v.column]);
    to[j] = sum;
  }
  return {to, kPanel<T>, kPanel<T>};
}

// The sum of exp(score - largest) * ct of the score.
template <typename T>
T dot_row(const T *exponentials, const T *cts, int64_t padded) {
  using S = Simd<T>;
  typename S::Vector sum = {};
  for (int64_t j = 0; j < padded; j += S::kLanes) {
    sum = S::multiply_add(S::load(exponentials + j), S::load(cts + j), sum);
  }
  using Vector = typename S::Vector;
  return fold<T>(
      sum, [](Vector a, Vector b) __attribute__((always_inline)) { return a + b; });
}

// A piece at work: its rows against one block of keys after the other.
template <typename E>
class GradientPiece {
  using T = Computed<E>;

 public:
  GradientPiece(const AttentionShape &shape, const AttentionOperands &operands, AttentionRows rows, T *sums,
                void *scratch)
      : shape_(shape),
        operands_(operands),
        rows_(rows),
        columns_(value_columns(shape)),
        seen_(shape.keys_seen(rows.first + rows.count)),
        step_(key_block<T>(shape.keys)),
        row_step_(block_of(rows.count, kQueryBlock)),
        scratch_(shape, rows.count, scratch),
        dk_(sums),
        dv_(sums + shape.keys * shape.dimension) {}

  void run() {
    std::fill_n(dk_, gradient_sums(shape_), T{0});
    std::fill_n(scratch_.dq, rows_.count * shape_.dimension, T{0});
    std::fill_n(scratch_.softmax, rows_.count, Softmax<T>());
    std::fill_n(scratch_.dots, rows_.count, T{0});
    pack_rows<E>(operands_.q, rows_, shape_.dimension, static_cast<T>(shape_.scale), scratch_.queries);
    pack_rows<E>(operands_.ct, rows_, columns_, T{1}, scratch_.cts);
    const bool one_block = seen_ <= step_;
    if (!one_block) {
      for_each_block([&](int64_t row, const Block<T> &block, const Panels<T> &keys, const Panels<T> &values) {
        scores_and_cts(row, block, keys, values);
        continue_rows(row, block);
      });
    }
    for_each_block([&](int64_t row, const Block<T> &block, const Panels<T> &keys, const Panels<T> &values) {
      scores_and_cts(row, block, keys, values);
      if (one_block) {
        continue_rows(row, block);
        finish_rows<true>(row, block);
      } else {
        finish_rows<false>(row, block);
      }
      add_products(row, block);
    });
    write_dq();
  }

 private:
  template <typename Visit>
  void for_each_block(Visit &&visit) {
    for (int64_t key = 0; key < seen_; key += step_) {
      const int64_t keys = std::min(step_, seen_ - key);
      const Panels<T> packed_keys =
          pack_transposed<E>(operands_.k, key, keys, shape_.dimension, scratch_.keys_transposed);
      const Panels<T> values = pack_values<E>(shape_, operands_.v, key, keys, scratch_.values_transposed);
      key_rows_ = as_panels<E>(operands_.k, key, keys, shape_.dimension, scratch_.keys);
      for (int64_t row = 0; row < rows_.count; row += row_step_) {
        const int64_t count = std::min(row_step_, rows_.count - row);
        const int64_t block_keys = std::min(keys, shape_.keys_seen(rows_.first + row + count) - key);
        if (block_keys <= 0) continue;
        visit(row, Block<T>{rows_.first + row, count, key, block_keys, scratch_.scores, padded<T>(step_)}, packed_keys,
              values);
      }
    }
  }

  void scores_and_cts(int64_t row, const Block<T> &block, const Panels<T> &keys, const Panels<T> &values) {
    score<E>(shape_, operands_.mask, scratch_.queries + row * shape_.dimension, keys, block);
    multiply(block.queries, block.keys, columns_, scratch_.cts + row * columns_, columns_, 1, values,
             scratch_.score_cts, block.row, false);
    const int64_t end = padded<T>(block.keys);
    for (int64_t i = 0; end > block.keys && i < block.queries; ++i) {
      std::fill(scratch_.score_cts + i * block.row + block.keys, scratch_.score_cts + i * block.row + end, T{0});
    }
  }

  void continue_rows(int64_t row, const Block<T> &block) {
    const int64_t end = padded<T>(block.keys);
    for (int64_t i = 0; i < block.queries; ++i) {
      T *scores = block.scores + i * block.row;
      const T correction = continue_row(scratch_.softmax[row + i], scores, end);
      T &dot = scratch_.dots[row + i];
      dot = dot * correction + dot_row(scores, scratch_.score_cts + i * block.row, end);
    }
  }

  // Scores (or, if they are that already, exponentials) become P, their cotangents dS.
  template <bool kExponentials>
  void finish_rows(int64_t row, const Block<T> &block) {
    using S = Simd<T>;
    const int64_t end = padded<T>(block.keys);
    for (int64_t i = 0; i < block.queries; ++i) {
      const Softmax<T> &softmax = scratch_.softmax[row + i];
      const T shift = softmax.shift();
      const T inverse = 1 / softmax.sum;
      const T dot = scratch_.dots[row + i] * inverse;
      T *scores = block.scores + i * block.row;
      T *cts = scratch_.score_cts + i * block.row;
      for (int64_t j = 0; j < end; j += S::kLanes) {
        auto e = S::load(scores + j);
        if constexpr (!kExponentials) e = vector_exp(e - shift);
        auto probabilities = e * inverse;
        S::store(scores + j, probabilities);
        S::store(cts + j, probabilities * (S::load(cts + j) - dot));
      }
    }
    Block<T> cts = block;
    cts.scores = scratch_.score_cts;
    hide(shape_, operands_.mask, cts, T{0});
  }

  void add_products(int64_t row, const Block<T> &block) {
    const int64_t dimension = shape_.dimension;
    if (operands_.dq.data != nullptr) {
      multiply(block.queries, dimension, block.keys, scratch_.score_cts, block.row, 1, key_rows_,
               scratch_.dq + row * dimension, dimension, true);
    }
    if (shape_.wants_dk) {
      const Panels<T> queries = {scratch_.queries + row * dimension, dimension, kPanel<T>};
      multiply(block.keys, dimension, block.queries, scratch_.score_cts, 1, block.row, queries,
               dk_ + block.first_key * dimension, dimension, true);
    }
    if (shape_.wants_dv) {
      const Panels<T> cts = {scratch_.cts + row * columns_, columns_, kPanel<T>};
      multiply(block.keys, columns_, block.queries, block.scores, 1, block.row, cts, dv_ + block.first_key * columns_,
               columns_, true);
    }
  }

  void write_dq() {
    if (operands_.dq.data == nullptr) return;
    const T scale = static_cast<T>(shape_.scale);
    for (int64_t i = 0; i < rows_.count; ++i) {
      E *to = reinterpret_cast<E *>(operands_.dq.data) + (rows_.first + i) * operands_.dq.row;
      const T *from = scratch_.dq + i * shape_.dimension;
      for (int64_t d = 0; d < shape_.dimension; ++d) to[d * operands_.dq.column] = Stored<E>::stored(from[d] * scale);
    }
  }

  const AttentionShape &shape_;
  const AttentionOperands &operands_;
  const AttentionRows rows_;
  const int64_t columns_;
  const int64_t seen_;
  const int64_t step_;
  const int64_t row_step_;
  const GradientScratch<T> scratch_;
  T *const dk_;
  T *const dv_;
  Panels<T> key_rows_ = {};
};

template <typename E>
void gradient(const AttentionShape &shape, const AttentionOperands &operands, AttentionRows rows, void *sums,
              void *scratch) {
  GradientPiece<E>(shape, operands, rows, static_cast<Computed<E> *>(sums), scratch).run();
}

template <typename E, typename T>
void write_sums(const AttentionMatrix &matrix, const T *sums, int64_t rows, int64_t columns, int64_t row,
                int64_t column) {
  if (matrix.data == nullptr) return;
  E *to = reinterpret_cast<E *>(matrix.data);
  for (int64_t i = 0; i < rows; ++i) {
    for (int64_t d = 0; d < columns; ++d) {
      to[i * matrix.row + d * matrix.column] = Stored<E>::stored(sums[i * row + d * column]);
    }
  }
}

template <typename E>
void gradient_finish(const AttentionShape &shape, const AttentionMatrix &dk, const AttentionMatrix &dv, int64_t parts,
                     int64_t part_bytes, void *memory) {
  using T = Computed<E>;
  T *sums = static_cast<T *>(memory);
  const int64_t elements = gradient_sums(shape);
  for (int64_t part = 1; part < parts; ++part) {
    const T *more = reinterpret_cast<const T *>(static_cast<const char *>(memory) + part * part_bytes);
    for (int64_t i = 0; i < elements; ++i) sums[i] += more[i];
  }
  write_sums<E>(dk, sums, shape.keys, shape.dimension, shape.dimension, 1);
  write_sums<E>(dv, sums + shape.keys * shape.dimension, shape.keys, shape.value_dimension, value_columns(shape),
                shape.uniform_ct ? 0 : 1);
}

}  // namespace
}  // namespace lockstep::LS_ISA
