// The functions of math_xla.h over tiles, and multiplication fused with addition.
#include <cmath>

#include "cpu/isa/loop_finders.h"
#include "cpu/isa/loop_map.h"
#include "cpu/isa/loop_vectors.h"
#include "cpu/math_xla.h"

namespace lockstep::LS_ISA {
namespace {

struct FusedMultiplyAdd {
  template <typename T>
  static T apply(T a, T b, T c) {
#if defined(__FMA__)
    return std::fma(a, b, c);
#else
    return a * b + c;
#endif
  }
};

template <typename T>
TileKernel fused_multiply_add(unsigned splat) {
  switch (splat) {
    case 0:
      return ternary_kernel<FusedMultiplyAdd, T, T, 0>;
    case 2:
      return ternary_kernel<FusedMultiplyAdd, T, T, 2>;
    case 4:
      return ternary_kernel<FusedMultiplyAdd, T, T, 4>;
    case 6:
      return ternary_kernel<FusedMultiplyAdd, T, T, 6>;
    default:
      return nullptr;
  }
}

}  // namespace

#define LS_DRAW(op, function)                                                      \
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

TileKernel find_draw(int32_t op, int32_t dtype, unsigned splat) {
  if (dtype != LS_F32 && dtype != LS_F64) return nullptr;
  switch (op) {
    case LS_OP_FUSED_MULTIPLY_ADD:
      return dtype == LS_F32 ? fused_multiply_add<float>(splat) : fused_multiply_add<double>(splat);
    case LS_OP_XLA_POW:
      if (splat != 0) return nullptr;
      if (dtype == LS_F32) {
        return [](void *out, const void *a, const void *b, const void *, int64_t n) {
          map_vectors<float>(out, a, b, n, [](VectorF32 x, VectorF32 y) { return xla_pow(x, y); });
        };
      }
      return [](void *out, const void *a, const void *b, const void *, int64_t n) {
        map_vectors<double>(out, a, b, n, [](VectorF64 x, VectorF64 y) { return xla_pow(x, y); });
      };
      LS_DRAW(XLA_EXP, xla_exp)
      LS_DRAW(XLA_LOG, xla_log)
      LS_DRAW(XLA_LOG1P, xla_log1p)
      LS_DRAW(XLA_TAN, xla_tan)
      LS_DRAW(XLA_ERF, xla_erf)
      LS_DRAW(XLA_ERF_INV, xla_erf_inv)
    default:
      return nullptr;
  }
}

#undef LS_DRAW

}  // namespace lockstep::LS_ISA
