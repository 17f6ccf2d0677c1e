// Elements as they stand in memory, and the vectors that are computed with: bf16 is computed with as f32.
#pragma once

#include <type_traits>

#include "cpu/isa/matmul_simd.h"
#include "cpu/math_bf16.h"

namespace lockstep::LS_ISA {
namespace {

template <typename E>
using Computed = std::conditional_t<std::is_same_v<E, BFloat16>, float, E>;

// Loads and stores as many elements of E as a vector of Computed<E> has lanes, or the first ones of a mask.
template <typename E>
struct Stored {
  using S = Simd<E>;
  using Vector = typename S::Vector;
  using Mask = typename S::Mask;

  static E computed(E x) { return x; }
  static E stored(E x) { return x; }
  static Vector load(const E *from) { return S::load(from); }
  static Vector load(const E *from, Mask mask) { return S::load(from, mask); }
  static void store(E *to, Vector x) { S::store(to, x); }
  static void store(E *to, Vector x, Mask mask) { S::store(to, x, mask); }
};

template <>
struct Stored<BFloat16> {
  using S = Simd<float>;
  using Vector = S::Vector;
  using Mask = S::Mask;

  static float computed(BFloat16 x) { return widened(x); }
  static BFloat16 stored(float x) { return narrowed(x); }

  static Vector load(const BFloat16 *from) { return widened_vector(lockstep::LS_ISA::load<Halves>(from)); }
  static void store(BFloat16 *to, Vector x) { lockstep::LS_ISA::store(to, narrowed_vector(x)); }

#if defined(__AVX512F__)
  static Vector load(const BFloat16 *from, Mask mask) {
    return widened_vector((Halves)_mm256_maskz_loadu_epi16(static_cast<__mmask16>(mask), from));
  }
  static void store(BFloat16 *to, Vector x, Mask mask) {
    _mm256_mask_storeu_epi16(to, static_cast<__mmask16>(mask), (__m256i)narrowed_vector(x));
  }
#else
  static Vector load(const BFloat16 *from, Mask mask) {
    Vector x = {};
    for (int lane = 0; lane < S::kLanes; ++lane) {
      if (has(mask, lane)) x[lane] = widened(from[lane]);
    }
    return x;
  }
  static void store(BFloat16 *to, Vector x, Mask mask) {
    for (int lane = 0; lane < S::kLanes; ++lane) {
      if (has(mask, lane)) to[lane] = narrowed(x[lane]);
    }
  }
#endif

 private:
  typedef uint16_t Halves __attribute__((vector_size(kVectorBytes / 2)));

  static Vector widened_vector(Halves x) { return (Vector)(__builtin_convertvector(x, VectorU32) << 16); }

  // As narrowed() of each lane.
  static Halves narrowed_vector(Vector x) {
    const VectorU32 bits = (VectorU32)x;
    const VectorU32 nearest = (bits + 0x7fffU + (bits >> 16 & 1U)) >> 16;
    const VectorU32 quiet = bits >> 16 | 0x40U;
    return __builtin_convertvector((bits & 0x7fffffffU) > 0x7f800000U ? quiet : nearest, Halves);
  }

#if !defined(__AVX512F__) && defined(__AVX2__)
  static bool has(Mask mask, int lane) { return ((VectorI32)mask)[lane] != 0; }
#elif !defined(__AVX512F__)
  static bool has(Mask mask, int lane) { return lane < mask; }
#endif
};

}  // namespace
}  // namespace lockstep::LS_ISA
