// Bits, comparisons, selection and the filling of a tile with one value.
#include "cpu/isa/loop_finders.h"
#include "cpu/isa/loop_map.h"

namespace lockstep::LS_ISA {
namespace {

struct And {
  template <typename T>
  static T apply(T a, T b) {
    return a & b;
  }
};
struct Or {
  template <typename T>
  static T apply(T a, T b) {
    return a | b;
  }
};
struct Xor {
  template <typename T>
  static T apply(T a, T b) {
    return a ^ b;
  }
};
struct Not {
  template <typename T>
  static T apply(T a) {
    return std::is_same_v<T, uint8_t> ? a ^ 1 : ~a;
  }
};

// A shift by a negative count is one by more than the width.
template <typename T>
inline bool within_width(T count) {
  return static_cast<std::make_unsigned_t<T>>(count) < sizeof(T) * 8;
}
struct ShiftLeft {
  template <typename T>
  static T apply(T a, T count) {
    T shifted = static_cast<T>(static_cast<std::make_unsigned_t<T>>(a) << (count & (sizeof(T) * 8 - 1)));
    return within_width(count) ? shifted : T{0};
  }
};
struct ShiftRight {
  template <typename T>
  static T apply(T a, T count) {
    return a >> (within_width(count) ? count : static_cast<T>(sizeof(T) * 8 - 1));
  }
};
struct ShiftRightLogical {
  template <typename T>
  static T apply(T a, T count) {
    T shifted = static_cast<T>(static_cast<std::make_unsigned_t<T>>(a) >> (count & (sizeof(T) * 8 - 1)));
    return within_width(count) ? shifted : T{0};
  }
};

struct Equal {
  template <typename T>
  static uint8_t apply(T a, T b) {
    return a == b;
  }
};
struct NotEqual {
  template <typename T>
  static uint8_t apply(T a, T b) {
    return a != b;
  }
};
struct Less {
  template <typename T>
  static uint8_t apply(T a, T b) {
    return a < b;
  }
};
struct LessEqual {
  template <typename T>
  static uint8_t apply(T a, T b) {
    return a <= b;
  }
};
struct Greater {
  template <typename T>
  static uint8_t apply(T a, T b) {
    return a > b;
  }
};
struct GreaterEqual {
  template <typename T>
  static uint8_t apply(T a, T b) {
    return a >= b;
  }
};

struct Where {
  template <typename T>
  static T apply(uint8_t condition, T a, T b) {
    return condition ? a : b;
  }
};

template <typename T>
void fill_kernel(void *out, const void *a, const void *, const void *, int64_t n) {
  const T value = *static_cast<const T *>(a);
  T *z = static_cast<T *>(out);
  for (int64_t i = 0; i < n; ++i) z[i] = value;
}

template <typename T>
TileKernel where(unsigned splat) {
  switch (splat) {
    case 0:
      return ternary_kernel<Where, uint8_t, T, 0>;
    case 2:
      return ternary_kernel<Where, uint8_t, T, 2>;
    case 4:
      return ternary_kernel<Where, uint8_t, T, 4>;
    case 6:
      return ternary_kernel<Where, uint8_t, T, 6>;
    default:
      return nullptr;
  }
}

// Values that are only moved: by their size.
TileKernel find_where(int32_t dtype, unsigned splat) {
  switch (dtype_bytes(dtype)) {
    case 1:
      return where<uint8_t>(splat);
    case 2:
      return where<uint16_t>(splat);
    case 4:
      return where<int32_t>(splat);
    default:
      return where<int64_t>(splat);
  }
}

TileKernel find_fill(int32_t dtype) {
  switch (dtype_bytes(dtype)) {
    case 1:
      return fill_kernel<uint8_t>;
    case 2:
      return fill_kernel<uint16_t>;
    case 4:
      return fill_kernel<int32_t>;
    default:
      return fill_kernel<int64_t>;
  }
}

template <typename Op>
TileKernel for_shift(int32_t dtype, unsigned splat) {
  if (dtype == LS_I32) return binary<Op, int32_t>(splat);
  if (dtype == LS_I64) return binary<Op, int64_t>(splat);
  return nullptr;
}

template <typename Op>
TileKernel for_bits(int32_t dtype, unsigned splat) {
  return dtype == LS_BOOL ? binary<Op, uint8_t>(splat) : for_shift<Op>(dtype, splat);
}

template <typename Op>
TileKernel for_comparison(int32_t dtype, unsigned splat) {
  switch (dtype) {
    case LS_BOOL:
      return binary<Op, uint8_t>(splat);
    case LS_I32:
      return binary<Op, int32_t, uint8_t>(splat);
    case LS_I64:
      return binary<Op, int64_t, uint8_t>(splat);
    case LS_F32:
      return binary<Op, float, uint8_t>(splat);
    case LS_F64:
      return binary<Op, double, uint8_t>(splat);
    default:
      return nullptr;
  }
}

}  // namespace

TileKernel find_logic(int32_t op, int32_t dtype, unsigned splat) {
  switch (op) {
    case LS_OP_AND:
      return for_bits<And>(dtype, splat);
    case LS_OP_OR:
      return for_bits<Or>(dtype, splat);
    case LS_OP_XOR:
      return for_bits<Xor>(dtype, splat);
    case LS_OP_NOT:
      if (dtype == LS_BOOL) return unary<Not, uint8_t>(splat);
      if (dtype == LS_I32) return unary<Not, int32_t>(splat);
      return unary<Not, int64_t>(splat);
    case LS_OP_SHIFT_LEFT:
      return for_shift<ShiftLeft>(dtype, splat);
    case LS_OP_SHIFT_RIGHT:
      return for_shift<ShiftRight>(dtype, splat);
    case LS_OP_SHIFT_RIGHT_LOGICAL:
      return for_shift<ShiftRightLogical>(dtype, splat);
    case LS_OP_EQ:
      return for_comparison<Equal>(dtype, splat);
    case LS_OP_NE:
      return for_comparison<NotEqual>(dtype, splat);
    case LS_OP_LT:
      return for_comparison<Less>(dtype, splat);
    case LS_OP_LE:
      return for_comparison<LessEqual>(dtype, splat);
    case LS_OP_GT:
      return for_comparison<Greater>(dtype, splat);
    case LS_OP_GE:
      return for_comparison<GreaterEqual>(dtype, splat);
    case LS_OP_WHERE:
      return find_where(dtype, splat);
    case kFill:
      return find_fill(dtype);
    default:
      return nullptr;
  }
}

}  // namespace lockstep::LS_ISA
