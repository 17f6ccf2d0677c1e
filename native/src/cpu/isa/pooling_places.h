// The place of each window's extreme element, and what follows it: the element of another operand there, or the
// transpose of taking that. Elements become integers that order as they do, with NaN above all; the first of equal ones
// in row-major order is taken.
#pragma once

#include <bit>
#include <limits>

#include "cpu/isa/pooling_gather.h"

namespace lockstep::LS_ISA {
namespace {

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

// What find() needs; rows of keys are made once for all windows that hold them.
template <typename T>
struct PlaceScratch {
  bool slides;
  Taps taps;
  RowCache<Whole<T>> keys;
  const Whole<T> **runs;
  Whole<T> *numbers;    // of the rows in runs
  Whole<T> *best;       // phases
  Whole<T> *best_rows;  // phases
  const T **dense;      // rows where they stand
  T *dense_best;
  Whole<T> *dense_rows;
  Whole<T> *level_keys;  // of long windows
  Whole<T> *level_places;
  Whole<T> *found_keys;

  PlaceScratch(Arena &arena, const PoolingShape &shape, int64_t depths, int64_t heights, const Columns &columns)
      : slides(slides_over_windows(shape)),
        taps(arena, shape),
        keys(arena, depths * heights, columns.stride * columns.phase),
        runs(arena.take<const Whole<T> *>(shape.window[0] * shape.window[1])),
        numbers(arena.take<Whole<T>>(shape.window[0] * shape.window[1])),
        best(arena.take<Whole<T>>(columns.stride * columns.phase + Simd<T>::kLanes)),
        best_rows(arena.take<Whole<T>>(columns.stride * columns.phase + Simd<T>::kLanes)),
        dense(arena.take<const T *>(shape.window[0] * shape.window[1])),
        dense_best(arena.take<T>(most_dense<T>(shape, columns))),
        dense_rows(arena.take<Whole<T>>(most_dense<T>(shape, columns))),
        level_keys(arena.take<Whole<T>>(slides ? columns.phase + Simd<T>::kLanes : 0)),
        level_places(arena.take<Whole<T>>(slides ? columns.phase + Simd<T>::kLanes : 0)),
        found_keys(arena.take<Whole<T>>(slides ? columns.phase : 0)) {}
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

// Of two elements the one that is taken: the larger key, then the smaller place.
template <typename I>
struct Place {
  using Vector = typename Simd<I>::Vector;
  Vector key;
  Vector place;

  static Place load(const I *key, const I *place, int64_t shift) {
    return {Simd<I>::load(key), Simd<I>::load(place) + Simd<I>::broadcast(static_cast<I>(shift))};
  }
  void meet(const Place &other) {
    const auto better = (other.key > key) | ((other.key == key) & (other.place < place));
    key = better ? other.key : key;
    place = better ? other.place : place;
  }
  void store(I *key_to, I *place_to) const {
    Simd<I>::store(key_to, key);
    Simd<I>::store(place_to, place);
  }
};

// The places of windows in a row of phases.
template <typename T>
void find_columns(const PoolingShape &shape, const PlaceScratch<T> &work, int64_t length, Whole<T> *places) {
  using I = Whole<T>;
  for (int64_t at = 0; at < length; at += Simd<I>::kLanes) {
    Place<I> best = Place<I>::load(work.best + at, work.best_rows + at, 0);
    for (int64_t k = 1; k < shape.window[2]; ++k) {
      const int64_t from = work.taps.at(k) + at;
      best.meet(Place<I>::load(work.best + from, work.best_rows + from, k));
    }
    Simd<I>::store(places + at, best.place);
  }
}

// The places among twice as many neighbours.
template <typename I>
void double_level(const I *keys, const I *places, int64_t step, int64_t shift, I *to_keys, I *to_places,
                  int64_t length) {
  for (int64_t at = 0; at < length; at += Simd<I>::kLanes) {
    Place<I> best = Place<I>::load(keys + at, places + at, 0);
    best.meet(Place<I>::load(keys + at + step, places + at + step, shift));
    best.store(to_keys + at, to_places + at);
  }
}

// The same as find_columns() for long windows (pooling_slide.h).
template <typename T>
void slide_columns(const Columns &columns, const PlaceScratch<T> &work, int64_t length, Whole<T> none,
                   Whole<T> *places) {
  using I = Whole<T>;
  bool begun = false;
  for (int64_t p = 0; p < columns.stride; ++p) {
    const TapRun taps = work.taps.of_phase(p);
    if (taps.count == 0) continue;
    const I *keys = work.best + taps.first;
    const I *rows = work.best_rows + taps.first;
    int64_t size = 1;
    for (; 2 * size <= taps.count; size *= 2) {
      double_level(keys, rows, size * taps.step, size * taps.number_step, work.level_keys, work.level_places,
                   length + (taps.count - 2 * size) * taps.step);
      keys = work.level_keys;
      rows = work.level_places;
    }
    const int64_t rest = taps.count - size;
    for (int64_t at = 0; at < length; at += Simd<I>::kLanes) {
      Place<I> best = Place<I>::load(keys + at, rows + at, taps.number);
      const int64_t last = at + rest * taps.step;
      best.meet(Place<I>::load(keys + last, rows + last, taps.number + rest * taps.number_step));
      if (begun) best.meet(Place<I>::load(work.found_keys + at, places + at, 0));
      best.store(work.found_keys + at, places + at);
    }
    begun = true;
  }
  for (int64_t at = 0; at < length; at += Simd<I>::kLanes) {
    const auto absent = Simd<I>::load(work.found_keys + at) == Simd<I>::broadcast(kAbsent<T>);
    Simd<I>::store(places + at, absent ? Simd<I>::broadcast(none) : Simd<I>::load(places + at));
  }
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
  if (work.slides) {
    slide_columns(columns, work, length, none, places);
  } else {
    find_columns(shape, work, length, places);
  }
}

}  // namespace
}  // namespace lockstep::LS_ISA
