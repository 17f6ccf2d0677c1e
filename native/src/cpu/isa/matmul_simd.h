// One vector register of T for the instruction set that the file is compiled for. T is float, double, uint32_t or
// uint64_t (unsigned, since integers wrap).
#pragma once

#include <immintrin.h>

#include <cstdint>
#include <cstring>
#include <type_traits>
#include <utility>

#include "cpu/math_vector.h"

namespace lockstep::LS_ISA {
namespace {

#if defined(__AVX512F__)
constexpr int kVectorRegisters = 32;
#else
constexpr int kVectorRegisters = 16;
#endif

template <typename T>
struct Simd {
  static constexpr int kLanes = kVectorBytes / sizeof(T);
  typedef T Vector __attribute__((vector_size(kVectorBytes)));
  typedef T Unaligned __attribute__((vector_size(kVectorBytes), aligned(alignof(T)), may_alias));

  static Vector load(const T *from) { return *reinterpret_cast<const Unaligned *>(from); }
  static void store(T *to, Vector value) { *reinterpret_cast<Unaligned *>(to) = value; }
  static Vector broadcast(T value) { return broadcast(value, std::make_integer_sequence<int, kLanes>()); }

  static Vector multiply_add(Vector a, Vector b, Vector sum) {
#if defined(__AVX512F__)
    if constexpr (sizeof(T) == 4 && std::is_floating_point_v<T>)
      return (Vector)_mm512_fmadd_ps((__m512)a, (__m512)b, (__m512)sum);
    if constexpr (sizeof(T) == 8 && std::is_floating_point_v<T>)
      return (Vector)_mm512_fmadd_pd((__m512d)a, (__m512d)b, (__m512d)sum);
#elif defined(__FMA__)
    if constexpr (sizeof(T) == 4 && std::is_floating_point_v<T>)
      return (Vector)_mm256_fmadd_ps((__m256)a, (__m256)b, (__m256)sum);
    if constexpr (sizeof(T) == 8 && std::is_floating_point_v<T>)
      return (Vector)_mm256_fmadd_pd((__m256d)a, (__m256d)b, (__m256d)sum);
#endif
    return sum + a * b;
  }

  // The first `count` lanes of a vector, 1 .. kLanes; memory of the others is not touched, and they load as zero.
#if defined(__AVX512F__)
  using Mask = uint32_t;
  static Mask mask(int64_t count) { return (1u << count) - 1; }
  static Vector load(const T *from, Mask mask) {
    if constexpr (sizeof(T) == 4) return (Vector)_mm512_maskz_loadu_epi32(static_cast<__mmask16>(mask), from);
    if constexpr (sizeof(T) == 8) return (Vector)_mm512_maskz_loadu_epi64(static_cast<__mmask8>(mask), from);
  }
  static void store(T *to, Vector value, Mask mask) {
    if constexpr (sizeof(T) == 4) _mm512_mask_storeu_epi32(to, static_cast<__mmask16>(mask), (__m512i)value);
    if constexpr (sizeof(T) == 8) _mm512_mask_storeu_epi64(to, static_cast<__mmask8>(mask), (__m512i)value);
  }
#elif defined(__AVX2__)
  using Mask = __m256i;
  static Mask mask(int64_t count) {
    alignas(64) static constexpr int32_t kOnesThenZeros[16] = {-1, -1, -1, -1, -1, -1, -1, -1};
    return _mm256_loadu_si256(
        reinterpret_cast<const __m256i *>(kOnesThenZeros + 8 - count * static_cast<int64_t>(sizeof(T) / 4)));
  }
  static Vector load(const T *from, Mask mask) {
    if constexpr (sizeof(T) == 4) return (Vector)_mm256_maskload_ps(reinterpret_cast<const float *>(from), mask);
    if constexpr (sizeof(T) == 8) return (Vector)_mm256_maskload_pd(reinterpret_cast<const double *>(from), mask);
  }
  static void store(T *to, Vector value, Mask mask) {
    if constexpr (sizeof(T) == 4) _mm256_maskstore_ps(reinterpret_cast<float *>(to), mask, (__m256)value);
    if constexpr (sizeof(T) == 8) _mm256_maskstore_pd(reinterpret_cast<double *>(to), mask, (__m256d)value);
  }
#else
  using Mask = int64_t;
  static Mask mask(int64_t count) { return count; }
  static Vector load(const T *from, Mask mask) {
    Vector value = {};
    for (int lane = 0; lane < kLanes; ++lane) {
      if (lane < mask) value[lane] = from[lane];
    }
    return value;
  }
  static void store(T *to, Vector value, Mask mask) {
    for (int lane = 0; lane < kLanes; ++lane) {
      if (lane < mask) to[lane] = value[lane];
    }
  }
#endif

  // {x[l] where bit `Step` of lane l is clear, y[l - Step] where it is set}
  template <int Step>
  static Vector low_blocks(Vector x, Vector y) {
    return low_blocks<Step>(x, y, std::make_integer_sequence<int, kLanes>());
  }
  // {x[l + Step] where bit `Step` of lane l is clear, y[l] where it is set}
  template <int Step>
  static Vector high_blocks(Vector x, Vector y) {
    return high_blocks<Step>(x, y, std::make_integer_sequence<int, kLanes>());
  }

 private:
  template <int... Lane>
  static Vector broadcast(T value, std::integer_sequence<int, Lane...>) {
    return Vector{(static_cast<void>(Lane), value)...};
  }
  template <int Step, int... Lane>
  static Vector low_blocks(Vector x, Vector y, std::integer_sequence<int, Lane...>) {
    return __builtin_shufflevector(x, y, (Lane & Step ? kLanes + Lane - Step : Lane)...);
  }
  template <int Step, int... Lane>
  static Vector high_blocks(Vector x, Vector y, std::integer_sequence<int, Lane...>) {
    return __builtin_shufflevector(x, y, (Lane & Step ? kLanes + Lane : Lane + Step)...);
  }
};

}  // namespace
}  // namespace lockstep::LS_ISA
