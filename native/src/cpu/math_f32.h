// exp, expm1, tanh, sigmoid, log and log1p of f32 vectors: without slow paths, so exp(-inf) costs what exp(1) costs.
// At most 2.5 ULP; right at zeros, infinities, NaN and denormals.
#pragma once

#include "cpu/math_vector.h"

namespace lockstep::LS_ISA {
namespace {

struct ReducedF32 {
  VectorF32 n;        // x = n * ln 2 + r
  VectorF32 expm1_r;  // |r| <= ln 2 / 2
};

inline ReducedF32 reduce_exp(VectorF32 x) {
  VectorF32 n = fma(x, 1.44269504f, splat(kRoundF32)) - kRoundF32;
  VectorF32 r = fma(n, -0.693359375f, x);  // 9 bits: the product is exact
  r = fma(n, 2.12194440e-4f, r);
  VectorF32 q = fma(r, splat(1.98910307e-4f), 1.39336859e-3f);
  q = fma(q, r, 8.33331089e-3f);
  q = fma(q, r, 4.16664646e-2f);
  q = fma(q, r, 1.66666667e-1f);
  q = fma(q, r, 0.5f);
  return {n, fma(r * r, q, r)};
}

// x * 2^n for x in [1/2, 2) and an integral n from -150 to -126. Arithmetic with a denormal result takes a hundred
// times as long as other arithmetic, so this rounds the multiple of the smallest denormal, which is the result's bits.
inline VectorF32 scale_down(VectorF32 x, VectorF32 n) {
  VectorF32 multiple = x * power_of_two(n + 149.0f);
  multiple = multiple < 8388608.0f ? (multiple + 8388608.0f) - 8388608.0f : multiple;
  return (VectorF32) __builtin_convertvector(multiple, VectorI32);
}

inline VectorF32 vector_exp(VectorF32 x) {
  ReducedF32 reduced = reduce_exp(at_least(at_most(x, 89.0f), -104.0f));
  VectorF32 y = 1.0f + reduced.expm1_r;
  if (!any_less(reduced.n, -125.0f)) return scale(y, reduced.n);
  VectorI32 small = reduced.n < -125.0f;
  VectorF32 normal = scale(y, small ? splat(-125.0f) : reduced.n);
  return small ? scale_down(y, small ? reduced.n : splat(-126.0f)) : normal;
}

inline VectorF32 vector_expm1(VectorF32 x) {
  VectorF32 y = x > 89.0f ? splat(89.0f) : x;
  y = y < -18.0f ? splat(-18.0f) : y;
  ReducedF32 reduced = reduce_exp(y);
  // 2^n (e^r - 1) + 2^n - 1, halfway scaled because 2^128 is no f32.
  VectorF32 n2 = (reduced.n * 0.5f + kRoundF32) - kRoundF32;
  VectorF32 n1 = reduced.n - n2;
  VectorF32 half = fma(reduced.expm1_r, power_of_two(n1), power_of_two(n1) - power_of_two(-n2));
  y = half * power_of_two(n2);
  return x == 0.0f ? x : y;
}

inline VectorF32 vector_tanh(VectorF32 x) {
  ReducedF32 reduced = reduce_exp(at_most(2.0f * absolute(x), 20.0f));
  VectorF32 power = power_of_two(reduced.n);
  VectorF32 e = fma(reduced.expm1_r, power, power - 1.0f);
  return with_sign_of(absolute(e / (e + 2.0f)), x);
}

inline VectorF32 vector_sigmoid(VectorF32 x) {
  VectorF32 e = vector_exp(-absolute(x));
  return (x < 0.0f ? e : splat(1.0f)) / (1.0f + e);
}

// log(1 + f) - f for f in [sqrt(1/2) - 1, sqrt(2) - 1]; the polynomial is Cephes' logf.
inline VectorF32 log_tail(VectorF32 f) {
  VectorF32 z = f * f;
  VectorF32 p = fma(f, splat(7.0376836292e-2f), -1.1514610310e-1f);
  p = fma(p, f, 1.1676998740e-1f);
  p = fma(p, f, -1.2420140846e-1f);
  p = fma(p, f, 1.4249322787e-1f);
  p = fma(p, f, -1.6668057665e-1f);
  p = fma(p, f, 2.0000714765e-1f);
  p = fma(p, f, -2.4999993993e-1f);
  p = fma(p, f, 3.3333331174e-1f);
  return fma(p * f, z, z * -0.5f);
}

struct SplitF32 {
  VectorF32 exponent;  // x = 2^exponent * mantissa
  VectorF32 mantissa;  // in [sqrt(1/2), sqrt(2))
};

inline SplitF32 split(VectorF32 x) {
  VectorU32 bits = (VectorU32)x + (0x3f800000u - 0x3f3504f3u);
  VectorI32 exponent = ((VectorI32)bits >> 23) - 127;
  return {__builtin_convertvector(exponent, VectorF32), (VectorF32)((bits & 0x007fffffu) + 0x3f3504f3u)};
}

inline VectorF32 vector_log(VectorF32 x) {
  VectorI32 small = x < 1.17549435e-38f;
  SplitF32 parts = split(small ? x * 33554432.0f : x);
  VectorF32 n = small ? parts.exponent - 25.0f : parts.exponent;
  VectorF32 f = parts.mantissa - 1.0f;
  VectorF32 y = fma(n, 0.693359375f, f + fma(n, -2.12194440e-4f, log_tail(f)));
  y = x < __builtin_inff() ? y : x;  // inf and NaN
  y = x == 0.0f ? splat(-__builtin_inff()) : y;
  return x < 0.0f ? splat(__builtin_nanf("")) : y;
}

inline VectorF32 vector_log1p(VectorF32 x) {
  VectorF32 u = 1.0f + x;
  VectorF32 lost = x > 1.0f ? 1.0f - (u - x) : x - (u - 1.0f);  // 1 + x = u + lost, exactly
  SplitF32 parts = split(u);
  VectorI32 near = parts.exponent == 0.0f;
  VectorF32 f = near ? x : parts.mantissa - 1.0f;
  VectorF32 correction = near ? splat(0.0f) : lost / u;
  VectorF32 n = parts.exponent;
  VectorF32 y = fma(n, 0.693359375f, f + (fma(n, -2.12194440e-4f, log_tail(f)) + correction));
  y = x < __builtin_inff() ? y : x;
  y = x == -1.0f ? splat(-__builtin_inff()) : y;
  y = x == 0.0f ? x : y;
  return x < -1.0f ? splat(__builtin_nanf("")) : y;
}

}  // namespace
}  // namespace lockstep::LS_ISA
