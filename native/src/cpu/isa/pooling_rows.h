// Which rows and columns windows hold, and the rows of a tile.
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstring>

#include "cpu/isa/pooling_pack.h"

namespace lockstep::LS_ISA {
namespace {

// Hands out scratch memory; at null it only counts.
class Arena {
 public:
  explicit Arena(void *at) : at_(static_cast<char *>(at)) {}

  template <typename T>
  T *take(int64_t count) {
    char *result = at_ == nullptr ? nullptr : at_ + used_;
    used_ += (count * static_cast<int64_t>(sizeof(T)) + 63) / 64 * 64;
    return reinterpret_cast<T *>(result);
  }
  int64_t used() const { return used_; }

 private:
  char *at_;
  int64_t used_ = 0;
};

// Neighbouring windows along the columns: `windows` of them from `first` on, which may lie outside.
struct Columns {
  int64_t first;
  int64_t windows;
  int64_t pixel;
  int64_t stride;   // also the number of phases
  int64_t deepest;  // the largest shift of an element
  int64_t phase;    // elements from phase to phase
  int64_t dilation;

  template <typename T>
  static Columns of(const PoolingShape &shape, int64_t first, int64_t windows, int64_t pixel) {
    Columns columns{first, windows, pixel, shape.stride[2], 0, 0, shape.dilation[2]};
    columns.deepest = (shape.window[2] - 1) * shape.dilation[2] / columns.stride;
    columns.phase = columns.length<T>();
    return columns;
  }

  // A run of a value for each window, and room for loads that are shifted.
  template <typename T>
  int64_t length() const {
    return whole_vectors<T>(deepest * pixel + whole_vectors<T>(windows * pixel));
  }
};

// A range of numbers.
struct Span {
  int64_t first;
  int64_t count;
};

// The windows along an axis that hold any of these elements.
inline Span windows_of(const PoolingShape &shape, int axis, Span elements) {
  const int64_t reach = shape.reach(axis);
  const int64_t padded = elements.first + shape.low[axis];
  const int64_t first = std::max<int64_t>(0, ceil_div(padded - reach + 1, shape.stride[axis]));
  const int64_t last = std::min(shape.y[axis] - 1, floor_div(padded + elements.count - 1, shape.stride[axis]));
  return {first, std::max<int64_t>(0, last - first + 1)};
}

// The elements along an axis from the first to the last that these windows hold.
inline Span elements_of(const PoolingShape &shape, int axis, Span windows) {
  const int64_t start = windows.first * shape.stride[axis] - shape.low[axis];
  const int64_t first = std::max<int64_t>(0, start);
  const int64_t end = std::min(shape.x[axis], start + (windows.count - 1) * shape.stride[axis] + shape.reach(axis));
  return {first, windows.count == 0 ? 0 : std::max<int64_t>(0, end - first)};
}

inline int64_t most_windows(const PoolingShape &shape, int axis, int64_t elements) {
  return std::min(shape.y[axis], (elements + shape.reach(axis) - 2) / shape.stride[axis] + 1);
}

inline int64_t most_elements(const PoolingShape &shape, int axis, int64_t windows) {
  if (windows == 0) return 0;
  return std::min(shape.x[axis], (windows - 1) * shape.stride[axis] + shape.reach(axis));
}

// The columns that the windows hold, if rows are dense and a vector or more: then rows are combined where they stand.
// None otherwise.
template <typename T>
Span dense_columns(const PoolingShape &shape, const PoolingOperand &operand, const Columns &columns) {
  if (!Row<T>(operand, shape.x, 0, 0).dense(columns.pixel)) return {0, 0};
  const int64_t start = columns.first * columns.stride - shape.low[2];
  const int64_t first = std::clamp<int64_t>(start, 0, shape.x[2]);
  const int64_t end = std::clamp(start + (columns.windows - 1) * columns.stride + shape.reach(2), first, shape.x[2]);
  if ((end - first) * columns.pixel < Simd<T>::kLanes) return {0, 0};
  return {first, end - first};
}

// The elements of the longest such rows.
template <typename T>
int64_t most_dense(const PoolingShape &shape, const Columns &columns) {
  return whole_vectors<T>(most_elements(shape, 2, columns.windows) * columns.pixel);
}

// Calls body(first, count) for whole vectors, then for a last one, which may overlap those before it.
template <typename T, typename Body>
void cover(int64_t length, Body &&body) {
  const int64_t whole = length / Simd<T>::kLanes * Simd<T>::kLanes;
  body(0, whole);
  if (whole < length) body(length - Simd<T>::kLanes, Simd<T>::kLanes);
}

// Rows of a tile, each made when it is first asked for.
template <typename To>
class RowCache {
 public:
  RowCache(Arena &arena, int64_t most_rows, int64_t row_length)
      : length_(row_length), data_(arena.take<To>(most_rows * row_length)), made_(arena.take<uint8_t>(most_rows)) {}

  void start(Span depths, Span heights) {
    depths_ = depths;
    heights_ = heights;
    std::memset(made_, 0, static_cast<size_t>(depths.count * heights.count));
  }

  template <typename Make>
  const To *row(int64_t d, int64_t h, Make &&make) {
    const int64_t number = (d - depths_.first) * heights_.count + h - heights_.first;
    To *row = data_ + number * length_;
    if (made_[number] == 0) {
      make(row);
      made_[number] = 1;
    }
    return row;
  }

 private:
  int64_t length_;
  To *data_;
  uint8_t *made_;
  Span depths_{};
  Span heights_{};
};

// The last rows of each depth, made when they are asked for and not there.
template <typename To>
class RowRing {
 public:
  RowRing(Arena &arena, int64_t most_depths, int64_t rows, int64_t row_length)
      : rows_(static_cast<int64_t>(std::bit_ceil(static_cast<uint64_t>(rows)))),
        length_(row_length),
        data_(arena.take<To>(most_depths * rows_ * row_length)),
        there_(arena.take<int64_t>(most_depths * rows_)) {}

  void start(Span depths) {
    first_depth_ = depths.first;
    std::fill_n(there_, depths.count * rows_, -1);
  }

  void clear(Span depths) { std::fill_n(data_, depths.count * rows_ * length_, To{0}); }

  template <typename Make>
  const To *row(int64_t d, int64_t h, Make &&make) {
    const int64_t number = (d - first_depth_) * rows_ + (h & (rows_ - 1));
    To *row = data_ + number * length_;
    if (there_[number] != h) {
      make(row);
      there_[number] = h;
    }
    return row;
  }

 private:
  int64_t rows_;  // a power of two
  int64_t length_;
  To *data_;
  int64_t *there_;
  int64_t first_depth_ = 0;
};

// How many of the rows of a depth are needed at once: all, where other depths are looked at in between.
inline int64_t rows_at_once(const PoolingShape &shape, int64_t rows) {
  return shape.window[0] == 1 ? std::min(rows, shape.window[1]) : rows;
}

// Elements of a window that are in one phase: where the first stands, and how far the others stand apart.
struct TapRun {
  int64_t first;
  int64_t count;
  int64_t step;
  int64_t number;       // of the first within the window
  int64_t number_step;  // between neighbours
};

// Where the elements of a row of windows stand.
class Taps {
 public:
  Taps(Arena &arena, const PoolingShape &shape)
      : at_(arena.take<int64_t>(shape.window[2])),
        numbers_(arena.take<int64_t>(shape.window[2])),
        starts_(arena.take<int64_t>(shape.stride[2] + 1)) {}

  void start(const PoolingShape &shape, const Columns &columns) {
    std::fill_n(starts_, columns.stride + 1, 0);
    for (int64_t k = 0; k < shape.window[2]; ++k) ++starts_[k * columns.dilation % columns.stride];
    for (int64_t p = 1; p <= columns.stride; ++p) starts_[p] += starts_[p - 1];
    for (int64_t k = shape.window[2]; k-- > 0;) numbers_[--starts_[k * columns.dilation % columns.stride]] = k;
    for (int64_t k = 0; k < shape.window[2]; ++k) {
      const int64_t column = k * columns.dilation;
      at_[k] = column % columns.stride * columns.phase + column / columns.stride * columns.pixel;
    }
  }

  // Of element k of the first window, in the row's phases; those of the other windows follow.
  int64_t at(int64_t k) const { return at_[k]; }

  TapRun of_phase(int64_t p) const {
    const int64_t *numbers = numbers_ + starts_[p];
    const int64_t count = starts_[p + 1] - starts_[p];
    if (count == 0) return {};
    if (count == 1) return {at_[numbers[0]], 1, 0, numbers[0], 0};
    return {at_[numbers[0]], count, at_[numbers[1]] - at_[numbers[0]], numbers[0], numbers[1] - numbers[0]};
  }

 private:
  int64_t *at_;
  int64_t *numbers_;
  int64_t *starts_;
};

// Calls body(d, h, r) for the rows of x that window row (od, oh) holds; r numbers them within the window.
template <typename Body>
void each_row_of_window(const PoolingShape &shape, int64_t od, int64_t oh, Body &&body) {
  for (int64_t kd = 0; kd < shape.window[0]; ++kd) {
    const int64_t d = od * shape.stride[0] + kd * shape.dilation[0] - shape.low[0];
    if (d < 0 || d >= shape.x[0]) continue;
    for (int64_t kh = 0; kh < shape.window[1]; ++kh) {
      const int64_t h = oh * shape.stride[1] + kh * shape.dilation[1] - shape.low[1];
      if (h >= 0 && h < shape.x[1]) body(d, h, kd * shape.window[1] + kh);
    }
  }
}

// Calls body(window, k) for the windows along an axis whose element k this is, k ascending.
template <typename Body>
void each_window_of_element(const PoolingShape &shape, int axis, int64_t element, Body &&body) {
  const int64_t stride = shape.stride[axis];
  const int64_t padded = element + shape.low[axis];
  if (shape.dilation[axis] == 1) {
    int64_t window = stride == 1 ? padded : stride == 2 ? padded >> 1 : padded / stride;
    for (int64_t k = padded - window * stride; k < shape.window[axis]; k += stride, --window) {
      if (window >= 0 && window < shape.y[axis]) body(window, k);
    }
    return;
  }
  for (int64_t k = 0; k < shape.window[axis]; ++k) {
    const int64_t from = padded - k * shape.dilation[axis];
    const int64_t window = floor_div(from, stride);
    if (window >= 0 && window < shape.y[axis] && window * stride == from) body(window, k);
  }
}

// Calls body(od, oh, r) for the rows of windows that hold row (d, h) of x, as their r-th.
template <typename Body>
void each_window_of_row(const PoolingShape &shape, int64_t d, int64_t h, Body &&body) {
  each_window_of_element(shape, 0, d, [&](int64_t od, int64_t kd) {
    each_window_of_element(shape, 1, h, [&](int64_t oh, int64_t kh) { body(od, oh, kd * shape.window[1] + kh); });
  });
}

// The windows along the columns that hold these elements, and those before them that a shifted load may reach.
template <typename T>
Columns columns_of(const PoolingShape &shape, Span elements, int64_t pixel) {
  const int64_t stride = shape.stride[2];
  const int64_t origin = (elements.first + shape.low[2]) / stride;
  const int64_t end = ceil_div(elements.first + elements.count + shape.low[2], stride);
  const int64_t deepest = (shape.window[2] - 1) * shape.dilation[2] / stride;
  return Columns::of<T>(shape, origin - deepest, end - origin + deepest, pixel);
}

// The largest such for tiles of this many columns.
template <typename T>
Columns most_columns_of(const PoolingShape &shape, int64_t columns, int64_t pixel) {
  const int64_t deepest = (shape.window[2] - 1) * shape.dilation[2] / shape.stride[2];
  return Columns::of<T>(shape, 0, (columns + shape.stride[2] - 2) / shape.stride[2] + 1 + deepest, pixel);
}

}  // namespace
}  // namespace lockstep::LS_ISA
