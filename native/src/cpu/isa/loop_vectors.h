// Functions of vectors applied to tiles. A tile's last, incomplete vector goes through the same code, so an element's
// value does not depend on its place.
#pragma once

#include <cstdint>

#include "cpu/math_vector.h"

namespace lockstep::LS_ISA {
namespace {

template <typename T>
constexpr int kLanes = kVectorBytes / sizeof(T);

// The first `count` lanes; the rest repeats the first element, on which no function is slower than it must be.
template <typename T>
typename VectorOf<T>::Type load_part(const T *from, int64_t count) {
  using Vector = typename VectorOf<T>::Type;
  Vector first = splat(*from);
#if defined(__AVX512F__)
  if constexpr (sizeof(T) == 4) return _mm512_mask_loadu_ps(first, (__mmask16)((1u << count) - 1), from);
  if constexpr (sizeof(T) == 8) return _mm512_mask_loadu_pd(first, (__mmask8)((1u << count) - 1), from);
#endif
  T lanes[kLanes<T>];
  store(lanes, first);
  for (int64_t i = 1; i < count; ++i) lanes[i] = from[i];
  return load<Vector>(lanes);
}

template <typename T>
void store_part(T *to, typename VectorOf<T>::Type x, int64_t count) {
#if defined(__AVX512F__)
  if constexpr (sizeof(T) == 4) return _mm512_mask_storeu_ps(to, (__mmask16)((1u << count) - 1), x);
  if constexpr (sizeof(T) == 8) return _mm512_mask_storeu_pd(to, (__mmask8)((1u << count) - 1), x);
#endif
  for (int64_t i = 0; i < count; ++i) to[i] = x[i];
}

template <typename T, typename Function>
inline void map_vectors(void *out, const void *a, int64_t n, Function function) {
  using Vector = typename VectorOf<T>::Type;
  const T *x = static_cast<const T *>(a);
  T *z = static_cast<T *>(out);
  int64_t i = 0;
  for (; i + kLanes<T> <= n; i += kLanes<T>) store(z + i, function(load<Vector>(x + i)));
  if (i < n) store_part<T>(z + i, function(load_part(x + i, n - i)), n - i);
}

template <typename T, typename Function>
inline void map_vectors(void *out, const void *a, const void *b, int64_t n, Function function) {
  using Vector = typename VectorOf<T>::Type;
  const T *x = static_cast<const T *>(a);
  const T *y = static_cast<const T *>(b);
  T *z = static_cast<T *>(out);
  int64_t i = 0;
  for (; i + kLanes<T> <= n; i += kLanes<T>) store(z + i, function(load<Vector>(x + i), load<Vector>(y + i)));
  if (i < n) store_part<T>(z + i, function(load_part(x + i, n - i), load_part(y + i, n - i)), n - i);
}

}  // namespace
}  // namespace lockstep::LS_ISA
