#include "loop_reference.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <memory>

#include "plan/step.h"

namespace lockstep::test {
namespace {

enum Domain { ARITHMETIC, FLOATING, BITWISE, SHIFT, COMPARISON, CLASSIFY, SELECT, CONVERT };

struct OpLine {
  const char *name;
  int arity;
  Domain domain;
};

const OpLine kOps[] = {
#define LS_ELEMENTWISE(name, arity, domain) {#name, arity, domain},
#include "lockstep/elementwise.def"
#undef LS_ELEMENTWISE
};

int64_t wrap(int64_t x, int32_t dtype) { return dtype == LS_I32 ? static_cast<int32_t>(x) : x; }

int64_t evaluate_integer(int32_t op, int32_t dtype, int64_t a, int64_t b) {
  uint64_t ua = static_cast<uint64_t>(a);
  uint64_t ub = static_cast<uint64_t>(b);
  int64_t width = dtype == LS_I32 ? 32 : 64;
  bool inside = b >= 0 && b < width;
  uint64_t bits = dtype == LS_I32 ? static_cast<uint32_t>(a) : ua;
  switch (op) {
    case LS_OP_ADD:
      return static_cast<int64_t>(ua + ub);
    case LS_OP_SUB:
      return static_cast<int64_t>(ua - ub);
    case LS_OP_MUL:
      return static_cast<int64_t>(ua * ub);
    case LS_OP_SQUARE:
      return static_cast<int64_t>(ua * ua);
    case LS_OP_DIV:
      return b == 0 ? 0 : b == -1 ? static_cast<int64_t>(-ua) : a / b;
    case LS_OP_REM:
      return b == 0 || b == -1 ? 0 : a % b;
    case LS_OP_POW: {
      if (b < 0) return a == 1 ? 1 : a == -1 ? (b % 2 ? -1 : 1) : 0;
      if (a == 0 || a == 1) return b == 0 ? 1 : a;
      if (a == -1) return b % 2 ? -1 : 1;
      uint64_t product = 1;
      for (int64_t i = 0; i < std::min<int64_t>(b, 1 << 20); ++i) product *= ua;
      return static_cast<int64_t>(product);
    }
    case LS_OP_MAX:
      return std::max(a, b);
    case LS_OP_MIN:
      return std::min(a, b);
    case LS_OP_AND:
      return a & b;
    case LS_OP_OR:
      return a | b;
    case LS_OP_XOR:
      return a ^ b;
    case LS_OP_NOT:
      return dtype == LS_BOOL ? !a : ~a;
    case LS_OP_SHIFT_LEFT:
      return inside ? static_cast<int64_t>(ua << b) : 0;
    case LS_OP_SHIFT_RIGHT:
      return inside ? a >> b : a < 0 ? -1 : 0;
    case LS_OP_SHIFT_RIGHT_LOGICAL:
      return inside ? static_cast<int64_t>(bits >> b) : 0;
    case LS_OP_NEG:
      return static_cast<int64_t>(-ua);
    case LS_OP_ABS:
      return static_cast<int64_t>(a < 0 ? -ua : ua);
    case LS_OP_SIGN:
      return (a > 0) - (a < 0);
    default:
      ADD_FAILURE() << "no reference for integer " << op_name(op);
      return 0;
  }
}

// erf_inv by Newton's method from Winitzki's approximation and digamma by its series, so that no formula of the library
// is compared with itself.
long double reference_inverse_erf(long double x) {
  if (!(fabsl(x) < 1)) return fabsl(x) == 1 ? copysignl(INFINITY, x) : NAN;
  constexpr long double kA = 0.147L;
  long double logarithm = log1pl(-fabsl(x)) + log1pl(fabsl(x));
  long double half = 2 / (static_cast<long double>(M_PI) * kA) + logarithm / 2;
  long double y = copysignl(sqrtl(sqrtl(half * half - logarithm / kA) - half), x);
  if (fabsl(x) < 1e-3L) y = x * 0.886226925452758L;
  for (int i = 0; i < 9; ++i) {
    long double excess = fabsl(x) < 0.5L ? erfl(y) - x : copysignl(1, x) * ((1 - fabsl(x)) - erfcl(fabsl(y)));
    y -= excess / (M_2_SQRTPI * expl(-y * y));
  }
  return y;
}

long double reference_digamma(long double x) {
  constexpr long double kPi = 3.141592653589793238462643383279502884L;
  if (x <= 0) {
    if (x == rintl(x)) return NAN;
    long double fraction = x - rintl(x);
    return reference_digamma(1 - x) - kPi / tanl(kPi * fraction);
  }
  if (std::isinf(x) || std::isnan(x)) return x;
  long double sum = 0;
  for (; x < 40; x += 1) sum -= 1 / x;
  long double s = 1 / (x * x);
  return sum + logl(x) - 0.5L / x -
         s * (1 / 12.0L - s * (1 / 120.0L - s * (1 / 252.0L - s * (1 / 240.0L - s * (1 / 132.0L)))));
}

long double evaluate_floating(int32_t op, long double a, long double b) {
  switch (op) {
    case LS_OP_ADD:
      return a + b;
    case LS_OP_SUB:
      return a - b;
    case LS_OP_MUL:
      return a * b;
    case LS_OP_DIV:
      return a / b;
    case LS_OP_REM:
      return fmodl(a, b);
    case LS_OP_POW:
      return powl(a, b);
    case LS_OP_MAX:
      return std::isnan(a) || std::isnan(b) ? NAN : std::max(a, b);
    case LS_OP_MIN:
      return std::isnan(a) || std::isnan(b) ? NAN : std::min(a, b);
    case LS_OP_ATAN2:
      return atan2l(a, b);
    case LS_OP_HYPOT:
      return hypotl(a, b);
    case LS_OP_NEG:
      return -a;
    case LS_OP_ABS:
      return fabsl(a);
    case LS_OP_SIGN:
      return a > 0 ? 1 : a < 0 ? -1 : a;
    case LS_OP_SQUARE:
      return a * a;
    case LS_OP_EXP:
      return expl(a);
    case LS_OP_EXP2:
      return exp2l(a);
    case LS_OP_EXPM1:
      return expm1l(a);
    case LS_OP_LOG:
      return logl(a);
    case LS_OP_LOG2:
      return log2l(a);
    case LS_OP_LOG10:
      return log10l(a);
    case LS_OP_LOG1P:
      return log1pl(a);
    case LS_OP_SIN:
      return sinl(a);
    case LS_OP_COS:
      return cosl(a);
    case LS_OP_TAN:
      return tanl(a);
    case LS_OP_ASIN:
      return asinl(a);
    case LS_OP_ACOS:
      return acosl(a);
    case LS_OP_ATAN:
      return atanl(a);
    case LS_OP_SINH:
      return sinhl(a);
    case LS_OP_COSH:
      return coshl(a);
    case LS_OP_TANH:
      return tanhl(a);
    case LS_OP_ASINH:
      return asinhl(a);
    case LS_OP_ACOSH:
      return acoshl(a);
    case LS_OP_ATANH:
      return atanhl(a);
    case LS_OP_SQRT:
      return sqrtl(a);
    case LS_OP_RSQRT:
      return 1 / sqrtl(a);
    case LS_OP_CBRT:
      return cbrtl(a);
    case LS_OP_RECIPROCAL:
      return 1 / a;
    case LS_OP_FLOOR:
      return floorl(a);
    case LS_OP_CEIL:
      return ceill(a);
    case LS_OP_ROUND:
      return rintl(a);
    case LS_OP_TRUNC:
      return truncl(a);
    case LS_OP_SIGMOID:
      return a < 0 ? expl(a) / (1 + expl(a)) : 1 / (1 + expl(-a));
    case LS_OP_ERF:
      return erfl(a);
    case LS_OP_ERFC:
      return erfcl(a);
    case LS_OP_ERF_INV:
      return reference_inverse_erf(a);
    case LS_OP_LGAMMA:
      return lgammal(a);
    case LS_OP_DIGAMMA:
      return reference_digamma(a);
    default:
      ADD_FAILURE() << "no reference for floating " << op_name(op);
      return 0;
  }
}

Scalar cast(Scalar x, int32_t to) {
  if (to == LS_BOOL) return Scalar::of_integer(x.floating ? x.real != 0 : x.integer != 0);
  if (is_floating(to)) return x.floating ? x : Scalar::of(static_cast<long double>(x.integer));
  if (!x.floating) return x;
  if (std::isnan(x.real)) return Scalar::of_integer(0);
  long double low = to == LS_I32 ? INT32_MIN : INT64_MIN;
  long double high = to == LS_I32 ? INT32_MAX : INT64_MAX;
  return Scalar::of_integer(static_cast<int64_t>(std::clamp(truncl(x.real), low, high)));
}

bool compare(int32_t op, Scalar a, Scalar b) {
  if (op == LS_OP_IS_NAN) return std::isnan(a.real);
  if (op == LS_OP_IS_INF) return std::isinf(a.real);
  if (op == LS_OP_IS_FINITE) return std::isfinite(a.real);
  auto order = [op](auto x, auto y) {
    switch (op) {
      case LS_OP_EQ:
        return x == y;
      case LS_OP_NE:
        return x != y;
      case LS_OP_LT:
        return x < y;
      case LS_OP_LE:
        return x <= y;
      case LS_OP_GT:
        return x > y;
      default:
        return x >= y;
    }
  };
  return a.floating ? order(a.real, b.real) : order(a.integer, b.integer);
}

Scalar identity(int32_t reduce, int32_t dtype) {
  bool floating = is_floating(dtype);
  auto number = [&](long double real, int64_t integer) {
    return floating ? Scalar::of(real) : Scalar::of_integer(integer);
  };
  switch (reduce) {
    case LS_REDUCE_SUM:
      return number(0, 0);
    case LS_REDUCE_PROD:
      return number(1, 1);
    case LS_REDUCE_MAX:
      return number(-INFINITY, dtype == LS_BOOL ? 0 : dtype == LS_I32 ? INT32_MIN : INT64_MIN);
    default:
      return number(INFINITY, dtype == LS_BOOL ? 1 : dtype == LS_I32 ? INT32_MAX : INT64_MAX);
  }
}

Scalar reduced(int32_t reduce, int32_t dtype, Scalar a, Scalar b) {
  static const int32_t kOps[] = {0, LS_OP_ADD, LS_OP_MUL, LS_OP_MAX, LS_OP_MIN};
  static const int32_t kBoolOps[] = {0, LS_OP_OR, LS_OP_AND, LS_OP_OR, LS_OP_AND};
  if (is_floating(dtype)) return Scalar::of(evaluate_floating(kOps[reduce], a.real, b.real));
  int32_t op = dtype == LS_BOOL ? kBoolOps[reduce] : kOps[reduce];
  return Scalar::of_integer(wrap(evaluate_integer(op, dtype, a.integer, b.integer), dtype));
}

}  // namespace

namespace {

// A sign, 8 bits of exponent and 7 of a mantissa.
long double bf16_value(uint16_t bits) {
  long double sign = bits >> 15 ? -1 : 1;
  int exponent = bits >> 7 & 0xff;
  int mantissa = bits & 0x7f;
  if (exponent == 0xff)
    return mantissa != 0 ? static_cast<long double>(NAN) : sign * static_cast<long double>(INFINITY);
  if (exponent == 0) return sign * ldexpl(mantissa, -133);
  return sign * ldexpl(0x80 + mantissa, exponent - 134);
}

uint16_t bf16_bits(long double x) {
  int sign = std::signbit(x) ? 0x8000 : 0;
  if (std::isnan(x)) return static_cast<uint16_t>(sign | 0x7fc0);
  int exponent;
  frexpl(x, &exponent);
  int unit = std::max(exponent - 8, -133);  // of the last place, as a power of two
  long double mantissa = std::isinf(x) ? 0x80 : rintl(ldexpl(fabsl(x), -unit));
  if (mantissa == 0x100) {
    mantissa = 0x80;
    ++unit;
  }
  if (std::isinf(x) || unit > 120) return static_cast<uint16_t>(sign | 0x7f80);
  int biased = mantissa < 0x80 ? 0 : unit + 134;
  return static_cast<uint16_t>(sign | biased << 7 | (static_cast<int>(mantissa) & 0x7f));
}

}  // namespace

int64_t bytes_of(int32_t dtype) {
  constexpr int64_t bytes[] = {1, 4, 8, 4, 8, 2};
  return bytes[dtype];
}
bool is_floating(int32_t dtype) { return dtype == LS_F32 || dtype == LS_F64 || dtype == LS_BF16; }
const char *op_name(int32_t op) { return kOps[op].name; }
int arity(int32_t op) { return kOps[op].arity; }

std::vector<int32_t> operand_dtypes(int32_t op) {
  switch (kOps[op].domain) {
    case ARITHMETIC:
      if (op == LS_OP_MAX || op == LS_OP_MIN) return {LS_BOOL, LS_I32, LS_I64, LS_F32, LS_F64};
      return {LS_I32, LS_I64, LS_F32, LS_F64};
    case FLOATING:
    case CLASSIFY:
      return {LS_F32, LS_F64};
    case BITWISE:
      return {LS_BOOL, LS_I32, LS_I64};
    case SHIFT:
      return {LS_I32, LS_I64};
    case SELECT:
    case CONVERT:
      return {LS_BOOL, LS_I32, LS_I64, LS_F32, LS_F64, LS_BF16};
    default:
      return {LS_BOOL, LS_I32, LS_I64, LS_F32, LS_F64};
  }
}

int32_t result_dtype(int32_t op, int32_t dtype) {
  Domain domain = kOps[op].domain;
  return domain == COMPARISON || domain == CLASSIFY ? static_cast<int32_t>(LS_BOOL) : dtype;
}

Scalar Array::get(int64_t i) const {
  const unsigned char *at = bytes.data() + i * bytes_of(dtype);
  auto read = [at](auto x) {
    std::memcpy(&x, at, sizeof x);
    return x;
  };
  switch (dtype) {
    case LS_BOOL:
      return Scalar::of_integer(*at);
    case LS_I32:
      return Scalar::of_integer(read(int32_t{}));
    case LS_I64:
      return Scalar::of_integer(read(int64_t{}));
    case LS_F32:
      return Scalar::of(read(0.0f));
    case LS_BF16:
      return Scalar::of(bf16_value(read(uint16_t{})));
    default:
      return Scalar::of(read(0.0));
  }
}

void Array::set(int64_t i, Scalar x) {
  unsigned char *at = bytes.data() + i * bytes_of(dtype);
  auto write = [at](auto value) { std::memcpy(at, &value, sizeof value); };
  switch (dtype) {
    case LS_BOOL:
      return write(static_cast<uint8_t>(x.integer));
    case LS_I32:
      return write(static_cast<int32_t>(x.integer));
    case LS_I64:
      return write(x.integer);
    case LS_F32:
      return write(static_cast<float>(x.real));
    case LS_BF16:
      return write(bf16_bits(x.real));
    default:
      return write(static_cast<double>(x.real));
  }
}

Scalar rounded(Scalar x, int32_t dtype) {
  Array one(dtype, 1);
  one.set(0, x);
  return one.get(0);
}

Scalar evaluate(const ls_instruction &instruction, Scalar a, Scalar b, Scalar c) {
  int32_t op = instruction.op;
  switch (kOps[op].domain) {
    case COMPARISON:
    case CLASSIFY:
      return Scalar::of_integer(compare(op, a, b));
    case SELECT:
      return a.integer ? b : c;
    case CONVERT:
      return rounded(cast(a, instruction.result), instruction.result);
    default:
      break;
  }
  if (is_floating(instruction.dtype)) return Scalar::of(evaluate_floating(op, a.real, b.real));
  return Scalar::of_integer(wrap(evaluate_integer(op, instruction.dtype, a.integer, b.integer), instruction.dtype));
}

double ulp_distance(long double got, long double want, int32_t dtype) {
  if (std::isnan(got) && std::isnan(want)) return 0;
  long double nearest = rounded(Scalar::of(want), dtype).real;
  if (got == nearest) return std::signbit(got) == std::signbit(nearest) || got != 0 ? 0 : 0.5;
  if (!std::isfinite(got) || !std::isfinite(nearest)) return std::numeric_limits<double>::infinity();
  int digits = dtype == LS_BF16 ? 8 : dtype == LS_F32 ? 24 : 53;
  int lowest = dtype == LS_F64 ? -1021 : -125;
  int exponent;
  frexpl(want, &exponent);
  return static_cast<double>(fabsl(got - want) / ldexpl(1, std::max(exponent, lowest) - digits));
}

int LoopCase::slot(Array array) {
  slots.push_back(std::move(array));
  return static_cast<int>(slots.size()) - 1;
}

namespace {
ls_operand operand_of(int slot, int32_t dtype, int64_t offset, const std::vector<int64_t> &strides) {
  ls_operand operand = {slot, dtype, offset, {}};
  std::copy(strides.begin(), strides.end(), operand.strides);
  return operand;
}
}  // namespace

int LoopCase::input(int slot, std::vector<int64_t> strides, int64_t offset) {
  int32_t dtype = slots[slot].dtype;
  inputs.push_back(operand_of(slot, dtype, offset * bytes_of(dtype), strides));
  return static_cast<int>(inputs.size()) - 1;
}

int LoopCase::constant(int32_t dtype, Scalar value) {
  Array one(dtype, 1);
  one.set(0, value);
  int64_t bits = 0;
  std::memcpy(&bits, one.bytes.data(), one.bytes.size());
  inputs.push_back(operand_of(LS_SLOT_CONSTANT, dtype, bits, {}));
  return static_cast<int>(inputs.size()) - 1;
}

int LoopCase::index(int32_t dtype, int64_t start, std::vector<int64_t> strides) {
  inputs.push_back(operand_of(LS_SLOT_INDEX, dtype, start, strides));
  return static_cast<int>(inputs.size()) - 1;
}

int LoopCase::op(int32_t op, int32_t dtype, int a, int b, int c, int32_t result) {
  instructions.push_back({op, dtype, result >= 0 ? result : result_dtype(op, dtype), a, b, c});
  return static_cast<int>(inputs.size() + instructions.size()) - 1;
}

int32_t LoopCase::dtype_of(int value) const {
  int n = static_cast<int>(inputs.size());
  return value < n ? inputs[value].dtype : instructions[value - n].result;
}

void LoopCase::store(int value, int slot, std::vector<int64_t> strides, int64_t offset) {
  int32_t dtype = dtype_of(value);
  results.push_back({operand_of(slot, dtype, offset * bytes_of(dtype), strides), value, LS_REDUCE_NONE});
}

void LoopCase::reduce(int32_t kind, int value, int slot, std::vector<int64_t> strides) {
  results.push_back({operand_of(slot, dtype_of(value), 0, strides), value, kind});
}

int64_t LoopCase::elements() const {
  int64_t product = 1;
  for (int64_t extent : extents) product *= extent;
  return product;
}

ls_loop LoopCase::descriptor() const {
  ls_loop loop = {};
  loop.rank = static_cast<int32_t>(extents.size());
  loop.reduce_rank = reduce_rank;
  loop.n_inputs = static_cast<int32_t>(inputs.size());
  loop.n_instructions = static_cast<int32_t>(instructions.size());
  loop.n_results = static_cast<int32_t>(results.size());
  std::copy(extents.begin(), extents.end(), loop.extents);
  loop.inputs = inputs.data();
  loop.instructions = instructions.data();
  loop.results = results.data();
  return loop;
}

std::string LoopCase::run() {
  ls_loop loop = descriptor();
  std::unique_ptr<Step> step = make_loop_step(loop);
  std::vector<void *> addresses;
  for (Array &array : slots) addresses.push_back(array.bytes.data());
  size_t scratch_bytes = static_cast<size_t>((step->scratch_bytes() + 63) / 64 * 64 + 64);
  std::unique_ptr<void, void (*)(void *)> scratch(std::aligned_alloc(64, scratch_bytes), std::free);
  std::memset(scratch.get(), 0xFB, scratch_bytes);
  step->run(addresses.data(), scratch.get());
  return step->describe();
}

void LoopCase::run_reference() {
  size_t rank = extents.size();
  size_t kept_rank = rank - static_cast<size_t>(reduce_rank);
  std::vector<int64_t> index(rank, 0);
  std::vector<Scalar> sums(results.size());
  auto at = [&](const ls_operand &operand) {
    int64_t position = operand.offset / bytes_of(operand.dtype);
    for (size_t d = 0; d < rank; ++d) position += index[d] * operand.strides[d];
    return position;
  };
  std::vector<Scalar> values;
  auto element = [&] {
    values.clear();
    for (const ls_operand &operand : inputs) {
      if (operand.slot >= 0) {
        values.push_back(slots[operand.slot].get(at(operand)));
      } else if (operand.slot == LS_SLOT_CONSTANT) {
        Array one(operand.dtype, 1);
        std::memcpy(one.bytes.data(), &operand.offset, one.bytes.size());
        values.push_back(one.get(0));
      } else {
        int64_t value = operand.offset;
        for (size_t d = 0; d < rank; ++d) value += index[d] * operand.strides[d];
        values.push_back(rounded(cast(Scalar::of_integer(value), operand.dtype), operand.dtype));
      }
    }
    for (const ls_instruction &instruction : instructions) {
      auto value = [&](int32_t number) { return number < 0 ? Scalar{} : values[number]; };
      Scalar exact = evaluate(instruction, value(instruction.a), value(instruction.b), value(instruction.c));
      values.push_back(rounded(exact, instruction.result));
    }
    for (size_t i = 0; i < results.size(); ++i) {
      const ls_result &result = results[i];
      if (result.reduce == LS_REDUCE_NONE) {
        slots[result.to.slot].set(at(result.to), values[result.value]);
      } else {
        sums[i] = reduced(result.reduce, result.to.dtype, sums[i], values[result.value]);
      }
    }
  };
  auto walk = [&](auto &walk_inner, size_t d) -> void {
    if (d == kept_rank) {
      for (size_t i = 0; i < results.size(); ++i) sums[i] = identity(results[i].reduce, results[i].to.dtype);
    }
    if (d == rank) {
      element();
    } else {
      for (index[d] = 0; index[d] < extents[d]; ++index[d]) walk_inner(walk_inner, d + 1);
      index[d] = 0;
    }
    if (d == kept_rank) {
      for (size_t i = 0; i < results.size(); ++i) {
        const ls_result &result = results[i];
        if (result.reduce != LS_REDUCE_NONE) slots[result.to.slot].set(at(result.to), sums[i]);
      }
    }
  };
  walk(walk, 0);
}

void LoopCase::check(double ulp, const std::string &what) {
  LoopCase reference = *this;
  std::string description = run();
  reference.run_reference();
  for (size_t s = 0; s < slots.size(); ++s) {
    for (int64_t i = 0; i < slots[s].size(); ++i) {
      Scalar got = slots[s].get(i);
      Scalar want = reference.slots[s].get(i);
      bool close =
          got.floating ? ulp_distance(got.real, want.real, slots[s].dtype) <= ulp : got.integer == want.integer;
      if (!close) {
        ADD_FAILURE() << what << ": slot " << s << "[" << i << "]: got "
                      << (got.floating ? static_cast<double>(got.real) : static_cast<double>(got.integer)) << ", want "
                      << (want.floating ? static_cast<double>(want.real) : static_cast<double>(want.integer)) << " ("
                      << description << ")";
        return;
      }
    }
  }
}

std::vector<int64_t> row_major(const std::vector<int64_t> &extents) {
  std::vector<int64_t> strides(extents.size());
  int64_t stride = 1;
  for (size_t d = extents.size(); d-- > 0;) {
    strides[d] = stride;
    stride *= extents[d];
  }
  return strides;
}

}  // namespace lockstep::test
