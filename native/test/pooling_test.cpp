// Pooling steps against plain loops.
#include "pooling_cases.h"

namespace lockstep {
namespace {

const Case kCases[] = {
    {"2x2 by 2", 2, 3, {8, 12}, {2, 2}, {2, 2}, {1, 1}, {0, 0}, {0, 0}},
    {"3x3 by 2, wide", 1, 2, {9, 75}, {3, 3}, {2, 2}, {1, 1}, {1, 1}, {1, 1}},
    {"3x3 by 1", 2, 2, {7, 38}, {3, 3}, {1, 1}, {1, 1}, {1, 1}, {1, 1}},
    {"channels last", 2, 35, {9, 10}, {3, 3}, {2, 2}, {1, 1}, {1, 0}, {0, 1}, true},
    {"channels last by 1", 2, 70, {6, 7}, {3, 2}, {1, 1}, {1, 1}, {1, 1}, {1, 0}, true},
    {"dilated", 1, 2, {11, 17}, {3, 2}, {2, 3}, {2, 4}, {3, 2}, {1, 5}},
    {"gaps between windows", 1, 2, {12, 23}, {2, 2}, {3, 5}, {1, 1}, {0, 1}, {0, 0}},
    {"padding beyond the window", 1, 1, {4, 5}, {2, 2}, {1, 2}, {1, 1}, {3, 4}, {3, 5}},
    {"one axis", 2, 3, {700}, {5}, {3}, {2}, {4}, {1}},
    {"one long axis", 1, 1, {200000}, {7}, {2}, {1}, {3}, {3}},
    {"three axes", 2, 3, {5, 6, 9}, {2, 3, 2}, {1, 2, 2}, {1, 1, 1}, {1, 1, 0}, {0, 1, 1}},
    {"three axes, channels last", 1, 20, {4, 5, 6}, {2, 2, 3}, {2, 1, 1}, {1, 2, 1}, {0, 1, 1}, {1, 0, 1}, true},
    {"many tiles", 1, 2, {300, 310}, {4, 5}, {2, 1}, {1, 1}, {2, 2}, {1, 2}},
    {"short rows of many channels", 2, 70, {7, 7}, {3, 3}, {2, 2}, {1, 1}, {1, 1}, {1, 1}},
    {"short rows of many channels by 3", 2, 70, {7, 7}, {3, 3}, {3, 3}, {1, 1}, {1, 1}, {1, 1}},
    {"lines of one vector and less", 1, 3, {5, 21}, {2, 3}, {1, 2}, {1, 1}, {1, 2}, {0, 2}},
    {"last columns without windows", 1, 2, {6, 50}, {2, 2}, {2, 2}, {1, 1}, {0, 1}, {0, 0}},
    {"five by one, channels last", 1, 19, {3, 9}, {2, 5}, {2, 1}, {1, 1}, {1, 4}, {1, 4}, true},
    {"gaps, channels last", 1, 33, {8, 9}, {2, 2}, {3, 4}, {1, 1}, {0, 1}, {0, 0}, true},
    {"whole image", 3, 5, {13, 11}, {13, 11}, {1, 1}, {1, 1}, {0, 0}, {0, 0}},
    {"no windows", 1, 2, {3, 4}, {5, 2}, {1, 1}, {1, 1}, {0, 0}, {0, 0}},
    {"no elements", 1, 2, {0, 4}, {2, 2}, {1, 1}, {1, 1}, {2, 0}, {2, 0}},
    {"no examples", 0, 2, {4, 4}, {2, 2}, {1, 1}, {1, 1}, {0, 0}, {0, 0}},
};

TEST(Pooling, ExtremesAgreeWithPlainLoops) {
  std::mt19937 random(1);
  check_extremes_of_all(kCases, random);
}

TEST(Pooling, PlacesAgreeWithPlainLoops) {
  std::mt19937 random(2);
  check_places_of_all(kCases, random);
}

TEST(Pooling, MeansAgreeWithPlainLoops) {
  std::mt19937 random(3);
  for (const Case &test : kCases) {
    for (const bool count_padding : {false, true}) {
      check_means<float>(test, count_padding, random);
      check_means<double>(test, count_padding, random);
    }
  }
}

TEST(Pooling, OneThreadAndManyGiveTheSameBits) {
  std::mt19937 random(4);
  const Case &test =
      *std::find_if(std::begin(kCases), std::end(kCases), [](const Case &c) { return c.name == "many tiles"; });
  const int64_t elements = count(test.x_extents());
  std::uniform_real_distribution<float> uniform(-1, 1);
  std::vector<float> x(static_cast<size_t>(elements));
  std::vector<float> y(static_cast<size_t>(count(test.y_extents())));
  for (float &value : x) value = uniform(random);
  for (float &value : y) value = uniform(random);
  const int32_t threads = ls_threads_get();
  std::vector<float> results[2];
  for (const int32_t many : {1, 5}) {
    ASSERT_EQ(LS_OK, ls_threads_set(many));
    const ls_pooling p = test.descriptor(LS_POOLING_PUT, LS_F32, false, true);
    results[many == 1 ? 0 : 1] = run<float>(p, {x, y}, elements);
  }
  ASSERT_EQ(LS_OK, ls_threads_set(threads));
  EXPECT_EQ(results[0], results[1]);
}

// One number for all windows, as the gradient of a sum has, and an image that all examples share.
TEST(Pooling, ReadsOperandsOfStrideZero) {
  const Case test = {"", 3, 2, {5, 6}, {2, 2}, {1, 1}, {1, 1}, {0, 0}, {0, 0}};
  ls_pooling p = test.descriptor(LS_POOLING_PUT, LS_F32, false, true);
  p.x.strides[0] = 0;
  for (int64_t &stride : p.y.strides) stride = 0;
  std::mt19937 random(5);
  const std::vector<float> one = values<float>(2 * 5 * 6, random, true);
  std::vector<float> x;
  for (int e = 0; e < 3; ++e) x.insert(x.end(), one.begin(), one.end());
  std::vector<float> expected(x.size(), 0);
  for (const int64_t place : places_of(test, x, false)) expected[static_cast<size_t>(place)] += 3;
  expect_equal(expected, run<float>(p, {one, {3}}, count(test.x_extents())), "put");
}

TEST(Pooling, NoWindowsPutNothing) {
  const Case test = {"", 33, 2, {6, 65}, {1, 4}, {5, 5}, {7, 7}, {0, 0}, {0, 0}};
  ls_pooling p = test.descriptor(LS_POOLING_PUT, LS_F32, false, true);
  p.y_extents[2] = p.y_extents[3] = 0;
  std::mt19937 random(6);
  const int64_t elements = count(test.x_extents());
  const std::vector<float> x = values<float>(elements, random, true);
  expect_equal(std::vector<float>(x.size(), 0), run<float>(p, {x, {}}, elements), "put");
}

TEST(Pooling, RefusesWhatDoesNotFit) {
  const Case &test = kCases[0];
  TestPlan plan({count(test.x_extents()) * 4}, {count(test.y_extents()) * 4});
  const auto descriptor = [&] { return test.descriptor(LS_POOLING_EXTREME, LS_F32, false, true); };
  ls_pooling p = descriptor();
  p.kind = 5;
  EXPECT_REFUSED(LS_INVALID_ARGUMENT, "expected a kind from 0 to 4, got 5", plan.add(p));
  p = descriptor();
  p.spatial_rank = 4;
  EXPECT_REFUSED(LS_INVALID_ARGUMENT, "1 to 3 of 4 dimensions to be spatial, got 4 from 2 on", plan.add(p));
  p = descriptor();
  p.first_spatial = std::numeric_limits<int32_t>::max();
  EXPECT_REFUSED(LS_INVALID_ARGUMENT, "of 4 dimensions to be spatial", plan.add(p));
  p = descriptor();
  p.window[0] = p.window[1] = 3;
  p.dilation[0] = p.dilation[1] = int64_t{1} << 39;
  EXPECT_REFUSED(LS_INVALID_ARGUMENT, "is too large", plan.add(p));
  p = descriptor();
  p.strides[1] = 0;
  EXPECT_REFUSED(LS_INVALID_ARGUMENT, "expected windows, strides and dilation of 1 or more", plan.add(p));
  p = descriptor();
  p.low[0] = -1;
  EXPECT_REFUSED(LS_INVALID_ARGUMENT, "padding of 0 or more", plan.add(p));
  p = descriptor();
  p.window[0] = p.window[1] = 1 << 20;
  EXPECT_REFUSED(LS_INVALID_ARGUMENT, "are too large", plan.add(p));
  p = descriptor();
  p.y_extents[1] = 2;
  EXPECT_REFUSED(LS_INVALID_ARGUMENT, "differ in dimension 1, which is not spatial", plan.add(p));
  p = descriptor();
  p.x.offset = 4;
  EXPECT_REFUSED(LS_INVALID_ARGUMENT, "pooling: x", plan.add(p));
  p = descriptor();
  p.y.dtype = LS_F64;
  EXPECT_REFUSED(LS_INVALID_ARGUMENT, "pooling: expected one dtype, got from f32 to f64", plan.add(p));
  p = descriptor();
  p.x.dtype = p.y.dtype = LS_BOOL;
  EXPECT_REFUSED(LS_INVALID_ARGUMENT, "pooling: x: expected i32, i64, f32 or f64, got bool", plan.add(p));
  p = descriptor();
  p.y.slot = 0;
  EXPECT_REFUSED(LS_INVALID_ARGUMENT, "which a plan only reads", plan.add(p));
  p = test.descriptor(LS_POOLING_MEAN, LS_I32, false, true);
  EXPECT_REFUSED(LS_INVALID_ARGUMENT, "pooling: x: expected f32 or f64, got i32", plan.add(p));
}

}  // namespace
}  // namespace lockstep
