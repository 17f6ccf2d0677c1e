// The inverse of erf: x * p(w) with w = -log(1 - x^2), as in Giles, "Approximating the erfinv function" (2010). The
// polynomials interpolate erf_inv(x) / x at Chebyshev nodes, in w where it is small and in its square root beyond.
// At most 4 ULP. Vectors without an element in a tail, nearly all of uniform ones, skip it.
#pragma once

#include "cpu/math_f32.h"
#include "cpu/math_f64.h"

namespace lockstep::LS_ISA {
namespace {

// Lowest power first.
constexpr float kErfInvCentreF32[] = {1.50140941f,     0.246640295f,     -0.00417738967f,  -0.00125274842f,
                                      0.000218346919f, -4.95974336e-06f, -3.46335628e-06f, 4.65428741e-07f,
                                      2.32858444e-08f, -8.73983108e-09f};
constexpr float kErfInvTailF32[] = {2.83297682f,     1.00167477f,     0.00944353454f, -0.00763508445f,
                                    0.00570074283f,  -0.00360916648f, 0.00145070103f, -2.98696068e-05f,
                                    -0.00028256388f, 9.38914454e-05f};
constexpr double kErfInvCentreF64[] = {
    1.6536545626831027,      0.24015818242558834,     -0.0060336708714269095,  -0.0007407025341546578,
    0.00018673420802009586,  -1.3882523393917665e-05, -1.3654691764211118e-06, 4.234788167730206e-07,
    -2.9070390740200636e-08, -4.1126604035e-09,       1.05122306525701e-09,    -5.41430468781568e-11,
    -1.2978690256166913e-11, 2.6305305874006014e-12,  -8.074724172145623e-14,  -4.002068934213134e-14,
    6.525872092415819e-15,   -3.932671617578041e-17,  -1.2264269693332274e-16, 1.5505400643093398e-17,
    6.405592680264486e-19,   -3.4712802607396713e-19, 1.8701751863784514e-20,  3.1901134527990834e-21,
    -3.372612894528108e-22};
constexpr double kErfInvMiddleF64[] = {3.0838856104922208,      1.0052589676941655,      0.0053709145535551514,
                                       -0.0037512085082244146,  0.0024914420979507217,   -0.0016882755354611322,
                                       0.0009532893417111544,   -0.00035503781358956014, 2.403151143807208e-05,
                                       6.828711576812242e-05,   -4.7320671760996954e-05, 1.2465035976208525e-05,
                                       2.9325446898833847e-06,  -3.985728000363407e-06,  1.4816768141335499e-06,
                                       -2.7580225709874628e-08, -2.4560956741484445e-07, 1.3155304171328947e-07,
                                       -2.0827983364607235e-08, -1.5292600249303457e-08, 7.651749271434233e-09};
constexpr double kErfInvTailF64[] = {
    4.849906401408584,      1.0103004648645455,      -0.00013871931837395316, -0.0002150301198329112,
    7.599527793077181e-05,  -1.9681770639678882e-05, 4.52605422933899e-06,    -9.93029709808964e-07,
    2.2904410219204293e-07, -6.755526610449637e-08,  2.9043618725354632e-08,  -1.5256582057906635e-08,
    7.77950963852026e-09,   -3.469934399356594e-09,  1.356964054738056e-09,   -4.382314267282748e-10,
    4.799283668428262e-11,  4.299663628868431e-11,   -1.5658481801237352e-11};

template <typename Vector, typename T, int kTerms>
inline Vector polynomial(const T (&coefficients)[kTerms], Vector x) {
  Vector sum = splat(coefficients[kTerms - 1]);
#pragma GCC unroll 32
  for (int i = kTerms - 2; i >= 0; --i) sum = fma(sum, x, coefficients[i]);
  return sum;
}

inline VectorF32 vector_erf_inv(VectorF32 x) {
  VectorF32 minus_w = vector_log((1.0f - x) * (1.0f + x));
  VectorF32 w = -minus_w;
  VectorF32 p = polynomial(kErfInvCentreF32, w - 2.5f);
  if (any_less(minus_w, -5.0f)) p = w > 5.0f ? polynomial(kErfInvTailF32, square_root(w) - 3.0f) : p;
  return absolute(x) == 1.0f ? x * __builtin_inff() : x * p;
}

inline VectorF64 vector_erf_inv(VectorF64 x) {
  VectorF64 minus_w = vector_log((1.0 - x) * (1.0 + x));
  VectorF64 w = -minus_w;
  VectorF64 p = polynomial(kErfInvCentreF64, w - 3.125);
  if (any_less(minus_w, -6.25)) {
    VectorF64 root = square_root(w);
    p = w > 6.25 ? polynomial(kErfInvMiddleF64, root - 3.25) : p;
    if (any_less(minus_w, -16.0)) p = w > 16.0 ? polynomial(kErfInvTailF64, root - 5.0) : p;
  }
  return absolute(x) == 1.0 ? x * __builtin_inf() : x * p;
}

}  // namespace
}  // namespace lockstep::LS_ISA
