// Conversions of bf16: the upper half of an f32. Branch-free, so that loops over them vectorise. The processor's own
// instructions flush denormals.
#pragma once

#include <bit>
#include <cmath>
#include <cstdint>

namespace lockstep::LS_ISA {
namespace {

enum class BFloat16 : uint16_t {};

inline float widened(BFloat16 x) { return std::bit_cast<float>(static_cast<uint32_t>(x) << 16); }

// To nearest, ties to even. NaN keeps its sign and upper bits, and is quiet.
inline BFloat16 rounded(uint32_t f32_bits) {
  uint32_t nearest = (f32_bits + 0x7fffU + (f32_bits >> 16 & 1U)) >> 16;
  uint32_t quiet = f32_bits >> 16 | 0x40U;
  return static_cast<BFloat16>((f32_bits & 0x7fffffffU) > 0x7f800000U ? quiet : nearest);
}

inline BFloat16 narrowed(float x) { return rounded(std::bit_cast<uint32_t>(x)); }

// Rounded once: where rounding to f32 has led to a tie, the f64 tells on which side of it the value is.
inline BFloat16 narrowed(double x) {
  float nearest = static_cast<float>(x);
  uint32_t bits = std::bit_cast<uint32_t>(nearest);
  double beyond = std::fabs(x) - std::fabs(static_cast<double>(nearest));
  uint32_t up = beyond > 0 ? 1U : 0U;
  uint32_t down = beyond < 0 ? 1U : 0U;
  return rounded((bits & 0xffffU) == 0x8000U ? bits + up - down : bits);
}

inline BFloat16 narrowed(int32_t x) { return narrowed(static_cast<double>(x)); }

// Beyond f64's 53 bits the low ones are only known to be zero or not, which is all that the rounding needs.
inline BFloat16 narrowed(int64_t x) {
  constexpr int64_t kExact = int64_t{1} << 53;
  int64_t sticky = (x & ~int64_t{0x7ff}) | ((x & 0x7ff) != 0 ? int64_t{0x800} : int64_t{0});
  return narrowed(static_cast<double>(x >= -kExact && x <= kExact ? x : sticky));
}

inline BFloat16 narrowed(uint8_t x) { return narrowed(static_cast<float>(x)); }

}  // namespace
}  // namespace lockstep::LS_ISA
