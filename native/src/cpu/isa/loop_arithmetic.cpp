// Arithmetic of two and three operands.
#include <cmath>

#include "cpu/isa/loop_finders.h"
#include "cpu/isa/loop_map.h"

namespace lockstep::LS_ISA {
namespace {

struct Add {
  template <typename T>
  static T apply(T a, T b) {
    return static_cast<T>(static_cast<Wrapping<T>>(a) + static_cast<Wrapping<T>>(b));
  }
};
struct Subtract {
  template <typename T>
  static T apply(T a, T b) {
    return static_cast<T>(static_cast<Wrapping<T>>(a) - static_cast<Wrapping<T>>(b));
  }
};
struct Multiply {
  template <typename T>
  static T apply(T a, T b) {
    return static_cast<T>(static_cast<Wrapping<T>>(a) * static_cast<Wrapping<T>>(b));
  }
};

// The quotient through f64 is exact for 32 bits, and vectorises.
inline int32_t divide(int32_t a, int32_t b) {
  double quotient = static_cast<double>(a) / (b == 0 ? 1.0 : static_cast<double>(b));
  int32_t truncated = static_cast<int32_t>(quotient > 2147483647.0 ? -2147483648.0 : quotient);
  return b == 0 ? 0 : truncated;
}
inline int64_t divide(int64_t a, int64_t b) {
  if (b == 0) return 0;
  if (b == -1) return Subtract::apply(int64_t{0}, a);
  return a / b;
}
inline float divide(float a, float b) { return a / b; }
inline double divide(double a, double b) { return a / b; }

struct Divide {
  template <typename T>
  static T apply(T a, T b) {
    return divide(a, b);
  }
};
struct Remainder {
  template <typename T>
  static T apply(T a, T b) {
    if constexpr (std::is_floating_point_v<T>) {
      return std::fmod(a, b);
    } else {
      T remainder = Subtract::apply(a, Multiply::apply(divide(a, b), b));
      return b == 0 ? T{0} : remainder;
    }
  }
};
struct IntegerPower {
  template <typename T>
  static T apply(T base, T exponent) {
    if (exponent < 0) {
      if (base == 1) return 1;
      if (base == -1) return exponent & 1 ? -1 : 1;
      return 0;
    }
    T result = 1;
    for (; exponent != 0; exponent >>= 1) {
      if (exponent & 1) result = Multiply::apply(result, base);
      base = Multiply::apply(base, base);
    }
    return result;
  }
};
// NaN if either is.
struct Maximum {
  template <typename T>
  static T apply(T a, T b) {
    if constexpr (std::is_floating_point_v<T>) {
      T larger = a > b ? a : b;
      return a != a ? a : larger;
    } else {
      return a > b ? a : b;
    }
  }
};
struct Minimum {
  template <typename T>
  static T apply(T a, T b) {
    if constexpr (std::is_floating_point_v<T>) {
      T smaller = a < b ? a : b;
      return a != a ? a : smaller;
    } else {
      return a < b ? a : b;
    }
  }
};

struct MultiplyAdd {
  template <typename T>
  static T apply(T a, T b, T c) {
    return a * b + c;
  }
};
struct MultiplySubtract {
  template <typename T>
  static T apply(T a, T b, T c) {
    return a * b - c;
  }
};
struct SubtractMultiply {
  template <typename T>
  static T apply(T a, T b, T c) {
    return c - a * b;
  }
};
struct NegatedMultiply {
  template <typename T>
  static T apply(T a, T b) {
    return -(a * b);
  }
};

template <typename Op>
TileKernel for_floating(int32_t dtype, unsigned splat) {
  if (dtype == LS_F32) return binary<Op, float>(splat);
  if (dtype == LS_F64) return binary<Op, double>(splat);
  return nullptr;
}

template <typename Op>
TileKernel for_arithmetic(int32_t dtype, unsigned splat) {
  if (dtype == LS_I32) return binary<Op, int32_t>(splat);
  if (dtype == LS_I64) return binary<Op, int64_t>(splat);
  return for_floating<Op>(dtype, splat);
}

template <typename Op, typename T>
TileKernel three(unsigned splat) {
  switch (splat) {
    case 0:
      return ternary_kernel<Op, T, T, 0>;
    case 1:
      return ternary_kernel<Op, T, T, 1>;
    case 4:
      return ternary_kernel<Op, T, T, 4>;
    case 5:
      return ternary_kernel<Op, T, T, 5>;
    default:
      return nullptr;
  }
}

template <typename Op>
TileKernel for_three(int32_t dtype, unsigned splat) {
  if (dtype == LS_F32) return three<Op, float>(splat);
  if (dtype == LS_F64) return three<Op, double>(splat);
  return nullptr;
}

template <typename Op>
TileKernel for_ordered(int32_t dtype, unsigned splat) {
  return dtype == LS_BOOL ? binary<Op, uint8_t>(splat) : for_arithmetic<Op>(dtype, splat);
}

}  // namespace

TileKernel find_arithmetic(int32_t op, int32_t dtype, unsigned splat) {
  switch (op) {
    case LS_OP_ADD:
      return for_arithmetic<Add>(dtype, splat);
    case LS_OP_SUB:
      return for_arithmetic<Subtract>(dtype, splat);
    case LS_OP_MUL:
      return for_arithmetic<Multiply>(dtype, splat);
    case LS_OP_DIV:
      return for_arithmetic<Divide>(dtype, splat);
    case LS_OP_REM:
      return for_arithmetic<Remainder>(dtype, splat);
    case LS_OP_POW:
      if (dtype == LS_I32) return binary<IntegerPower, int32_t>(splat);
      if (dtype == LS_I64) return binary<IntegerPower, int64_t>(splat);
      return nullptr;
    case LS_OP_MAX:
      return for_ordered<Maximum>(dtype, splat);
    case LS_OP_MIN:
      return for_ordered<Minimum>(dtype, splat);
    case kMultiplyAdd:
      return for_three<MultiplyAdd>(dtype, splat);
    case kMultiplySubtract:
      return for_three<MultiplySubtract>(dtype, splat);
    case kSubtractMultiply:
      return for_three<SubtractMultiply>(dtype, splat);
    case kNegatedMultiply:
      return for_floating<NegatedMultiply>(dtype, splat);
    default:
      return nullptr;
  }
}

}  // namespace lockstep::LS_ISA
