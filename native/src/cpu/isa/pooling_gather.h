// Transposes for short windows, written where they stand: an element adds up what the windows that hold it have for it.
#pragma once

#include <type_traits>

#include "cpu/isa/pooling_short.h"

namespace lockstep::LS_ISA {
namespace {

template <typename T>
using Whole = std::conditional_t<sizeof(T) == 4, int32_t, int64_t>;

// What is read at j: the value, if places[j] is `place`; places are null where all values are wanted. The pointers
// stand apart: compilers would load both at once, and wait for the two stores.
template <typename T>
struct Candidate {
  const Whole<T> *places;
  Whole<T> place;
  const T *values;
};

// A row of windows that holds the row; `place` is that of its first element there.
template <typename T>
using WindowRow = Candidate<T>;

template <bool kMatch, int kVectors, typename T>
void sum_candidates(const Candidate<T> *candidates, int64_t n, int64_t at, typename Simd<T>::Vector *sums) {
  using V = Simd<T>;
  using P = Simd<Whole<T>>;
#pragma GCC unroll 4
  for (int v = 0; v < kVectors; ++v) sums[v] = typename V::Vector{};
  for (int64_t i = 0; i < n; ++i) {
    const Candidate<T> &c = candidates[i];
    const typename P::Vector place = P::broadcast(c.place);
#pragma GCC unroll 4
    for (int v = 0; v < kVectors; ++v) {
      const int64_t j = at + v * V::kLanes;
      const typename V::Vector zero = {};
      const typename V::Vector value = V::load(c.values + j);
      if constexpr (kMatch) {
        sums[v] += P::load(c.places + j) == place ? value : zero;
      } else {
        sums[v] += value;
      }
    }
  }
}

template <bool kMatch, typename T>
Candidate<T> candidate(const WindowRow<T> &row, int64_t at, int64_t value_at, int64_t k) {
  return {kMatch ? row.places + at : nullptr, row.place + static_cast<Whole<T>>(k), row.values + value_at};
}

// The candidates of an element of a line that is tap k of window `shift`; those of its neighbours of the same phase
// follow.
template <bool kMatch, typename T>
int64_t line_candidates(const PoolingShape &shape, const WindowRow<T> *rows, int64_t n_rows, int64_t shift, int64_t k,
                        Candidate<T> *candidates) {
  int64_t n = 0;
  for (int64_t r = 0; r < n_rows; ++r) {
    int64_t at = shift;
    for (int64_t tap = k; tap < shape.window[2]; tap += shape.stride[2], --at) {
      candidates[n++] = candidate<kMatch>(rows[r], at, at, tap);
    }
  }
  return n;
}

// Writes `count` elements; those of even and of odd number have candidates of their own where kPhases is 2.
template <bool kMatch, int kPhases, typename T>
void gather_line(const Candidate<T> *const *candidates, const int64_t *n, T *to, int64_t count) {
  using V = Simd<T>;
  constexpr auto kAll = std::make_integer_sequence<int, V::kLanes>();
  constexpr int kVectors = 2;
  for (int64_t at = 0; at * kPhases < count; at += kVectors * V::kLanes) {
    typename V::Vector sums[kPhases][kVectors];
    for (int p = 0; p < kPhases; ++p) sum_candidates<kMatch, kVectors>(candidates[p], n[p], at, sums[p]);
    for (int v = 0; v < kVectors; ++v) {
      const int64_t first = (at + v * V::kLanes) * kPhases;
      if constexpr (kPhases == 1) {
        store_some(to + first, sums[0][v], count - first);
      } else {
        store_some(to + first, in_turn<0, T>(sums[0][v], sums[1][v], kAll), count - first);
        store_some(to + first + V::kLanes, in_turn<V::kLanes / 2, T>(sums[0][v], sums[1][v], kAll),
                   count - first - V::kLanes);
      }
    }
  }
}

template <bool kMatch, typename T>
void gather_pixel(const Candidate<T> *candidates, int64_t n, T *to, int64_t pixel) {
  using V = Simd<T>;
  typename V::Vector sums[4];
  int64_t at = 0;
  for (; at + 4 * V::kLanes <= pixel; at += 4 * V::kLanes) {
    sum_candidates<kMatch, 4>(candidates, n, at, sums);
    for (int v = 0; v < 4; ++v) V::store(to + at + v * V::kLanes, sums[v]);
  }
  for (; at < pixel; at += V::kLanes) {
    sum_candidates<kMatch, 1>(candidates, n, at, sums);
    store_some(to + at, sums[0], pixel - at);
  }
}

// Where the columns of a tile begin: at element k of a window.
struct GatherStart {
  int64_t window;
  int64_t k;

  GatherStart(const PoolingShape &shape, const PoolingTile &tile)
      : window((tile.first[2] + shape.low[2]) / shape.stride[2]),
        k(tile.first[2] + shape.low[2] - window * shape.stride[2]) {}
};

// Writes the columns of a tile in a row of the result. Rows of windows begin with columns.first; places, and values of
// lines, have room for a vector more. `candidates` has room for twice what windows hold.
template <bool kMatch, typename T>
void gather(const PoolingShape &shape, const PoolingTile &tile, const Columns &columns, GatherStart start,
            const Row<T> &to, const WindowRow<T> *rows, int64_t n_rows, int64_t value_stride,
            Candidate<T> *candidates) {
  const int64_t first = tile.first[2];
  if (shape.rows == PoolingRows::kLines) {
    Candidate<T> *odd = candidates + n_rows * shape.window[2];
    const Candidate<T> *const lists[] = {candidates, odd};
    const int64_t shift = start.window - columns.first;
    int64_t n[2] = {line_candidates<kMatch>(shape, rows, n_rows, shift, start.k, candidates), 0};
    if (shape.stride[2] == 1) return gather_line<kMatch, 1>(lists, n, to.data + first, tile.count[2]);
    n[1] = line_candidates<kMatch>(shape, rows, n_rows, shift + start.k, 1 - start.k, odd);
    return gather_line<kMatch, 2>(lists, n, to.data + first, tile.count[2]);
  }
  for (int64_t column = first; column < first + tile.count[2]; ++column) {
    int64_t n = 0;
    for (int64_t r = 0; r < n_rows; ++r) {
      int64_t window = start.window;
      for (int64_t tap = start.k; tap < shape.window[2]; tap += shape.stride[2], --window) {
        if (window < 0 || window >= shape.y[2]) continue;
        const int64_t at = window - columns.first;
        candidates[n++] = candidate<kMatch>(rows[r], at * columns.pixel, at * value_stride, tap);
      }
    }
    gather_pixel<kMatch>(candidates, n, to.data + column * to.stride, columns.pixel);
    if (++start.k == shape.stride[2]) {
      start.k = 0;
      ++start.window;
    }
  }
}

}  // namespace
}  // namespace lockstep::LS_ISA
