#include "cpu/math_special.h"

#include <cmath>
#include <limits>

namespace lockstep {
namespace {

// c[0] + c[1] x + c[2] x^2 + ...
template <int kTerms>
double polynomial(const double (&c)[kTerms], double x) {
  double sum = c[kTerms - 1];
  for (int i = kTerms - 2; i >= 0; --i) sum = sum * x + c[i];
  return sum;
}

// tan(pi x) with exact reduction
double tan_pi(double x) {
  x -= std::nearbyint(x);
  return std::tan(M_PI * x);
}

// x >= 10
double digamma_asymptotic(double x) {
  static const double bernoulli[] = {1.0 / 12,  -1.0 / 120,     1.0 / 252, -1.0 / 240,
                                     1.0 / 132, -691.0 / 32760, 1.0 / 12,  -3617.0 / 8160};
  double square = 1.0 / (x * x);
  return std::log(x) - 0.5 / x - square * polynomial(bernoulli, square);
}

// x in [1, 2]: (x - root) (Y + P / Q), from Boost.Math's digamma (J. Maddock), which splits the root 1.4616... in
// three.
double digamma_near_root(double x) {
  static const double p[] = {0.25479851061131551526, -0.32555031186804491,  -0.65031853770896507,
                             -0.28919126444774784,   -0.045251321448739056, -0.0020713321167745952};
  static const double q[] = {1.0,
                             2.0767117023730469,
                             1.4606242909763515,
                             0.43593529692665969,
                             0.054151797245674225,
                             0.0021284987017821144,
                             -0.55789841321675513e-6};
  double distance = x - 1569415565.0 / 1073741824.0;
  distance -= (381566830.0 / 1073741824.0) / 1073741824.0;
  distance -= 0.9016312093258695918615325266959189453125e-19;
  double r = polynomial(p, x - 1.0) / polynomial(q, x - 1.0);
  return distance * 0.99558162689208984 + distance * r;
}

}  // namespace

double log_gamma(double x) {
  int sign;
  return lgamma_r(x, &sign);
}

double digamma(double x) {
  if (x <= 0.0) {
    if (x == std::nearbyint(x)) return std::numeric_limits<double>::quiet_NaN();
    return digamma(1.0 - x) - M_PI / tan_pi(x);
  }
  if (!(x <= std::numeric_limits<double>::max())) return x;
  if (x >= 10.0) return digamma_asymptotic(x);
  double sum = 0.0;
  while (x > 2.0) {
    x -= 1.0;
    sum += 1.0 / x;
  }
  if (x < 1.0) {
    sum -= 1.0 / x;
    x += 1.0;
  }
  return sum + digamma_near_root(x);
}

}  // namespace lockstep
