// Operations of one operand that are a few instructions, and conversions.
#include <cmath>
#include <limits>

#include "cpu/isa/loop_finders.h"
#include "cpu/isa/loop_map.h"
#include "cpu/math_bf16.h"

namespace lockstep::LS_ISA {
namespace {

struct Negate {
  template <typename T>
  static T apply(T x) {
    if constexpr (std::is_integral_v<T>) return static_cast<T>(Wrapping<T>{0} - static_cast<Wrapping<T>>(x));
    return -x;
  }
};
struct Absolute {
  template <typename T>
  static T apply(T x) {
    if constexpr (std::is_floating_point_v<T>) return std::fabs(x);
    return x < 0 ? Negate::apply(x) : x;
  }
};
struct Sign {
  template <typename T>
  static T apply(T x) {
    T negative_or_x = x < 0 ? T{-1} : x;  // keeps -0 and NaN
    return x > 0 ? T{1} : negative_or_x;
  }
};
struct Square {
  template <typename T>
  static T apply(T x) {
    return static_cast<T>(static_cast<Wrapping<T>>(x) * static_cast<Wrapping<T>>(x));
  }
};
struct SquareRoot {
  template <typename T>
  static T apply(T x) {
    return std::sqrt(x);
  }
};
struct ReciprocalSquareRoot {
  template <typename T>
  static T apply(T x) {
    return T{1} / std::sqrt(x);
  }
};
struct Reciprocal {
  template <typename T>
  static T apply(T x) {
    return T{1} / x;
  }
};
struct Floor {
  template <typename T>
  static T apply(T x) {
    return std::floor(x);
  }
};
struct Ceiling {
  template <typename T>
  static T apply(T x) {
    return std::ceil(x);
  }
};
struct Round {
  template <typename T>
  static T apply(T x) {
    return std::rint(x);
  }
};
struct Truncate {
  template <typename T>
  static T apply(T x) {
    return std::trunc(x);
  }
};
struct IsNan {
  template <typename T>
  static uint8_t apply(T x) {
    return x != x;
  }
};
struct IsInfinite {
  template <typename T>
  static uint8_t apply(T x) {
    return std::fabs(x) == std::numeric_limits<T>::infinity();
  }
};
struct IsFinite {
  template <typename T>
  static uint8_t apply(T x) {
    return std::fabs(x) < std::numeric_limits<T>::infinity();
  }
};

// To integers: truncates and saturates; NaN gives 0.
template <typename To, typename From>
struct Cast {
  static To apply(From x) {
    if constexpr (std::is_same_v<From, To>) {
      return x;
    } else if constexpr (std::is_same_v<From, BFloat16>) {
      return Cast<To, float>::apply(widened(x));
    } else if constexpr (std::is_same_v<To, BFloat16>) {
      return narrowed(x);
    } else if constexpr (std::is_same_v<To, uint8_t>) {
      return x != From{0};
    } else if constexpr (std::is_floating_point_v<From> && std::is_integral_v<To>) {
      constexpr From kBeyond = static_cast<From>(uint64_t{1} << (sizeof(To) * 8 - 1));
      bool fits = x >= -kBeyond && x < kBeyond;
      To converted = static_cast<To>(fits ? x : From{0});
      To low = x < -kBeyond ? std::numeric_limits<To>::min() : converted;
      return x >= kBeyond ? std::numeric_limits<To>::max() : low;
    } else {
      return static_cast<To>(x);
    }
  }
};

template <typename Op, typename R = void>
TileKernel for_floating(int32_t dtype, unsigned splat) {
  using F32 = std::conditional_t<std::is_void_v<R>, float, R>;
  using F64 = std::conditional_t<std::is_void_v<R>, double, R>;
  if (dtype == LS_F32) return unary<Op, float, F32>(splat);
  if (dtype == LS_F64) return unary<Op, double, F64>(splat);
  return nullptr;
}

template <typename Op>
TileKernel for_arithmetic(int32_t dtype, unsigned splat) {
  if (dtype == LS_I32) return unary<Op, int32_t>(splat);
  if (dtype == LS_I64) return unary<Op, int64_t>(splat);
  return for_floating<Op>(dtype, splat);
}

template <typename From>
TileKernel cast_to(int32_t to) {
  switch (to) {
    case LS_BOOL:
      return unary_kernel<Cast<uint8_t, From>, From, uint8_t>;
    case LS_I32:
      return unary_kernel<Cast<int32_t, From>, From, int32_t>;
    case LS_I64:
      return unary_kernel<Cast<int64_t, From>, From, int64_t>;
    case LS_F32:
      return unary_kernel<Cast<float, From>, From, float>;
    case LS_F64:
      return unary_kernel<Cast<double, From>, From, double>;
    case LS_BF16:
      return unary_kernel<Cast<BFloat16, From>, From, BFloat16>;
    default:
      return nullptr;
  }
}

}  // namespace

TileKernel find_cast(int32_t from, int32_t to) {
  switch (from) {
    case LS_BOOL:
      return cast_to<uint8_t>(to);
    case LS_I32:
      return cast_to<int32_t>(to);
    case LS_I64:
      return cast_to<int64_t>(to);
    case LS_F32:
      return cast_to<float>(to);
    case LS_F64:
      return cast_to<double>(to);
    case LS_BF16:
      return cast_to<BFloat16>(to);
    default:
      return nullptr;
  }
}

TileKernel find_unary(int32_t op, int32_t dtype, unsigned splat) {
  switch (op) {
    case LS_OP_NEG:
      return for_arithmetic<Negate>(dtype, splat);
    case LS_OP_ABS:
      return for_arithmetic<Absolute>(dtype, splat);
    case LS_OP_SIGN:
      return for_arithmetic<Sign>(dtype, splat);
    case LS_OP_SQUARE:
      return for_arithmetic<Square>(dtype, splat);
    case LS_OP_SQRT:
      return for_floating<SquareRoot>(dtype, splat);
    case LS_OP_RSQRT:
      return for_floating<ReciprocalSquareRoot>(dtype, splat);
    case LS_OP_RECIPROCAL:
      return for_floating<Reciprocal>(dtype, splat);
    case LS_OP_FLOOR:
      return for_floating<Floor>(dtype, splat);
    case LS_OP_CEIL:
      return for_floating<Ceiling>(dtype, splat);
    case LS_OP_ROUND:
      return for_floating<Round>(dtype, splat);
    case LS_OP_TRUNC:
      return for_floating<Truncate>(dtype, splat);
    case LS_OP_IS_NAN:
      return for_floating<IsNan, uint8_t>(dtype, splat);
    case LS_OP_IS_INF:
      return for_floating<IsInfinite, uint8_t>(dtype, splat);
    case LS_OP_IS_FINITE:
      return for_floating<IsFinite, uint8_t>(dtype, splat);
    default:
      return nullptr;
  }
}

}  // namespace lockstep::LS_ISA
