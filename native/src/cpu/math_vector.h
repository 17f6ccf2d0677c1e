// Vectors of one register of the instruction set a file is compiled for, and the few operations on them that C++ has no
// sign for. For files in cpu/isa/ only.
#pragma once

#include <immintrin.h>

#include <cstdint>
#include <cstring>

namespace lockstep::LS_ISA {
namespace {

#if defined(__AVX512F__)
constexpr int kVectorBytes = 64;
#elif defined(__AVX2__)
constexpr int kVectorBytes = 32;
#else
constexpr int kVectorBytes = 16;
#endif

typedef float VectorF32 __attribute__((vector_size(kVectorBytes)));
typedef double VectorF64 __attribute__((vector_size(kVectorBytes)));
typedef int32_t VectorI32 __attribute__((vector_size(kVectorBytes)));
typedef uint32_t VectorU32 __attribute__((vector_size(kVectorBytes)));  // unsigned: bits of NaN wrap
typedef int64_t VectorI64 __attribute__((vector_size(kVectorBytes)));
typedef uint64_t VectorU64 __attribute__((vector_size(kVectorBytes)));

template <typename T>
struct VectorOf;
template <>
struct VectorOf<float> {
  using Type = VectorF32;
};
template <>
struct VectorOf<double> {
  using Type = VectorF64;
};

inline VectorF32 splat(float x) { return VectorF32{} + x; }
inline VectorF64 splat(double x) { return VectorF64{} + x; }

template <typename Vector, typename T>
inline Vector load(const T *from) {
  Vector x;
  std::memcpy(&x, from, sizeof x);
  return x;
}
template <typename Vector, typename T>
inline void store(T *to, Vector x) {
  std::memcpy(to, &x, sizeof x);
}

// a * b + c. Without the FMA instruction the product is rounded.
inline VectorF32 fma(VectorF32 a, VectorF32 b, VectorF32 c) {
#if defined(__AVX512F__)
  return _mm512_fmadd_ps(a, b, c);
#elif defined(__FMA__)
  return _mm256_fmadd_ps(a, b, c);
#else
  return a * b + c;
#endif
}
inline VectorF64 fma(VectorF64 a, VectorF64 b, VectorF64 c) {
#if defined(__AVX512F__)
  return _mm512_fmadd_pd(a, b, c);
#elif defined(__FMA__)
  return _mm256_fmadd_pd(a, b, c);
#else
  return a * b + c;
#endif
}
inline VectorF32 fma(VectorF32 a, VectorF32 b, float c) { return fma(a, b, splat(c)); }
inline VectorF64 fma(VectorF64 a, VectorF64 b, double c) { return fma(a, b, splat(c)); }
inline VectorF32 fma(VectorF32 a, float b, VectorF32 c) { return fma(a, splat(b), c); }
inline VectorF64 fma(VectorF64 a, double b, VectorF64 c) { return fma(a, splat(b), c); }

inline VectorF32 absolute(VectorF32 x) { return (VectorF32)((VectorI32)x & 0x7fffffff); }
inline VectorF64 absolute(VectorF64 x) { return (VectorF64)((VectorI64)x & 0x7fffffffffffffff); }

inline VectorF32 square_root(VectorF32 x) {
#if defined(__AVX512F__)
  return _mm512_maskz_sqrt_ps((__mmask16)-1, x);
#elif defined(__AVX2__)
  return _mm256_sqrt_ps(x);
#else
  return _mm_sqrt_ps(x);
#endif
}
inline VectorF64 square_root(VectorF64 x) {
#if defined(__AVX512F__)
  return _mm512_maskz_sqrt_pd((__mmask8)-1, x);
#elif defined(__AVX2__)
  return _mm256_sqrt_pd(x);
#else
  return _mm_sqrt_pd(x);
#endif
}

// The smaller and the larger, NaN where x is NaN: one instruction, which GCC does not make of a comparison.
inline VectorF32 at_most(VectorF32 x, float limit) {
#if defined(__AVX512F__)
  return _mm512_maskz_min_ps((__mmask16)-1, splat(limit), x);
#elif defined(__AVX2__)
  return _mm256_min_ps(splat(limit), x);
#else
  return _mm_min_ps(splat(limit), x);
#endif
}
inline VectorF32 at_least(VectorF32 x, float limit) {
#if defined(__AVX512F__)
  return _mm512_maskz_max_ps((__mmask16)-1, splat(limit), x);
#elif defined(__AVX2__)
  return _mm256_max_ps(splat(limit), x);
#else
  return _mm_max_ps(splat(limit), x);
#endif
}

// Whether a lane is less than `limit`.
inline bool any_less(VectorF32 x, float limit) {
#if defined(__AVX512F__)
  return _mm512_cmp_ps_mask(x, splat(limit), _CMP_LT_OQ) != 0;
#elif defined(__AVX2__)
  return _mm256_movemask_ps((VectorF32)(x < limit)) != 0;
#else
  return _mm_movemask_ps((VectorF32)(x < limit)) != 0;
#endif
}
inline bool any_less(VectorF64 x, double limit) {
#if defined(__AVX512F__)
  return _mm512_cmp_pd_mask(x, splat(limit), _CMP_LT_OQ) != 0;
#elif defined(__AVX2__)
  return _mm256_movemask_pd((VectorF64)(x < limit)) != 0;
#else
  return _mm_movemask_pd((VectorF64)(x < limit)) != 0;
#endif
}

// magnitude >= 0
inline VectorF32 with_sign_of(VectorF32 magnitude, VectorF32 sign) {
  return (VectorF32)((VectorI32)magnitude | ((VectorI32)sign & (int32_t)0x80000000));
}
inline VectorF64 with_sign_of(VectorF64 magnitude, VectorF64 sign) {
  return (VectorF64)((VectorI64)magnitude | ((VectorI64)sign & (int64_t)0x8000000000000000));
}

// Adding and subtracting these rounds to an integer, which then stands in the sum's low bits.
constexpr float kRoundF32 = 12582912.0f;          // 1.5 * 2^23
constexpr double kRoundF64 = 6755399441055744.0;  // 1.5 * 2^52
constexpr int32_t kRoundBitsF32 = 0x4b400000;
constexpr int64_t kRoundBitsF64 = 0x4338000000000000;

// 2^n for an integral n within the exponents of normal numbers.
inline VectorF32 power_of_two(VectorF32 n) {
  return (VectorF32)(((VectorU32)(n + kRoundF32) - (uint32_t)(kRoundBitsF32 - 127)) << 23);
}
inline VectorF64 power_of_two(VectorF64 n) {
  return (VectorF64)(((VectorU64)(n + kRoundF64) - (uint64_t)(kRoundBitsF64 - 1023)) << 52);
}

// x * 2^n for an integral n, with overflow and gradual underflow.
inline VectorF32 scale(VectorF32 x, VectorF32 n) {
#if defined(__AVX512F__)
  return _mm512_maskz_scalef_ps((__mmask16)-1, x, n);  // the plain form warns in g++ 12
#else
  VectorF32 half = (n * 0.5f + kRoundF32) - kRoundF32;
  return x * power_of_two(half) * power_of_two(n - half);
#endif
}
inline VectorF64 scale(VectorF64 x, VectorF64 n) {
#if defined(__AVX512F__)
  return _mm512_maskz_scalef_pd((__mmask8)-1, x, n);
#else
  VectorF64 half = (n * 0.5 + kRoundF64) - kRoundF64;
  return x * power_of_two(half) * power_of_two(n - half);
#endif
}

}  // namespace
}  // namespace lockstep::LS_ISA
