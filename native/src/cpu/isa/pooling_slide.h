// Long windows along a row. What 2, 4, 8, ... neighbours of a phase combine to comes from two runs of half as many; a
// window is a few of those. A window of n elements costs log n steps instead of n, and each window is combined from its
// own elements alone: no digits are lost to others, and neither NaN nor infinity spreads.
#pragma once

#include <cmath>
#include <numeric>

#include "cpu/isa/pooling_rows.h"

namespace lockstep::LS_ISA {
namespace {

// Loads and stores of a step, as many as elements of a window that are combined in one pass.
constexpr double kStepCost = 3;

// Whether this pays for so many values of a phase.
inline bool slides(const PoolingShape &shape, int64_t values) {
  const int64_t phases = shape.stride[2] / std::gcd(shape.stride[2], shape.dilation[2]);
  const double taps = static_cast<double>(shape.window[2]) / static_cast<double>(phases);
  const auto length = static_cast<double>(values);
  return taps >= 2 && taps * length > kStepCost * std::log2(taps) * (taps + length);
}

// For what writes windows, and for the transposes.
inline bool slides_over_windows(const PoolingShape &shape) { return slides(shape, shape.y[2]); }
inline bool slides_over_elements(const PoolingShape &shape) {
  return slides(shape, ceil_div(shape.x[2], shape.stride[2]));
}

// to[j] = the combination of a[j] and b[j]; `to` may be `a`, also where b is a part of it further on.
template <typename Op, typename T>
void combine_pairs(const T *a, const T *b, T *to, int64_t length) {
  constexpr int64_t kLanes = Simd<T>::kLanes;
  int64_t at = 0;
  for (; at + kLanes <= length; at += kLanes) {
    Simd<T>::store(to + at, Op::apply(Simd<T>::load(a + at), Simd<T>::load(b + at)));
  }
  if (at == length) return;
  const auto rest = Simd<T>::mask(length - at);
  Simd<T>::store(to + at, Op::apply(Simd<T>::load(a + at, rest), Simd<T>::load(b + at, rest)), rest);
}

// to[j] = the combination of run[j + i * step] over i < n, and of to[j] if it is `begun`. `levels` has room for all
// that is read.
template <typename Op, typename T>
void slide(const T *run, int64_t n, int64_t step, T *levels, bool begun, T *to, int64_t length) {
  const T *level = run;  // the combinations of `size` neighbours
  int64_t size = 1;
  const auto add = [&](int64_t from) {
    if (begun) {
      combine_pairs<Op>(to, level + from * step, to, length);
    } else {
      std::copy_n(level + from * step, length, to);
    }
    begun = true;
  };
  int64_t done = 0;
  while (true) {
    if (!Op::kRepeatable && (n & size) != 0) {
      add(done);
      done += size;
    }
    if (2 * size > n) break;
    combine_pairs<Op>(level, level + size * step, levels, length + (n - 2 * size) * step);
    level = levels;
    size *= 2;
  }
  if (!Op::kRepeatable) return;
  add(0);
  if (size < n) add(n - size);
}

}  // namespace
}  // namespace lockstep::LS_ISA
