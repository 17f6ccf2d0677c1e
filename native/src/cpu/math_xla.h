// Elementary functions that round as those of XLA's CPU compiler, which JAX's random numbers are made of: the same
// formulas, evaluated in the same order, with the same products fused into sums (read off the machine code that jaxlib
// 0.10.2 makes). Less exact than the functions of math_f32.h, math_f64.h and math_erf_inv.h; for draws only.
// Where the processor has no FMA instruction XLA cannot fuse either: there fma() rounds the product, and so does JAX.
#pragma once

#include <cmath>

#include "cpu/math_libmvec.h"
#include "cpu/math_vector.h"

namespace lockstep::LS_ISA {
namespace {

// Highest power first.
template <typename Vector, typename T, int kTerms>
inline Vector horner(const T (&coefficients)[kTerms], Vector x) {
  Vector sum = splat(coefficients[0]);
#pragma GCC unroll 32
  for (int i = 1; i < kTerms; ++i) sum = fma(sum, x, coefficients[i]);
  return sum;
}

// Eigen's plog: Cephes' logf with its polynomial in three parts. Denormals count as the smallest normal number.
inline VectorF32 xla_log(VectorF32 x) {
  VectorI32 bits = (VectorI32)(x > 1.17549435e-38f ? x : splat(1.17549435e-38f));
  VectorF32 exponent = __builtin_convertvector((VectorI32)((VectorU32)bits >> 23) - 126, VectorF32);
  VectorF32 mantissa = (VectorF32)((bits & 0x007fffff) | 0x3f000000);  // in [1/2, 1)
  VectorI32 low = mantissa < 0.707106781186547524f;
  VectorF32 e = low ? exponent - 1.0f : exponent;
  VectorF32 f = (mantissa - 1.0f) + (low ? mantissa : splat(0.0f));
  VectorF32 square = f * f;
  VectorF32 cube = square * f;
  VectorF32 high = fma(fma(f, splat(7.0376836292e-2f), -1.1514610310e-1f), f, 1.1676998740e-1f);
  VectorF32 middle = fma(fma(f, splat(-1.2420140846e-1f), 1.4249322787e-1f), f, -1.6668057665e-1f);
  VectorF32 least = fma(fma(f, splat(2.0000714765e-1f), -2.4999993993e-1f), f, 3.3333331174e-1f);
  VectorF32 p = fma(fma(high, cube, middle), cube, least);
  VectorF32 tail = fma(p, cube, e * -2.12194440e-4f);
  VectorF32 y = fma(e, 0.693359375f, fma(square, -0.5f, f) + tail);
  y = x < __builtin_inff() ? y : x;  // inf and NaN
  y = x == 0.0f ? splat(-__builtin_inff()) : y;
  return x < 0.0f ? splat(__builtin_nanf("")) : y;
}

// XLA calls the C library's.
inline VectorF64 xla_log(VectorF64 x) {
  return each<double>(x, [](double element) { return std::log(element); });
}
inline VectorF32 xla_tan(VectorF32 x) {
  return each<float>(x, [](float element) { return std::tan(element); });
}
inline VectorF64 xla_tan(VectorF64 x) {
  return each<double>(x, [](double element) { return std::tan(element); });
}
inline VectorF64 xla_erf(VectorF64 x) {
  return each<double>(x, [](double element) { return std::erf(element); });
}
// Of positive numbers; 0 where the result would be denormal, with which XLA does not compute.
inline VectorF32 xla_pow(VectorF32 x, VectorF32 y) {
  VectorF32 power = each<float>(x, y, [](float a, float b) { return std::pow(a, b); });
  return power < 1.17549435e-38f ? splat(0.0f) : power;
}
inline VectorF64 xla_pow(VectorF64 x, VectorF64 y) {
  VectorF64 power = each<double>(x, y, [](double a, double b) { return std::pow(a, b); });
  return power < 2.2250738585072014e-308 ? splat(0.0) : power;
}

// For |x| < 2^22 (f32) and 2^51 (f64).
inline VectorF32 floor_of(VectorF32 x) {
  VectorF32 nearest = (x + kRoundF32) - kRoundF32;
  return nearest > x ? nearest - 1.0f : nearest;
}
inline VectorF64 floor_of(VectorF64 x) {
  VectorF64 nearest = (x + kRoundF64) - kRoundF64;
  return nearest > x ? nearest - 1.0 : nearest;
}

// Cephes' expf, without overflow to infinity; 0 where the result would be denormal.
inline VectorF32 xla_exp(VectorF32 x) {
  VectorF32 bounded = at_most(at_least(x, -87.8f), 88.8f);
  VectorF32 n = at_most(at_least(floor_of(fma(bounded, 1.44269504f, splat(0.5f))), -127.0f), 127.0f);
  VectorF32 r = fma(n, -0.693359375f, bounded);
  r = fma(n, 2.12194440e-4f, r);
  VectorF32 p = fma(r, splat(1.9875691500e-4f), 1.3981999507e-3f);
  p = fma(p, r, 8.3334519073e-3f);
  p = fma(p, r, 4.1665795894e-2f);
  p = fma(p, r, 1.6666665459e-1f);
  p = fma(p, r, 0.5f);
  VectorF32 y = (fma(p, r * r, r) + 1.0f) * power_of_two(n);
  return y < 1.17549435e-38f ? splat(0.0f) : y;
}

// Cephes' exp, 0 where the result would be denormal.
inline VectorF64 xla_exp(VectorF64 x) {
  constexpr double kLowest = -708.39641853226408;
  constexpr double kHighest = 709.78271289338397;
  VectorF64 bounded = x < kHighest ? x : splat(kHighest);
  bounded = bounded > kLowest ? bounded : splat(kLowest);
  VectorF64 n = floor_of(fma(bounded, 1.4426950408889634074, splat(0.5)));
  VectorF64 r = fma(n, -6.93145751953125e-1, bounded);
  r = fma(n, -1.42860682030941723212e-6, r);
  VectorF64 square = r * r;
  VectorF64 p = fma(square, splat(1.26177193074810590878e-4), 3.02994407707441961300e-2);
  p = fma(p, square, 1.0) * r;
  VectorF64 q = fma(square, splat(3.00198505138664455042e-6), 2.52448340349684104192e-3);
  q = fma(q, square, 2.27265548208155028766e-1);
  q = fma(q, square, 2.0);
  VectorF64 y = scale(fma(p / (q - p), splat(2.0), splat(1.0)), n);
  y = x > kHighest ? splat(__builtin_inf()) : y;
  y = x < kLowest ? splat(0.0) : y;
  return x == x ? y : x;
}

constexpr double kLog1pNumerator[] = {
    4.5270000862445199635215e-5, 4.9854102823193375972212e-1, 6.5787325942061044846969e0, 2.9911919328553073277375e1,
    6.0949667980987787057556e1,  5.7112963590585538103336e1,  2.0039553499201281259648e1};
constexpr double kLog1pDenominator[] = {1.0,
                                        1.5062909083469192043167e1,
                                        8.3047565967967209469434e1,
                                        2.2176239823732856465394e2,
                                        3.0909872225312059774938e2,
                                        2.1642788614495947685003e2,
                                        6.0118660497603843919306e1};
constexpr double kLog1pRational = 0.41421356237309503;  // sqrt(2) - 1

// Cephes' log1p, with its coefficients rounded to f32 there.
template <typename T, typename Vector>
inline Vector log1p_near_zero(Vector x) {
  Vector numerator = splat(static_cast<T>(kLog1pNumerator[0]));
  Vector denominator = splat(T{1});
#pragma GCC unroll 8
  for (int i = 1; i < 7; ++i) {
    numerator = fma(numerator, x, static_cast<T>(kLog1pNumerator[i]));
    denominator = fma(denominator, x, static_cast<T>(kLog1pDenominator[i]));
  }
  Vector square = x * x;
  return x + fma(square, T{-0.5}, (x * square) * (numerator / denominator));
}

// XLA's blend of the two, for which nearly every vector needs only one in f64, where the logarithm is slow.
inline VectorF32 xla_log1p(VectorF32 x) {
  VectorF32 near = log1p_near_zero<float>(x);
  return absolute(x) < static_cast<float>(kLog1pRational) ? near : xla_log(1.0f + x);
}
inline VectorF64 xla_log1p(VectorF64 x) {
  VectorF64 y = log1p_near_zero<double>(x);
  for (unsigned i = 0; i < sizeof y / sizeof(double); ++i) {
    if (!(std::fabs(x[i]) < kLog1pRational)) y[i] = std::log(1.0 + x[i]);
  }
  return y;
}

// Giles, "Approximating the erfinv function" (2010).
constexpr float kGilesCentreF32[] = {2.81022636e-08f,  3.43273939e-07f, -3.5233877e-06f,
                                     -4.39150654e-06f, 0.00021858087f,  -0.00125372503f,
                                     -0.00417768164f,  0.246640727f,    1.50140941f};
constexpr float kGilesTailF32[] = {-0.000200214257f, 0.000100950558f, 0.00134934322f, -0.00367342844f, 0.00573950773f,
                                   -0.0076224613f,   0.00943887047f,  1.00167406f,    2.83297682f};
constexpr double kGilesCentreF64[] = {
    -3.6444120640178196996e-21, -1.685059138182016589e-19,  1.2858480715256400167e-18,  1.115787767802518096e-17,
    -1.333171662854620906e-16,  2.0972767875968561637e-17,  6.6376381343583238325e-15,  -4.0545662729752068639e-14,
    -8.1519341976054721522e-14, 2.6335093153082322977e-12,  -1.2975133253453532498e-11, -5.4154120542946279317e-11,
    1.051212273321532285e-09,   -4.1126339803469836976e-09, -2.9070369957882005086e-08, 4.2347877827932403518e-07,
    -1.3654692000834678645e-06, -1.3882523362786468719e-05, 0.0001867342080340571352,   -0.00074070253416626697512,
    -0.0060336708714301490533,  0.24015818242558961693,     1.6536545626831027356};
constexpr double kGilesMiddleF64[] = {
    2.2137376921775787049e-09,  9.0756561938885390979e-08, -2.7517406297064545428e-07, 1.8239629214389227755e-08,
    1.5027403968909827627e-06,  -4.013867526981545969e-06, 2.9234449089955446044e-06,  1.2475304481671778723e-05,
    -4.7318229009055733981e-05, 6.8284851459573175448e-05, 2.4031110387097893999e-05,  -0.0003550375203628474796,
    0.00095328937973738049703,  -0.0016882755560235047313, 0.0024914420961078508066,   -0.0037512085075692412107,
    0.005370914553590063617,    1.0052589676941592334,     3.0838856104922207635};
constexpr double kGilesTailF64[] = {-2.7109920616438573243e-11, -2.5556418169965252055e-10, 1.5076572693500548083e-09,
                                    -3.7894654401267369937e-09, 7.6157012080783393804e-09,  -1.4960026627149240478e-08,
                                    2.9147953450901080826e-08,  -6.7711997758452339498e-08, 2.2900482228026654717e-07,
                                    -9.9298272942317002539e-07, 4.5260625972231537039e-06,  -1.9681778105531670567e-05,
                                    7.5995277030017761139e-05,  -0.00021503011930044477347, -0.00013871931833623122026,
                                    1.0103004648645343977,      4.8499064014085844221};

inline VectorF32 xla_erf_inv(VectorF32 x) {
  VectorF32 minus_w = xla_log1p(x * -x);
  VectorF32 p = horner(kGilesCentreF32, -2.5f - minus_w);
  if (any_less(minus_w, -4.9999995f)) {
    p = minus_w > -5.0f ? p : horner(kGilesTailF32, square_root(-minus_w) - 3.0f);
  }
  return x * (absolute(x) == 1.0f ? splat(__builtin_inff()) : p);
}

inline VectorF64 xla_erf_inv(VectorF64 x) {
  VectorF64 minus_w = xla_log1p(x * -x);
  VectorF64 p = horner(kGilesCentreF64, -3.125 - minus_w);
  if (any_less(minus_w, -6.2499999)) {
    VectorF64 root = square_root(-minus_w);
    VectorF64 tail = minus_w > -16.0 ? horner(kGilesMiddleF64, root - 3.25) : horner(kGilesTailF64, root - 5.0);
    p = minus_w > -6.25 ? p : tail;
  }
  return x * (absolute(x) == 1.0 ? splat(__builtin_inf()) : p);
}

// Eigen's perf: odd over even, 1 from where erf rounds to it.
inline VectorF32 xla_erf(VectorF32 x) {
  constexpr float kNumerator[] = {0.000229050653f, 0.00340829091f, 0.0509556942f, 0.185208321f, 1.12837911f};
  constexpr float kDenominator[] = {
      -1.17916031e-07f, 2.35479656e-05f, 0.00101796258f, 0.0140704699f, 0.110985048f, 0.497469246f, 1.0f};
  VectorF32 square = x * x;
  VectorF32 y = (x * horner(kNumerator, square)) / horner(kDenominator, square);
  return absolute(x) >= 3.8325069f ? with_sign_of(splat(1.0f), x) : y;
}

}  // namespace
}  // namespace lockstep::LS_ISA
