// Convolution steps and their transposes against plain loops.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "plan_fixture.h"

namespace lockstep {
namespace {

using Extents = std::vector<int64_t>;

int64_t count(const Extents &extents) {
  int64_t product = 1;
  for (const int64_t extent : extents) product *= extent;
  return product;
}

// Row-major strides, or those of channels last: the dimension `last` is innermost.
Extents strides_of(const Extents &extents, int32_t last) {
  Extents strides(extents.size());
  int64_t stride = 1;
  if (last >= 0) {
    strides[static_cast<size_t>(last)] = 1;
    stride = extents[static_cast<size_t>(last)];
  }
  for (size_t d = extents.size(); d-- > 0;) {
    if (static_cast<int32_t>(d) == last) continue;
    strides[d] = stride;
    stride *= extents[d];
  }
  return strides;
}

// Values that bf16 has.
std::vector<float> random_values(int64_t size, std::mt19937 &random) {
  std::uniform_real_distribution<float> uniform(-1, 1);
  std::vector<float> values(static_cast<size_t>(size));
  for (float &value : values) value = std::bit_cast<float>(std::bit_cast<uint32_t>(uniform(random)) & 0xffff0000U);
  return values;
}

// What a slot holds: f32 or bf16.
class Numbers {
 public:
  Numbers(int32_t dtype, const std::vector<float> &values) : dtype_(dtype), bytes_(values.size() * size()) {
    for (size_t i = 0; i < values.size(); ++i) {
      const uint32_t bits = std::bit_cast<uint32_t>(values[i]);
      const char *const first = reinterpret_cast<const char *>(&bits);
      std::copy_n(dtype == LS_BF16 ? first + 2 : first, size(), bytes_.data() + i * size());
    }
  }
  float operator[](size_t i) const {
    uint32_t bits = 0;
    char *const first = reinterpret_cast<char *>(&bits);
    std::copy_n(bytes_.data() + i * size(), size(), dtype_ == LS_BF16 ? first + 2 : first);
    return std::bit_cast<float>(bits);
  }
  void *data() { return bytes_.data(); }
  int64_t bytes() const { return static_cast<int64_t>(bytes_.size()); }
  bool operator==(const Numbers &other) const { return bytes_ == other.bytes_; }

 private:
  size_t size() const { return dtype_ == LS_BF16 ? 2 : 4; }

  int32_t dtype_;
  std::vector<char> bytes_;
};

// Two spatial dimensions.
struct Case {
  int64_t n, channels, out, groups;
  Extents x, kernel, stride, dilation, low, high;
  bool channels_last = false;

  Extents x_extents() const { return {n, channels, x[0], x[1]}; }
  Extents w_extents() const { return {out, channels / groups, kernel[0], kernel[1]}; }
  Extents y_extents() const { return {n, out, places(0), places(1)}; }
  int64_t places(size_t d) const {
    return (x[d] + low[d] + high[d] - (kernel[d] - 1) * dilation[d] - 1) / stride[d] + 1;
  }

  ls_convolution descriptor(int32_t kind, int32_t dtype = LS_F32) const {
    ls_convolution c{};
    c.kind = kind;
    c.spatial_rank = 2;
    c.groups = groups;
    const Extents xs = x_extents(), ws = w_extents(), ys = y_extents();
    std::copy(xs.begin(), xs.end(), c.x_extents);
    std::copy(ws.begin(), ws.end(), c.w_extents);
    std::copy(ys.begin(), ys.end(), c.y_extents);
    std::copy(stride.begin(), stride.end(), c.strides);
    std::copy(dilation.begin(), dilation.end(), c.dilation);
    std::copy(low.begin(), low.end(), c.low);
    // The result is slot 2.
    const int32_t slots[3][3] = {{0, 1, 2}, {2, 1, 0}, {0, 2, 1}};
    c.x = operand(slots[kind][0], dtype, 0, strides_of(xs, channels_last ? 1 : -1));
    c.w = operand(slots[kind][1], dtype, 0, strides_of(ws, channels_last ? 0 : -1));
    c.y = operand(slots[kind][2], dtype, 0, strides_of(ys, channels_last ? 1 : -1));
    return c;
  }

  // Calls body(place in x, place in w, place in y) for each product.
  template <typename Body>
  void for_each(const ls_convolution &c, Body &&body) const {
    const int64_t in = channels / groups;
    for (int64_t e = 0; e < n; ++e)
      for (int64_t o = 0; o < out; ++o)
        for (int64_t p = 0; p < places(0); ++p)
          for (int64_t q = 0; q < places(1); ++q)
            for (int64_t i = 0; i < in; ++i)
              for (int64_t k = 0; k < kernel[0]; ++k)
                for (int64_t l = 0; l < kernel[1]; ++l) {
                  const int64_t row = p * stride[0] + k * dilation[0] - low[0];
                  const int64_t column = q * stride[1] + l * dilation[1] - low[1];
                  if (row < 0 || row >= x[0] || column < 0 || column >= x[1]) continue;
                  const int64_t channel = o / (out / groups) * in + i;
                  const auto at = [](const ls_operand &operand, const std::array<int64_t, 4> &point) {
                    int64_t place = 0;
                    for (size_t d = 0; d < point.size(); ++d) place += point[d] * operand.strides[d];
                    return static_cast<size_t>(place);
                  };
                  body(at(c.x, {e, channel, row, column}), at(c.w, {o, i, k, l}), at(c.y, {e, o, p, q}));
                }
  }
};

const Case kCases[] = {
    {3, 8, 16, 1, {9, 10}, {3, 3}, {1, 1}, {1, 1}, {1, 1}, {1, 1}},
    {17, 5, 20, 1, {8, 11}, {2, 3}, {2, 3}, {1, 1}, {0, 1}, {1, 1}},
    {2, 6, 12, 3, {9, 9}, {3, 2}, {1, 2}, {2, 1}, {2, 0}, {2, 1}},
    {1, 4, 4, 4, {6, 7}, {3, 3}, {1, 1}, {1, 1}, {1, 1}, {1, 1}},
    {2, 16, 70, 1, {12, 12}, {3, 3}, {2, 2}, {1, 1}, {0, 0}, {0, 0}, true},
    {2, 16, 100, 1, {10, 10}, {3, 3}, {1, 1}, {1, 1}, {1, 1}, {1, 1}},
    // One example; few channels, whose gradient is a sum of parts.
    {1, 3, 70, 1, {45, 44}, {5, 5}, {2, 2}, {1, 1}, {1, 2}, {2, 2}},
    // Groups, the last part with fewer; one output channel each.
    {1, 35, 42, 7, {36, 36}, {3, 3}, {1, 1}, {1, 1}, {1, 1}, {1, 1}},
    {5, 40, 40, 40, {36, 35}, {3, 3}, {1, 1}, {1, 1}, {1, 1}, {1, 1}},
    {1, 72, 72, 72, {60, 60}, {3, 3}, {1, 1}, {1, 1}, {1, 1}, {1, 1}, true},
    // Long sums: of channels, of places.
    {2, 400, 16, 1, {6, 6}, {3, 3}, {1, 1}, {1, 1}, {1, 1}, {1, 1}},
    {9, 2, 6, 1, {40, 40}, {5, 3}, {1, 1}, {1, 1}, {2, 1}, {2, 1}},
    // Kernels of one element.
    {2, 20, 18, 1, {24, 24}, {1, 1}, {1, 1}, {1, 1}, {0, 0}, {0, 0}},
    {2, 20, 18, 1, {24, 24}, {1, 1}, {1, 1}, {1, 1}, {0, 0}, {0, 0}, true},
    {2, 9, 18, 1, {24, 24}, {1, 1}, {2, 1}, {1, 1}, {0, 0}, {0, 0}},
    // Kernels of groups whose gradients oneDNN computes with channels last only.
    {2, 16, 24, 2, {12, 12}, {3, 3}, {1, 1}, {1, 1}, {1, 1}, {1, 1}},
    {2, 20, 20, 20, {14, 13}, {7, 7}, {1, 1}, {1, 1}, {3, 3}, {3, 3}},
    {2, 20, 20, 20, {14, 13}, {7, 7}, {1, 1}, {1, 1}, {3, 3}, {3, 3}, true},
};

// One example, large enough to be shared out by rows.
const Case kRows[] = {
    {1, 8, 20, 1, {40, 40}, {3, 3}, {1, 1}, {1, 1}, {1, 1}, {1, 1}, true},
    {1, 40, 64, 1, {30, 30}, {1, 1}, {1, 1}, {1, 1}, {0, 0}, {0, 0}, true},
    {1, 10, 33, 1, {61, 30}, {3, 3}, {2, 1}, {2, 1}, {3, 1}, {2, 1}, true},
    {1, 2, 200, 1, {70, 40}, {4, 3}, {3, 2}, {1, 1}, {1, 0}, {2, 1}},
    {1, 2, 200, 1, {70, 40}, {4, 3}, {3, 2}, {1, 1}, {1, 0}, {2, 1}, true},
    {1, 72, 72, 72, {60, 60}, {3, 3}, {1, 1}, {1, 1}, {1, 1}, {1, 1}, true},
    // The windows of some rows lie in the padding alone, or touch few rows of the operand.
    {1, 8, 40, 1, {6, 20}, {3, 3}, {1, 1}, {1, 1}, {20, 1}, {20, 1}, true},
    {1, 8, 100, 1, {60, 60}, {2, 2}, {5, 1}, {1, 1}, {0, 0}, {0, 1}, true},
};

void expect_plain_loops(const Case &test, int32_t kind, int32_t dtype, std::mt19937 &random) {
  const ls_convolution c = test.descriptor(kind, dtype);
  const int64_t sizes[] = {count(test.x_extents()), count(test.w_extents()), count(test.y_extents())};
  const int32_t result = kind == LS_CONVOLUTION_FORWARD ? 2 : kind == LS_CONVOLUTION_INPUT ? 0 : 1;
  const int32_t slots[] = {c.x.slot, c.w.slot, c.y.slot};
  std::vector<Numbers> values;
  std::vector<int64_t> inputs(2);
  std::vector<const void *> addresses(2);
  for (const int64_t size : sizes) values.emplace_back(dtype, random_values(size, random));
  for (int32_t i = 0; i < 3; ++i) {
    if (i == result) continue;
    inputs[static_cast<size_t>(slots[i])] = values[static_cast<size_t>(i)].bytes();
    addresses[static_cast<size_t>(slots[i])] = values[static_cast<size_t>(i)].data();
  }
  std::vector<double> expected(static_cast<size_t>(sizes[result]), 0);
  test.for_each(c, [&](size_t x, size_t w, size_t y) {
    const double a = result == 0 ? values[2][y] : values[0][x];
    const double b = result == 1 ? values[2][y] : values[1][w];
    expected[result == 0 ? x : result == 1 ? w : y] += a * b;
  });
  Numbers &actual = values[static_cast<size_t>(result)];
  TestPlan plan(inputs, {actual.bytes()});
  ASSERT_EQ(LS_OK, plan.add(c)) << ls_last_error();
  ASSERT_EQ(LS_OK, plan.seal());
  ASSERT_EQ(LS_OK, plan.run(addresses, {actual.data()})) << ls_last_error();
  double products = 0;
  test.for_each(c, [&](size_t, size_t, size_t) { ++products; });
  const double summing = 4e-5 * std::sqrt(products / static_cast<double>(expected.size()));
  for (size_t i = 0; i < expected.size(); ++i) {
    // bf16 is rounded once, by half a unit in the last place.
    const double rounding = dtype == LS_BF16 ? std::ldexp(1, std::ilogb(std::fabs(expected[i]) + summing) - 8) : 0;
    ASSERT_NEAR(expected[i], actual[i], summing + rounding) << plan.describe() << " at " << i;
  }
}

class ConvolutionOf : public testing::TestWithParam<int32_t> {};

TEST_P(ConvolutionOf, AgreesWithPlainLoops) {
  std::mt19937 random(1);
  for (const Case &test : kCases) {
    for (int32_t kind = LS_CONVOLUTION_FORWARD; kind <= LS_CONVOLUTION_KERNEL; ++kind) {
      expect_plain_loops(test, kind, GetParam(), random);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Convolution, ConvolutionOf, testing::Values(LS_F32, LS_BF16),
                         [](const auto &info) { return std::string(info.param == LS_BF16 ? "Bf16" : "F32"); });

// The last part has one group, whose kernel oneDNN takes as it is.
TEST(Convolution, SharesOutGroupsOfUnequalParts) {
  std::mt19937 random(2);
  const int32_t threads = ls_threads_get();
  for (const int32_t many : {3, 4, 8}) {
    ASSERT_EQ(LS_OK, ls_threads_set(many));
    for (const Case &test : {Case{2, 6, 15, 3, {64, 64}, {3, 3}, {1, 1}, {1, 1}, {0, 0}, {0, 0}},
                             Case{3, 9, 51, 3, {128, 128}, {1, 1}, {1, 1}, {1, 1}, {0, 0}, {0, 0}}}) {
      expect_plain_loops(test, LS_CONVOLUTION_FORWARD, LS_F32, random);
    }
  }
  ASSERT_EQ(LS_OK, ls_threads_set(threads));
}

TEST(Convolution, SharesOutRows) {
  std::mt19937 random(3);
  const int32_t threads = ls_threads_get();
  ASSERT_EQ(LS_OK, ls_threads_set(3));
  for (const Case &test : kRows) {
    for (int32_t kind = LS_CONVOLUTION_FORWARD; kind <= LS_CONVOLUTION_KERNEL; ++kind) {
      expect_plain_loops(test, kind, LS_F32, random);
    }
  }
  ASSERT_EQ(LS_OK, ls_threads_set(threads));
}

// The gradient of an image with few channels: no element but those of the windows at an infinity becomes infinite.
TEST(Convolution, KeepsInfinitiesInTheirWindows) {
  const Case test = {1, 3, 16, 1, {40, 41}, {5, 5}, {2, 2}, {1, 1}, {2, 2}, {2, 2}};
  const ls_convolution c = test.descriptor(LS_CONVOLUTION_INPUT);
  std::vector<float> cotangents(static_cast<size_t>(count(test.y_extents())), 1);
  const size_t place = static_cast<size_t>(c.y.strides[1] * 3 + c.y.strides[2] * 9 + c.y.strides[3] * 8);
  cotangents[place] = std::numeric_limits<float>::infinity();
  const std::vector<float> kernel(static_cast<size_t>(count(test.w_extents())), 1);
  std::vector<float> result(static_cast<size_t>(count(test.x_extents())));
  std::vector<bool> reached(result.size());
  test.for_each(c, [&](size_t x, size_t, size_t y) { reached[x] = reached[x] || y == place; });
  TestPlan plan({static_cast<int64_t>(cotangents.size() * 4), static_cast<int64_t>(kernel.size() * 4)},
                {static_cast<int64_t>(result.size() * 4)});
  ASSERT_EQ(LS_OK, plan.add(c)) << ls_last_error();
  ASSERT_EQ(LS_OK, plan.seal());
  ASSERT_EQ(LS_OK, plan.run({cotangents.data(), kernel.data()}, {result.data()})) << ls_last_error();
  for (size_t i = 0; i < result.size(); ++i) EXPECT_EQ(reached[i], std::isinf(result[i])) << i << " " << result[i];
}

// max(y + bias, y) where y is, and its square elsewhere: the bits that a step of its own gives.
TEST(Convolution, RunsAnEpilogueOnItsParts) {
  std::mt19937 random(2);
  std::vector<Case> cases(std::begin(kCases), std::end(kCases));
  cases.insert(cases.end(), std::begin(kRows), std::end(kRows));
  for (const Case &test : cases) {
    const int64_t size = count(test.y_extents());
    Numbers x(LS_F32, random_values(count(test.x_extents()), random));
    Numbers w(LS_F32, random_values(count(test.w_extents()), random));
    Numbers bias(LS_F32, random_values(test.out, random));
    const int64_t floats = size * 4;
    ls_convolution c = test.descriptor(LS_CONVOLUTION_FORWARD);
    c.y.slot = 3;
    Loop loop;
    loop.extents = test.y_extents();
    loop.inputs = {c.y, operand(2, LS_F32, 0, {0, 1, 0, 0})};
    loop.instructions = {{LS_OP_ADD, LS_F32, LS_F32, 0, 1, -1},
                         {LS_OP_MAX, LS_F32, LS_F32, 2, 0, -1},
                         {LS_OP_MUL, LS_F32, LS_F32, 3, 3, -1}};
    loop.results = {{c.y, 3, LS_REDUCE_NONE},
                    {operand(4, LS_F32, 0, strides_of(test.y_extents(), -1)), 4, LS_REDUCE_NONE}};
    const ls_loop epilogue = loop.descriptor();
    std::vector<Numbers> results(4, Numbers(LS_F32, std::vector<float>(static_cast<size_t>(size), 7)));
    for (const bool fused : {false, true}) {
      TestPlan plan({x.bytes(), w.bytes(), bias.bytes()}, {floats, floats});
      c.epilogue = fused ? &epilogue : nullptr;
      ASSERT_EQ(LS_OK, plan.add(c)) << ls_last_error();
      if (!fused) {
        ASSERT_EQ(LS_OK, plan.add(loop)) << ls_last_error();
      }
      ASSERT_EQ(LS_OK, plan.seal());
      ASSERT_EQ(LS_OK, plan.run({x.data(), w.data(), bias.data()},
                                {results[fused ? 2 : 0].data(), results[fused ? 3 : 1].data()}));
      EXPECT_EQ(fused, contains(plan.describe(), " + epilogue of 3 ops, 2 results")) << plan.describe();
    }
    EXPECT_TRUE(results[0] == results[2]) << test.out;
    EXPECT_TRUE(results[1] == results[3]) << test.out;
  }
}

TEST(Convolution, RefusesWhatDoesNotFit) {
  const Case test = kCases[0];
  TestPlan plan({count(test.x_extents()) * 4, count(test.w_extents()) * 4}, {count(test.y_extents()) * 4});
  ls_convolution c = test.descriptor(LS_CONVOLUTION_FORWARD);
  c.kind = 3;
  EXPECT_REFUSED(LS_INVALID_ARGUMENT, "expected a kind from 0 to 2, got 3", plan.add(c));
  c = test.descriptor(LS_CONVOLUTION_FORWARD);
  c.spatial_rank = 4;
  EXPECT_REFUSED(LS_INVALID_ARGUMENT, "1 to 3 spatial dimensions, got 4", plan.add(c));
  c = test.descriptor(LS_CONVOLUTION_FORWARD);
  c.groups = 2;
  EXPECT_REFUSED(LS_INVALID_ARGUMENT, "do not fit for 2 groups", plan.add(c));
  c = test.descriptor(LS_CONVOLUTION_FORWARD);
  c.y_extents[2] = 4;
  EXPECT_REFUSED(LS_INVALID_ARGUMENT, "expected y to end where x does", plan.add(c));
  c = test.descriptor(LS_CONVOLUTION_FORWARD);
  c.x.strides[3] = 0;
  EXPECT_REFUSED(LS_INVALID_ARGUMENT, "convolution: x: expected strides of 1 or more", plan.add(c));
  c = test.descriptor(LS_CONVOLUTION_FORWARD);
  c.w.offset = 4;
  EXPECT_REFUSED(LS_INVALID_ARGUMENT, "convolution: w", plan.add(c));
  c = test.descriptor(LS_CONVOLUTION_FORWARD);
  c.y.dtype = LS_F64;
  EXPECT_REFUSED(LS_INVALID_ARGUMENT, "convolution: y: expected f32 or bf16, got f64", plan.add(c));
  c = test.descriptor(LS_CONVOLUTION_FORWARD);
  c.w.dtype = LS_BF16;
  EXPECT_REFUSED(LS_INVALID_ARGUMENT, "convolution: x and w: expected one dtype, got from f32 to bf16", plan.add(c));
  c = test.descriptor(LS_CONVOLUTION_FORWARD);
  c.dilation[0] = 0x5555555555555556;
  EXPECT_REFUSED(LS_INVALID_ARGUMENT, "convolution: spatial dimension 0 is too large", plan.add(c));
  c = test.descriptor(LS_CONVOLUTION_FORWARD);
  c.low[1] = INT64_MAX;
  EXPECT_REFUSED(LS_INVALID_ARGUMENT, "convolution: spatial dimension 1 is too large", plan.add(c));
  Loop loop;
  loop.extents = {3, 16, 9, 9};
  ls_loop epilogue = loop.descriptor();
  c = test.descriptor(LS_CONVOLUTION_FORWARD);
  c.epilogue = &epilogue;
  EXPECT_REFUSED(LS_INVALID_ARGUMENT, "convolution: epilogue: expected a loop over the result's dimensions",
                 plan.add(c));
  c = test.descriptor(LS_CONVOLUTION_KERNEL);
  c.epilogue = &epilogue;
  EXPECT_REFUSED(LS_INVALID_ARGUMENT, "convolution: expected no epilogue of a gradient", plan.add(c));
}

}  // namespace
}  // namespace lockstep
