// Convolution steps and their transposes against plain loops.
#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
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

std::vector<float> random_values(int64_t size, std::mt19937 &random) {
  std::uniform_real_distribution<float> uniform(-1, 1);
  std::vector<float> values(static_cast<size_t>(size));
  for (float &value : values) value = uniform(random);
  return values;
}

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

  ls_convolution descriptor(int32_t kind) const {
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
    c.x = operand(slots[kind][0], LS_F32, 0, strides_of(xs, channels_last ? 1 : -1));
    c.w = operand(slots[kind][1], LS_F32, 0, strides_of(ws, channels_last ? 0 : -1));
    c.y = operand(slots[kind][2], LS_F32, 0, strides_of(ys, channels_last ? 1 : -1));
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
                  const auto at = [](const ls_operand &operand, const Extents &point) {
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
};

TEST(Convolution, AgreesWithPlainLoops) {
  std::mt19937 random(1);
  for (const Case &test : kCases) {
    for (int32_t kind = LS_CONVOLUTION_FORWARD; kind <= LS_CONVOLUTION_KERNEL; ++kind) {
      const ls_convolution c = test.descriptor(kind);
      const int64_t sizes[] = {count(test.x_extents()), count(test.w_extents()), count(test.y_extents())};
      const int32_t result = kind == LS_CONVOLUTION_FORWARD ? 2 : kind == LS_CONVOLUTION_INPUT ? 0 : 1;
      const int32_t slots[] = {c.x.slot, c.w.slot, c.y.slot};
      std::vector<float> values[3];
      std::vector<int64_t> inputs(2);
      std::vector<const void *> addresses(2);
      for (int32_t i = 0; i < 3; ++i) {
        values[i] = random_values(sizes[i], random);
        if (i == result) continue;
        inputs[static_cast<size_t>(slots[i])] = sizes[i] * 4;
        addresses[static_cast<size_t>(slots[i])] = values[i].data();
      }
      std::vector<double> expected(static_cast<size_t>(sizes[result]), 0);
      test.for_each(c, [&](size_t x, size_t w, size_t y) {
        const double a = result == 0 ? values[2][y] : values[0][x];
        const double b = result == 1 ? values[2][y] : values[1][w];
        expected[result == 0 ? x : result == 1 ? w : y] += a * b;
      });
      TestPlan plan(inputs, {sizes[result] * 4});
      ASSERT_EQ(LS_OK, plan.add(c)) << ls_last_error();
      ASSERT_EQ(LS_OK, plan.seal());
      ASSERT_EQ(LS_OK, plan.run(addresses, {values[result].data()})) << ls_last_error();
      for (size_t i = 0; i < expected.size(); ++i) {
        ASSERT_NEAR(expected[i], values[result][i], 2e-4) << plan.describe() << " at " << i;
      }
    }
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
  EXPECT_REFUSED(LS_INVALID_ARGUMENT, "convolution: y: expected f32, got f64", plan.add(c));
}

}  // namespace
}  // namespace lockstep
