// Poolings of long windows against plain loops.
#include "pooling_cases.h"

namespace lockstep {
namespace {

const Case kCases[] = {
    {"by 1", 1, 2, {150}, {40}, {1}, {1}, {0}, {0}},
    {"padded", 2, 1, {131}, {64}, {1}, {1}, {30}, {63}},
    {"by 3", 1, 2, {500}, {101}, {3}, {1}, {7}, {0}},
    {"dilated by 2", 1, 2, {400}, {64}, {2}, {3}, {20}, {30}},
    {"phases without elements", 1, 1, {500}, {41}, {4}, {2}, {3}, {3}},
    {"channels last", 1, 20, {130}, {37}, {1}, {1}, {3}, {4}, true},
    {"few channels last", 1, 3, {130}, {37}, {1}, {1}, {3}, {4}, true},
    {"of several rows", 1, 2, {5, 120}, {3, 40}, {2, 1}, {1, 1}, {1, 10}, {1, 20}},
    {"of several planes", 1, 1, {3, 4, 90}, {2, 3, 41}, {1, 2, 1}, {1, 1, 1}, {1, 1, 0}, {0, 1, 3}},
    {"along columns", 1, 2, {140, 6}, {45, 1}, {1, 1}, {1, 1}, {4, 0}, {0, 0}},
    {"along columns, channels last", 1, 5, {140, 3}, {45, 1}, {1, 1}, {1, 1}, {4, 0}, {0, 0}, true},
    {"along planes", 1, 2, {90, 3, 2}, {40, 1, 1}, {1, 1, 1}, {1, 1, 1}, {4, 0, 0}, {0, 0, 0}},
    {"of padding alone", 1, 2, {20}, {50}, {1}, {1}, {60}, {60}},
    {"one of all elements", 1, 2, {300}, {300}, {1}, {1}, {0}, {0}},
};

TEST(LongPooling, ExtremesAgreeWithPlainLoops) {
  std::mt19937 random(1);
  check_extremes_of_all(kCases, random);
}

TEST(LongPooling, PlacesAgreeWithPlainLoops) {
  std::mt19937 random(2);
  check_places_of_all(kCases, random);
}

TEST(LongPooling, MeansAgreeWithPlainLoops) {
  std::mt19937 random(3);
  for (const Case &test : kCases) {
    check_means<float>(test, true, random);
    check_means<double>(test, false, random);
  }
}

// A running sum would carry the large number's lost digits, NaN and infinity on to windows after theirs.
TEST(LongPooling, MeansOfOtherWindowsDoNotSeeWhatOneHolds) {
  const Case test = {"", 1, 1, {600}, {50}, {1}, {1}, {0}, {0}};
  const float infinity = std::numeric_limits<float>::infinity();
  std::vector<float> x(600, 1.0f);
  x[60] = 1e30f;
  x[200] = infinity;
  x[350] = std::numeric_limits<float>::quiet_NaN();
  const ls_pooling p = test.descriptor(LS_POOLING_MEAN, LS_F32, false, true);
  const std::vector<float> means = run<float>(p, {x}, 551);
  for (size_t window = 0; window < means.size(); ++window) {
    const auto holds = [&](size_t element) { return window <= element && element < window + 50; };
    if (holds(350)) {
      ASSERT_TRUE(std::isnan(means[window])) << window;
    } else {
      ASSERT_EQ(holds(200) ? infinity : holds(60) ? 1e30f / 50 : 1.0f, means[window]) << window;
    }
  }
}

TEST(LongPooling, OneThreadAndManyGiveTheSameBits) {
  const Case test = {"", 1, 2, {20000}, {300}, {1}, {1}, {100}, {0}};
  const int64_t elements = count(test.x_extents());
  const int64_t windows = count(test.y_extents());
  std::mt19937 random(4);
  std::uniform_real_distribution<float> uniform(-1, 1);
  std::vector<float> x(static_cast<size_t>(elements));
  std::vector<float> t(static_cast<size_t>(elements));
  std::vector<float> y(static_cast<size_t>(windows));
  for (std::vector<float> *all : {&x, &t, &y}) {
    for (float &value : *all) value = uniform(random);
  }
  const int32_t threads = ls_threads_get();
  for (int32_t kind = LS_POOLING_EXTREME; kind <= LS_POOLING_SPREAD; ++kind) {
    const bool transposed = kind == LS_POOLING_PUT || kind == LS_POOLING_SPREAD;
    std::vector<std::vector<float>> inputs;
    if (kind != LS_POOLING_SPREAD) inputs.push_back(x);
    if (kind == LS_POOLING_TAKE) inputs.push_back(t);
    if (transposed) inputs.push_back(y);
    std::vector<float> results[2];
    for (const int32_t many : {1, 5}) {
      ASSERT_EQ(LS_OK, ls_threads_set(many));
      const ls_pooling p = test.descriptor(kind, LS_F32, false, true);
      results[many == 1 ? 0 : 1] = run<float>(p, inputs, transposed ? elements : windows);
    }
    EXPECT_EQ(results[0], results[1]) << kind;
  }
  ASSERT_EQ(LS_OK, ls_threads_set(threads));
}

}  // namespace
}  // namespace lockstep
