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

// Wichura, "Algorithm AS 241: The Percentage Points of the Normal Distribution" (1988), PPND16: about 1e-16 relative.
// The quantile at (1 + x) / 2, x in [0, 1).
double normal_quantile(double x, double one_minus_x) {
  static const double a[] = {3.3871328727963666080e0,  1.3314166789178437745e+2, 1.9715909503065514427e+3,
                             1.3731693765509461125e+4, 4.5921953931549871457e+4, 6.7265770927008700853e+4,
                             3.3430575583588128105e+4, 2.5090809287301226727e+3};
  static const double b[] = {1.0,
                             4.2313330701600911252e+1,
                             6.8718700749205790830e+2,
                             5.3941960214247511077e+3,
                             2.1213794301586595867e+4,
                             3.9307895800092710610e+4,
                             2.8729085735721942674e+4,
                             5.2264952788528545610e+3};
  static const double c[] = {1.42343711074968357734e0,  4.63033784615654529590e0, 5.76949722146069140550e0,
                             3.64784832476320460504e0,  1.27045825245236838258e0, 2.41780725177450611770e-1,
                             2.27238449892691845833e-2, 7.74545014278341407640e-4};
  static const double d[] = {1.0,
                             2.05319162663775882187e0,
                             1.67638483018380384940e0,
                             6.89767334985100004550e-1,
                             1.48103976427480074590e-1,
                             1.51986665636164571966e-2,
                             5.47593808499534494600e-4,
                             1.05075007164441684324e-9};
  static const double e[] = {6.65790464350110377720e0,  5.46378491116411436990e0,  1.78482653991729133580e0,
                             2.96560571828504891230e-1, 2.65321895265761230930e-2, 1.24266094738807843860e-3,
                             2.71155556874348757815e-5, 2.01033439929228813265e-7};
  static const double f[] = {1.0,
                             5.99832206555887937690e-1,
                             1.36929880922735805310e-1,
                             1.48753612908506148525e-2,
                             7.86869131145613259100e-4,
                             1.84631831751005468180e-5,
                             1.42151175831644588870e-7,
                             2.04426310338993978564e-15};
  double q = 0.5 * x;
  if (q <= 0.425) {
    double r = 0.180625 - q * q;
    return q * polynomial(a, r) / polynomial(b, r);
  }
  double r = std::sqrt(-std::log(0.5 * one_minus_x));
  if (r <= 5.0) return polynomial(c, r - 1.6) / polynomial(d, r - 1.6);
  return polynomial(e, r - 5.0) / polynomial(f, r - 5.0);
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

double inverse_erf(double x) {
  double magnitude = std::fabs(x);
  if (!(magnitude < 1.0)) {
    if (magnitude == 1.0) return std::copysign(std::numeric_limits<double>::infinity(), x);
    return std::numeric_limits<double>::quiet_NaN();
  }
  if (magnitude < 1e-9) return x * 0.88622692545275801365;  // sqrt(pi) / 2
  double one_minus = 1.0 - magnitude;
  double y = normal_quantile(magnitude, one_minus) * M_SQRT1_2;
  // One Newton step on erf or, where that is flat, on erfc, which libm gives with a larger error.
  double slope = M_2_SQRTPI * std::exp(-y * y);
  double excess = magnitude < 0.85 ? std::erf(y) - magnitude : one_minus - std::erfc(y);
  return std::copysign(y - excess / slope, x);
}

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
