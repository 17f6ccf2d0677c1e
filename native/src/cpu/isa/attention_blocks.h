// Blocks of scores: what the forward and the gradient kernel share. A block of queries meets a block of keys; its
// scores stay in the second-level cache. Queries are packed with the scale multiplied in, keys in panels of columns.
// Elements are stored as E and computed with as T: bf16 becomes f32 as it is packed, and is rounded where it is
// written.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>

#include "cpu/attention_kernels.h"
#include "cpu/isa/matmul_copy.h"
#include "cpu/isa/matmul_tile.h"
#include "cpu/math_f32.h"
#include "cpu/math_f64.h"

namespace lockstep::LS_ISA {
namespace {

constexpr int64_t kQueryBlock = 64;
constexpr int64_t kKeyBlock = 512;
constexpr int64_t kDepth = 128;  // rows of a panel that stay in the first-level cache
constexpr int64_t kPanelVectors = kVectorRegisters == 32 ? 4 : 2;

template <typename T>
constexpr int64_t kPanel = kPanelVectors *Simd<T>::kLanes;

// Scores that a mask hides: far below all others, but equal to each other.
template <typename T>
constexpr T kHidden = static_cast<T>(-0.7) * std::numeric_limits<T>::max();

inline int64_t divide_up(int64_t a, int64_t b) { return (a + b - 1) / b; }

template <typename T>
int64_t padded(int64_t count) {
  return divide_up(count, Simd<T>::kLanes) * Simd<T>::kLanes;
}

template <typename T>
int64_t padded_to_panel(int64_t count) {
  return divide_up(count, kPanel<T>) * kPanel<T>;
}

// Blocks of like size.
inline int64_t block_of(int64_t count, int64_t largest) {
  return count == 0 ? 1 : divide_up(count, divide_up(count, largest));
}

template <typename T>
int64_t key_block(int64_t keys) {
  return std::min(padded<T>(block_of(keys, kKeyBlock)), std::max<int64_t>(keys, 1));
}

// Hands out parts of a piece's scratch memory, or only counts them.
template <typename T>
class Scratch {
 public:
  explicit Scratch(void *memory) : next_(static_cast<T *>(memory)) {}

  T *take(int64_t elements) {
    constexpr int64_t line = 64 / sizeof(T);
    int64_t rounded = divide_up(elements, line) * line;
    used_ += rounded;
    if (next_ == nullptr) return nullptr;
    T *part = next_;
    next_ += rounded;
    return part;
  }

  int64_t bytes() const { return used_ * static_cast<int64_t>(sizeof(T)); }

 private:
  T *next_;
  int64_t used_ = 0;
};

// A right operand: columns in panels of kPanel, rows of a panel `row` elements apart, panels `panel` elements apart.
template <typename T>
struct Panels {
  const T *data;
  int64_t row;
  int64_t panel;
};

// Columns are adjacent.
template <typename T>
struct Rows {
  T *data;
  int64_t row;
};

// c[m, n] = (accumulate ? c : 0) + a[m, k] * b[k, n]
template <typename T>
void multiply(int64_t m, int64_t n, int64_t k, const T *a, int64_t a_row, int64_t a_column, const Panels<T> &b, T *c,
              int64_t c_row, bool accumulate) {
  constexpr int64_t lanes = Simd<T>::kLanes;
  int64_t p = 0;
  do {
    const int64_t depth = std::min(kDepth, k - p);
    const T *panel = b.data + p * b.row;
    for (int64_t j = 0; j < n; j += kPanel<T>, panel += b.panel) {
      const int64_t columns = std::min(kPanel<T>, n - j);
      const int64_t vectors = divide_up(columns, lanes);
      const int64_t last_lanes = columns - (vectors - 1) * lanes;
      const auto &tiles = kTiles<T>[last_lanes != lanes][vectors - 1];
      const int64_t rows = kMaxRows[vectors];
      for (int64_t i = 0; i < m; i += rows) {
        tiles[std::min(rows, m - i)](depth, a + i * a_row + p * a_column, a_row, a_column, panel, b.row,
                                     c + i * c_row + j, c_row, last_lanes, accumulate || p > 0);
      }
    }
    p += depth;
  } while (p < k);
}

template <typename E>
Rows<const E> rows_of(const AttentionMatrix &matrix, int64_t first) {
  return {reinterpret_cast<const E *>(matrix.data) + first * matrix.row, matrix.row};
}

// Rows first .. first + count - 1, transposed into panels: a row of a panel for each column of the matrix.
template <typename E, typename T>
Panels<T> pack_transposed(const AttentionMatrix &matrix, int64_t first, int64_t count, int64_t columns, T *to) {
  for (int64_t j = 0; j < count; j += kPanel<T>) {
    copy_matrix(to + j * columns, kPanel<T>, rows_of<E>(matrix, first + j).data, matrix.column, matrix.row, columns,
                std::min(kPanel<T>, count - j));
  }
  return {to, kPanel<T>, kPanel<T> * columns};
}

// The same rows as they are, copied unless a panel can be read where it is.
template <typename E, typename T>
Panels<T> as_panels(const AttentionMatrix &matrix, int64_t first, int64_t count, int64_t columns, T *to) {
  const E *from = rows_of<E>(matrix, first).data;
  if constexpr (std::is_same_v<E, T>) {
    if (matrix.column == 1 && matrix.row == columns) return {from, columns, kPanel<T>};
  }
  copy_matrix(to, columns, from, matrix.row, matrix.column, count, columns);
  return {to, columns, kPanel<T>};
}

template <typename E, typename T>
void pack_rows(const AttentionMatrix &matrix, AttentionRows rows, int64_t columns, T scale, T *to) {
  copy_matrix(to, columns, rows_of<E>(matrix, rows.first).data, matrix.row, matrix.column, rows.count, columns);
  if (scale == 1) return;
  for (int64_t i = 0; i < rows.count * columns; ++i) to[i] *= scale;
}

// A block of scores: queries x keys.
template <typename T>
struct Block {
  int64_t first_query, queries;
  int64_t first_key, keys;
  T *scores;
  int64_t row;
};

// Puts `hidden` in the places that a bool mask or causality hides.
template <typename T>
void hide(const AttentionShape &shape, const AttentionMatrix &mask, const Block<T> &block, T hidden) {
  if (shape.mask == AttentionMask::kKeep) {
    for (int64_t i = 0; i < block.queries; ++i) {
      const uint8_t *keep = reinterpret_cast<const uint8_t *>(mask.data) + (block.first_query + i) * mask.row +
                            block.first_key * mask.column;
      T *scores = block.scores + i * block.row;
      if (mask.column == 1) {
        for (int64_t j = 0; j < block.keys; ++j) scores[j] = keep[j] != 0 ? scores[j] : hidden;
      } else {
        for (int64_t j = 0; j < block.keys; ++j) scores[j] = keep[j * mask.column] != 0 ? scores[j] : hidden;
      }
    }
  }
  if (!shape.causal) return;
  for (int64_t i = 0; i < block.queries; ++i) {
    const int64_t seen = std::max<int64_t>(0, block.first_query + i + 1 - block.first_key);
    T *scores = block.scores + i * block.row;
    for (int64_t j = seen; j < block.keys; ++j) scores[j] = hidden;
  }
}

template <typename E, typename T>
void add_mask(const AttentionMatrix &mask, const Block<T> &block) {
  for (int64_t i = 0; i < block.queries; ++i) {
    const E *terms = rows_of<E>(mask, block.first_query + i).data + block.first_key * mask.column;
    T *scores = block.scores + i * block.row;
    if (mask.column == 1) {
      for (int64_t j = 0; j < block.keys; ++j) scores[j] += Stored<E>::computed(terms[j]);
    } else {
      for (int64_t j = 0; j < block.keys; ++j) scores[j] += Stored<E>::computed(terms[j * mask.column]);
    }
  }
}

// Fills a block with its scores; rows are padded to whole vectors with `-inf`, of which nothing comes.
template <typename E, typename T>
void score(const AttentionShape &shape, const AttentionMatrix &mask, const T *queries, const Panels<T> &keys,
           const Block<T> &block) {
  multiply(block.queries, block.keys, shape.dimension, queries, shape.dimension, 1, keys, block.scores, block.row,
           false);
  if (shape.mask == AttentionMask::kAdd) add_mask<E>(mask, block);
  hide(shape, mask, block, kHidden<T>);
  const int64_t end = padded<T>(block.keys);
  if (end == block.keys) return;
  for (int64_t i = 0; i < block.queries; ++i) {
    std::fill(block.scores + i * block.row + block.keys, block.scores + i * block.row + end,
              -std::numeric_limits<T>::infinity());
  }
}

template <typename T, int Step, int... Lane>
typename Simd<T>::Vector exchanged(typename Simd<T>::Vector x, std::integer_sequence<int, Lane...>) {
  return __builtin_shufflevector(x, x, (Lane ^ Step)...);
}

template <typename T, int Step = Simd<T>::kLanes / 2, typename Combine>
T fold(typename Simd<T>::Vector x, Combine &&combine) {
  x = combine(x, exchanged<T, Step>(x, std::make_integer_sequence<int, Simd<T>::kLanes>()));
  if constexpr (Step > 1) {
    return fold<T, Step / 2>(x, combine);
  } else {
    return x[0];
  }
}

// What is known of a row's softmax after some of its keys: their largest score and the sum of exp(score - largest).
template <typename T>
struct Softmax {
  T largest = -std::numeric_limits<T>::infinity();
  T sum = 0;

  // What is subtracted: exp(-inf - shift) is 0, also if nothing else was seen yet.
  T shift() const { return largest == -std::numeric_limits<T>::infinity() ? T{0} : largest; }
};

// Takes the largest of `padded` more scores into a row. Returns the one before.
template <typename T>
T take_largest(Softmax<T> &row, const T *scores, int64_t padded) {
  using S = Simd<T>;
  using Vector = typename S::Vector;
  auto larger = [](Vector a, Vector b) __attribute__((always_inline)) { return a > b ? a : b; };
  Vector largest = S::load(scores);
  for (int64_t j = S::kLanes; j < padded; j += S::kLanes) largest = larger(S::load(scores + j), largest);
  const T before = row.largest;
  row.largest = std::max(before, fold<T>(largest, larger));
  return before;
}

// Takes the exponentials' sums into a row whose largest score was another before. Returns the factor that corrects what
// was summed with earlier exponentials.
template <typename T>
T take_sum(Softmax<T> &row, T before, typename Simd<T>::Vector sums) {
  using Vector = typename Simd<T>::Vector;
  const T correction = before == row.largest ? T{1} : std::exp(before - row.shift());
  row.sum = row.sum * correction + fold<T>(
                                       sums, [](Vector a, Vector b) __attribute__((always_inline)) { return a + b; });
  return correction;
}

// Continues a row by `padded` scores, and turns these into exponentials. Returns the factor of take_sum().
template <typename T>
T continue_row(Softmax<T> &row, T *scores, int64_t padded) {
  using S = Simd<T>;
  using Vector = typename S::Vector;
  const T before = take_largest(row, scores, padded);
  const T shift = row.shift();
  Vector sum = {};
  for (int64_t j = 0; j < padded; j += S::kLanes) {
    Vector e = vector_exp(S::load(scores + j) - shift);
    S::store(scores + j, e);
    sum += e;
  }
  return take_sum(row, before, sum);
}

}  // namespace
}  // namespace lockstep::LS_ISA
