// Places of long windows are not compared with those of all elements that windows hold: each window goes to its place.
#pragma once

#include "cpu/isa/pooling_places.h"

namespace lockstep::LS_ISA {
namespace {

template <typename T>
struct LongScratch {
  PlaceScratch<T> places;
  Whole<T> *found;
  T **rows;  // of t, by number within a window; null: not wanted

  // For up to so many windows.
  LongScratch(Arena &arena, const PoolingShape &shape, int64_t depths, int64_t heights, int64_t columns, int64_t pixel)
      : LongScratch(arena, shape, depths, heights, Columns::of<T>(shape, 0, columns, pixel)) {}

 private:
  LongScratch(Arena &arena, const PoolingShape &shape, int64_t depths, int64_t heights, const Columns &columns)
      : places(arena, shape, most_elements(shape, 0, depths), most_elements(shape, 1, heights), columns),
        found(arena.take<Whole<T>>(columns.phase)),
        rows(arena.take<T *>(shape.window[0] * shape.window[1])) {}
};

// Calls body(y, row, column, channel) for a row of windows, the last first; the row of t is null where a window has no
// place in a row that is wanted.
template <bool kLeast, typename T, typename Body>
void each_place(const PoolingShape &shape, const PoolingTile &tile, const Columns &columns, int64_t od, int64_t oh,
                LongScratch<T> &work, Body &&body) {
  find<kLeast>(shape, tile.x, columns, od, oh, work.places, work.found);
  const auto width = static_cast<uint32_t>(shape.window[2]);
  const auto rows = static_cast<uint32_t>(shape.window[0] * shape.window[1]);
  const Row<T> y(tile.y, shape.y, od, oh);
  const Whole<T> *place = work.found + columns.windows * columns.pixel;
  for (int64_t window = columns.first + columns.windows; window-- > columns.first;) {
    const int64_t start = window * shape.stride[2] - shape.low[2];
    for (int64_t channel = columns.pixel; channel-- > 0;) {
      const auto number = static_cast<uint32_t>(*--place);
      const uint32_t r = rows == 1 && number < width ? 0 : number / width;
      T *row = r < rows ? work.rows[r] : nullptr;
      const int64_t column = start + (number - r * width) * shape.dilation[2];
      body(y.data[window * y.stride + channel * y.pixel_stride], row, column, channel);
    }
  }
}

template <bool kLeast, typename T>
void long_take(const PoolingShape &shape, const PoolingTile &tile, void *scratch) {
  Arena arena(scratch);
  LongScratch<T> work(arena, shape, tile.count[0], tile.count[1], tile.count[2], tile.pixel);
  const Columns columns = Columns::of<T>(shape, tile.first[2], tile.count[2], tile.pixel);
  work.places.taps.start(shape, columns);
  work.places.keys.start(elements_of(shape, 0, {tile.first[0], tile.count[0]}),
                         elements_of(shape, 1, {tile.first[1], tile.count[1]}));
  for (int64_t od = tile.first[0]; od < tile.first[0] + tile.count[0]; ++od) {
    for (int64_t oh = tile.first[1]; oh < tile.first[1] + tile.count[1]; ++oh) {
      each_row_of_window(shape, od, oh,
                         [&](int64_t d, int64_t h, int64_t r) { work.rows[r] = Row<T>(tile.t, shape.x, d, h).data; });
      each_place<kLeast>(shape, tile, columns, od, oh, work, [&](T &y, const T *row, int64_t column, int64_t channel) {
        y = row == nullptr ? T{0} : row[column * tile.t.strides[2] + channel * tile.t.pixel_stride];
      });
    }
  }
}

template <typename T>
void clear(const PoolingShape &shape, const PoolingTile &tile) {
  for (int64_t d = tile.first[0]; d < tile.first[0] + tile.count[0]; ++d) {
    for (int64_t h = tile.first[1]; h < tile.first[1] + tile.count[1]; ++h) {
      const Row<T> row(tile.t, shape.x, d, h);
      T *to = row.data + tile.first[2] * row.stride;
      if (row.dense(tile.pixel)) {
        std::fill_n(to, tile.count[2] * tile.pixel, T{0});
        continue;
      }
      for (int64_t w = 0; w < tile.count[2]; ++w, to += row.stride) {
        for (int64_t channel = 0; channel < tile.pixel; ++channel) to[channel * row.pixel_stride] = 0;
      }
    }
  }
}

// Windows add in descending order, as the terms of the sums of short ones.
template <bool kLeast, typename T>
void long_put(const PoolingShape &shape, const PoolingTile &tile, void *scratch) {
  clear<T>(shape, tile);
  const Span depths = windows_of(shape, 0, {tile.first[0], tile.count[0]});
  const Span heights = windows_of(shape, 1, {tile.first[1], tile.count[1]});
  const Span windows = windows_of(shape, 2, {tile.first[2], tile.count[2]});
  if (windows.count == 0) return;
  Arena arena(scratch);
  LongScratch<T> work(arena, shape, depths.count, heights.count, windows.count, tile.pixel);
  const Columns columns = Columns::of<T>(shape, windows.first, windows.count, tile.pixel);
  work.places.taps.start(shape, columns);
  work.places.keys.start(elements_of(shape, 0, depths), elements_of(shape, 1, heights));
  const auto in_tile = [&](int axis, int64_t at) {
    return at >= tile.first[axis] && at < tile.first[axis] + tile.count[axis];
  };
  for (int64_t od = depths.first + depths.count; od-- > depths.first;) {
    for (int64_t oh = heights.first + heights.count; oh-- > heights.first;) {
      each_row_of_window(shape, od, oh, [&](int64_t d, int64_t h, int64_t r) {
        work.rows[r] = in_tile(0, d) && in_tile(1, h) ? Row<T>(tile.t, shape.x, d, h).data : nullptr;
      });
      each_place<kLeast>(shape, tile, columns, od, oh, work, [&](T y, T *row, int64_t column, int64_t channel) {
        if (row == nullptr || !in_tile(2, column)) return;
        row[column * tile.t.strides[2] + channel * tile.t.pixel_stride] += y;
      });
    }
  }
}

}  // namespace
}  // namespace lockstep::LS_ISA
