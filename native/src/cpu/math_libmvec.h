// The rest of the vector functions: glibc's libmvec, or libm for each element where this glibc lacks the function.
// The symbols are weak, so the library also loads with an older glibc.
#pragma once

#include <cmath>

#include "cpu/math_vector.h"

#if defined(__AVX512F__)
#define LS_VECTOR_NAME_F32(shape, name) _ZGVeN16##shape##_##name##f
#define LS_VECTOR_NAME_F64(shape, name) _ZGVeN8##shape##_##name
#elif defined(__AVX2__)
#define LS_VECTOR_NAME_F32(shape, name) _ZGVdN8##shape##_##name##f
#define LS_VECTOR_NAME_F64(shape, name) _ZGVdN4##shape##_##name
#else
#define LS_VECTOR_NAME_F32(shape, name) _ZGVbN4##shape##_##name##f
#define LS_VECTOR_NAME_F64(shape, name) _ZGVbN2##shape##_##name
#endif

namespace lockstep::LS_ISA {
namespace {

template <typename T, typename Vector, typename Scalar>
Vector each(Vector x, Scalar scalar) {
  for (unsigned i = 0; i < sizeof(Vector) / sizeof(T); ++i) x[i] = scalar(x[i]);
  return x;
}
template <typename T, typename Vector, typename Scalar>
Vector each(Vector x, Vector y, Scalar scalar) {
  for (unsigned i = 0; i < sizeof(Vector) / sizeof(T); ++i) x[i] = scalar(x[i], y[i]);
  return x;
}

#define LS_LIBMVEC_UNARY(name)                                                         \
  extern "C" __attribute__((weak)) VectorF32 LS_VECTOR_NAME_F32(v, name)(VectorF32);   \
  extern "C" __attribute__((weak)) VectorF64 LS_VECTOR_NAME_F64(v, name)(VectorF64);   \
  inline VectorF32 vector_##name(VectorF32 x) {                                        \
    if (LS_VECTOR_NAME_F32(v, name) != nullptr) return LS_VECTOR_NAME_F32(v, name)(x); \
    return each<float>(x, [](float element) { return std::name(element); });           \
  }                                                                                    \
  inline VectorF64 vector_##name(VectorF64 x) {                                        \
    if (LS_VECTOR_NAME_F64(v, name) != nullptr) return LS_VECTOR_NAME_F64(v, name)(x); \
    return each<double>(x, [](double element) { return std::name(element); });         \
  }

#define LS_LIBMVEC_BINARY(name)                                                                  \
  extern "C" __attribute__((weak)) VectorF32 LS_VECTOR_NAME_F32(vv, name)(VectorF32, VectorF32); \
  extern "C" __attribute__((weak)) VectorF64 LS_VECTOR_NAME_F64(vv, name)(VectorF64, VectorF64); \
  inline VectorF32 vector_##name(VectorF32 x, VectorF32 y) {                                     \
    if (LS_VECTOR_NAME_F32(vv, name) != nullptr) return LS_VECTOR_NAME_F32(vv, name)(x, y);      \
    return each<float>(x, y, [](float a, float b) { return std::name(a, b); });                  \
  }                                                                                              \
  inline VectorF64 vector_##name(VectorF64 x, VectorF64 y) {                                     \
    if (LS_VECTOR_NAME_F64(vv, name) != nullptr) return LS_VECTOR_NAME_F64(vv, name)(x, y);      \
    return each<double>(x, y, [](double a, double b) { return std::name(a, b); });               \
  }

LS_LIBMVEC_UNARY(exp2)
LS_LIBMVEC_UNARY(log2)
LS_LIBMVEC_UNARY(log10)
LS_LIBMVEC_UNARY(sin)
LS_LIBMVEC_UNARY(cos)
LS_LIBMVEC_UNARY(tan)
LS_LIBMVEC_UNARY(asin)
LS_LIBMVEC_UNARY(acos)
LS_LIBMVEC_UNARY(atan)
LS_LIBMVEC_UNARY(sinh)
LS_LIBMVEC_UNARY(cosh)
LS_LIBMVEC_UNARY(asinh)
LS_LIBMVEC_UNARY(acosh)
LS_LIBMVEC_UNARY(atanh)
LS_LIBMVEC_UNARY(cbrt)
LS_LIBMVEC_UNARY(erf)
LS_LIBMVEC_UNARY(erfc)
LS_LIBMVEC_BINARY(pow)
LS_LIBMVEC_BINARY(atan2)
LS_LIBMVEC_BINARY(hypot)

#undef LS_LIBMVEC_UNARY
#undef LS_LIBMVEC_BINARY

}  // namespace
}  // namespace lockstep::LS_ISA
