// Extremes and means of windows: rows are combined first, then columns.
#pragma once

#include <limits>
#include <type_traits>

#include "cpu/isa/pooling_slide.h"

namespace lockstep::LS_ISA {
namespace {

template <typename T>
struct Largest {
  using Vector = typename Simd<T>::Vector;
  static constexpr bool kRepeatable = true;  // an element may be combined twice
  static constexpr T none() {
    return std::is_floating_point_v<T> ? -std::numeric_limits<T>::infinity() : std::numeric_limits<T>::min();
  }
  // NaN if one is; `best` of equal ones.
  static Vector apply(Vector best, Vector x) {
    const Vector larger = x > best ? x : best;
    if constexpr (std::is_floating_point_v<T>) return x != x ? x : larger;
    return larger;
  }
};

template <typename T>
struct Smallest {
  using Vector = typename Simd<T>::Vector;
  static constexpr bool kRepeatable = true;
  static constexpr T none() {
    return std::is_floating_point_v<T> ? std::numeric_limits<T>::infinity() : std::numeric_limits<T>::max();
  }
  static Vector apply(Vector best, Vector x) {
    const Vector smaller = x < best ? x : best;
    if constexpr (std::is_floating_point_v<T>) return x != x ? x : smaller;
    return smaller;
  }
};

template <typename T>
struct Sum {
  using Vector = typename Simd<T>::Vector;
  static constexpr bool kRepeatable = false;
  static constexpr T none() { return 0; }
  static Vector apply(Vector sum, Vector x) { return sum + x; }
};

template <int kVectors, typename Op, typename T>
void combine_vectors(const T *const *runs, int64_t n, T *to, int64_t at) {
  using V = Simd<T>;
  typename V::Vector best[kVectors];
#pragma GCC unroll 4
  for (int v = 0; v < kVectors; ++v) best[v] = V::load(runs[0] + at + v * V::kLanes);
  for (int64_t i = 1; i < n; ++i) {
#pragma GCC unroll 4
    for (int v = 0; v < kVectors; ++v) best[v] = Op::apply(best[v], V::load(runs[i] + at + v * V::kLanes));
  }
#pragma GCC unroll 4
  for (int v = 0; v < kVectors; ++v) V::store(to + at + v * V::kLanes, best[v]);
}

// to[j] = the combination of runs[i][j] over i; whole vectors, n is 1 or more.
template <typename Op, typename T>
void combine(const T *const *runs, int64_t n, T *to, int64_t length) {
  constexpr int64_t kLanes = Simd<T>::kLanes;
  int64_t at = 0;
  for (; at + 4 * kLanes <= length; at += 4 * kLanes) combine_vectors<4, Op>(runs, n, to, at);
  for (; at < length; at += kLanes) combine_vectors<1, Op>(runs, n, to, at);
}

constexpr int64_t kPlainSum = 8;

template <typename T>
typename Simd<T>::Vector sum_vector(const T *const *runs, int64_t n, int64_t at) {
  if (n > kPlainSum) {
    const int64_t half = n / 2;
    return sum_vector(runs, half, at) + sum_vector(runs + half, n - half, at);
  }
  typename Simd<T>::Vector sum = Simd<T>::load(runs[0] + at);
  for (int64_t i = 1; i < n; ++i) sum += Simd<T>::load(runs[i] + at);
  return sum;
}

// Pairwise; zeros where n is 0.
template <typename T>
void add_up(const T *const *runs, int64_t n, T *to, int64_t length) {
  if (n == 0) {
    std::fill(to, to + length, T{0});
    return;
  }
  for (int64_t at = 0; at < length; at += Simd<T>::kLanes) Simd<T>::store(to + at, sum_vector(runs, n, at));
}

template <typename Op, typename T>
void reduce(const T *const *runs, int64_t n, T *to, int64_t length) {
  if constexpr (Op::kRepeatable) {
    combine<Op>(runs, n, to, length);
  } else {
    add_up(runs, n, to, length);
  }
}

// Of n windows along an axis, how many elements are not padding.
inline int64_t elements_in(const PoolingShape &shape, int axis, int64_t window) {
  const int64_t start = window * shape.stride[axis] - shape.low[axis];
  const int64_t dilation = shape.dilation[axis];
  const int64_t first = std::max<int64_t>(0, ceil_div(-start, dilation));
  const int64_t last = std::min(shape.window[axis] - 1, floor_div(shape.x[axis] - 1 - start, dilation));
  return std::max<int64_t>(0, last - first + 1);
}

inline int64_t counted(const PoolingShape &shape, int axis, int64_t window) {
  return shape.count_padding ? shape.window[axis] : elements_in(shape, axis, window);
}

// counts[j] = what a mean over window j divides by, as far as columns tell; 1 for windows outside.
template <typename T>
void count_columns(const PoolingShape &shape, const Columns &columns, T *counts) {
  std::fill(counts, counts + columns.length<T>(), T{1});
  for (int64_t j = 0; j < columns.windows; ++j) {
    const int64_t window = columns.first + j;
    if (window < 0 || window >= shape.y[2]) continue;
    const T count = static_cast<T>(counted(shape, 2, window));
    std::fill(counts + j * columns.pixel, counts + (j + 1) * columns.pixel, count);
  }
}

template <typename T>
void divide(const T *values, const T *counts, T rows, int64_t length, T *to) {
  using V = Simd<T>;
  for (int64_t j = 0; j < length; j += V::kLanes) {
    store_some(to + j, load_some(values + j, length - j) / (load_some(counts + j, length - j) * rows), length - j);
  }
}

// What the kernels that write y from x need.
template <typename T>
struct ReduceScratch {
  bool slides;
  Taps taps;
  RowCache<T> rows;
  const T **runs;
  T *dense;     // rows combined where they stand
  T *combined;  // a row's phases
  T *levels;    // of long windows
  T *result;
  T *counts;

  ReduceScratch(Arena &arena, const PoolingShape &shape, const int64_t *count, int64_t pixel)
      : ReduceScratch(arena, shape, count, Columns::of<T>(shape, 0, count[2], pixel)) {}

 private:
  ReduceScratch(Arena &arena, const PoolingShape &shape, const int64_t *count, const Columns &columns)
      : slides(slides_over_windows(shape)),
        taps(arena, shape),
        rows(arena, most_elements(shape, 0, count[0]) * most_elements(shape, 1, count[1]),
             columns.stride * columns.phase),
        runs(arena.take<const T *>(std::max(shape.window[0] * shape.window[1], shape.window[2]))),
        dense(arena.take<T>(most_dense<T>(shape, columns))),
        combined(arena.take<T>(columns.stride * columns.phase)),
        levels(arena.take<T>(slides ? columns.phase : 0)),
        result(arena.take<T>(columns.length<T>())),
        counts(arena.take<T>(columns.length<T>())) {}
};

// result[j] = the combination of the elements of window j of a row in phases.
template <typename Op, typename T>
void reduce_columns(const PoolingShape &shape, const Columns &columns, const T *row, ReduceScratch<T> &work,
                    int64_t length) {
  if (work.slides) {
    bool begun = false;
    for (int64_t p = 0; p < columns.stride; ++p) {
      const TapRun taps = work.taps.of_phase(p);
      if (taps.count == 0) continue;
      slide<Op>(row + taps.first, taps.count, taps.step, work.levels, begun, work.result, length);
      begun = true;
    }
    return;
  }
  for (int64_t k = 0; k < shape.window[2]; ++k) work.runs[k] = row + work.taps.at(k);
  reduce<Op>(work.runs, shape.window[2], work.result, length);
}

// Combines first rows, then columns, then calls finish(od, oh, length).
template <typename Op, typename T, typename Finish>
void reduce_windows(const PoolingShape &shape, const PoolingTile &tile, ReduceScratch<T> &work, Finish finish) {
  constexpr T none = Op::none();
  const Columns columns = Columns::of<T>(shape, tile.first[2], tile.count[2], tile.pixel);
  work.taps.start(shape, columns);
  work.rows.start(elements_of(shape, 0, {tile.first[0], tile.count[0]}),
                  elements_of(shape, 1, {tile.first[1], tile.count[1]}));
  const int64_t length = whole_vectors<T>(columns.windows * columns.pixel);
  const Span dense = dense_columns<T>(shape, tile.x, columns);
  for (int64_t od = tile.first[0]; od < tile.first[0] + tile.count[0]; ++od) {
    for (int64_t oh = tile.first[1]; oh < tile.first[1] + tile.count[1]; ++oh) {
      int64_t n = 0;
      each_row_of_window(shape, od, oh, [&](int64_t d, int64_t h, int64_t) {
        if (dense.count > 0) {
          work.runs[n++] = Row<T>(tile.x, shape.x, d, h).data + dense.first * columns.pixel;
          return;
        }
        work.runs[n++] = work.rows.row(d, h, [&](T *row) {
          pack<Same<T>>(row, columns.phase, Row<T>(tile.x, shape.x, d, h), columns.stride, shape.low[2], columns.first,
                        columns.windows + columns.deepest, columns.pixel, none);
        });
      });
      if (n == 0) {
        std::fill(work.result, work.result + length, none);
      } else {
        const T *combined = work.runs[0];
        if (dense.count > 0) {
          cover<T>(dense.count * columns.pixel, [&](int64_t from, int64_t count) {
            for (int64_t i = 0; i < n; ++i) work.runs[i] += from;
            reduce<Op>(work.runs, n, work.dense + from, count);
          });
          pack<Same<T>>(work.combined, columns.phase, Row<T>(work.dense, dense.count, columns.pixel), columns.stride,
                        shape.low[2] + dense.first, columns.first, columns.windows + columns.deepest, columns.pixel,
                        none);
          combined = work.combined;
        } else if (n > 1) {
          reduce<Op>(work.runs, n, work.combined, columns.stride * columns.phase);
          combined = work.combined;
        }
        reduce_columns<Op>(shape, columns, combined, work, length);
      }
      finish(od, oh, length);
      unpack(Row<T>(tile.y, shape.y, od, oh), work.result, columns.phase, 1, 0, tile.first[2], tile.first[2],
             tile.count[2], tile.pixel);
    }
  }
}

}  // namespace
}  // namespace lockstep::LS_ISA
