// Products of matrices against three plain loops.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "bf16.h"
#include "plan/step.h"

namespace lockstep {
namespace {

enum class Layout { rows, columns, spaced, column_zero, row_zero, reversed };

template <typename T>
constexpr ls_dtype kDtype = LS_F64;
template <>
constexpr ls_dtype kDtype<bool> = LS_BOOL;
template <>
constexpr ls_dtype kDtype<int32_t> = LS_I32;
template <>
constexpr ls_dtype kDtype<int64_t> = LS_I64;
template <>
constexpr ls_dtype kDtype<float> = LS_F32;
template <>
constexpr ls_dtype kDtype<Bf16> = LS_BF16;

template <typename T>
constexpr bool kFloating = std::is_floating_point_v<T> || std::is_same_v<T, Bf16>;

// Relative errors of a sum's steps, and of storing it.
template <typename T>
constexpr double kSumRounding = std::is_same_v<T, double> ? std::numeric_limits<double>::epsilon()
                                                          : std::numeric_limits<float>::epsilon();
template <typename T>
constexpr double kStoreRounding = std::is_same_v<T, Bf16> ? kBf16Rounding : 0.0;

// A batch of matrices in a buffer of its own, that starts `skew` elements after an aligned address and is followed by
// as many elements that nothing may touch.
template <typename T>
struct Matrices {
  std::vector<int64_t> batch_strides;
  int64_t row = 0, column = 0;
  int64_t origin = 0;
  std::vector<T> elements;

  Matrices(const std::vector<int64_t> &batch, const std::vector<bool> &repeated, int64_t rows, int64_t columns,
           Layout layout, int64_t skew, bool batch_adjacent) {
    int64_t size = 0;
    switch (layout) {
      case Layout::rows:
        row = columns, column = 1, size = rows * columns;
        break;
      case Layout::columns:
        row = 1, column = rows, size = rows * columns;
        break;
      case Layout::spaced:
        row = 2 * columns + 3, column = 2, size = rows * row;
        break;
      case Layout::column_zero:
        row = 1, column = 0, size = rows;
        break;
      case Layout::row_zero:
        row = 0, column = 1, size = columns;
        break;
      case Layout::reversed:
        row = -columns, column = -1, size = rows * columns, origin = size - 1;
        break;
    }
    batch_strides.resize(batch.size());
    int64_t matrices = 1;
    for (size_t d = batch.size(); d-- > 0;) {
      if (repeated[d]) continue;
      batch_strides[d] = batch_adjacent ? matrices : matrices * size;
      matrices *= batch[d];
    }
    if (batch_adjacent) row *= matrices, column *= matrices, origin *= matrices;
    size *= matrices;
    if (size == 0) origin = 0;
    origin += skew;
    elements.resize(size + 2 * skew);
  }

  int64_t at(const std::vector<int64_t> &index, int64_t i, int64_t j) const {
    int64_t position = origin + i * row + j * column;
    for (size_t d = 0; d < index.size(); ++d) position += index[d] * batch_strides[d];
    return position;
  }

  ls_matrix descriptor(int slot) const {
    ls_matrix matrix = {slot, origin * static_cast<int64_t>(sizeof(T)), row, column, {}};
    std::copy(batch_strides.begin(), batch_strides.end(), matrix.batch_strides);
    return matrix;
  }
};

template <>
struct Matrices<bool> : Matrices<uint8_t> {
  using Matrices<uint8_t>::Matrices;
};

template <typename T>
T random_element(std::mt19937 &random) {
  if constexpr (kFloating<T>) {
    return static_cast<T>(std::uniform_real_distribution<double>(-1, 1)(random));
  } else if constexpr (std::is_same_v<T, bool>) {
    return random() % 4 == 0;
  } else {
    return static_cast<T>((static_cast<uint64_t>(random()) << 32) | random());  // wraps
  }
}

struct Case {
  std::vector<int64_t> batch;
  std::vector<bool> a_repeated, b_repeated;
  int64_t m, n, k;
  Layout a = Layout::rows, b = Layout::rows, c = Layout::rows;
  int64_t skew = 0;
  bool a_batch_adjacent = false, b_batch_adjacent = false, c_batch_adjacent = false;

  std::string text() const {
    std::string batches;
    for (int64_t extent : batch) batches += std::to_string(extent) + " x ";
    return batches + "m=" + std::to_string(m) + " n=" + std::to_string(n) + " k=" + std::to_string(k) +
           " layouts=" + std::to_string(static_cast<int>(a)) + std::to_string(static_cast<int>(b)) +
           std::to_string(static_cast<int>(c)) + " skew=" + std::to_string(skew) +
           " batch adjacent=" + std::to_string(a_batch_adjacent) + std::to_string(b_batch_adjacent) +
           std::to_string(c_batch_adjacent);
  }
};

template <typename T>
class Product {
 public:
  explicit Product(const Case &c)
      : case_(c),
        a_(c.batch, c.a_repeated, c.m, c.k, c.a, c.skew, c.a_batch_adjacent),
        b_(c.batch, c.b_repeated, c.k, c.n, c.b, c.skew, c.b_batch_adjacent),
        c_(c.batch, std::vector<bool>(c.batch.size(), false), c.m, c.n, c.c, c.skew, c.c_batch_adjacent) {
    std::mt19937 random(7);
    for (auto &element : a_.elements) element = random_element<T>(random);
    for (auto &element : b_.elements) element = random_element<T>(random);
    for (auto &element : c_.elements) element = 77;

    ls_matmul matmul = {};
    matmul.dtype = kDtype<T>;
    matmul.batch_rank = static_cast<int32_t>(c.batch.size());
    std::copy(c.batch.begin(), c.batch.end(), matmul.batch);
    matmul.m = c.m;
    matmul.n = c.n;
    matmul.k = c.k;
    matmul.a = a_.descriptor(0);
    matmul.b = b_.descriptor(1);
    matmul.c = c_.descriptor(2);
    step_ = make_matmul_step(matmul);
  }

  using Elements = decltype(Matrices<T>::elements);

  Elements run() const {
    Elements result = c_.elements;
    std::vector<char> scratch(step_->scratch_bytes() + 64, static_cast<char>(0xFB));
    const auto address = reinterpret_cast<uintptr_t>(scratch.data());
    void *const slots[] = {const_cast<void *>(static_cast<const void *>(a_.elements.data())),
                           const_cast<void *>(static_cast<const void *>(b_.elements.data())), result.data()};
    step_->run(slots, scratch.data() + (64 - address % 64) % 64);
    return result;
  }

  // Of large products a sample of the elements.
  void check() {
    const Elements result = run();
    using Expected = std::conditional_t<kFloating<T>, std::vector<double>, Elements>;
    Expected expected(c_.elements.begin(), c_.elements.end());
    std::vector<double> tolerance(expected.size(), 0.0);  // of floats
    const int64_t every = case_.m * case_.n * case_.k > 4000000 ? 23 : 1;
    std::vector<int64_t> index(case_.batch.size(), 0);
    if (std::find(case_.batch.begin(), case_.batch.end(), 0) == case_.batch.end()) {
      do {
        for (int64_t i = 0; i < case_.m; ++i) {
          for (int64_t j = 0; j < case_.n; ++j) {
            if ((5 * i + j) % every == 0) {
              expect_element(index, i, j, expected, tolerance);
            } else {
              expected[c_.at(index, i, j)] = result[c_.at(index, i, j)];
            }
          }
        }
      } while (next(index));
    }
    for (size_t i = 0; i < expected.size(); ++i) {
      if constexpr (kFloating<T>) {
        ASSERT_LE(std::abs(result[i] - expected[i]), tolerance[i]) << place(i);
      } else {
        ASSERT_EQ(result[i], expected[i]) << place(i);
      }
    }
  }

  const Step &step() const { return *step_; }
  Matrices<T> &a() { return a_; }
  Matrices<T> &b() { return b_; }

 private:
  bool next(std::vector<int64_t> &index) const {
    for (size_t d = index.size(); d-- > 0;) {
      if (++index[d] < case_.batch[d]) return true;
      index[d] = 0;
    }
    return false;
  }

  std::string place(size_t element) const {
    return case_.text() + " element " + std::to_string(element) + '\n' + step_->describe();
  }

  template <typename Expected>
  void expect_element(const std::vector<int64_t> &index, int64_t i, int64_t j, Expected &expected,
                      std::vector<double> &tolerance) const {
    const int64_t to = c_.at(index, i, j);
    if constexpr (kFloating<T>) {
      double sum = 0;
      double size = 0;
      for (int64_t l = 0; l < case_.k; ++l) {
        const double product = static_cast<double>(a_.elements[a_.at(index, i, l)]) * b_.elements[b_.at(index, l, j)];
        sum += product;
        size += std::abs(product);
      }
      expected[to] = sum;
      // Rounding errors of random sums cancel; those of equal terms add up.
      const bool equal_terms = case_.a == Layout::column_zero || case_.b == Layout::row_zero;
      const double k = static_cast<double>(case_.k);
      tolerance[to] = size * kSumRounding<T> * (2 + (equal_terms ? k / 2 : std::sqrt(k)));
      tolerance[to] += (std::abs(sum) + tolerance[to]) * kStoreRounding<T>;
    } else {
      uint64_t sum = 0;
      for (int64_t l = 0; l < case_.k; ++l) {
        const auto x = static_cast<uint64_t>(a_.elements[a_.at(index, i, l)]);
        const auto y = static_cast<uint64_t>(b_.elements[b_.at(index, l, j)]);
        sum = std::is_same_v<T, bool> ? (sum | (x & y)) : sum + x * y;
      }
      expected[to] = static_cast<T>(sum);
    }
  }

  Case case_;
  Matrices<T> a_, b_, c_;
  std::unique_ptr<Step> step_;
};

template <typename T>
void check(const Case &c) {
  Product<T>(c).check();
}

}  // namespace
}  // namespace lockstep
