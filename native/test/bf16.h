// bf16 for tests: the upper half of an f32, rounded to nearest even from f64, once.
#pragma once

#include <bit>
#include <cmath>
#include <cstdint>

namespace lockstep {

struct Bf16 {
  uint16_t bits = 0;

  Bf16() = default;
  Bf16(double x) : bits(rounded(x)) {}
  operator double() const { return std::bit_cast<float>(static_cast<uint32_t>(bits) << 16); }
  static Bf16 of_bits(uint16_t bits) {
    Bf16 x;
    x.bits = bits;
    return x;
  }

 private:
  static uint16_t rounded(double x) {
    if (std::isnan(x)) return 0x7fc0;
    const auto sign = static_cast<uint16_t>(std::signbit(x) ? 0x8000 : 0);
    const double size = std::abs(x);
    if (size == 0) return sign;
    if (std::isinf(x)) return static_cast<uint16_t>(sign | 0x7f80);
    int exponent = 0;
    std::frexp(size, &exponent);                    // size = f * 2^exponent, f in [1/2, 1)
    const int unit = std::max(exponent - 8, -133);  // the last of 8 digits, or the smallest denormal
    const double digits = std::nearbyint(std::ldexp(size, -unit));
    const double value = std::ldexp(digits, unit);
    const uint32_t wide = value > 3.4e38 ? 0x7f800000U : std::bit_cast<uint32_t>(static_cast<float>(value));
    return static_cast<uint16_t>(sign | wide >> 16);
  }
};

// Half the distance of neighbours, relative to a value.
constexpr double kBf16Rounding = 1.0 / 256;

}  // namespace lockstep
