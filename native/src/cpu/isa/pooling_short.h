// Short windows of rows that are lines of single elements, or of pixels whose channels are neighbours: nothing is
// spread out in phases. Each row of x is combined along its columns once, for all windows that hold it, then rows are.
// The first of equal elements in a row, then the first such row, is the first in row-major order.
#pragma once

#include "cpu/isa/pooling_reduce.h"

namespace lockstep::LS_ISA {
namespace {

// Windows of a row, all of which hold elements.
struct ShortRow {
  int64_t first;
  int64_t windows;
  int64_t pixel;

  template <typename T>
  int64_t length() const {
    return whole_vectors<T>(windows * pixel);
  }
};

// What padding of a line is.
enum class Padding { kZeros, kCopies };  // copies of the row's first and last element

// How lines are padded, for up to so many windows: and room for loads that are shifted.
template <typename T>
int64_t padded_length(const PoolingShape &shape, int64_t windows) {
  return (whole_vectors<T>(windows) + Simd<T>::kLanes) * shape.stride[2] + shape.window[2];
}

template <typename T>
void pad_line(const PoolingShape &shape, const Row<T> &row, const ShortRow &windows, Padding padding, T *to) {
  const int64_t start = windows.first * shape.stride[2] - shape.low[2];
  const int64_t count = (windows.windows - 1) * shape.stride[2] + shape.window[2];
  const int64_t before = std::clamp<int64_t>(-start, 0, count);
  const int64_t end = std::clamp<int64_t>(row.columns - start, before, count);
  const bool zeros = padding == Padding::kZeros;
  for (int64_t i = 0; i < before; ++i) to[i] = zeros ? T{0} : row.data[0];
  convert_run<Same<T>>(to + before, row.data + start + before, end - before);
  for (int64_t i = end; i < count; ++i) to[i] = zeros ? T{0} : row.data[row.columns - 1];
}

// Element k of the windows from `at` on.
template <int kStride, typename T>
typename Simd<T>::Vector tap(const T *padded, int64_t at, int64_t k) {
  using V = Simd<T>;
  const T *from = padded + at * kStride + k;
  if constexpr (kStride == 1) return V::load(from);
  return every_second<0, T>(V::load(from), V::load(from + V::kLanes), std::make_integer_sequence<int, V::kLanes>());
}

template <int kStride, int kWindow, typename Combination>
void combine_line(const Combination &to, const typename Combination::Element *padded, int64_t window, int64_t length) {
  using T = typename Combination::Element;
  const int64_t n = kWindow == 0 ? window : kWindow;
  for (int64_t at = 0; at < length; at += Simd<T>::kLanes) {
    auto state = to.start(tap<kStride>(padded, at, 0), 0);
    for (int64_t k = 1; k < n; ++k) to.meet(state, tap<kStride>(padded, at, k), k);
    to.store(at, state);
  }
}

template <int kStride, typename Combination>
void combine_line(const Combination &to, const typename Combination::Element *padded, int64_t window, int64_t length) {
  switch (window) {
    case 2:
      return combine_line<kStride, 2>(to, padded, window, length);
    case 3:
      return combine_line<kStride, 3>(to, padded, window, length);
    default:
      return combine_line<kStride, 0>(to, padded, window, length);
  }
}

// The combination of each window's elements in a row of pixels.
template <typename Combination>
void combine_pixels(const PoolingShape &shape, const Row<typename Combination::Element> &row, const ShortRow &windows,
                    const Combination &to) {
  using T = typename Combination::Element;
  using V = Simd<T>;
  for (int64_t j = 0; j < windows.windows; ++j) {
    const int64_t start = (windows.first + j) * shape.stride[2] - shape.low[2];
    const int64_t first = std::max<int64_t>(0, -start);
    const int64_t end = std::min(shape.window[2], row.columns - start);
    const T *from = row.data + start * row.stride;
    const auto combine = [&](int64_t c, auto load) {
      auto state = to.start(load(from + first * row.stride + c), first);
      for (int64_t k = first + 1; k < end; ++k) to.meet(state, load(from + k * row.stride + c), k);
      to.store(j * windows.pixel + c, state);
    };
    int64_t c = 0;
    for (; c + V::kLanes <= windows.pixel; c += V::kLanes) combine(c, [](const T *x) { return V::load(x); });
    if (c == windows.pixel) continue;
    const auto rest = V::mask(windows.pixel - c);
    combine(c, [&](const T *x) { return V::load(x, rest); });
  }
}

// Rows of x, padded where they are lines: some time before they are read, since loads that reach across what was just
// stored wait for it.
template <typename T>
class ShortRows {
 public:
  ShortRows(Arena &arena, const PoolingShape &shape, int64_t depths, int64_t windows)
      : padded_(arena, shape.rows == PoolingRows::kLines ? depths : 0, kAhead + 1, padded_length<T>(shape, windows)) {}

  void start(const PoolingShape &shape, Span depths, Span heights) {
    heights_ = heights;
    if (shape.rows != PoolingRows::kLines) return;
    padded_.start(depths);
    padded_.clear(depths);  // what is left of old numbers after lines may be subnormal, on which divisions are slow
  }

  template <typename Combination>
  void combine(const PoolingShape &shape, const PoolingOperand &x, int64_t d, int64_t h, const ShortRow &windows,
               Padding padding, const Combination &to) {
    if (shape.rows == PoolingRows::kPixels) return combine_pixels(shape, Row<T>(x, shape.x, d, h), windows, to);
    const auto padded = [&](int64_t height) {
      return padded_.row(d, height,
                         [&](T *row) { pad_line(shape, Row<T>(x, shape.x, d, height), windows, padding, row); });
    };
    const int64_t last = heights_.first + heights_.count - 1;
    if (h < last) padded(std::min(h + kAhead, last));
    const T *row = padded(h);
    const int64_t length = windows.length<T>();
    shape.stride[2] == 1 ? combine_line<1>(to, row, shape.window[2], length)
                         : combine_line<2>(to, row, shape.window[2], length);
  }

 private:
  static constexpr int64_t kAhead = 2;

  RowRing<T> padded_;
  Span heights_{};
};

// Extremes and sums.
template <typename Op, typename T>
struct Values {
  using Element = T;
  using Vector = typename Simd<T>::Vector;
  T *to;

  Vector start(Vector x, int64_t) const { return x; }
  void meet(Vector &best, Vector x, int64_t) const { best = Op::apply(best, x); }
  void store(int64_t at, Vector best) const { Simd<T>::store(to + at, best); }
};

template <typename T>
struct ShortScratch {
  RowRing<T> rows;  // combined along their columns
  ShortRows<T> from;
  const T **runs;
  T *result;
  T *counts;

  ShortScratch(Arena &arena, const PoolingShape &shape, const int64_t *count, int64_t pixel)
      : ShortScratch(arena, shape, count, pixel, ShortRow{0, count[2], pixel}.length<T>() + Simd<T>::kLanes) {}

 private:
  ShortScratch(Arena &arena, const PoolingShape &shape, const int64_t *count, int64_t pixel, int64_t length)
      : rows(arena, most_elements(shape, 0, count[0]), rows_at_once(shape, most_elements(shape, 1, count[1])), length),
        from(arena, shape, most_elements(shape, 0, count[0]), count[2]),
        runs(arena.take<const T *>(shape.window[0] * shape.window[1])),
        result(arena.take<T>(length)),
        counts(arena.take<T>(Columns::of<T>(shape, 0, count[2], pixel).phase)) {}
};

template <typename Op, typename T>
typename Simd<T>::Vector reduced_vector(const T *const *runs, int64_t n, int64_t at) {
  if constexpr (!Op::kRepeatable) return sum_vector(runs, n, at);
  typename Simd<T>::Vector best = Simd<T>::load(runs[0] + at);
  for (int64_t i = 1; i < n; ++i) best = Op::apply(best, Simd<T>::load(runs[i] + at));
  return best;
}

template <typename Op, typename T>
void reduce_short(const PoolingShape &shape, const PoolingTile &tile, T *scratch) {
  Arena arena(scratch);
  ShortScratch<T> work(arena, shape, tile.count, tile.pixel);
  const ShortRow windows{tile.first[2], tile.count[2], tile.pixel};
  const int64_t elements = windows.windows * windows.pixel;
  using Vector = typename Simd<T>::Vector;
  constexpr Padding kPadding = Op::kRepeatable ? Padding::kCopies : Padding::kZeros;
  if constexpr (!Op::kRepeatable) {
    count_columns(shape, Columns::of<T>(shape, tile.first[2], tile.count[2], tile.pixel), work.counts);
  }
  const Span depths = elements_of(shape, 0, {tile.first[0], tile.count[0]});
  work.rows.start(depths);
  work.from.start(shape, depths, elements_of(shape, 1, {tile.first[1], tile.count[1]}));
  for (int64_t od = tile.first[0]; od < tile.first[0] + tile.count[0]; ++od) {
    for (int64_t oh = tile.first[1]; oh < tile.first[1] + tile.count[1]; ++oh) {
      int64_t n = 0;
      each_row_of_window(shape, od, oh, [&](int64_t d, int64_t h, int64_t) {
        work.runs[n++] = work.rows.row(
            d, h, [&](T *row) { work.from.combine(shape, tile.x, d, h, windows, kPadding, Values<Op, T>{row}); });
      });
      const T counted_rows = Op::kRepeatable ? 1 : static_cast<T>(counted(shape, 0, od) * counted(shape, 1, oh));
      const auto value = [&](int64_t at) {
        const Vector reduced = reduced_vector<Op>(work.runs, n, at);
        return Op::kRepeatable ? reduced : reduced / (Simd<T>::load(work.counts + at) * counted_rows);
      };
      const Row<T> y(tile.y, shape.y, od, oh);
      if (y.dense(tile.pixel)) {
        T *to = y.data + tile.first[2] * y.stride;
        for (int64_t at = 0; at < elements; at += Simd<T>::kLanes) store_some(to + at, value(at), elements - at);
      } else {
        for (int64_t at = 0; at < elements; at += Simd<T>::kLanes) Simd<T>::store(work.result + at, value(at));
        unpack(y, work.result, 0, 1, 0, tile.first[2], tile.first[2], tile.count[2], tile.pixel);
      }
    }
  }
}

template <typename T>
int64_t reduce_scratch(const PoolingShape &shape, const int64_t *count, int64_t pixel) {
  Arena arena(nullptr);
  if (shape.rows == PoolingRows::kPhases) {
    ReduceScratch<T> work(arena, shape, count, pixel);
  } else {
    ShortScratch<T> work(arena, shape, count, pixel);
  }
  return arena.used();
}

template <typename Op, typename T>
void extreme_of(const PoolingShape &shape, const PoolingTile &tile, void *scratch) {
  if (shape.rows != PoolingRows::kPhases) return reduce_short<Op>(shape, tile, static_cast<T *>(scratch));
  Arena arena(scratch);
  ReduceScratch<T> work(arena, shape, tile.count, tile.pixel);
  reduce_windows<Op>(shape, tile, work, [](int64_t, int64_t, int64_t) {});
}

template <typename T>
void extreme(const PoolingShape &shape, const PoolingTile &tile, void *scratch) {
  shape.least ? extreme_of<Smallest<T>, T>(shape, tile, scratch) : extreme_of<Largest<T>, T>(shape, tile, scratch);
}

template <typename T>
void mean(const PoolingShape &shape, const PoolingTile &tile, void *scratch) {
  if (shape.rows != PoolingRows::kPhases) return reduce_short<Sum<T>>(shape, tile, static_cast<T *>(scratch));
  Arena arena(scratch);
  ReduceScratch<T> work(arena, shape, tile.count, tile.pixel);
  count_columns(shape, Columns::of<T>(shape, tile.first[2], tile.count[2], tile.pixel), work.counts);
  reduce_windows<Sum<T>>(shape, tile, work, [&](int64_t od, int64_t oh, int64_t length) {
    divide(work.result, work.counts, static_cast<T>(counted(shape, 0, od) * counted(shape, 1, oh)), length,
           work.result);
  });
}

}  // namespace
}  // namespace lockstep::LS_ISA
