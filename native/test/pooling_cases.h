// Poolings of tests, and the plain loops that they must agree with.
#pragma once

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <functional>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "plan_fixture.h"

namespace lockstep {

using Extents = std::vector<int64_t>;

template <typename T>
constexpr int32_t kDType = std::is_same_v<T, float>     ? LS_F32
                           : std::is_same_v<T, double>  ? LS_F64
                           : std::is_same_v<T, int32_t> ? LS_I32
                                                        : LS_I64;

inline int64_t count(const Extents &extents) {
  int64_t product = 1;
  for (const int64_t extent : extents) product *= extent;
  return product;
}

// Images [n, c, spatial...], or with the channels last in memory.
struct Case {
  std::string name;
  int64_t n, channels;
  Extents x, window, stride, dilation, low, high;
  bool channels_last = false;

  size_t axes() const { return x.size(); }
  int64_t places(size_t i) const {
    const int64_t room = x[i] + low[i] + high[i] - (window[i] - 1) * dilation[i] - 1;
    return room < 0 ? 0 : room / stride[i] + 1;
  }
  Extents x_extents() const {
    Extents extents = {n, channels};
    extents.insert(extents.end(), x.begin(), x.end());
    return extents;
  }
  Extents y_extents() const {
    Extents extents = {n, channels};
    for (size_t i = 0; i < axes(); ++i) extents.push_back(places(i));
    return extents;
  }
  Extents strides_of(const Extents &extents) const {
    Extents strides(extents.size());
    int64_t stride = channels_last ? channels : 1;
    for (size_t d = extents.size(); d-- > 0;) {
      if (channels_last && d == 1) {
        strides[d] = 1;
        continue;
      }
      strides[d] = stride;
      stride *= extents[d];
    }
    return strides;
  }

  // The operands are slots 0, 1, ... as they are read, then the result's.
  ls_pooling descriptor(int32_t kind, int32_t dtype, bool least, bool count_padding) const {
    ls_pooling p{};
    p.kind = kind;
    p.least = least ? 1 : 0;
    p.count_padding = count_padding ? 1 : 0;
    p.first_spatial = 2;
    p.spatial_rank = static_cast<int32_t>(axes());
    p.rank = p.spatial_rank + 2;
    const Extents xs = x_extents();
    const Extents ys = y_extents();
    std::copy(xs.begin(), xs.end(), p.x_extents);
    std::copy(ys.begin(), ys.end(), p.y_extents);
    std::copy(window.begin(), window.end(), p.window);
    std::copy(stride.begin(), stride.end(), p.strides);
    std::copy(dilation.begin(), dilation.end(), p.dilation);
    std::copy(low.begin(), low.end(), p.low);
    const bool two = kind == LS_POOLING_TAKE || kind == LS_POOLING_PUT;
    const int32_t last = two ? 2 : 1;
    const bool transposed = kind == LS_POOLING_PUT || kind == LS_POOLING_SPREAD;
    p.x = operand(kind == LS_POOLING_SPREAD ? last : 0, dtype, 0, strides_of(xs));
    p.t = operand(two ? (transposed ? last : 1) : LS_SLOT_NONE, dtype, 0, strides_of(xs));
    p.y = operand(transposed ? (two ? 1 : 0) : last, dtype, 0, strides_of(ys));
    return p;
  }

  // Calls body(window, element of x) for each pair, in row-major order of both; the numbers are places in memory.
  void for_each(const std::function<void(size_t, size_t)> &body) const {
    const Extents xs = strides_of(x_extents());
    const Extents ys = strides_of(y_extents());
    for (int64_t e = 0; e < n * channels; ++e) {
      const int64_t x_base = e / channels * xs[0] + e % channels * xs[1];
      const int64_t y_base = e / channels * ys[0] + e % channels * ys[1];
      Extents place(axes());
      walk(0, x_base, y_base, xs, ys, place, body);
    }
  }

  double counted(size_t window_place, bool count_padding, const std::vector<int64_t> &inside) const {
    return static_cast<double>(count_padding ? count(window) : inside[window_place]);
  }

  void walk(size_t axis, int64_t from, int64_t to, const Extents &xs, const Extents &ys, Extents &place,
            const std::function<void(size_t, size_t)> &body) const {
    if (axis == axes()) return elements(0, from, to, xs, place, body);
    for (int64_t p = 0; p < places(axis); ++p) {
      place[axis] = p;
      walk(axis + 1, from, to + p * ys[axis + 2], xs, ys, place, body);
    }
  }
  void elements(size_t axis, int64_t from, int64_t to, const Extents &xs, const Extents &place,
                const std::function<void(size_t, size_t)> &body) const {
    if (axis == axes()) return body(static_cast<size_t>(to), static_cast<size_t>(from));
    for (int64_t k = 0; k < window[axis]; ++k) {
      const int64_t at = place[axis] * stride[axis] + k * dilation[axis] - low[axis];
      if (at >= 0 && at < x[axis]) elements(axis + 1, from + at * xs[axis + 2], to, xs, place, body);
    }
  }
};

template <typename T>
T worst(bool least) {
  using Limits = std::numeric_limits<T>;
  if (Limits::has_infinity) return least ? Limits::infinity() : -Limits::infinity();
  return least ? Limits::max() : Limits::lowest();
}

// Few distinct values, so that there are ties; some NaN and infinities if wanted.
template <typename T>
std::vector<T> values(int64_t size, std::mt19937 &random, bool special) {
  std::vector<T> result(static_cast<size_t>(size));
  for (T &value : result) {
    value = static_cast<T>(static_cast<int>(random() % 9) - 4);
    if (value == 0 && random() % 2 == 0) value = -value;
    if constexpr (std::is_floating_point_v<T>) {
      const uint32_t kind = random() % 40;
      if (special && kind < 3) value = kind == 0 ? std::numeric_limits<T>::quiet_NaN() : worst<T>(kind == 1);
    }
  }
  return result;
}

template <typename T>
std::vector<T> run(const ls_pooling &p, const std::vector<std::vector<T>> &inputs, int64_t result) {
  std::vector<int64_t> bytes;
  std::vector<const void *> addresses;
  for (const std::vector<T> &input : inputs) {
    bytes.push_back(static_cast<int64_t>(input.size() * sizeof(T)));
    addresses.push_back(input.data());
  }
  TestPlan plan(bytes, {result * static_cast<int64_t>(sizeof(T))});
  EXPECT_EQ(LS_OK, plan.add(p)) << ls_last_error();
  EXPECT_EQ(LS_OK, plan.seal());
  std::vector<T> values(static_cast<size_t>(result) + 1, T(77));  // one more, which stays
  EXPECT_EQ(LS_OK, plan.run(addresses, {values.data()})) << ls_last_error();
  EXPECT_EQ(T(77), values.back()) << plan.describe();
  values.pop_back();
  return values;
}

template <typename T>
void expect_equal(const std::vector<T> &expected, const std::vector<T> &actual, const std::string &what,
                  double tolerance = 0) {
  ASSERT_EQ(expected.size(), actual.size());
  for (size_t i = 0; i < expected.size(); ++i) {
    const double e = static_cast<double>(expected[i]);
    const double a = static_cast<double>(actual[i]);
    if ((std::isnan(e) && std::isnan(a)) || e == a) continue;
    ASSERT_LE(std::abs(e - a), tolerance) << what << " at " << i << ": " << e << " " << a;
  }
}

// For each window the place of its extreme element, -1 without elements.
template <typename T>
std::vector<int64_t> places_of(const Case &test, const std::vector<T> &x, bool least) {
  std::vector<int64_t> places(static_cast<size_t>(count(test.y_extents())), -1);
  test.for_each([&](size_t window, size_t element) {
    if (places[window] >= 0) {
      const T best = x[static_cast<size_t>(places[window])];
      if (std::isnan(static_cast<double>(best))) return;
      const bool better = least ? x[element] < best : x[element] > best;
      if (!better && !std::isnan(static_cast<double>(x[element]))) return;
    }
    places[window] = static_cast<int64_t>(element);
  });
  return places;
}

template <typename T>
void check_extremes(const Case &test, bool least, std::mt19937 &random) {
  const int64_t windows = count(test.y_extents());
  const std::vector<T> x = values<T>(count(test.x_extents()), random, true);
  const std::vector<int64_t> places = places_of(test, x, least);
  std::vector<T> expected;
  for (const int64_t place : places) expected.push_back(place < 0 ? worst<T>(least) : x[static_cast<size_t>(place)]);
  const ls_pooling p = test.descriptor(LS_POOLING_EXTREME, kDType<T>, least, true);
  expect_equal(expected, run<T>(p, {x}, windows), test.name);
}

template <typename T>
void check_places(const Case &test, bool least, std::mt19937 &random) {
  const int64_t elements = count(test.x_extents());
  const int64_t windows = count(test.y_extents());
  const std::vector<T> x = values<T>(elements, random, true);
  const std::vector<T> t = values<T>(elements, random, true);
  const std::vector<T> y = values<T>(windows, random, false);
  const std::vector<int64_t> places = places_of(test, x, least);
  std::vector<T> taken;
  std::vector<T> put(static_cast<size_t>(elements), 0);
  for (size_t window = 0; window < places.size(); ++window) {
    const int64_t place = places[window];
    taken.push_back(place < 0 ? T{0} : t[static_cast<size_t>(place)]);
    if (place >= 0) put[static_cast<size_t>(place)] += y[window];
  }
  const ls_pooling take = test.descriptor(LS_POOLING_TAKE, kDType<T>, least, true);
  expect_equal(taken, run<T>(take, {x, t}, windows), test.name + ", take");
  const ls_pooling transposed = test.descriptor(LS_POOLING_PUT, kDType<T>, least, true);
  expect_equal(put, run<T>(transposed, {x, y}, elements), test.name + ", put");
}

template <typename T>
void check_means(const Case &test, bool count_padding, std::mt19937 &random) {
  const int64_t elements = count(test.x_extents());
  const int64_t windows = count(test.y_extents());
  const std::vector<T> x = values<T>(elements, random, false);
  const std::vector<T> y = values<T>(windows, random, false);
  std::vector<int64_t> inside(static_cast<size_t>(windows), 0);
  test.for_each([&](size_t window, size_t) { ++inside[window]; });
  std::vector<double> means(static_cast<size_t>(windows), 0);
  std::vector<double> shares(static_cast<size_t>(elements), 0);
  test.for_each([&](size_t window, size_t element) {
    means[window] += static_cast<double>(x[element]);
    shares[element] += static_cast<double>(y[window]) / test.counted(window, count_padding, inside);
  });
  for (size_t window = 0; window < means.size(); ++window) means[window] /= test.counted(window, count_padding, inside);
  const double tolerance = sizeof(T) == 4 ? 1e-5 : 1e-13;
  const ls_pooling p = test.descriptor(LS_POOLING_MEAN, kDType<T>, false, count_padding);
  expect_equal(std::vector<T>(means.begin(), means.end()), run<T>(p, {x}, windows), test.name, tolerance);
  const ls_pooling transposed = test.descriptor(LS_POOLING_SPREAD, kDType<T>, false, count_padding);
  expect_equal(std::vector<T>(shares.begin(), shares.end()), run<T>(transposed, {y}, elements), test.name + ", spread",
               tolerance);
}

template <typename Cases>
void check_extremes_of_all(const Cases &cases, std::mt19937 &random) {
  for (const Case &test : cases) {
    for (const bool least : {false, true}) {
      check_extremes<float>(test, least, random);
      check_extremes<double>(test, least, random);
      check_extremes<int32_t>(test, least, random);
      check_extremes<int64_t>(test, least, random);
    }
  }
}

template <typename Cases>
void check_places_of_all(const Cases &cases, std::mt19937 &random) {
  for (const Case &test : cases) {
    for (const bool least : {false, true}) {
      check_places<float>(test, least, random);
      check_places<double>(test, least, random);
    }
  }
}

}  // namespace lockstep
