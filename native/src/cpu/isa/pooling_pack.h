// Rows of images as poolings want them. Column p + j * stride of a padded row stands at j of phase p, so that element k
// of neighbouring windows is a run of memory: all that follows are plain loops over such runs, whatever the strides,
// the padding and the layout.
#pragma once

#include <algorithm>
#include <cstdint>
#include <utility>

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

}  // namespace
}  // namespace lockstep::LS_ISA
