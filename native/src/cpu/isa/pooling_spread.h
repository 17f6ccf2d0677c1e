// The mean's transpose: each element of x gets the shares of the windows that hold it.
#pragma once

#include "cpu/isa/pooling_gather.h"

namespace lockstep::LS_ISA {
namespace {

template <typename T>
struct SpreadScratch {
  bool slides;
  Taps taps;
  RowCache<T> shares;
  const T **runs;
  T *combined;
  T *levels;  // of long windows
  T *result;  // phases
  T *counts;
  Candidate<T> *candidates;

  SpreadScratch(Arena &arena, const PoolingShape &shape, const int64_t *count, int64_t pixel)
      : SpreadScratch(arena, shape, count, most_columns_of<T>(shape, count[2], pixel)) {}

 private:
  SpreadScratch(Arena &arena, const PoolingShape &shape, const int64_t *count, const Columns &columns)
      : slides(slides_over_elements(shape)),
        taps(arena, shape),
        shares(arena, most_windows(shape, 0, count[0]) * most_windows(shape, 1, count[1]),
               columns.phase + Simd<T>::kLanes),
        runs(arena.take<const T *>(std::max(shape.window[0] * shape.window[1], shape.window[2]))),
        combined(arena.take<T>(columns.phase + Simd<T>::kLanes)),
        levels(arena.take<T>(slides ? columns.phase : 0)),
        result(arena.take<T>(columns.stride * columns.phase)),
        counts(arena.take<T>(columns.phase)),
        candidates(arena.take<Candidate<T>>(2 * shape.window[2])) {}
};

template <typename T>
int64_t spread_scratch(const PoolingShape &shape, const int64_t *count, int64_t pixel) {
  Arena arena(nullptr);
  SpreadScratch<T> work(arena, shape, count, pixel);
  return arena.used();
}

template <typename T>
void spread(const PoolingShape &shape, const PoolingTile &tile, void *scratch) {
  Arena arena(scratch);
  SpreadScratch<T> work(arena, shape, tile.count, tile.pixel);
  const Columns columns = columns_of<T>(shape, {tile.first[2], tile.count[2]}, tile.pixel);
  const int64_t origin = columns.first + columns.deepest;
  const int64_t length = whole_vectors<T>((columns.windows - columns.deepest) * columns.pixel);
  const int64_t before = std::clamp<int64_t>(-columns.first, 0, columns.windows) * columns.pixel;
  const int64_t after =
      std::max(before, std::clamp<int64_t>(shape.y[2] - columns.first, 0, columns.windows) * columns.pixel);
  const GatherStart start(shape, tile);
  count_columns(shape, columns, work.counts);
  work.taps.start(shape, columns);
  work.shares.start(windows_of(shape, 0, {tile.first[0], tile.count[0]}),
                    windows_of(shape, 1, {tile.first[1], tile.count[1]}));
  for (int64_t d = tile.first[0]; d < tile.first[0] + tile.count[0]; ++d) {
    for (int64_t h = tile.first[1]; h < tile.first[1] + tile.count[1]; ++h) {
      int64_t n = 0;
      each_window_of_row(shape, d, h, [&](int64_t od, int64_t oh, int64_t) {
        work.runs[n++] = work.shares.row(od, oh, [&](T *row) {
          const T counted_rows = static_cast<T>(counted(shape, 0, od) * counted(shape, 1, oh));
          const Row<T> y(tile.y, shape.y, od, oh);
          if (y.dense(columns.pixel)) {
            std::fill(row, row + before, T{0});
            divide(y.data + (columns.first * columns.pixel + before), work.counts + before, counted_rows,
                   after - before, row + before);
            std::fill(row + after, row + columns.phase, T{0});
          } else {
            pack<Same<T>>(row, columns.phase, y, 1, 0, columns.first, columns.windows, columns.pixel, T{0});
            divide(row, work.counts, counted_rows, columns.phase, row);
          }
        });
      });
      const T *combined = work.runs[0];
      if (n != 1) {
        add_up(work.runs, n, work.combined, columns.phase);
        combined = work.combined;
      }
      if (shape.rows != PoolingRows::kPhases) {
        const WindowRow<T> all{nullptr, 0, combined};
        gather<false>(shape, tile, columns, start, Row<T>(tile.x, shape.x, d, h), &all, 1, tile.pixel, work.candidates);
        continue;
      }
      for (int64_t p = 0; p < columns.stride; ++p) {
        T *result = work.result + p * columns.phase;
        const TapRun taps = work.taps.of_phase(p);
        const T *last = combined + columns.deepest * columns.pixel - (taps.first - p * columns.phase);
        if (work.slides && taps.count > 0) {
          slide<Sum<T>>(last - (taps.count - 1) * taps.step, taps.count, taps.step, work.levels, false, result, length);
          continue;
        }
        for (int64_t i = 0; i < taps.count; ++i) work.runs[i] = last - i * taps.step;
        add_up(work.runs, taps.count, result, length);
      }
      unpack(Row<T>(tile.x, shape.x, d, h), work.result, columns.phase, columns.stride, shape.low[2], origin,
             tile.first[2], tile.count[2], tile.pixel);
    }
  }
}

}  // namespace
}  // namespace lockstep::LS_ISA
