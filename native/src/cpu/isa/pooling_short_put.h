// The transpose of taking extreme elements, for short windows.
#pragma once

#include "cpu/isa/pooling_gather.h"

namespace lockstep::LS_ISA {
namespace {

// Takes x where it is better, or the first NaN.
template <bool kLeast, typename T>
void take_better(typename Simd<T>::Vector &best, typename Simd<Whole<T>>::Vector &place, typename Simd<T>::Vector x,
                 typename Simd<Whole<T>>::Vector x_place) {
#if defined(__AVX512F__)
  constexpr int kBetter = kLeast ? _CMP_NGE_UQ : _CMP_NLE_UQ;  // or one is NaN
  if constexpr (sizeof(T) == 4) {
    const __mmask16 better = _mm512_cmp_ps_mask((__m512)x, (__m512)best, kBetter);
    const __mmask16 taken = _mm512_mask_cmp_ps_mask(better, (__m512)best, (__m512)best, _CMP_ORD_Q);
    best = (typename Simd<T>::Vector)_mm512_mask_mov_ps((__m512)best, taken, (__m512)x);
    place = (typename Simd<Whole<T>>::Vector)_mm512_mask_mov_epi32((__m512i)place, taken, (__m512i)x_place);
  } else {
    const __mmask8 better = _mm512_cmp_pd_mask((__m512d)x, (__m512d)best, kBetter);
    const __mmask8 taken = _mm512_mask_cmp_pd_mask(better, (__m512d)best, (__m512d)best, _CMP_ORD_Q);
    best = (typename Simd<T>::Vector)_mm512_mask_mov_pd((__m512d)best, taken, (__m512d)x);
    place = (typename Simd<Whole<T>>::Vector)_mm512_mask_mov_epi64((__m512i)place, taken, (__m512i)x_place);
  }
#else
  const auto stays = kLeast ? x >= best : x <= best;  // false where one is NaN
  const auto taken = ~stays & (best == best);
  best = taken ? x : best;
  place = taken ? x_place : place;
#endif
}

// The first extreme element of each window in a row, and its number.
template <bool kLeast, typename T>
struct Firsts {
  using Element = T;
  using Vector = typename Simd<T>::Vector;
  using Numbers = typename Simd<Whole<T>>::Vector;
  struct State {
    Vector best;
    Numbers number;
  };
  T *best;
  Whole<T> *numbers;

  State start(Vector x, int64_t k) const { return {x, Simd<Whole<T>>::broadcast(static_cast<Whole<T>>(k))}; }
  void meet(State &state, Vector x, int64_t k) const {
    take_better<kLeast, T>(state.best, state.number, x, Simd<Whole<T>>::broadcast(static_cast<Whole<T>>(k)));
  }
  void store(int64_t at, const State &state) const {
    Simd<T>::store(best + at, state.best);
    Simd<Whole<T>>::store(numbers + at, state.number);
  }
};

template <typename T>
struct ShortPutScratch {
  int64_t length;
  RowRing<T> best;  // of rows of x, each followed by the numbers
  ShortRows<T> from;
  RowRing<Whole<T>> found;
  RowRing<T> values;  // of y
  const T **runs;
  Whole<T> *numbers;  // of the rows in runs
  WindowRow<T> *rows;
  Candidate<T> *candidates;

  ShortPutScratch(Arena &arena, const PoolingShape &shape, const int64_t *count, int64_t pixel)
      : ShortPutScratch(arena, shape, most_windows(shape, 0, count[0]), most_windows(shape, 1, count[1]),
                        most_columns_of<T>(shape, count[2], pixel)) {}

 private:
  ShortPutScratch(Arena &arena, const PoolingShape &shape, int64_t depths, int64_t heights, const Columns &columns)
      : length(columns.phase + 2 * Simd<T>::kLanes),
        best(arena, most_elements(shape, 0, depths), rows_at_once(shape, most_elements(shape, 1, heights)), 2 * length),
        from(arena, shape, most_elements(shape, 0, depths), columns.windows),
        found(arena, depths, rows_at_once(shape, heights), length),
        values(arena, depths, rows_at_once(shape, heights), length),
        runs(arena.take<const T *>(shape.window[0] * shape.window[1])),
        numbers(arena.take<Whole<T>>(shape.window[0] * shape.window[1])),
        rows(arena.take<WindowRow<T>>(shape.window[0] * shape.window[1])),
        candidates(arena.take<Candidate<T>>(2 * shape.window[0] * shape.window[1] * shape.window[2])) {}
};

// places[j] = the number of the element of window j that is taken.
template <bool kLeast, typename T>
void find_short(const PoolingShape &shape, const PoolingTile &tile, const ShortRow &windows, int64_t od, int64_t oh,
                ShortPutScratch<T> &work, Whole<T> *places) {
  using P = Simd<Whole<T>>;
  int64_t n = 0;
  each_row_of_window(shape, od, oh, [&](int64_t d, int64_t h, int64_t r) {
    work.numbers[n] = static_cast<Whole<T>>(r * shape.window[2]);
    work.runs[n++] = work.best.row(d, h, [&](T *row) {
      const Firsts<kLeast, T> to{row, reinterpret_cast<Whole<T> *>(row + work.length)};
      work.from.combine(shape, tile.x, d, h, windows, Padding::kCopies, to);
      if (shape.rows != PoolingRows::kLines) return;
      // The copies before a line are its first element.
      for (int64_t j = 0; j < windows.windows; ++j) {
        const int64_t before = shape.low[2] - (windows.first + j) * shape.stride[2];
        if (before <= 0) break;
        to.numbers[j] = std::max(to.numbers[j], static_cast<Whole<T>>(before));
      }
    });
  });
  const int64_t length = windows.length<T>();
  for (int64_t at = 0; at < length; at += P::kLanes) {
    const auto number = [&](int64_t i) {
      return P::load(reinterpret_cast<const Whole<T> *>(work.runs[i] + work.length) + at) +
             P::broadcast(work.numbers[i]);
    };
    typename Simd<T>::Vector best = Simd<T>::load(work.runs[0] + at);
    typename P::Vector place = number(0);
    for (int64_t i = 1; i < n; ++i) take_better<kLeast, T>(best, place, Simd<T>::load(work.runs[i] + at), number(i));
    P::store(places + at, place);
  }
}

template <bool kLeast, typename T>
void put_short(const PoolingShape &shape, const PoolingTile &tile, void *scratch) {
  Arena arena(scratch);
  ShortPutScratch<T> work(arena, shape, tile.count, tile.pixel);
  const Columns columns = columns_of<T>(shape, {tile.first[2], tile.count[2]}, tile.pixel);
  const int64_t first = std::clamp<int64_t>(columns.first, 0, shape.y[2]);
  const int64_t end = std::clamp(columns.first + columns.windows, first, shape.y[2]);
  const ShortRow windows{first, end - first, tile.pixel};
  const int64_t before = (first - columns.first) * tile.pixel;
  const int64_t after = (end - columns.first) * tile.pixel;
  const bool whole_pixels = shape.rows == PoolingRows::kPixels && tile.pixel % Simd<T>::kLanes == 0;
  const bool in_place = whole_pixels && tile.y.pixel_stride == 1;
  const GatherStart start(shape, tile);
  const Span depths = windows_of(shape, 0, {tile.first[0], tile.count[0]});
  const Span heights = windows_of(shape, 1, {tile.first[1], tile.count[1]});
  work.best.start(elements_of(shape, 0, depths));
  work.from.start(shape, elements_of(shape, 0, depths), elements_of(shape, 1, heights));
  work.found.start(depths);
  work.values.start(depths);
  for (int64_t d = tile.first[0]; d < tile.first[0] + tile.count[0]; ++d) {
    for (int64_t h = tile.first[1]; h < tile.first[1] + tile.count[1]; ++h) {
      int64_t rows = 0;
      each_window_of_row(shape, d, h, [&](int64_t od, int64_t oh, int64_t r) {
        if (windows.windows == 0) return;
        const Whole<T> *found = work.found.row(od, oh, [&](Whole<T> *row) {
          find_short<kLeast>(shape, tile, windows, od, oh, work, row + before);
          std::fill(row, row + before, Whole<T>{-1});
          std::fill(row + after, row + work.length, Whole<T>{-1});
        });
        const Row<T> y(tile.y, shape.y, od, oh);
        const T *values = y.data + columns.first * y.stride;
        if (!in_place) {
          values = work.values.row(od, oh, [&](T *row) {
            pack<Same<T>>(row, work.length, y, 1, 0, columns.first, columns.windows, tile.pixel, T{0});
          });
        }
        work.rows[rows++] = {found, static_cast<Whole<T>>(r * shape.window[2]), values};
      });
      gather<true>(shape, tile, columns, start, Row<T>(tile.t, shape.x, d, h), work.rows, rows,
                   in_place ? tile.y.strides[2] : tile.pixel, work.candidates);
    }
  }
}

}  // namespace
}  // namespace lockstep::LS_ISA
