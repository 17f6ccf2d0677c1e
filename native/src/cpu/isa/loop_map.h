// Loops over one tile for ops written on single elements; GCC vectorises them. ivdep: an output tile is either apart
// from an operand or the same tile, so no iteration depends on another.
#pragma once

#include <cstdint>
#include <type_traits>

#include "cpu/loop_kernels.h"

namespace lockstep::LS_ISA {
namespace {

template <typename Op, typename T, typename R>
void unary_kernel(void *out, const void *a, const void *, const void *, int64_t n) {
  const T *x = static_cast<const T *>(a);
  R *z = static_cast<R *>(out);
#pragma GCC ivdep
  for (int64_t i = 0; i < n; ++i) z[i] = Op::apply(x[i]);
}

template <typename Op, typename T, typename R, unsigned kSplat>
void binary_kernel(void *out, const void *a, const void *b, const void *, int64_t n) {
  const T *x = static_cast<const T *>(a);
  const T *y = static_cast<const T *>(b);
  R *z = static_cast<R *>(out);
  const T x0 = x[0];
  const T y0 = y[0];
#pragma GCC ivdep
  for (int64_t i = 0; i < n; ++i) z[i] = Op::apply(kSplat & 1 ? x0 : x[i], kSplat & 2 ? y0 : y[i]);
}

template <typename Op, typename A, typename T, unsigned kSplat>
void ternary_kernel(void *out, const void *a, const void *b, const void *c, int64_t n) {
  const A *x = static_cast<const A *>(a);
  const T *y = static_cast<const T *>(b);
  const T *w = static_cast<const T *>(c);
  T *z = static_cast<T *>(out);
  const A x0 = x[0];
  const T y0 = y[0];
  const T w0 = w[0];
#pragma GCC ivdep
  for (int64_t i = 0; i < n; ++i) {
    z[i] = Op::apply(kSplat & 1 ? x0 : x[i], kSplat & 2 ? y0 : y[i], kSplat & 4 ? w0 : w[i]);
  }
}

template <typename Op, typename T, typename R = T>
TileKernel binary(unsigned splat) {
  switch (splat) {
    case 0:
      return binary_kernel<Op, T, R, 0>;
    case 1:
      return binary_kernel<Op, T, R, 1>;
    case 2:
      return binary_kernel<Op, T, R, 2>;
    default:
      return nullptr;
  }
}

template <typename Op, typename T, typename R = T>
TileKernel unary(unsigned splat) {
  return splat == 0 ? unary_kernel<Op, T, R> : nullptr;
}

// Signed overflow wraps: arithmetic happens in the unsigned type.
template <typename T>
using Wrapping = typename std::conditional_t<std::is_integral_v<T>, std::make_unsigned<T>, std::type_identity<T>>::type;

}  // namespace
}  // namespace lockstep::LS_ISA
