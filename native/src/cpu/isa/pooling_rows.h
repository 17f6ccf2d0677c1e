// Rows of images as poolings want them. Column p + j * stride of a padded row stands at j of phase p, so that element k
// of neighbouring windows is a run of memory: all that follows are plain loops over such runs, whatever the strides,
// the padding and the layout.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>

#include "cpu/isa/matmul_simd.h"
#include "cpu/pooling_kernels.h"

namespace lockstep::LS_ISA {
namespace {

// Most strides are 1, and divisions are slow.
inline int64_t floor_div(int64_t a, int64_t b) { return b == 1 ? a : a / b - (a % b < 0 ? 1 : 0); }
inline int64_t ceil_div(int64_t a, int64_t b) { return -floor_div(-a, b); }

template <typename T>
int64_t whole_vectors(int64_t elements) {
  return (elements + Simd<T>::kLanes - 1) / Simd<T>::kLanes * Simd<T>::kLanes;
}

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

// What rows become when they are packed.
template <typename T>
struct Same {
  using To = T;
  static T apply(T x) { return x; }
  static typename Simd<T>::Vector apply(typename Simd<T>::Vector x) { return x; }
};

// Neighbours to neighbours.
template <typename Convert, typename T>
void convert_run(typename Convert::To *to, const T *from, int64_t count) {
  using V = Simd<T>;
  using W = Simd<typename Convert::To>;
  for (; count >= V::kLanes; count -= V::kLanes, from += V::kLanes, to += V::kLanes) {
    W::store(to, Convert::apply(V::load(from)));
  }
  if (count > 0) W::store(to, Convert::apply(V::load(from, V::mask(count))), W::mask(count));
}

template <typename Convert, typename T>
void convert_strided(typename Convert::To *__restrict to, const T *__restrict from, int64_t count, int64_t step) {
  for (int64_t i = 0; i < count; ++i) to[i] = Convert::apply(from[i * step]);
}

// Every second lane of two vectors, from lane kFirst on.
template <int kFirst, typename T, int... kLane>
typename Simd<T>::Vector every_second(typename Simd<T>::Vector a, typename Simd<T>::Vector b,
                                      std::integer_sequence<int, kLane...>) {
  return __builtin_shufflevector(a, b, (2 * kLane + kFirst)...);
}

// Lanes of two vectors in turn, from lane kFirst of both on.
template <int kFirst, typename T, int... kLane>
typename Simd<T>::Vector in_turn(typename Simd<T>::Vector a, typename Simd<T>::Vector b,
                                 std::integer_sequence<int, kLane...>) {
  return __builtin_shufflevector(a, b, (kFirst + kLane / 2 + kLane % 2 * Simd<T>::kLanes)...);
}

template <typename T>
typename Simd<T>::Vector load_some(const T *from, int64_t count) {
  using V = Simd<T>;
  if (count >= V::kLanes) return V::load(from);
  if (count <= 0) return typename V::Vector{};
  return V::load(from, V::mask(count));
}

template <typename T>
void store_some(T *to, typename Simd<T>::Vector x, int64_t count) {
  using V = Simd<T>;
  if (count >= V::kLanes) return V::store(to, x);
  if (count > 0) V::store(to, x, V::mask(count));
}

// Pairs to two runs.
template <typename Convert, typename T>
void split(typename Convert::To *even, typename Convert::To *odd, const T *from, int64_t pairs) {
  using V = Simd<T>;
  constexpr auto kAll = std::make_integer_sequence<int, V::kLanes>();
  for (int64_t i = 0; i < pairs; i += V::kLanes) {
    const typename V::Vector a = load_some(from + 2 * i, 2 * (pairs - i));
    const typename V::Vector b = load_some(from + 2 * i + V::kLanes, 2 * (pairs - i) - V::kLanes);
    store_some(even + i, Convert::apply(every_second<0, T>(a, b, kAll)), pairs - i);
    store_some(odd + i, Convert::apply(every_second<1, T>(a, b, kAll)), pairs - i);
  }
}

// Two runs to pairs.
template <typename T>
void interleave(T *to, const T *even, const T *odd, int64_t pairs) {
  using V = Simd<T>;
  constexpr auto kAll = std::make_integer_sequence<int, V::kLanes>();
  for (int64_t i = 0; i < pairs; i += V::kLanes) {
    const typename V::Vector a = load_some(even + i, pairs - i);
    const typename V::Vector b = load_some(odd + i, pairs - i);
    store_some(to + 2 * i, in_turn<0, T>(a, b, kAll), 2 * (pairs - i));
    store_some(to + 2 * i + V::kLanes, in_turn<V::kLanes / 2, T>(a, b, kAll), 2 * (pairs - i) - V::kLanes);
  }
}

// A row of an operand.
template <typename T>
struct Row {
  T *data;  // column 0
  int64_t columns;
  int64_t stride;
  int64_t pixel_stride;

  Row(T *at, int64_t count, int64_t pixel) : data(at), columns(count), stride(pixel), pixel_stride(1) {}
  Row(const PoolingOperand &operand, const int64_t *extents, int64_t d, int64_t h)
      : data(reinterpret_cast<T *>(operand.data) + d * operand.strides[0] + h * operand.strides[1]),
        columns(extents[2]),
        stride(operand.strides[2]),
        pixel_stride(operand.pixel_stride) {}

  // Whether pixels are neighbours, and so are their elements.
  bool dense(int64_t pixel) const { return stride == pixel && (pixel == 1 || pixel_stride == 1); }
};

// Two phases of single elements, as pack() says.
template <typename Convert, typename T>
void pack_pairs(typename Convert::To *to, int64_t length, const Row<T> &row, int64_t low, int64_t first, int64_t count,
                typename Convert::To fill) {
  typename Convert::To *odd = to + length;
  const int64_t shift = low - 2 * first;  // of column 0
  int64_t at = std::clamp<int64_t>(shift, 0, 2 * count);
  const int64_t end = std::clamp(row.columns + shift, at, 2 * count);
  std::fill(to, to + (at + 1) / 2, fill);
  std::fill(odd, odd + at / 2, fill);
  std::fill(to + (end + 1) / 2, to + length, fill);
  std::fill(odd + end / 2, odd + length, fill);
  if (at % 2 == 1 && at < end) {
    odd[at / 2] = Convert::apply(row.data[at - shift]);
    ++at;
  }
  const int64_t pairs = (end - at) / 2;
  split<Convert>(to + at / 2, odd + at / 2, row.data + at - shift, pairs);
  at += 2 * pairs;
  if (at < end) to[at / 2] = Convert::apply(row.data[at - shift]);
}

// Writes `count` pixels for each phase from `first` on, `length` elements in all; `fill` where the row has none.
template <typename Convert, typename T>
void pack(typename Convert::To *to, int64_t length, const Row<T> &row, int64_t phases, int64_t low, int64_t first,
          int64_t count, int64_t pixel, typename Convert::To fill) {
  if (phases == 2 && pixel == 1 && row.stride == 1) {
    return pack_pairs<Convert>(to, length, row, low, first, count, fill);
  }
  for (int64_t p = 0; p < phases; ++p, to += length) {
    const int64_t from = std::clamp<int64_t>(ceil_div(low - p, phases) - first, 0, count);
    const int64_t end = std::clamp(ceil_div(row.columns + low - p, phases) - first, from, count);
    std::fill(to, to + from * pixel, fill);
    std::fill(to + end * pixel, to + length, fill);
    if (from == end) continue;
    const T *source = row.data + ((first + from) * phases + p - low) * row.stride;
    const int64_t step = phases * row.stride;
    if (pixel == 1 && step == 1) {
      convert_run<Convert>(to + from, source, end - from);
    } else if (pixel == 1) {
      convert_strided<Convert>(to + from, source, end - from, step);
    } else if (row.pixel_stride == 1 && step == pixel) {
      convert_run<Convert>(to + from * pixel, source, (end - from) * pixel);
    } else if (row.pixel_stride == 1) {
      for (int64_t j = from; j < end; ++j, source += step) convert_run<Convert>(to + j * pixel, source, pixel);
    } else {
      for (int64_t j = from; j < end; ++j, source += step) {
        convert_strided<Convert>(to + j * pixel, source, pixel, row.pixel_stride);
      }
    }
  }
}

// Writes `count` columns of the row from `first` on: the padded column p + (origin + j) * phases is at j of phase p.
template <typename T>
void unpack(const Row<T> &row, const T *from, int64_t length, int64_t phases, int64_t low, int64_t origin,
            int64_t first, int64_t count, int64_t pixel) {
  if (phases == 2 && pixel == 1 && row.stride == 1) {
    int64_t padded = first + low;
    const int64_t last = padded + count;
    if (padded % 2 == 1 && padded < last) {
      row.data[padded - low] = from[length + padded / 2 - origin];
      ++padded;
    }
    const int64_t pairs = (last - padded) / 2;
    interleave(row.data + padded - low, from + padded / 2 - origin, from + length + padded / 2 - origin, pairs);
    padded += 2 * pairs;
    if (padded < last) row.data[padded - low] = from[padded / 2 - origin];
    return;
  }
  for (int64_t p = 0; p < phases; ++p, from += length) {
    const int64_t begin = ceil_div(first + low - p, phases) - origin;
    const int64_t end = ceil_div(first + count + low - p, phases) - origin;
    if (begin >= end) continue;
    T *to = row.data + ((begin + origin) * phases + p - low) * row.stride;
    const int64_t step = phases * row.stride;
    if (row.pixel_stride == 1 && step == pixel) {
      convert_run<Same<T>>(to, from + begin * pixel, (end - begin) * pixel);
    } else if (row.pixel_stride == 1) {
      for (int64_t j = begin; j < end; ++j, to += step) convert_run<Same<T>>(to, from + j * pixel, pixel);
    } else {
      for (int64_t j = begin; j < end; ++j, to += step) {
        for (int64_t c = 0; c < pixel; ++c) to[c * row.pixel_stride] = from[j * pixel + c];
      }
    }
  }
}

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

// Where the elements of a row of windows stand.
class Taps {
 public:
  Taps(Arena &arena, const PoolingShape &shape)
      : at_(arena.take<int64_t>(shape.window[2])),
        numbers_(arena.take<int64_t>(shape.window[2])),
        starts_(arena.take<int64_t>(shape.stride[2] + 1)) {}

  void start(const PoolingShape &shape, const Columns &columns) {
    int64_t n = 0;
    for (int64_t p = 0; p < columns.stride; ++p) {
      starts_[p] = n;
      for (int64_t k = 0; k < shape.window[2]; ++k) {
        if (k * columns.dilation % columns.stride == p) numbers_[n++] = k;
      }
    }
    starts_[columns.stride] = n;
    for (int64_t k = 0; k < shape.window[2]; ++k) {
      const int64_t column = k * columns.dilation;
      at_[k] = column % columns.stride * columns.phase + column / columns.stride * columns.pixel;
    }
  }

  // Of element k of the first window, in the row's phases; those of the other windows follow.
  int64_t at(int64_t k) const { return at_[k]; }

  // Calls body(k) for the elements of windows that are in phase p.
  template <typename Body>
  void each_of_phase(int64_t p, Body &&body) const {
    for (int64_t i = starts_[p]; i < starts_[p + 1]; ++i) body(numbers_[i]);
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

// Calls body(od, oh, r) for the rows of windows that hold row (d, h) of x, as their r-th.
template <typename Body>
void each_window_of_row(const PoolingShape &shape, int64_t d, int64_t h, Body &&body) {
  for (int64_t kd = 0; kd < shape.window[0]; ++kd) {
    const int64_t from_d = d + shape.low[0] - kd * shape.dilation[0];
    const int64_t od = floor_div(from_d, shape.stride[0]);
    if (od < 0 || od >= shape.y[0] || od * shape.stride[0] != from_d) continue;
    for (int64_t kh = 0; kh < shape.window[1]; ++kh) {
      const int64_t from_h = h + shape.low[1] - kh * shape.dilation[1];
      const int64_t oh = floor_div(from_h, shape.stride[1]);
      if (oh < 0 || oh >= shape.y[1] || oh * shape.stride[1] != from_h) continue;
      body(od, oh, kd * shape.window[1] + kh);
    }
  }
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
