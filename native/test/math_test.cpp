// Every op and dtype against the references in long double: awkward sizes, special values, and limits in ULP.
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>
#include <random>
#include <set>

#include "cpu/isa.h"
#include "cpu/loop_kernels.h"
#include "loop_reference.h"

namespace lockstep::test {
namespace {

const int64_t kSizes[] = {1, 13, 207, 702, 4098};

bool is_exact(int32_t op) {
  static const std::set<int32_t> kTranscendental = {
      LS_OP_POW,     LS_OP_ATAN2, LS_OP_HYPOT, LS_OP_EXP,     LS_OP_EXP2,   LS_OP_EXPM1,  LS_OP_LOG,   LS_OP_LOG2,
      LS_OP_LOG10,   LS_OP_LOG1P, LS_OP_SIN,   LS_OP_COS,     LS_OP_TAN,    LS_OP_ASIN,   LS_OP_ACOS,  LS_OP_ATAN,
      LS_OP_SINH,    LS_OP_COSH,  LS_OP_TANH,  LS_OP_ASINH,   LS_OP_ACOSH,  LS_OP_ATANH,  LS_OP_RSQRT, LS_OP_CBRT,
      LS_OP_SIGMOID, LS_OP_ERF,   LS_OP_ERFC,  LS_OP_ERF_INV, LS_OP_LGAMMA, LS_OP_DIGAMMA};
  return kTranscendental.count(op) == 0;
}

std::vector<long double> special_values(int32_t dtype) {
  long double least = dtype == LS_F64 ? 0x1p-1074L : dtype == LS_F32 ? 0x1p-149L : 0x1p-133L;
  long double normal = dtype == LS_F64 ? 0x1p-1022L : 0x1p-126L;
  long double largest = dtype == LS_F64   ? static_cast<long double>(std::numeric_limits<double>::max())
                        : dtype == LS_F32 ? static_cast<long double>(std::numeric_limits<float>::max())
                                          : 0x1.fep127L;
  std::vector<long double> values = {0.0L,
                                     0.5L,
                                     1.0L,
                                     1.5L,
                                     2.0L,
                                     2.5L,
                                     3.0L,
                                     4.0L,
                                     10.0L,
                                     88.0L,
                                     89.0L,
                                     100.0L,
                                     104.0L,
                                     709.0L,
                                     710.0L,
                                     746.0L,
                                     1000.0L,
                                     1e5L,
                                     1e10L,
                                     1e22L,
                                     1e-5L,
                                     1e-10L,
                                     1e-30L,
                                     least,
                                     100 * least,
                                     normal,
                                     normal - least,
                                     largest,
                                     static_cast<long double>(INFINITY),
                                     static_cast<long double>(NAN)};
  size_t positive = values.size();
  for (size_t i = 0; i < positive; ++i) values.push_back(-values[i]);
  return values;
}

Scalar random_value(int32_t op, int32_t dtype, int operand, std::mt19937_64 &generator) {
  uint64_t bits = generator();
  if (dtype == LS_BOOL) return Scalar::of_integer(bits & 1);
  if (!is_floating(dtype)) {
    static const int64_t kSpecial[] = {0, 1, -1, 2, INT32_MIN, INT32_MAX, INT64_MIN, INT64_MAX, 31, 32, 33, 63, 64};
    int64_t n = static_cast<int64_t>(bits >> 8);
    if (op == LS_OP_POW && operand == 1) return Scalar::of_integer(n % 70 - 5);
    n = bits % 4 == 0 ? kSpecial[(bits >> 8) % 13] : bits % 4 == 1 ? n % 100 - 50 : n;
    return rounded(Scalar::of_integer(n), dtype);
  }
  long double uniform = static_cast<long double>(bits >> 11) * 0x1p-53L * 2 - 1;
  long double magnitude = expl(uniform * (generator() % 2 ? 5 : dtype == LS_F64 ? 700 : 85));
  if (generator() % 2) magnitude = -magnitude;
  if (op == LS_OP_POW && operand == 1) magnitude = uniform * 20;
  if (op == LS_OP_ERF_INV || op == LS_OP_ASIN || op == LS_OP_ACOS || op == LS_OP_ATANH) magnitude = uniform;
  return rounded(Scalar::of(magnitude), dtype);
}

void add_op(LoopCase &loop, int32_t op, int32_t dtype, const std::vector<Array> &arrays) {
  int64_t n = arrays[0].size();
  loop.extents = {n};
  int values[3] = {-1, -1, -1};
  for (size_t i = 0; i < arrays.size(); ++i) values[i] = loop.input(loop.slot(arrays[i]), {1});
  int result = loop.op(op, dtype, values[0], values[1], values[2]);
  loop.store(result, loop.slot(Array(loop.dtype_of(result), n)), {1});
}

std::vector<Array> random_operands(int32_t op, int32_t dtype, int64_t n, unsigned seed) {
  std::mt19937_64 generator(seed);
  std::vector<Array> arrays;
  for (int operand = 0; operand < arity(op); ++operand) {
    Array array(op == LS_OP_WHERE && operand == 0 ? static_cast<int32_t>(LS_BOOL) : dtype, n);
    for (int64_t i = 0; i < n; ++i) array.set(i, random_value(op, array.dtype, operand, generator));
    arrays.push_back(array);
  }
  return arrays;
}

// libm's lgamma near its zeros, and digamma of negative numbers, which is a difference, lose relative accuracy by their
// nature. There the error is measured against 1 and against the terms of the difference.
double distance(int32_t op, long double x, long double got, long double want, int32_t dtype) {
  long double size = 0;
  if (op == LS_OP_LGAMMA) size = 1;
  if (op == LS_OP_DIGAMMA) size = x < 0 ? 2 * std::max(1.0L, logl(1 - x)) : 1.0L;
  if (std::isfinite(got) && fabsl(want) < size) {
    return static_cast<double>(fabsl(got - want) / (size * (dtype == LS_F32 ? 0x1p-24L : 0x1p-53L)));
  }
  return ulp_distance(got, want, dtype);
}

void check_op(int32_t op, int32_t dtype, const std::vector<Array> &arrays) {
  LoopCase loop;
  add_op(loop, op, dtype, arrays);
  LoopCase reference = loop;
  loop.run();
  reference.run_reference();
  const Array &out = loop.slots.back();
  double limit = is_exact(op) ? 0.501 : 4;  // the reference is rounded twice
  double worst = 0;
  for (int64_t i = 0; i < out.size(); ++i) {
    Scalar got = out.get(i);
    ls_instruction instruction = loop.instructions[0];
    auto operand = [&](size_t number) { return number < arrays.size() ? arrays[number].get(i) : Scalar{}; };
    Scalar want = evaluate(instruction, operand(0), operand(1), operand(2));
    double apart = got.floating ? distance(op, operand(0).real, got.real, want.real, out.dtype)
                                : (got.integer == rounded(want, out.dtype).integer ? 0 : 1e9);
    worst = std::max(worst, apart);
    if (apart > limit) {
      ADD_FAILURE() << op_name(op) << " of dtype " << dtype << ", n " << out.size() << ", element " << i << ": of "
                    << static_cast<double>(operand(0).floating ? operand(0).real : operand(0).integer) << ", "
                    << static_cast<double>(operand(1).floating ? operand(1).real : operand(1).integer) << " got "
                    << static_cast<double>(got.floating ? got.real : got.integer) << ", want "
                    << static_cast<double>(want.floating ? want.real : want.integer) << ", " << apart << " ULP";
      return;
    }
  }
  testing::Test::RecordProperty(std::string(op_name(op)) + (dtype == LS_F32 ? "_f32" : "_f64"), std::to_string(worst));
}

TEST(Math, EveryOpHasAKernelInEveryInstructionSet) {
  std::vector<const LoopKernels *> tables = {&v2::loop_kernels()};
  if (isa() != Isa::v2) tables.push_back(&v3::loop_kernels());
  if (isa() == Isa::v4) tables.push_back(&v4::loop_kernels());
  for (const LoopKernels *kernels : tables) {
    for (int32_t op = 0; op < LS_OP_COUNT; ++op) {
      for (int32_t dtype : operand_dtypes(op)) {
        EXPECT_NE(kernels->find(op, dtype, result_dtype(op, dtype), 0), nullptr) << op_name(op) << " " << dtype;
      }
    }
  }
}

TEST(Math, EveryOpAndDtypeOnAwkwardSizes) {
  for (int32_t op = 0; op < LS_OP_COUNT; ++op) {
    if (op == LS_OP_CAST) continue;
    for (int32_t dtype : operand_dtypes(op)) {
      for (int64_t n : kSizes) check_op(op, dtype, random_operands(op, dtype, n, 17));
    }
  }
}

TEST(Math, DenseSamples) {
  for (int32_t op = 0; op < LS_OP_COUNT; ++op) {
    if (is_exact(op)) continue;
    for (int32_t dtype : {LS_F32, LS_F64}) check_op(op, dtype, random_operands(op, dtype, 60000, 23));
  }
}

TEST(Math, SpecialValues) {
  for (int32_t op = 0; op < LS_OP_COUNT; ++op) {
    for (int32_t dtype : operand_dtypes(op)) {
      if (!is_floating(dtype) || op == LS_OP_CAST || op == LS_OP_WHERE) continue;
      std::vector<long double> values = special_values(dtype);
      int64_t count = static_cast<int64_t>(values.size());
      Array first(dtype, arity(op) == 1 ? count : count * count);
      Array second(dtype, first.size());
      for (int64_t i = 0; i < first.size(); ++i) {
        first.set(i, Scalar::of(values[static_cast<size_t>(i % count)]));
        second.set(i, Scalar::of(values[static_cast<size_t>(i / count)]));
      }
      std::vector<Array> arrays = {first};
      if (arity(op) == 2) arrays.push_back(second);
      check_op(op, dtype, arrays);
    }
  }
}

TEST(Math, ZerosKeepTheirSign) {
  for (int32_t op : {LS_OP_NEG,   LS_OP_SIGN, LS_OP_EXPM1, LS_OP_LOG1P, LS_OP_SIN,   LS_OP_TAN,    LS_OP_ASIN,
                     LS_OP_ATAN,  LS_OP_SINH, LS_OP_TANH,  LS_OP_ASINH, LS_OP_ATANH, LS_OP_SQRT,   LS_OP_CBRT,
                     LS_OP_FLOOR, LS_OP_CEIL, LS_OP_ROUND, LS_OP_TRUNC, LS_OP_ERF,   LS_OP_ERF_INV}) {
    for (int32_t dtype : {LS_F32, LS_F64}) {
      Array zeros(dtype, 2);
      zeros.set(1, Scalar::of(-0.0L));
      LoopCase loop;
      add_op(loop, op, dtype, {zeros});
      loop.run();
      bool negated = op == LS_OP_NEG;
      EXPECT_EQ(loop.slots[1].get(0).real, 0) << op_name(op);
      EXPECT_EQ(std::signbit(loop.slots[1].get(0).real), negated) << op_name(op) << " " << dtype;
      EXPECT_EQ(std::signbit(loop.slots[1].get(1).real), !negated) << op_name(op) << " " << dtype;
    }
  }
}

TEST(Math, CastsBetweenAllDtypes) {
  const int32_t dtypes[] = {LS_BOOL, LS_I32, LS_I64, LS_F32, LS_F64, LS_BF16};
  for (int32_t from : dtypes) {
    for (int32_t to : dtypes) {
      Array x = random_operands(LS_OP_CAST, from, 702, 31)[0];
      if (is_floating(from)) {
        std::vector<long double> values = special_values(from);
        for (long double exponent : {31.0L, 63.0L}) {
          for (long double sign : {1.0L, -1.0L}) values.push_back(sign * exp2l(exponent));
        }
        for (size_t i = 0; i < values.size(); ++i) x.set(static_cast<int64_t>(i), Scalar::of(values[i]));
      }
      LoopCase loop;
      loop.extents = {702};
      int value = loop.input(loop.slot(x), {1});
      int result = loop.op(LS_OP_CAST, from, value, -1, -1, to);
      loop.store(result, loop.slot(Array(to, 702)), {1});
      loop.check(0, "cast from " + std::to_string(from) + " to " + std::to_string(to));
    }
  }
}

TEST(Math, SplatOperands) {
  for (int32_t op = 0; op < LS_OP_COUNT; ++op) {
    if (arity(op) < 2) continue;
    for (int32_t dtype : operand_dtypes(op)) {
      for (unsigned splat = 1; splat < (1u << arity(op)); ++splat) {
        std::vector<Array> arrays = random_operands(op, dtype, 207, 37 + splat);
        LoopCase loop;
        loop.extents = {207};
        int values[3] = {-1, -1, -1};
        for (int i = 0; i < arity(op); ++i) values[i] = loop.input(loop.slot(arrays[i]), {splat >> i & 1 ? 0 : 1});
        int result = loop.op(op, dtype, values[0], values[1], values[2]);
        loop.store(result, loop.slot(Array(loop.dtype_of(result), 207)), {1});
        loop.check(is_exact(op) ? 0.501 : 4, std::string(op_name(op)) + " with splat " + std::to_string(splat));
      }
    }
  }
}

TEST(Math, PowersWithConstantExponents) {
  for (int32_t dtype : {LS_F32, LS_F64}) {
    for (long double exponent : {0.0L, 1.0L, -1.0L, 2.0L, 3.0L, 4.0L, 5.0L, -2.0L, 0.5L, -0.5L, 1.5L, 1e30L}) {
      std::vector<long double> special = special_values(dtype);
      Array x = random_operands(LS_OP_EXP, dtype, 1000, 5)[0];
      for (size_t i = 0; i < special.size(); ++i) x.set(static_cast<int64_t>(i), Scalar::of(special[i]));
      LoopCase loop;
      loop.extents = {1000};
      int value = loop.input(loop.slot(x), {1});
      int constant = loop.constant(dtype, Scalar::of(exponent));
      loop.store(loop.op(LS_OP_POW, dtype, value, constant), loop.slot(Array(dtype, 1000)), {1});
      loop.check(4, "exponent " + std::to_string(static_cast<double>(exponent)));
    }
  }
}

double least_nanoseconds(int32_t op, int32_t dtype, long double argument) {
  Array x(dtype, 1 << 14);
  for (int64_t i = 0; i < x.size(); ++i) x.set(i, Scalar::of(argument));
  LoopCase loop;
  add_op(loop, op, dtype, {x});
  double best = 1e30;
  for (int i = 0; i < 20; ++i) {
    auto start = std::chrono::steady_clock::now();
    loop.run();
    best = std::min(best, std::chrono::duration<double, std::nano>(std::chrono::steady_clock::now() - start).count());
  }
  return best;
}

// Masked softmax is full of exp(-inf) and of results that are denormal; they must not take a slow path.
TEST(Math, ExponentialsOfVeryNegativeNumbersAreNotSlow) {
  for (int32_t dtype : {LS_F32, LS_F64}) {
    double ordinary = least_nanoseconds(LS_OP_EXP, dtype, 1.0L);
    long double denormal = dtype == LS_F32 ? -95.0L : -730.0L;
    for (long double argument : {static_cast<long double>(-INFINITY), -1000.0L, denormal}) {
      EXPECT_LT(least_nanoseconds(LS_OP_EXP, dtype, argument), 4 * ordinary) << static_cast<double>(argument);
    }
    EXPECT_LT(least_nanoseconds(LS_OP_EXP, dtype, NAN), 4 * ordinary);
  }
}

// Around and through the range of denormal results.
TEST(Math, ExponentialsThatAreDenormal) {
  for (int32_t dtype : {LS_F32, LS_F64}) {
    long double first = dtype == LS_F32 ? -105.0L : -747.0L;
    long double last = dtype == LS_F32 ? -86.0L : -706.0L;
    Array x(dtype, 20011);
    for (int64_t i = 0; i < x.size(); ++i) x.set(i, Scalar::of(first + (last - first) * i / x.size()));
    check_op(LS_OP_EXP, dtype, {x});
  }
}

// Where the polynomials of erf_inv meet, and towards 1 in steps of an ULP.
TEST(Math, InverseErfInItsTails) {
  for (int32_t dtype : {LS_F32, LS_F64}) {
    Array x(dtype, 24000);
    for (int64_t i = 0; i < x.size(); ++i) {
      long double ulp = dtype == LS_F32 ? 0x1p-24L : 0x1p-53L;
      long double distance = i < 100 ? (i + 1) * ulp : exp2l(-static_cast<long double>(i) / 24000 * 50);
      x.set(i, Scalar::of((i % 2 ? 1 : -1) * (1 - std::max(distance, ulp))));
    }
    check_op(LS_OP_ERF_INV, dtype, {x});
  }
}

TEST(Math, InverseErfIsNotSlow) {
  for (int32_t dtype : {LS_F32, LS_F64}) {
    double logarithm = least_nanoseconds(LS_OP_LOG, dtype, 0.5L);
    for (long double x : {0.5L, 0.9999L}) EXPECT_LT(least_nanoseconds(LS_OP_ERF_INV, dtype, x), 12 * logarithm);
  }
}

}  // namespace
}  // namespace lockstep::test
