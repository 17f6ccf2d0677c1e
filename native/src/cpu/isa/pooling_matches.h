// The elements of another operand where windows have their extreme ones, and the transpose of taking those: short
// windows' places are compared with those of all elements they hold.
#pragma once

#include "cpu/isa/pooling_long_places.h"
#include "cpu/isa/pooling_short_put.h"

namespace lockstep::LS_ISA {
namespace {

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
          work.candidates[n++] = {work.found, place, row + work.places.taps.at(k)};
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
  if (slides_over_windows(shape)) {
    LongScratch<T> work(arena, shape, count[0], count[1], count[2], pixel);
  } else {
    TakeScratch<T> work(arena, shape, count, pixel);
  }
  return arena.used();
}

template <typename T>
void take(const PoolingShape &shape, const PoolingTile &tile, void *scratch) {
  if (slides_over_windows(shape)) {
    shape.least ? long_take<true, T>(shape, tile, scratch) : long_take<false, T>(shape, tile, scratch);
    return;
  }
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
        work.rows[rows++] = {found, static_cast<I>(r * shape.window[2]), values};
      });
      for (int64_t p = 0; p < columns.stride; ++p) {
        const TapRun taps = work.places.taps.of_phase(p);
        int64_t n = 0;
        for (int64_t i = 0; i < rows; ++i) {
          const Candidate<T> &row = work.rows[i];
          int64_t shift = columns.deepest * columns.pixel - (taps.first - p * columns.phase);
          int64_t k = taps.number;
          for (int64_t tap = 0; tap < taps.count; ++tap, shift -= taps.step, k += taps.number_step) {
            work.candidates[n++] = {row.places + shift, row.place + static_cast<I>(k), row.values + shift};
          }
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
  if (shape.rows != PoolingRows::kPhases) {
    ShortPutScratch<T> work(arena, shape, count, pixel);
  } else if (slides_over_elements(shape)) {
    LongScratch<T> work(arena, shape, most_windows(shape, 0, count[0]), most_windows(shape, 1, count[1]),
                        most_windows(shape, 2, count[2]), pixel);
  } else {
    PutScratch<T> work(arena, shape, count, pixel);
  }
  return arena.used();
}

template <typename T>
void put(const PoolingShape &shape, const PoolingTile &tile, void *scratch) {
  if (shape.rows != PoolingRows::kPhases) {
    shape.least ? put_short<true, T>(shape, tile, scratch) : put_short<false, T>(shape, tile, scratch);
    return;
  }
  if (slides_over_elements(shape)) {
    shape.least ? long_put<true, T>(shape, tile, scratch) : long_put<false, T>(shape, tile, scratch);
    return;
  }
  shape.least ? put_of<true, T>(shape, tile, scratch) : put_of<false, T>(shape, tile, scratch);
}

}  // namespace
}  // namespace lockstep::LS_ISA
