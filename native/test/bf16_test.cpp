// bf16 is stored, moved and converted; nothing computes on it.
#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "loop_reference.h"
#include "plan_fixture.h"

namespace lockstep::test {
namespace {

template <typename From, typename To>
std::vector<To> cast(const std::vector<From> &x, int32_t from, int32_t to) {
  Array array(from, static_cast<int64_t>(x.size()));
  std::memcpy(array.bytes.data(), x.data(), array.bytes.size());
  LoopCase loop;
  loop.extents = {array.size()};
  int value = loop.input(loop.slot(array), {1});
  loop.store(loop.op(LS_OP_CAST, from, value, -1, -1, to), loop.slot(Array(to, array.size())), {1});
  loop.run();
  std::vector<To> result(x.size());
  std::memcpy(result.data(), loop.slots[1].bytes.data(), loop.slots[1].bytes.size());
  return result;
}

std::vector<uint16_t> all_values() {
  std::vector<uint16_t> values(1 << 16);
  for (size_t i = 0; i < values.size(); ++i) values[i] = static_cast<uint16_t>(i);
  return values;
}

bool is_nan(uint16_t bits) { return (bits & 0x7fff) > 0x7f80; }

TEST(Bf16, IsTheUpperHalfOfF32) {
  std::vector<float> wide = cast<uint16_t, float>(all_values(), LS_BF16, LS_F32);
  std::vector<double> wider = cast<uint16_t, double>(all_values(), LS_BF16, LS_F64);
  for (uint32_t i = 0; i < wide.size(); ++i) {
    ASSERT_EQ(i << 16, std::bit_cast<uint32_t>(wide[i]));
    ASSERT_TRUE(wider[i] == static_cast<double>(wide[i]) || (std::isnan(wide[i]) && std::isnan(wider[i]))) << i;
  }
}

TEST(Bf16, EveryValueSurvivesTheWayThroughF32AndF64) {
  std::vector<uint16_t> values = all_values();
  std::vector<uint16_t> by_f32 = cast<float, uint16_t>(cast<uint16_t, float>(values, LS_BF16, LS_F32), LS_F32, LS_BF16);
  std::vector<uint16_t> by_f64 =
      cast<double, uint16_t>(cast<uint16_t, double>(values, LS_BF16, LS_F64), LS_F64, LS_BF16);
  for (size_t i = 0; i < values.size(); ++i) {
    uint16_t quiet = static_cast<uint16_t>(is_nan(values[i]) ? values[i] | 0x40 : values[i]);
    ASSERT_EQ(quiet, by_f32[i]);
    ASSERT_EQ(quiet, by_f64[i]);
  }
}

// The neighbours of a number are those with the next bit patterns; beyond the largest, 2^128 decides.
double value_of(uint32_t magnitude) {
  return magnitude == 0x7f80 ? 0x1p128 : static_cast<double>(std::bit_cast<float>(magnitude << 16));
}

uint16_t nearest(double x) {
  uint16_t sign = std::signbit(x) ? 0x8000 : 0;
  double size = std::fabs(x);
  uint32_t low = 0;
  for (uint32_t bit = 0x4000; bit != 0; bit /= 2) {
    if (low + bit <= 0x7f80 && value_of(low + bit) <= size) low += bit;
  }
  if (low == 0x7f80) return static_cast<uint16_t>(sign | low);
  double down = size - value_of(low);
  double up = value_of(low + 1) - size;
  bool upwards = up < down || (up == down && low % 2 == 1);
  return static_cast<uint16_t>(sign | (upwards ? low + 1 : low));
}

TEST(Bf16, RoundsF32ToTheNearestWithTiesToEven) {
  std::vector<float> x;
  for (uint32_t high = 0; high < 1 << 16; ++high) {
    for (uint32_t low : {0x0U, 0x1U, 0x7fffU, 0x8000U, 0x8001U, 0xffffU}) {
      float value = std::bit_cast<float>(high << 16 | low);
      if (!std::isnan(value)) x.push_back(value);
    }
  }
  std::vector<uint16_t> rounded = cast<float, uint16_t>(x, LS_F32, LS_BF16);
  for (size_t i = 0; i < x.size(); ++i) ASSERT_EQ(nearest(static_cast<double>(x[i])), rounded[i]) << x[i];
}

TEST(Bf16, NanOfF32StaysNan) {
  std::vector<float> x;
  for (uint32_t bits : {0x7f800001U, 0x7fc00000U, 0x7fffffffU, 0xff800001U, 0xffffffffU, 0x7f80ffffU}) {
    x.push_back(std::bit_cast<float>(bits));
  }
  for (uint16_t bits : cast<float, uint16_t>(x, LS_F32, LS_BF16)) EXPECT_TRUE(is_nan(bits) && (bits & 0x40) != 0);
  EXPECT_TRUE(is_nan(cast<double, uint16_t>({std::nan("")}, LS_F64, LS_BF16)[0]));
}

// Of f64 so close to the middle of two neighbours that f32 is exactly there.
TEST(Bf16, RoundsF64Once) {
  std::vector<double> x = {std::numeric_limits<double>::max(), std::numeric_limits<double>::infinity(), 0x1p-1074};
  for (uint32_t low = 0; low < 0x7f80; low += 3) {
    double tie = (value_of(low) + value_of(low + 1)) / 2;
    for (double value : {tie, std::nextafter(tie, 0), std::nextafter(tie, 1e300), tie * (1 + 0x1p-40)}) {
      x.push_back(value);
      x.push_back(-value);
    }
  }
  std::vector<uint16_t> rounded = cast<double, uint16_t>(x, LS_F64, LS_BF16);
  for (size_t i = 0; i < x.size(); ++i) ASSERT_EQ(nearest(x[i]), rounded[i]) << x[i];
}

TEST(Bf16, RoundsIntegersOnce) {
  std::vector<int64_t> x = {0, 1, -1, 255, 256, 257, 258, 259, INT64_MAX, INT64_MIN};
  std::vector<uint16_t> want;
  for (int exponent = 8; exponent < 63; ++exponent) {
    int64_t tie = (int64_t{1} << exponent) + (int64_t{1} << (exponent - 8));
    for (int64_t value : {tie - 1, tie, tie + 1, 3 * (tie / 4)}) {
      x.push_back(value);
      x.push_back(-value);
    }
  }
  Array wide(LS_I64, static_cast<int64_t>(x.size()));
  std::memcpy(wide.bytes.data(), x.data(), wide.bytes.size());
  std::vector<uint16_t> rounded = cast<int64_t, uint16_t>(x, LS_I64, LS_BF16);
  for (size_t i = 0; i < x.size(); ++i) {
    long double expected = test::rounded(Scalar::of(static_cast<long double>(x[i])), LS_BF16).real;
    ASSERT_EQ(nearest(static_cast<double>(expected)), rounded[i]) << x[i];
  }
  EXPECT_EQ(nearest(INT32_MAX), (cast<int32_t, uint16_t>({INT32_MAX}, LS_I32, LS_BF16)[0]));
}

// Reads and stores in every order of three axes, with a conversion between.
TEST(Bf16, ViewsInLoops) {
  std::vector<int64_t> extents = {9, 37, 130};
  std::vector<std::vector<size_t>> orders = {{0, 1, 2}, {0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0}};
  auto strides_in = [&](const std::vector<size_t> &order) {
    std::vector<int64_t> strides(3);
    int64_t stride = 1;
    for (size_t i = 3; i-- > 0;) {
      strides[order[i]] = stride;
      stride *= extents[order[i]];
    }
    return strides;
  };
  for (const std::vector<size_t> &read : orders) {
    for (const std::vector<size_t> &written : orders) {
      LoopCase loop;
      loop.extents = extents;
      Array x(LS_BF16, loop.elements());
      for (int64_t i = 0; i < x.size(); ++i) x.set(i, Scalar::of(i % 251 - 100));
      int value = loop.input(loop.slot(x), strides_in(read));
      int row = loop.input(loop.slot(x), {0, 0, 1});
      int wide = loop.op(LS_OP_CAST, LS_BF16, value, -1, -1, LS_F32);
      int sum = loop.op(LS_OP_ADD, LS_F32, wide, loop.op(LS_OP_CAST, LS_BF16, row, -1, -1, LS_F32));
      int narrow = loop.op(LS_OP_CAST, LS_F32, sum, -1, -1, LS_BF16);
      loop.store(narrow, loop.slot(Array(LS_BF16, loop.elements())), strides_in(written));
      loop.store(value, loop.slot(Array(LS_BF16, loop.elements())), strides_in(written));
      loop.check(0, "orders " + std::to_string(read[0]) + std::to_string(read[1]) + " and " +
                        std::to_string(written[0]) + std::to_string(written[1]));
    }
  }
}

TEST(Bf16, ResultsPastTheCaches) {
  int64_t n = (5 << 20) + 3;
  LoopCase loop;
  loop.extents = {n};
  Array x(LS_F32, n);
  for (int64_t i = 0; i < n; ++i) x.set(i, Scalar::of(static_cast<long double>(i) / 7));
  int value = loop.input(loop.slot(x), {1});
  loop.store(loop.op(LS_OP_CAST, LS_F32, value, -1, -1, LS_BF16), loop.slot(Array(LS_BF16, n)), {1});
  loop.store(loop.constant(LS_BF16, Scalar::of(1.5L)), loop.slot(Array(LS_BF16, n)), {1});
  loop.check(0, "streamed");
}

TEST(Bf16, NothingComputesOnIt) {
  TestPlan plan({64, 64}, {64});
  auto loop_of = [](int32_t op, int32_t result, int32_t b) {
    Loop loop;
    loop.extents = {4};
    loop.inputs = {operand(0, LS_BF16, 0, {1}), operand(1, LS_BF16, 0, {1})};
    loop.instructions = {{op, LS_BF16, result, 0, b, -1}};
    loop.results = {{operand(2, result, 0, {1}), 2, LS_REDUCE_NONE}};
    return loop;
  };
  const char *hint = "is not defined for bf16. Add a CAST to f32.";
  for (int32_t op = 0; op < LS_OP_COUNT; ++op) {
    if (op == LS_OP_CAST || op == LS_OP_WHERE) continue;
    EXPECT_REFUSED(LS_INVALID_ARGUMENT, hint, plan.add(loop_of(op, result_dtype(op, LS_BF16), arity(op) > 1 ? 1 : -1)));
  }
  EXPECT_EQ(LS_OK, plan.add(loop_of(LS_OP_CAST, LS_F32, -1))) << ls_last_error();
  Loop reduction = loop_of(LS_OP_CAST, LS_BF16, -1);
  reduction.reduce_rank = 1;
  reduction.results[0].reduce = LS_REDUCE_MAX;
  EXPECT_REFUSED(LS_INVALID_ARGUMENT, "loop: result 0: bf16 cannot be reduced", plan.add(reduction));
  Loop index = loop_of(LS_OP_CAST, LS_F32, -1);
  index.inputs[0] = operand(LS_SLOT_INDEX, LS_BF16, 0, {1});
  EXPECT_REFUSED(LS_INVALID_ARGUMENT, "an index is i32, i64, f32 or f64, got bf16", plan.add(index));

  const char *stored = "bf16 is only stored and moved";
  ls_sort sort{};
  sort.rank = 1;
  sort.extents[0] = 4;
  sort.keys = operand(0, LS_BF16, 0, {1});
  sort.values = operand(2, LS_BF16, 0, {1});
  EXPECT_REFUSED(LS_INVALID_ARGUMENT, stored, plan.add(sort));
  ls_cumulative cumulative{};
  cumulative.rank = 1;
  cumulative.extents[0] = 4;
  cumulative.from = operand(0, LS_BF16, 0, {1});
  cumulative.to = operand(2, LS_BF16, 0, {1});
  EXPECT_REFUSED(LS_INVALID_ARGUMENT, stored, plan.add(cumulative));
  ls_scatter scatter{};
  scatter.rank = 1;
  scatter.extents[0] = 4;
  scatter.from = operand(0, LS_BF16, 0, {1});
  scatter.to = operand(2, LS_BF16, 0, {1});
  for (int32_t mode = LS_SCATTER_ADD; mode <= LS_SCATTER_MAX; ++mode) {
    scatter.mode = mode;
    EXPECT_REFUSED(LS_INVALID_ARGUMENT, stored, plan.add(scatter));
  }
  ls_linalg linalg{};
  linalg.dtype = LS_BF16;
  EXPECT_REFUSED(LS_INVALID_ARGUMENT, "expected f32 or f64, got bf16", plan.add(linalg));
}

}  // namespace
}  // namespace lockstep::test
