// Transcendental functions, a vector at a time.
#include <cmath>
#include <limits>

#include "cpu/isa/loop_finders.h"
#include "cpu/isa/loop_vectors.h"
#include "cpu/math_erf_inv.h"
#include "cpu/math_f32.h"
#include "cpu/math_f64.h"
#include "cpu/math_libmvec.h"
#include "cpu/math_special.h"

namespace lockstep::LS_ISA {
namespace {

template <typename T>
void power_by_splat(void *out, const void *a, const void *b, const void *, int64_t n) {
  using Vector = typename VectorOf<T>::Type;
  T exponent = *static_cast<const T *>(b);
  if (exponent == T{0}) return map_vectors<T>(out, a, n, [](Vector) { return splat(T{1}); });
  if (exponent == T{1}) return map_vectors<T>(out, a, n, [](Vector x) { return x; });
  if (exponent == T{-1}) return map_vectors<T>(out, a, n, [](Vector x) { return T{1} / x; });
  if (exponent == T{2}) return map_vectors<T>(out, a, n, [](Vector x) { return x * x; });
  if (exponent == T{3}) return map_vectors<T>(out, a, n, [](Vector x) { return x * x * x; });
  if (exponent == T{4}) {
    return map_vectors<T>(out, a, n, [](Vector x) {
      Vector square = x * x;
      return square * square;
    });
  }
  if (exponent == T{0.5}) {
    return map_vectors<T>(out, a, n, [](Vector x) {
      Vector root = each<T>(x, [](T element) { return std::sqrt(element); }) + T{0};  // pow(-0, 0.5) = +0
      return x == -std::numeric_limits<T>::infinity() ? splat(std::numeric_limits<T>::infinity()) : root;
    });
  }
  return map_vectors<T>(out, a, n, [exponent](Vector x) { return vector_pow(x, splat(exponent)); });
}

template <typename T, double (*kFunction)(double)>
void scalar_kernel(void *out, const void *a, const void *, const void *, int64_t n) {
  const T *x = static_cast<const T *>(a);
  T *z = static_cast<T *>(out);
  for (int64_t i = 0; i < n; ++i) z[i] = static_cast<T>(kFunction(x[i]));
}

}  // namespace

#define LS_UNARY(op, function)                                                     \
  case LS_OP_##op:                                                                 \
    if (splat != 0) return nullptr;                                                \
    if (dtype == LS_F32) {                                                         \
      return [](void *out, const void *a, const void *, const void *, int64_t n) { \
        map_vectors<float>(out, a, n, [](VectorF32 x) { return function(x); });    \
      };                                                                           \
    }                                                                              \
    return [](void *out, const void *a, const void *, const void *, int64_t n) {   \
      map_vectors<double>(out, a, n, [](VectorF64 x) { return function(x); });     \
    };

#define LS_BINARY(op, function)                                                                    \
  case LS_OP_##op:                                                                                 \
    if (splat != 0) return nullptr;                                                                \
    if (dtype == LS_F32) {                                                                         \
      return [](void *out, const void *a, const void *b, const void *, int64_t n) {                \
        map_vectors<float>(out, a, b, n, [](VectorF32 x, VectorF32 y) { return function(x, y); }); \
      };                                                                                           \
    }                                                                                              \
    return [](void *out, const void *a, const void *b, const void *, int64_t n) {                  \
      map_vectors<double>(out, a, b, n, [](VectorF64 x, VectorF64 y) { return function(x, y); });  \
    };

#define LS_SCALAR(op, function)     \
  case LS_OP_##op:                  \
    if (splat != 0) return nullptr; \
    return dtype == LS_F32 ? scalar_kernel<float, function> : scalar_kernel<double, function>;

TileKernel find_math(int32_t op, int32_t dtype, unsigned splat) {
  if (dtype != LS_F32 && dtype != LS_F64) return nullptr;
  if (op == LS_OP_POW && splat == 2) return dtype == LS_F32 ? power_by_splat<float> : power_by_splat<double>;
  switch (op) {
    LS_UNARY(EXP, vector_exp)
    LS_UNARY(EXPM1, vector_expm1)
    LS_UNARY(LOG, vector_log)
    LS_UNARY(LOG1P, vector_log1p)
    LS_UNARY(SIGMOID, vector_sigmoid)
    LS_UNARY(TANH, vector_tanh)
    LS_UNARY(EXP2, vector_exp2)
    LS_UNARY(LOG2, vector_log2)
    LS_UNARY(LOG10, vector_log10)
    LS_UNARY(SIN, vector_sin)
    LS_UNARY(COS, vector_cos)
    LS_UNARY(TAN, vector_tan)
    LS_UNARY(ASIN, vector_asin)
    LS_UNARY(ACOS, vector_acos)
    LS_UNARY(ATAN, vector_atan)
    LS_UNARY(SINH, vector_sinh)
    LS_UNARY(COSH, vector_cosh)
    LS_UNARY(ASINH, vector_asinh)
    LS_UNARY(ACOSH, vector_acosh)
    LS_UNARY(ATANH, vector_atanh)
    LS_UNARY(CBRT, vector_cbrt)
    LS_UNARY(ERF, vector_erf)
    LS_UNARY(ERFC, vector_erfc)
    LS_UNARY(ERF_INV, vector_erf_inv)
    LS_BINARY(POW, vector_pow)
    LS_BINARY(ATAN2, vector_atan2)
    LS_BINARY(HYPOT, vector_hypot)
    LS_SCALAR(LGAMMA, log_gamma)
    LS_SCALAR(DIGAMMA, digamma)
    default:
      return nullptr;
  }
}

#undef LS_UNARY
#undef LS_BINARY
#undef LS_SCALAR

}  // namespace lockstep::LS_ISA
