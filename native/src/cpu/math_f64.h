// exp, expm1, tanh, sigmoid, log and log1p of f64 vectors: without slow paths, so exp(-inf) costs what exp(1) costs.
// At most 2.5 ULP; right at zeros, infinities, NaN and denormals.
#pragma once

#include "cpu/math_vector.h"

namespace lockstep::LS_ISA {
namespace {

struct ReducedF64 {
  VectorF64 n;        // x = n * ln 2 + r
  VectorF64 expm1_r;  // |r| <= ln 2 / 2
};

inline ReducedF64 reduce_exp(VectorF64 x) {
  VectorF64 n = fma(x, 1.4426950408889634074, splat(kRoundF64)) - kRoundF64;
  VectorF64 r = fma(n, -6.93147180369123816490e-1, x);  // 33 bits: the product is exact
  r = fma(n, -1.90821492927058770002e-10, r);
  VectorF64 r2 = r * r;
  VectorF64 r4 = r2 * r2;
  VectorF64 q01 = fma(r, splat(0.16666666666666671), 0.5);
  VectorF64 q23 = fma(r, splat(8.3333333333261121e-3), 4.166666666666667e-2);
  VectorF64 q45 = fma(r, splat(1.9841269874901259e-4), 1.3888888888883732e-3);
  VectorF64 q67 = fma(r, splat(2.7557255297969644e-6), 2.4801587325605323e-5);
  VectorF64 q89 = fma(r, splat(2.5105259538448493e-8), 2.755727357010214e-7);
  q89 = fma(r2, 2.0914717341716376e-9, q89);
  VectorF64 high = fma(r4, q89, fma(r2, q67, q45));
  VectorF64 q = fma(r4, high, fma(r2, q23, q01));
  return {n, fma(r2, q, r)};
}

// x * 2^n for x in [1/2, 2) and an integral n from -1076 to -1022, without slow arithmetic: see math_f32.h.
inline VectorF64 scale_down(VectorF64 x, VectorF64 n) {
  constexpr double kIntegers = 4503599627370496.0;  // 2^52
  VectorF64 multiple = x * power_of_two(n + 1074.0);
  multiple = multiple < kIntegers ? (multiple + kIntegers) - kIntegers : multiple;
  return (VectorF64) __builtin_convertvector(multiple, VectorI64);
}

inline VectorF64 vector_exp(VectorF64 x) {
  x = x > 710.0 ? splat(710.0) : x;
  x = x < -746.0 ? splat(-746.0) : x;
  ReducedF64 reduced = reduce_exp(x);
  VectorF64 y = 1.0 + reduced.expm1_r;
  if (!any_less(reduced.n, -1021.0)) return scale(y, reduced.n);
  VectorI64 small = reduced.n < -1021.0;
  VectorF64 normal = scale(y, small ? splat(-1021.0) : reduced.n);
  return small ? scale_down(y, small ? reduced.n : splat(-1022.0)) : normal;
}

inline VectorF64 vector_expm1(VectorF64 x) {
  VectorF64 y = x > 710.0 ? splat(710.0) : x;
  y = y < -38.0 ? splat(-38.0) : y;
  ReducedF64 reduced = reduce_exp(y);
  // 2^n (e^r - 1) + 2^n - 1, halfway scaled because 2^1024 is no f64.
  VectorF64 n2 = (reduced.n * 0.5 + kRoundF64) - kRoundF64;
  VectorF64 n1 = reduced.n - n2;
  VectorF64 half = fma(reduced.expm1_r, power_of_two(n1), power_of_two(n1) - power_of_two(-n2));
  y = half * power_of_two(n2);
  return x == 0.0 ? x : y;
}

inline VectorF64 vector_tanh(VectorF64 x) {
  VectorF64 twice = 2.0 * absolute(x);
  twice = twice > 40.0 ? splat(40.0) : twice;
  ReducedF64 reduced = reduce_exp(twice);
  VectorF64 power = power_of_two(reduced.n);
  VectorF64 e = fma(reduced.expm1_r, power, power - 1.0);
  return with_sign_of(absolute(e / (e + 2.0)), x);
}

inline VectorF64 vector_sigmoid(VectorF64 x) {
  VectorF64 e = vector_exp(-absolute(x));
  return (x < 0.0 ? e : splat(1.0)) / (1.0 + e);
}

struct SplitF64 {
  VectorF64 exponent;  // x = 2^exponent * mantissa
  VectorF64 mantissa;  // in [sqrt(1/2), sqrt(2))
};

inline SplitF64 split(VectorF64 x) {
  constexpr uint64_t kRootHalf = 0x3fe6a09e667f3bcd;
  VectorU64 bits = (VectorU64)x + (0x3ff0000000000000u - kRootHalf);
  VectorF64 rounded = (VectorF64)((bits >> 52) + (uint64_t)(kRoundBitsF64 - 1023));
  return {rounded - kRoundF64, (VectorF64)((bits & 0x000fffffffffffffu) + kRootHalf)};
}

// n * ln 2 + log(1 + f) + correction, by the series of FreeBSD's e_log.c.
inline VectorF64 log_sum(VectorF64 n, VectorF64 f, VectorF64 correction) {
  VectorF64 s = f / (2.0 + f);
  VectorF64 z = s * s;
  VectorF64 w = z * z;
  VectorF64 even = w * fma(w, fma(w, splat(1.531383769920937332e-1), 2.222219843214978396e-1), 3.999999999940941908e-1);
  VectorF64 odd = fma(w, splat(1.479819860511658591e-1), 1.818357216161805012e-1);
  odd = z * fma(w, fma(w, odd, 2.857142874366239149e-1), 6.666666666666735130e-1);
  VectorF64 half_square = 0.5 * f * f;
  VectorF64 low = fma(s, half_square + (even + odd), fma(n, 1.90821492927058770002e-10, correction));
  return fma(n, 6.93147180369123816490e-1, f - (half_square - low));
}

inline VectorF64 vector_log(VectorF64 x) {
  VectorI64 small = x < 2.2250738585072014e-308;
  SplitF64 parts = split(small ? x * 18014398509481984.0 : x);
  VectorF64 n = small ? parts.exponent - 54.0 : parts.exponent;
  VectorF64 y = log_sum(n, parts.mantissa - 1.0, splat(0.0));
  y = x < __builtin_inf() ? y : x;  // inf and NaN
  y = x == 0.0 ? splat(-__builtin_inf()) : y;
  return x < 0.0 ? splat(__builtin_nan("")) : y;
}

inline VectorF64 vector_log1p(VectorF64 x) {
  VectorF64 u = 1.0 + x;
  VectorF64 lost = x > 1.0 ? 1.0 - (u - x) : x - (u - 1.0);  // 1 + x = u + lost, exactly
  SplitF64 parts = split(u);
  VectorI64 near = parts.exponent == 0.0;
  VectorF64 f = near ? x : parts.mantissa - 1.0;
  VectorF64 correction = near ? splat(0.0) : lost / u;
  VectorF64 y = log_sum(parts.exponent, f, correction);
  y = x < __builtin_inf() ? y : x;
  y = x == -1.0 ? splat(-__builtin_inf()) : y;
  y = x == 0.0 ? x : y;
  return x < -1.0 ? splat(__builtin_nan("")) : y;
}

}  // namespace
}  // namespace lockstep::LS_ISA
