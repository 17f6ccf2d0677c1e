// Sorts and cumulative steps against plain loops over each row.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <numeric>
#include <random>
#include <string>
#include <vector>

#include "plan/dtype.h"
#include "plan_fixture.h"

namespace lockstep {
namespace {

using Limits = std::numeric_limits<double>;

// A strided view of a buffer that it fills exactly.
struct Placed {
  std::vector<int64_t> strides;
  int64_t first = 0;
  int64_t size = 1;

  int64_t at(const std::vector<int64_t> &point) const {
    int64_t element = first;
    for (size_t d = 0; d < point.size(); ++d) element += point[d] * strides[d];
    return element;
  }
};

Placed any_layout(const std::vector<int64_t> &extents, std::mt19937 &random) {
  Placed placed;
  placed.strides.resize(extents.size());
  std::vector<size_t> order(extents.size());
  std::iota(order.rbegin(), order.rend(), 0);
  if (random() % 2 == 0) std::shuffle(order.begin(), order.end(), random);
  int64_t stride = random() % 4 == 0 ? 2 : 1;
  for (size_t d : order) {
    bool backwards = random() % 4 == 0;
    placed.strides[d] = backwards ? -stride : stride;
    if (extents[d] > 0) {
      if (backwards) placed.first += (extents[d] - 1) * stride;
      placed.size += (extents[d] - 1) * stride;
    }
    stride = stride * std::max<int64_t>(extents[d], 1) + (random() % 3 == 0 ? 1 : 0);
  }
  return placed;
}

template <typename T>
struct DtypeOf;
template <>
struct DtypeOf<uint8_t> {
  static constexpr int32_t value = LS_BOOL;
};
template <>
struct DtypeOf<int32_t> {
  static constexpr int32_t value = LS_I32;
};
template <>
struct DtypeOf<int64_t> {
  static constexpr int32_t value = LS_I64;
};
template <>
struct DtypeOf<float> {
  static constexpr int32_t value = LS_F32;
};
template <>
struct DtypeOf<double> {
  static constexpr int32_t value = LS_F64;
};

template <typename T>
ls_operand view(int32_t slot, const Placed &placed) {
  return operand(slot, DtypeOf<T>::value, placed.first * static_cast<int64_t>(sizeof(T)), placed.strides);
}

// Few values, so that many are equal; in floats also both zeros, infinities and NaN.
template <typename T>
T random_element(std::mt19937 &random, bool special) {
  if constexpr (std::is_same_v<T, uint8_t>) {
    return random() & 1U;
  } else {
    uint32_t kind = random() % 40;
    if constexpr (std::is_floating_point_v<T>) {
      if (special && kind < 4) {
        const T specials[] = {std::numeric_limits<T>::quiet_NaN(), std::numeric_limits<T>::infinity(),
                              -std::numeric_limits<T>::infinity(), -std::numeric_limits<T>::quiet_NaN()};
        return specials[kind];
      }
      if (kind < 8) return kind % 2 == 0 ? T{0} : -T{0};
      return static_cast<T>(static_cast<int32_t>(random() % 100) - 50) / 8;
    } else {
      if (special && kind == 0) return std::numeric_limits<T>::min();
      if (special && kind == 1) return std::numeric_limits<T>::max();
      return static_cast<T>(random() % 100) - 50;
    }
  }
}

template <typename T>
std::vector<T> random_elements(int64_t count, std::mt19937 &random, bool special) {
  std::vector<T> elements(static_cast<size_t>(count));
  for (T &element : elements) element = random_element<T>(random, special);
  return elements;
}

template <typename T>
int64_t bytes(const std::vector<T> &elements) {
  return static_cast<int64_t>(elements.size() * sizeof(T));
}

// Calls visit with each row's first point.
template <typename Visit>
void for_each_row(const std::vector<int64_t> &extents, Visit &&visit) {
  if (std::count(extents.begin(), extents.end(), 0) > 0) return;
  std::vector<int64_t> point(extents.size(), 0);
  for (;;) {
    visit(point);
    size_t d = extents.size() - 1;
    while (d > 0 && ++point[d - 1] == extents[d - 1]) point[--d] = 0;
    if (d == 0) return;
  }
}

class Sort : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_EQ(LS_OK, ls_threads_set(3)); }
  void TearDown() override { EXPECT_EQ(LS_OK, ls_threads_set(0)); }
};
using Cumulative = Sort;

template <typename T, typename Index>
void reference_sort(const std::vector<int64_t> &extents, bool descending, const std::vector<T> &keys,
                    const Placed &keys_at, std::vector<T> &values, const Placed &values_at, std::vector<Index> &indices,
                    const Placed &indices_at) {
  auto nan = [](T x) { return x != x; };
  for_each_row(extents, [&](std::vector<int64_t> point) {
    auto element = [&](const Placed &placed, int64_t i) {
      point.back() = i;
      return static_cast<size_t>(placed.at(point));
    };
    std::vector<int64_t> order(static_cast<size_t>(extents.back()));
    std::iota(order.begin(), order.end(), 0);
    std::stable_sort(order.begin(), order.end(), [&](int64_t i, int64_t j) {
      T a = keys[element(keys_at, i)];
      T b = keys[element(keys_at, j)];
      if (nan(a) || nan(b)) return descending ? nan(a) && !nan(b) : !nan(a) && nan(b);
      return descending ? a > b : a < b;
    });
    for (int64_t i = 0; i < extents.back(); ++i) {
      values[element(values_at, i)] = keys[element(keys_at, order[static_cast<size_t>(i)])];
      indices[element(indices_at, i)] = static_cast<Index>(order[static_cast<size_t>(i)]);
    }
  });
}

// wanted: 1 for values, 2 for indices.
template <typename T, typename Index>
void check_sort(const std::vector<int64_t> &extents, bool descending, int wanted, std::mt19937 &random) {
  Placed keys_at = any_layout(extents, random);
  Placed values_at = any_layout(extents, random);
  Placed indices_at = any_layout(extents, random);
  std::vector<T> keys = random_elements<T>(keys_at.size, random, true);
  std::vector<T> values(static_cast<size_t>(values_at.size), T{1});
  std::vector<Index> indices(static_cast<size_t>(indices_at.size), -7);
  std::vector<T> expected_values = values;
  std::vector<Index> expected_indices = indices;
  reference_sort(extents, descending, keys, keys_at, expected_values, values_at, expected_indices, indices_at);

  ls_sort sort{};
  sort.rank = static_cast<int32_t>(extents.size());
  std::copy(extents.begin(), extents.end(), sort.extents);
  sort.descending = descending ? 1 : 0;
  sort.keys = view<T>(0, keys_at);
  sort.values = view<T>(1, values_at);
  sort.indices = view<Index>(2, indices_at);
  if ((wanted & 1) == 0) sort.values.slot = LS_SLOT_NONE, expected_values = values;
  if ((wanted & 2) == 0) sort.indices.slot = LS_SLOT_NONE, expected_indices = indices;
  TestPlan plan({bytes(keys)}, {bytes(values), bytes(indices)});
  ASSERT_EQ(LS_OK, plan.add(sort)) << ls_last_error();
  ASSERT_EQ(LS_OK, plan.seal());
  ASSERT_EQ(LS_OK, plan.run({keys.data()}, {values.data(), indices.data()})) << ls_last_error();
  EXPECT_EQ(0, std::memcmp(expected_values.data(), values.data(), values.size() * sizeof(T))) << plan.describe();
  EXPECT_EQ(expected_indices, indices) << plan.describe();
}

template <typename T>
void check_sorts() {
  std::mt19937 random(207);
  for (bool descending : {false, true}) {
    for (int wanted : {1, 2, 3}) {
      for (int64_t n : {0, 1, 2, 13, 207, 702, 4098}) {
        check_sort<T, int32_t>({n}, descending, wanted, random);
        check_sort<T, int64_t>({3, n, 2}, descending, wanted, random);
        check_sort<T, int64_t>({2, 5, n}, descending, wanted, random);
      }
      check_sort<T, int32_t>({70, 1, 90}, descending, wanted, random);
      check_sort<T, int32_t>({0, 5}, descending, wanted, random);
    }
  }
}

TEST_F(Sort, Bool) { check_sorts<uint8_t>(); }
TEST_F(Sort, I32) { check_sorts<int32_t>(); }
TEST_F(Sort, I64) { check_sorts<int64_t>(); }
TEST_F(Sort, F32) { check_sorts<float>(); }
TEST_F(Sort, F64) { check_sorts<double>(); }

TEST_F(Sort, EveryBitOfTheKeysCounts) {
  std::mt19937_64 random(13);
  for (size_t n : {300, 5000}) {
    std::vector<int64_t> keys(n);
    for (int64_t &key : keys) key = static_cast<int64_t>(random());
    std::vector<int64_t> values(n);
    ls_sort sort{};
    sort.rank = 1;
    sort.extents[0] = static_cast<int64_t>(n);
    sort.keys = operand(0, LS_I64, 0, {1});
    sort.values = operand(1, LS_I64, 0, {1});
    sort.indices.slot = LS_SLOT_NONE;
    TestPlan plan({bytes(keys)}, {bytes(values)});
    ASSERT_EQ(LS_OK, plan.add(sort)) << ls_last_error();
    ASSERT_EQ(LS_OK, plan.seal());
    ASSERT_EQ(LS_OK, plan.run({keys.data()}, {values.data()}));
    std::sort(keys.begin(), keys.end());
    EXPECT_EQ(keys, values);
  }
}

TEST_F(Sort, RefusesWhatDoesNotFit) {
  TestPlan plan({40}, {40, 80});
  ls_sort valid{};
  valid.rank = 1;
  valid.extents[0] = 10;
  valid.keys = operand(0, LS_F32, 0, {1});
  valid.values = operand(1, LS_F32, 0, {1});
  valid.indices = operand(2, LS_I64, 0, {1});
  EXPECT_EQ(LS_OK, plan.add(valid)) << ls_last_error();
  auto refused = [&](const char *text, auto &&change) {
    ls_sort sort = valid;
    change(sort);
    EXPECT_REFUSED(LS_INVALID_ARGUMENT, text, plan.add(sort));
  };
  refused("sort: rank", [](ls_sort &s) { s.rank = 0; });
  refused("sort: rank", [](ls_sort &s) { s.rank = LS_MAX_RANK + 1; });
  refused("sort: expected extents of 0 or more", [](ls_sort &s) { s.extents[0] = -1; });
  refused("sort: keys: f32[11]", [](ls_sort &s) { s.extents[0] = 11; });
  refused("sort: keys: expected a slot", [](ls_sort &s) { s.keys.slot = LS_SLOT_INDEX; });
  refused("sort: keys: expected a dtype", [](ls_sort &s) { s.keys.dtype = -1; });
  refused("sort: keys and values: expected one dtype", [](ls_sort &s) { s.values.dtype = LS_I32; });
  refused("sort: values: f32[10]", [](ls_sort &s) { s.values.offset = 4; });
  refused("only reads", [](ls_sort &s) { s.values.slot = 0; });
  refused("10 times along dimension 0", [](ls_sort &s) { s.indices.strides[0] = 0; });
  refused("indices: expected i32 or i64, got f64", [](ls_sort &s) { s.indices.dtype = LS_F64; });
  refused("values, indices or both", [](ls_sort &s) { s.values.slot = s.indices.slot = LS_SLOT_NONE; });
}

// In long double, and for log_sum_exp over the whole part each time.
template <typename T>
T reference_cumulative(int32_t kind, const std::vector<T> &part) {
  if constexpr (std::is_floating_point_v<T>) {
    long double result = kind == LS_CUMULATE_PROD ? 1 : 0;
    long double most = *std::max_element(part.begin(), part.end());
    if (kind == LS_CUMULATE_MAX || kind == LS_CUMULATE_MIN) result = part[0];
    for (T x : part) {
      if (std::isnan(x)) return std::numeric_limits<T>::quiet_NaN();
      if (kind == LS_CUMULATE_SUM) result += x;
      if (kind == LS_CUMULATE_PROD) result *= x;
      if (kind == LS_CUMULATE_MAX) result = std::max<long double>(result, x);
      if (kind == LS_CUMULATE_MIN) result = std::min<long double>(result, x);
      if (kind == LS_CUMULATE_LOG_SUM_EXP && std::isfinite(most)) result += std::exp(x - most);
    }
    if (kind == LS_CUMULATE_LOG_SUM_EXP) result = std::isfinite(most) ? most + std::log(result) : most;
    return static_cast<T>(result);
  } else {
    uint64_t result = kind == LS_CUMULATE_PROD ? 1 : 0;
    if (kind == LS_CUMULATE_MAX) return *std::max_element(part.begin(), part.end());
    if (kind == LS_CUMULATE_MIN) return *std::min_element(part.begin(), part.end());
    for (T x : part)
      result = kind == LS_CUMULATE_SUM ? result + static_cast<uint64_t>(x) : result * static_cast<uint64_t>(x);
    if constexpr (std::is_same_v<T, uint8_t>) return result != 0;
    return static_cast<T>(result);
  }
}

template <typename T>
bool close(T expected, T actual, int64_t n, bool product) {
  if constexpr (std::is_floating_point_v<T>) {
    if (std::isnan(expected) || std::isnan(actual)) return std::isnan(expected) && std::isnan(actual);
    if (expected == actual) return true;
    T terms = product ? static_cast<T>(n) : T{4};
    T tolerance = terms * std::numeric_limits<T>::epsilon();
    return std::abs(expected - actual) <=
           tolerance * std::max(std::abs(expected), product ? std::numeric_limits<T>::min() : T{1});
  } else {
    (void)n, (void)product;
    return expected == actual;
  }
}

template <typename T>
std::string check_cumulative(int32_t kind, const std::vector<int64_t> &extents, bool reverse, bool special,
                             std::mt19937 &random) {
  Placed from_at = any_layout(extents, random);
  Placed to_at = any_layout(extents, random);
  std::vector<T> from = random_elements<T>(from_at.size, random, special);
  std::vector<T> to(static_cast<size_t>(to_at.size), T{1});
  ls_cumulative cumulative{};
  cumulative.rank = static_cast<int32_t>(extents.size());
  cumulative.kind = kind;
  cumulative.reverse = reverse ? 1 : 0;
  std::copy(extents.begin(), extents.end(), cumulative.extents);
  cumulative.from = view<T>(0, from_at);
  cumulative.to = view<T>(1, to_at);
  TestPlan plan({bytes(from)}, {bytes(to)});
  EXPECT_EQ(LS_OK, plan.add(cumulative)) << ls_last_error();
  EXPECT_EQ(LS_OK, plan.seal());
  EXPECT_EQ(LS_OK, plan.run({from.data()}, {to.data()})) << ls_last_error();
  int64_t n = extents.back();
  for_each_row(extents, [&](std::vector<int64_t> point) {
    std::vector<T> part;
    for (int64_t i = 0; i < n; ++i) {
      point.back() = reverse ? n - 1 - i : i;
      part.push_back(from[static_cast<size_t>(from_at.at(point))]);
      if (n > 1000 && i % 97 != 0) continue;
      T expected = reference_cumulative(kind, part);
      T actual = to[static_cast<size_t>(to_at.at(point))];
      EXPECT_TRUE(close(expected, actual, n, kind == LS_CUMULATE_PROD))
          << plan.describe() << " at " << i << ": expected " << +expected << ", got " << +actual;
    }
  });
  return plan.describe();
}

template <typename T>
void check_cumulatives() {
  std::mt19937 random(702);
  int32_t last = std::is_floating_point_v<T> ? LS_CUMULATE_LOG_SUM_EXP : LS_CUMULATE_MIN;
  for (int32_t kind = LS_CUMULATE_SUM; kind <= last; ++kind) {
    for (bool reverse : {false, true}) {
      for (bool special : {false, true}) {
        for (int64_t n : {0, 1, 2, 13, 207}) {
          check_cumulative<T>(kind, {n}, reverse, special, random);
          check_cumulative<T>(kind, {3, 2, n}, reverse, special, random);
          check_cumulative<T>(kind, {70, n}, reverse, special, random);
        }
        check_cumulative<T>(kind, {4098}, reverse, special, random);
        check_cumulative<T>(kind, {30, 9, 17}, reverse, special, random);
        check_cumulative<T>(kind, {130, 3, 130}, reverse, special, random);
        check_cumulative<T>(kind, {5, 0, 4}, reverse, special, random);
        if (::testing::Test::HasFailure()) return;
      }
    }
  }
}

TEST_F(Cumulative, Bool) { check_cumulatives<uint8_t>(); }
TEST_F(Cumulative, I32) { check_cumulatives<int32_t>(); }
TEST_F(Cumulative, I64) { check_cumulatives<int64_t>(); }
TEST_F(Cumulative, F32) { check_cumulatives<float>(); }
TEST_F(Cumulative, F64) { check_cumulatives<double>(); }

// x and y as one dense row each.
template <typename T>
std::vector<T> cumulate(int32_t kind, const std::vector<T> &x) {
  ls_cumulative cumulative{};
  cumulative.rank = 1;
  cumulative.kind = kind;
  cumulative.extents[0] = static_cast<int64_t>(x.size());
  cumulative.from = operand(0, DtypeOf<T>::value, 0, {1});
  cumulative.to = operand(1, DtypeOf<T>::value, 0, {1});
  TestPlan plan({bytes(x)}, {bytes(x)});
  EXPECT_EQ(LS_OK, plan.add(cumulative)) << ls_last_error();
  EXPECT_EQ(LS_OK, plan.seal());
  std::vector<T> y(x.size());
  EXPECT_EQ(LS_OK, plan.run({x.data()}, {y.data()}));
  return y;
}

TEST_F(Cumulative, SumsLoseNothing) {
  std::vector<float> tenths(1000000, 0.1F);
  EXPECT_FLOAT_EQ(1e6 * static_cast<double>(0.1F), cumulate(LS_CUMULATE_SUM, tenths).back());
  std::vector<double> x(1000001, 1e-16);
  x[0] = 1;
  EXPECT_DOUBLE_EQ(1 + 1e-10, cumulate(LS_CUMULATE_SUM, x).back());
}

TEST_F(Cumulative, LogSumExpOfInfinities) {
  double inf = Limits::infinity();
  double nan = Limits::quiet_NaN();
  double two = std::log(2.0);
  using Row = std::vector<double>;
  EXPECT_EQ(Row({-inf, -inf, 3, 3, inf, inf, inf}),
            cumulate(LS_CUMULATE_LOG_SUM_EXP, Row{-inf, -inf, 3, -inf, inf, inf, 5}));
  Row large = cumulate(LS_CUMULATE_LOG_SUM_EXP, Row{1000, 1000, -1000, 2000, nan, 1});
  EXPECT_EQ(1000, large[0]);
  EXPECT_DOUBLE_EQ(1000 + two, large[1]);
  EXPECT_DOUBLE_EQ(1000 + two, large[2]);
  EXPECT_EQ(2000, large[3]);
  EXPECT_TRUE(std::isnan(large[4]) && std::isnan(large[5]));
}

TEST_F(Cumulative, LargeOnesRunInParallel) {
  std::mt19937 random(1);
  EXPECT_PRED2(contains, check_cumulative<float>(LS_CUMULATE_MAX, {3000, 40}, false, true, random), "chunks");
}

TEST_F(Cumulative, RefusesWhatDoesNotFit) {
  TestPlan plan({40}, {40});
  ls_cumulative valid{};
  valid.rank = 1;
  valid.extents[0] = 10;
  valid.from = operand(0, LS_F32, 0, {1});
  valid.to = operand(1, LS_F32, 0, {1});
  EXPECT_EQ(LS_OK, plan.add(valid)) << ls_last_error();
  auto refused = [&](const char *text, auto &&change) {
    ls_cumulative cumulative = valid;
    change(cumulative);
    EXPECT_REFUSED(LS_INVALID_ARGUMENT, text, plan.add(cumulative));
  };
  refused("cumulative: rank", [](ls_cumulative &c) { c.rank = 0; });
  refused("expected a kind", [](ls_cumulative &c) { c.kind = 5; });
  refused("one dtype", [](ls_cumulative &c) { c.to.dtype = LS_I32; });
  refused("cumulative: from: f32[11]", [](ls_cumulative &c) { c.extents[0] = 11; });
  refused("cumulative: to: f32[10]", [](ls_cumulative &c) { c.to.strides[0] = -1; });
  refused("10 times", [](ls_cumulative &c) { c.to.strides[0] = 0; });
  refused("expected a slot", [](ls_cumulative &c) { c.from.slot = LS_SLOT_CONSTANT; });
  refused("log_sum_exp is defined for f32 and f64, got i32", [](ls_cumulative &c) {
    c.kind = LS_CUMULATE_LOG_SUM_EXP;
    c.from.dtype = c.to.dtype = LS_I32;
  });
}

}  // namespace
}  // namespace lockstep
