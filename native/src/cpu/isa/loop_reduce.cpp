// Reductions of tiles. A block is sixteen additions a lane, or sixteen rows, in the value's own type; blocks add up in
// f64, and those of f64 with their rounding errors. So the error stays below that of pairwise summation.
#include <cmath>
#include <limits>

#include "cpu/isa/loop_finders.h"
#include "cpu/isa/loop_map.h"
#include "cpu/math_vector.h"

namespace lockstep::LS_ISA {
namespace {

template <typename T>
constexpr int64_t kBlock = 16 * 4 * kVectorBytes / static_cast<int64_t>(sizeof(T));
constexpr int64_t kGroupRows = 16;
constexpr int64_t kGroupColumns = 64;

// The operations work on single elements and on vectors alike.
struct Sum {
  template <typename V>
  static V apply(V a, V b) {
    return a + b;
  }
  template <typename T>
  static constexpr T kIdentity = 0;
};
struct Product {
  template <typename V>
  static V apply(V a, V b) {
    return a * b;
  }
  template <typename T>
  static constexpr T kIdentity = 1;
};
struct Maximum {
  template <typename V>
  static V apply(V a, V b) {
    V larger = a > b ? a : b;
    return a != a ? a : larger;
  }
  template <typename T>
  static constexpr T kIdentity = std::numeric_limits<T>::has_infinity ? -std::numeric_limits<T>::infinity()
                                                                      : std::numeric_limits<T>::lowest();
};
struct Minimum {
  template <typename V>
  static V apply(V a, V b) {
    V smaller = a < b ? a : b;
    return a != a ? a : smaller;
  }
  template <typename T>
  static constexpr T kIdentity = std::numeric_limits<T>::has_infinity ? std::numeric_limits<T>::infinity()
                                                                      : std::numeric_limits<T>::max();
};
struct Any {
  template <typename V>
  static V apply(V a, V b) {
    return a | b;
  }
  template <typename T>
  static constexpr T kIdentity = 0;
};
struct All {
  template <typename V>
  static V apply(V a, V b) {
    return a & b;
  }
  template <typename T>
  static constexpr T kIdentity = 1;
};

template <typename Op, typename T>
T reduce_block(const T *x, int64_t n) {
  typedef T Vector __attribute__((vector_size(kVectorBytes)));
  constexpr int64_t kLanes = kVectorBytes / sizeof(T);
  T sum = Op::template kIdentity<T>;
  int64_t i = 0;
  if (n >= kLanes) {
    Vector lanes[4];
    for (Vector &lane : lanes) lane = Vector{} + Op::template kIdentity<T>;
    for (; i + 4 * kLanes <= n; i += 4 * kLanes) {
      lanes[0] = Op::apply(lanes[0], load<Vector>(x + i));
      lanes[1] = Op::apply(lanes[1], load<Vector>(x + i + kLanes));
      lanes[2] = Op::apply(lanes[2], load<Vector>(x + i + 2 * kLanes));
      lanes[3] = Op::apply(lanes[3], load<Vector>(x + i + 3 * kLanes));
    }
    for (; i + kLanes <= n; i += kLanes) lanes[0] = Op::apply(lanes[0], load<Vector>(x + i));
    lanes[0] = Op::apply(Op::apply(lanes[0], lanes[1]), Op::apply(lanes[2], lanes[3]));
    T single[kLanes];
    store(single, lanes[0]);
    for (int64_t width = kLanes / 2; width > 0; width /= 2) {
      for (int64_t lane = 0; lane < width; ++lane) single[lane] = Op::apply(single[lane], single[lane + width]);
    }
    sum = single[0];
  }
  for (; i < n; ++i) sum = Op::apply(sum, x[i]);
  return sum;
}

// Element: what memory holds. Group: what a few elements are first reduced in. Value: what runs on.
template <typename Op, typename T>
struct Plain {
  using Element = T;
  using Group = T;
  using Value = T;
  using Operation = Op;
  static T block(const T *x, int64_t n) { return reduce_block<Op>(x, n); }
  static void add(T &value, double &, T x) { value = Op::apply(value, x); }
  static T result(T value, double) { return value; }
};

template <typename T>
struct FloatingSum {
  using Element = T;
  using Group = T;
  using Value = double;
  using Operation = Sum;
  static double block(const T *x, int64_t n) { return reduce_block<Sum>(x, n); }
  static void add(double &value, double &error, double x) {
    double sum = value + x;
    if constexpr (std::is_same_v<T, double>) {
      double back = sum - value;  // Knuth's two-sum
      error += (value - (sum - back)) + (x - back);
    }
    value = sum;
  }
  // An infinite sum leaves NaN as its error.
  static T result(double value, double error) { return static_cast<T>(error == error ? value + error : value); }
};

struct ProductF32 {
  using Element = float;
  using Group = double;
  using Value = double;
  using Operation = Product;
  static double block(const float *x, int64_t n) {
    constexpr int64_t kPart = 256;
    double product = 1.0;
    for (int64_t first = 0; first < n; first += kPart) {
      double converted[kPart];
      int64_t count = n - first < kPart ? n - first : kPart;
      for (int64_t i = 0; i < count; ++i) converted[i] = x[first + i];
      product *= reduce_block<Product>(converted, count);
    }
    return product;
  }
  static void add(double &value, double &, double x) { value *= x; }
  static float result(double value, double) { return static_cast<float>(value); }
};

template <typename Policy>
struct Reduction {
  using Element = typename Policy::Element;
  using Group = typename Policy::Group;
  using Value = typename Policy::Value;
  using Operation = typename Policy::Operation;

  static void start(Accumulators into, int64_t count) {
    Value *values = static_cast<Value *>(into.values);
    for (int64_t i = 0; i < count; ++i) values[i] = Operation::template kIdentity<Value>;
    for (int64_t i = 0; i < count; ++i) into.errors[i] = 0.0;
  }

  static void rows(Accumulators into, const void *memory, int64_t row_stride, int64_t rows, int64_t columns) {
    Value *values = static_cast<Value *>(into.values);
    for (int64_t row = 0; row < rows; ++row) {
      const Element *x = static_cast<const Element *>(memory) + row * row_stride;
      for (int64_t i = 0; i < columns; i += kBlock<Element>) {
        int64_t n = columns - i < kBlock<Element> ? columns - i : kBlock<Element>;
        Policy::add(values[row], into.errors[row], Policy::block(x + i, n));
      }
    }
  }

  // Sums up to kGroupRows rows of up to kGroupColumns columns.
  static void group(Group *sums, const Element *x, int64_t row_stride, int64_t rows, int64_t columns) {
    for (int64_t column = 0; column < columns; ++column) sums[column] = x[column];
    for (int64_t row = 1; row < rows; ++row) {
      const Element *y = x + row * row_stride;
#pragma GCC ivdep
      for (int64_t column = 0; column < columns; ++column) {
        sums[column] = Operation::apply(sums[column], static_cast<Group>(y[column]));
      }
    }
  }

  static void columns(Accumulators into, const void *memory, int64_t row_stride, int64_t rows, int64_t columns) {
    Value *values = static_cast<Value *>(into.values);
    const Element *x = static_cast<const Element *>(memory);
    if (columns < kGroupColumns / 2 && row_stride == columns) {
      // Several short rows make one long one.
      int64_t together = kGroupColumns / columns;
      int64_t wide = together * columns;
      int64_t wide_rows = rows / together;
      for (int64_t row = 0; row < wide_rows; row += kGroupRows) {
        Group sums[kGroupColumns];
        group(sums, x + row * wide, wide, wide_rows - row < kGroupRows ? wide_rows - row : kGroupRows, wide);
        for (int64_t part = 0; part < together; ++part) {
          for (int64_t column = 0; column < columns; ++column) {
            Policy::add(values[column], into.errors[column], sums[part * columns + column]);
          }
        }
      }
      x += wide_rows * wide;
      rows -= wide_rows * together;
    }
    if (rows == 1) {
      double *errors = into.errors;
#pragma GCC ivdep
      for (int64_t column = 0; column < columns; ++column) Policy::add(values[column], errors[column], x[column]);
      return;
    }
    for (int64_t row = 0; row < rows; row += kGroupRows) {
      int64_t group_rows = rows - row < kGroupRows ? rows - row : kGroupRows;
      for (int64_t first = 0; first < columns; first += kGroupColumns) {
        Group sums[kGroupColumns];
        int64_t width = columns - first < kGroupColumns ? columns - first : kGroupColumns;
        const Element *corner = x + row * row_stride + first;
        if (width == kGroupColumns) {
          group(sums, corner, row_stride, group_rows, kGroupColumns);
        } else {
          group(sums, corner, row_stride, group_rows, width);
        }
#pragma GCC ivdep
        for (int64_t column = 0; column < width; ++column) {
          Policy::add(values[first + column], into.errors[first + column], sums[column]);
        }
      }
    }
  }

  static void combine(Accumulators into, Accumulators from, int64_t count) {
    Value *values = static_cast<Value *>(into.values);
    const Value *others = static_cast<const Value *>(from.values);
    for (int64_t i = 0; i < count; ++i) {
      Policy::add(values[i], into.errors[i], others[i]);
      into.errors[i] += from.errors[i];
    }
  }

  static void finish(void *out, Accumulators from, int64_t count) {
    const Value *values = static_cast<const Value *>(from.values);
    Element *results = static_cast<Element *>(out);
    for (int64_t i = 0; i < count; ++i) results[i] = Policy::result(values[i], from.errors[i]);
  }

  static constexpr ReduceKernels kKernels = {start, rows, columns, combine, finish};
};

template <typename Op>
const ReduceKernels *extremes(int32_t dtype) {
  switch (dtype) {
    case LS_I32:
      return &Reduction<Plain<Op, int32_t>>::kKernels;
    case LS_I64:
      return &Reduction<Plain<Op, int64_t>>::kKernels;
    case LS_F32:
      return &Reduction<Plain<Op, float>>::kKernels;
    default:
      return &Reduction<Plain<Op, double>>::kKernels;
  }
}

const ReduceKernels *sums(int32_t dtype) {
  switch (dtype) {
    case LS_I32:
      return &Reduction<Plain<Sum, uint32_t>>::kKernels;
    case LS_I64:
      return &Reduction<Plain<Sum, uint64_t>>::kKernels;
    case LS_F32:
      return &Reduction<FloatingSum<float>>::kKernels;
    default:
      return &Reduction<FloatingSum<double>>::kKernels;
  }
}

const ReduceKernels *products(int32_t dtype) {
  switch (dtype) {
    case LS_I32:
      return &Reduction<Plain<Product, uint32_t>>::kKernels;
    case LS_I64:
      return &Reduction<Plain<Product, uint64_t>>::kKernels;
    case LS_F32:
      return &Reduction<ProductF32>::kKernels;
    default:
      return &Reduction<Plain<Product, double>>::kKernels;
  }
}

}  // namespace

const ReduceKernels *find_reduce(int32_t reduce, int32_t dtype) {
  if (dtype == LS_BOOL) {
    bool any = reduce == LS_REDUCE_SUM || reduce == LS_REDUCE_MAX;
    return any ? &Reduction<Plain<Any, uint8_t>>::kKernels : &Reduction<Plain<All, uint8_t>>::kKernels;
  }
  switch (reduce) {
    case LS_REDUCE_SUM:
      return sums(dtype);
    case LS_REDUCE_PROD:
      return products(dtype);
    case LS_REDUCE_MAX:
      return extremes<Maximum>(dtype);
    case LS_REDUCE_MIN:
      return extremes<Minimum>(dtype);
    default:
      return nullptr;
  }
}

}  // namespace lockstep::LS_ISA
