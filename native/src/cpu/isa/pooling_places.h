// The place of each window's extreme element, and what follows it: the element of another operand there, or the
// transpose of taking that. Elements become integers that order as they do, with NaN above all; the first of equal ones
// in row-major order is taken.
#pragma once

#include <bit>
#include <limits>
#include <type_traits>

#include "cpu/isa/pooling_rows.h"

namespace lockstep::LS_ISA {
namespace {

template <typename T>
using Whole = std::conditional_t<sizeof(T) == 4, int32_t, int64_t>;

template <typename T>
constexpr Whole<T> kAbsent = std::numeric_limits<Whole<T>>::min();  // no element's

template <bool kLeast, typename T>
struct Key {
  using To = Whole<T>;
  static constexpr To kMost = std::numeric_limits<To>::max();

  static To apply(T x) {
    const To bits = std::bit_cast<To>(x + T{0});  // -0 is 0
    const To order = bits ^ ((bits >> (8 * sizeof(T) - 1)) & kMost);
    return x != x ? kMost : kLeast ? ~order : order;
  }
  static typename Simd<To>::Vector apply(typename Simd<T>::Vector x) {
    using Vector = typename Simd<To>::Vector;
    const Vector bits = (Vector)(x + T{0});
    const Vector order = bits ^ ((bits >> (8 * sizeof(T) - 1)) & kMost);
    return x != x ? Simd<To>::broadcast(kMost) : kLeast ? ~order : order;
  }
};

// What is read at j if places[j] is `place`.
template <typename T>
struct Candidate {
  const Whole<T> *places;
  const T *values;
  Whole<T> place;
};

// What find() needs; rows of keys are made once for all windows that hold them.
template <typename T>
struct PlaceScratch {
  Taps taps;
  RowCache<Whole<T>> keys;
  const Whole<T> **runs;
  Whole<T> *numbers;    // of the rows in runs
  Whole<T> *best;       // phases
  Whole<T> *best_rows;  // phases
  const T **dense;      // rows where they stand
  T *dense_best;
  Whole<T> *dense_rows;

  PlaceScratch(Arena &arena, const PoolingShape &shape, int64_t depths, int64_t heights, const Columns &columns)
      : taps(arena, shape),
        keys(arena, depths * heights, columns.stride * columns.phase),
        runs(arena.take<const Whole<T> *>(shape.window[0] * shape.window[1])),
        numbers(arena.take<Whole<T>>(shape.window[0] * shape.window[1])),
        best(arena.take<Whole<T>>(columns.stride * columns.phase)),
        best_rows(arena.take<Whole<T>>(columns.stride * columns.phase)),
        dense(arena.take<const T *>(shape.window[0] * shape.window[1])),
        dense_best(arena.take<T>(most_dense<T>(shape, columns))),
        dense_rows(arena.take<Whole<T>>(most_dense<T>(shape, columns))) {}
};

// best[j] = the largest runs[i][j], rows[j] = numbers[i] of the first such i; kAbsent and `none` where there is none.
template <int kVectors, typename I>
void best_of_rows(const I *const *runs, const I *numbers, int64_t n, I none, I *best, I *rows, int64_t at) {
  using V = Simd<I>;
  typename V::Vector most[kVectors];
  typename V::Vector where[kVectors];
  for (int v = 0; v < kVectors; ++v) {
    most[v] = V::broadcast(std::numeric_limits<I>::min());
    where[v] = V::broadcast(none);
  }
  for (int64_t i = 0; i < n; ++i) {
    const typename V::Vector number = V::broadcast(numbers[i]);
    for (int v = 0; v < kVectors; ++v) {
      const typename V::Vector x = V::load(runs[i] + at + v * V::kLanes);
      where[v] = x > most[v] ? number : where[v];
      most[v] = x > most[v] ? x : most[v];
    }
  }
  for (int v = 0; v < kVectors; ++v) {
    V::store(best + at + v * V::kLanes, most[v]);
    V::store(rows + at + v * V::kLanes, where[v]);
  }
}

// The same of floating numbers, NaN above all; n is 1 or more.
template <bool kLeast, int kVectors, typename T>
void best_of_dense(const T *const *runs, const Whole<T> *numbers, int64_t n, T *best, Whole<T> *rows, int64_t at) {
  using V = Simd<T>;
  using P = Simd<Whole<T>>;
  typename V::Vector most[kVectors];
  typename P::Vector where[kVectors];
  for (int v = 0; v < kVectors; ++v) {
    most[v] = V::load(runs[0] + at + v * V::kLanes);
    where[v] = P::broadcast(numbers[0]);
  }
  for (int64_t i = 1; i < n; ++i) {
    const typename P::Vector number = P::broadcast(numbers[i]);
    for (int v = 0; v < kVectors; ++v) {
      const typename V::Vector x = V::load(runs[i] + at + v * V::kLanes);
      const typename V::Vector old = most[v];
      const auto stays = kLeast ? x >= old : x <= old;  // false where one is NaN
      const typename V::Vector next = stays ? old : x;
      const typename P::Vector next_where = stays ? where[v] : number;
      most[v] = old != old ? old : next;
      where[v] = old != old ? where[v] : next_where;
    }
  }
  for (int v = 0; v < kVectors; ++v) {
    V::store(best + at + v * V::kLanes, most[v]);
    P::store(rows + at + v * V::kLanes, where[v]);
  }
}

template <bool kLeast, typename T>
void best_of_dense(PlaceScratch<T> &work, int64_t n, int64_t length) {
  cover<T>(length, [&](int64_t first, int64_t count) {
    constexpr int64_t kLanes = Simd<T>::kLanes;
    int64_t at = first;
    for (; at + 2 * kLanes <= first + count; at += 2 * kLanes) {
      best_of_dense<kLeast, 2>(work.dense, work.numbers, n, work.dense_best, work.dense_rows, at);
    }
    for (; at < first + count; at += kLanes) {
      best_of_dense<kLeast, 1>(work.dense, work.numbers, n, work.dense_best, work.dense_rows, at);
    }
  });
}

// places[j] = the number of the element of window j that is taken; one that no element has if there is none.
template <bool kLeast, typename T>
void find(const PoolingShape &shape, const PoolingOperand &x, const Columns &columns, int64_t od, int64_t oh,
          PlaceScratch<T> &work, Whole<T> *places) {
  using I = Whole<T>;
  using V = Simd<I>;
  const I width = static_cast<I>(shape.window[2]);
  const Span dense = dense_columns<T>(shape, x, columns);
  const I none = static_cast<I>(shape.window[0] * shape.window[1]) * width;
  int64_t n = 0;
  each_row_of_window(shape, od, oh, [&](int64_t d, int64_t h, int64_t r) {
    work.numbers[n] = static_cast<I>(r) * width;
    if (dense.count > 0) {
      work.dense[n++] = Row<T>(x, shape.x, d, h).data + dense.first * columns.pixel;
      return;
    }
    work.runs[n++] = work.keys.row(d, h, [&](I *row) {
      pack<Key<kLeast, T>>(row, columns.phase, Row<T>(x, shape.x, d, h), columns.stride, shape.low[2], columns.first,
                           columns.windows + columns.deepest, columns.pixel, kAbsent<T>);
    });
  });
  int64_t at = 0;
  if (dense.count > 0 && n > 0) {
    best_of_dense<kLeast>(work, n, dense.count * columns.pixel);
    const int64_t low = shape.low[2] + dense.first;
    const int64_t count = columns.windows + columns.deepest;
    pack<Key<kLeast, T>>(work.best, columns.phase, Row<T>(work.dense_best, dense.count, columns.pixel), columns.stride,
                         low, columns.first, count, columns.pixel, kAbsent<T>);
    pack<Same<I>>(work.best_rows, columns.phase, Row<I>(work.dense_rows, dense.count, columns.pixel), columns.stride,
                  low, columns.first, count, columns.pixel, none);
  } else {
    const int64_t all = columns.stride * columns.phase;
    for (; at + 4 * V::kLanes <= all; at += 4 * V::kLanes) {
      best_of_rows<4>(work.runs, work.numbers, n, none, work.best, work.best_rows, at);
    }
    for (; at < all; at += V::kLanes) best_of_rows<1>(work.runs, work.numbers, n, none, work.best, work.best_rows, at);
  }

  const int64_t length = whole_vectors<T>(columns.windows * columns.pixel);
  for (at = 0; at < length; at += V::kLanes) {
    typename V::Vector best = V::load(work.best + at);
    typename V::Vector row = V::load(work.best_rows + at);
    typename V::Vector place = row;
    for (int64_t k = 1; k < shape.window[2]; ++k) {
      const int64_t from = work.taps.at(k) + at;
      const typename V::Vector x_k = V::load(work.best + from);
      const typename V::Vector row_k = V::load(work.best_rows + from);
      const typename V::Vector earlier = x_k == best ? row_k : row;  // equal: the one in the earlier row
      const auto better = (x_k > best) | (earlier < row);
      best = better ? x_k : best;
      row = better ? row_k : row;
      place = better ? row_k + V::broadcast(static_cast<I>(k)) : place;
    }
    V::store(places + at, place);
  }
}

// to[j] = the sum of the candidates' values whose places match.
template <int kVectors, typename T>
void add_matches_at(const Candidate<T> *candidates, int64_t n, T *to, int64_t at) {
  using V = Simd<T>;
  using P = Simd<Whole<T>>;
  typename V::Vector sum[kVectors] = {};
  for (int64_t i = 0; i < n; ++i) {
    const Candidate<T> &c = candidates[i];
    const typename P::Vector place = P::broadcast(c.place);
    for (int v = 0; v < kVectors; ++v) {
      const int64_t j = at + v * V::kLanes;
      const typename V::Vector zero = {};
      sum[v] += P::load(c.places + j) == place ? V::load(c.values + j) : zero;
    }
  }
  for (int v = 0; v < kVectors; ++v) V::store(to + at + v * V::kLanes, sum[v]);
}

template <typename T>
void add_matches(const Candidate<T> *candidates, int64_t n, T *to, int64_t length) {
  constexpr int64_t kLanes = Simd<T>::kLanes;
  int64_t at = 0;
  for (; at + 4 * kLanes <= length; at += 4 * kLanes) add_matches_at<4>(candidates, n, to, at);
  for (; at < length; at += kLanes) add_matches_at<1>(candidates, n, to, at);
}

inline int64_t elements_of_window(const PoolingShape &shape) {
  return shape.window[0] * shape.window[1] * shape.window[2];
}

template <typename T>
struct TakeScratch {
  PlaceScratch<T> places;
  RowCache<T> rows;  // of t
  Whole<T> *found;
  Candidate<T> *candidates;
  T *result;

  TakeScratch(Arena &arena, const PoolingShape &shape, const int64_t *count, int64_t pixel)
      : TakeScratch(arena, shape, most_elements(shape, 0, count[0]), most_elements(shape, 1, count[1]),
                    Columns::of<T>(shape, 0, count[2], pixel)) {}

 private:
  TakeScratch(Arena &arena, const PoolingShape &shape, int64_t depths, int64_t heights, const Columns &columns)
      : places(arena, shape, depths, heights, columns),
        rows(arena, depths * heights, columns.stride * columns.phase),
        found(arena.take<Whole<T>>(columns.phase)),
        candidates(arena.take<Candidate<T>>(elements_of_window(shape))),
        result(arena.take<T>(columns.phase)) {}
};

template <bool kLeast, typename T>
void take_of(const PoolingShape &shape, const PoolingTile &tile, void *scratch) {
  Arena arena(scratch);
  TakeScratch<T> work(arena, shape, tile.count, tile.pixel);
  const Columns columns = Columns::of<T>(shape, tile.first[2], tile.count[2], tile.pixel);
  const Span depths = elements_of(shape, 0, {tile.first[0], tile.count[0]});
  const Span heights = elements_of(shape, 1, {tile.first[1], tile.count[1]});
  work.places.taps.start(shape, columns);
  work.places.keys.start(depths, heights);
  work.rows.start(depths, heights);
  const int64_t length = whole_vectors<T>(columns.windows * columns.pixel);
  for (int64_t od = tile.first[0]; od < tile.first[0] + tile.count[0]; ++od) {
    for (int64_t oh = tile.first[1]; oh < tile.first[1] + tile.count[1]; ++oh) {
      find<kLeast>(shape, tile.x, columns, od, oh, work.places, work.found);
      int64_t n = 0;
      each_row_of_window(shape, od, oh, [&](int64_t d, int64_t h, int64_t r) {
        const T *row = work.rows.row(d, h, [&](T *to) {
          pack<Same<T>>(to, columns.phase, Row<T>(tile.t, shape.x, d, h), columns.stride, shape.low[2], columns.first,
                        columns.windows + columns.deepest, columns.pixel, T{0});
        });
        for (int64_t k = 0; k < shape.window[2]; ++k) {
          const Whole<T> place = static_cast<Whole<T>>(r * shape.window[2] + k);
          work.candidates[n++] = {work.found, row + work.places.taps.at(k), place};
        }
      });
      add_matches(work.candidates, n, work.result, length);
      unpack(Row<T>(tile.y, shape.y, od, oh), work.result, columns.phase, 1, 0, tile.first[2], tile.first[2],
             tile.count[2], tile.pixel);
    }
  }
}

template <typename T>
int64_t take_scratch(const PoolingShape &shape, const int64_t *count, int64_t pixel) {
  Arena arena(nullptr);
  TakeScratch<T> work(arena, shape, count, pixel);
  return arena.used();
}

template <typename T>
void take(const PoolingShape &shape, const PoolingTile &tile, void *scratch) {
  shape.least ? take_of<true, T>(shape, tile, scratch) : take_of<false, T>(shape, tile, scratch);
}

template <typename T>
struct PutScratch {
  PlaceScratch<T> places;
  RowCache<Whole<T>> found;
  RowCache<T> values;  // of y
  Candidate<T> *rows;
  Candidate<T> *candidates;
  T *result;  // phases

  PutScratch(Arena &arena, const PoolingShape &shape, const int64_t *count, int64_t pixel)
      : PutScratch(arena, shape, most_windows(shape, 0, count[0]), most_windows(shape, 1, count[1]),
                   most_columns_of<T>(shape, count[2], pixel)) {}

 private:
  PutScratch(Arena &arena, const PoolingShape &shape, int64_t depths, int64_t heights, const Columns &columns)
      : places(arena, shape, most_elements(shape, 0, depths), most_elements(shape, 1, heights), columns),
        found(arena, depths * heights, columns.phase),
        values(arena, depths * heights, columns.phase),
        rows(arena.take<Candidate<T>>(shape.window[0] * shape.window[1])),
        candidates(arena.take<Candidate<T>>(elements_of_window(shape))),
        result(arena.take<T>(columns.stride * columns.phase)) {}
};

template <bool kLeast, typename T>
void put_of(const PoolingShape &shape, const PoolingTile &tile, void *scratch) {
  using I = Whole<T>;
  Arena arena(scratch);
  PutScratch<T> work(arena, shape, tile.count, tile.pixel);
  const Columns columns = columns_of<T>(shape, {tile.first[2], tile.count[2]}, tile.pixel);
  const int64_t origin = columns.first + columns.deepest;
  const int64_t length = whole_vectors<T>((columns.windows - columns.deepest) * columns.pixel);
  const int64_t before = std::clamp<int64_t>(-columns.first, 0, columns.windows) * columns.pixel;
  const int64_t end = std::clamp<int64_t>(shape.y[2] - columns.first, 0, columns.windows) * columns.pixel;
  const Span depths = windows_of(shape, 0, {tile.first[0], tile.count[0]});
  const Span heights = windows_of(shape, 1, {tile.first[1], tile.count[1]});
  work.places.taps.start(shape, columns);
  work.places.keys.start(elements_of(shape, 0, depths), elements_of(shape, 1, heights));
  work.found.start(depths, heights);
  work.values.start(depths, heights);
  for (int64_t d = tile.first[0]; d < tile.first[0] + tile.count[0]; ++d) {
    for (int64_t h = tile.first[1]; h < tile.first[1] + tile.count[1]; ++h) {
      int64_t rows = 0;
      each_window_of_row(shape, d, h, [&](int64_t od, int64_t oh, int64_t r) {
        const I *found = work.found.row(od, oh, [&](I *row) {
          find<kLeast>(shape, tile.x, columns, od, oh, work.places, row);
          std::fill(row, row + before, I{-1});
          std::fill(row + end, row + columns.phase, I{-1});
        });
        const T *values = work.values.row(od, oh, [&](T *row) {
          pack<Same<T>>(row, columns.phase, Row<T>(tile.y, shape.y, od, oh), 1, 0, columns.first, columns.windows,
                        columns.pixel, T{0});
        });
        work.rows[rows++] = {found, values, static_cast<I>(r * shape.window[2])};
      });
      for (int64_t p = 0; p < columns.stride; ++p) {
        int64_t n = 0;
        for (int64_t i = 0; i < rows; ++i) {
          const Candidate<T> &row = work.rows[i];
          work.places.taps.each_of_phase(p, [&](int64_t k) {
            const int64_t shift = columns.deepest * columns.pixel - (work.places.taps.at(k) - p * columns.phase);
            work.candidates[n++] = {row.places + shift, row.values + shift, row.place + static_cast<I>(k)};
          });
        }
        add_matches(work.candidates, n, work.result + p * columns.phase, length);
      }
      unpack(Row<T>(tile.t, shape.x, d, h), work.result, columns.phase, columns.stride, shape.low[2], origin,
             tile.first[2], tile.count[2], tile.pixel);
    }
  }
}

template <typename T>
int64_t put_scratch(const PoolingShape &shape, const int64_t *count, int64_t pixel) {
  Arena arena(nullptr);
  PutScratch<T> work(arena, shape, count, pixel);
  return arena.used();
}

template <typename T>
void put(const PoolingShape &shape, const PoolingTile &tile, void *scratch) {
  shape.least ? put_of<true, T>(shape, tile, scratch) : put_of<false, T>(shape, tile, scratch);
}

}  // namespace
}  // namespace lockstep::LS_ISA
