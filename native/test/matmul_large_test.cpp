// Large products of matrices: the libraries, several threads, special values.
#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <string>
#include <thread>
#include <vector>

#include "cpu/onednn_bf16.h"
#include "matmul_product.h"
#include "threads/pool.h"

namespace lockstep {
namespace {

template <typename T>
class LargeMatmul : public ::testing::Test {};
using LargeDtypes = ::testing::Types<int32_t, float, double, Bf16>;
TYPED_TEST_SUITE(LargeMatmul, LargeDtypes);

TYPED_TEST(LargeMatmul, AllLayouts) {
  for (Layout a : {Layout::rows, Layout::columns}) {
    for (Layout b : {Layout::rows, Layout::columns}) {
      check<TypeParam>({{}, {}, {}, 300, 410, 517, a, b, Layout::rows, 1});
      check<TypeParam>({{}, {}, {}, 333, 309, 302, a, b, Layout::columns, 0});
      check<TypeParam>({{3}, {false}, {false}, 130, 140, 150, a, b, Layout::rows, 0});
      check<TypeParam>({{3}, {false}, {true}, 130, 140, 150, a, b, Layout::columns, 0});
      if (this->HasFatalFailure()) return;
    }
  }
  check<TypeParam>({{}, {}, {}, 702, 300, 401});
  check<TypeParam>({{}, {}, {}, 702, 1500, 300});
  check<TypeParam>({{}, {}, {}, 310, 320, 330, Layout::spaced, Layout::reversed, Layout::spaced, 0});
  check<TypeParam>({{}, {}, {}, 310, 320, 330, Layout::column_zero, Layout::row_zero, Layout::rows, 0});
  check<TypeParam>({{}, {}, {}, 1, 1000, 700, Layout::rows, Layout::rows, Layout::rows, 0});
  check<TypeParam>({{}, {}, {}, 1, 1000, 700, Layout::rows, Layout::columns, Layout::rows, 0});
  check<TypeParam>({{}, {}, {}, 1, 1000, 700, Layout::spaced, Layout::columns, Layout::rows, 0});
  check<TypeParam>({{}, {}, {}, 1000, 2, 700, Layout::rows, Layout::rows, Layout::rows, 0});
  check<TypeParam>({{}, {}, {}, 3, 5, 40000, Layout::rows, Layout::columns, Layout::rows, 0});
  check<TypeParam>({{3000}, {false}, {false}, 1, 1, 70});
}

TYPED_TEST(LargeMatmul, OuterProductsAreLoops) {
  for (Layout a : {Layout::rows, Layout::columns, Layout::spaced}) {
    for (Layout b : {Layout::rows, Layout::columns, Layout::reversed}) {
      Product<TypeParam> product({{20}, {false}, {false}, 300, 420, 1, a, b, Layout::rows, 1});
      const bool loop = !std::is_same_v<TypeParam, Bf16>;  // loops do not multiply bf16
      EXPECT_EQ(loop, product.step().describe().find("matmul outer") == 0) << product.step().describe();
      product.check();
    }
  }
  check<TypeParam>({{4, 5}, {false, true}, {true, false}, 300, 420, 1});
}

template <typename T>
class FloatMatmul : public ::testing::Test {};
using FloatDtypes = ::testing::Types<float, double, Bf16>;
TYPED_TEST_SUITE(FloatMatmul, FloatDtypes);

// Both libraries, with parts of all four sizes and every layout.
TYPED_TEST(FloatMatmul, LibrariesTakeLargeProducts) {
  const bool fast_bf16 = onednn::bf16_products() != onednn::Bf16::kSlow;
  const std::string library = std::is_same_v<TypeParam, double>               ? "matmul OpenBLAS"
                              : std::is_same_v<TypeParam, float> || fast_bf16 ? "matmul oneDNN"
                                                                              : "matmul tiles";
  for (Layout a : {Layout::rows, Layout::columns}) {
    for (Layout b : {Layout::rows, Layout::columns}) {
      for (Layout c : {Layout::rows, Layout::columns}) {
        Product<TypeParam> product({{}, {}, {}, 702, 1500, 257, a, b, c, 1});
        EXPECT_EQ(0u, product.step().describe().find(library)) << product.step().describe();
        product.check();
      }
    }
  }
  Product<TypeParam> batch({{5}, {false}, {false}, 400, 530, 260});
  EXPECT_EQ(0u, batch.step().describe().find(library)) << batch.step().describe();
  batch.check();
}

template <typename T>
class ThreadsOfMatmul : public ::testing::Test {};
using AllDtypes = ::testing::Types<bool, int32_t, int64_t, float, double, Bf16>;
TYPED_TEST_SUITE(ThreadsOfMatmul, AllDtypes);

TYPED_TEST(ThreadsOfMatmul, SameBitsOnEveryThreadCountAndFromManyThreads) {
  std::vector<Case> cases = {{{}, {}, {}, 207, 100, 65},
                             {{64}, {false}, {false}, 31, 33, 64},
                             {{}, {}, {}, 300, 200, 310, Layout::rows, Layout::columns, Layout::columns}};
  if (kFloating<TypeParam>) cases.push_back({{}, {}, {}, 1000, 1100, 260, Layout::columns});
  const int before = threads();
  for (const Case &c : cases) {
    set_threads(1);
    const auto expected = Product<TypeParam>(c).run();
    set_threads(4);
    const Product<TypeParam> product(c);
    std::vector<std::vector<typename Product<TypeParam>::Elements>> results(8);
    std::vector<std::thread> runners;
    for (auto &of_runner : results) {
      runners.emplace_back([&] {
        for (int run = 0; run < 2; ++run) of_runner.push_back(product.run());
      });
    }
    for (std::thread &runner : runners) runner.join();
    for (const auto &of_runner : results) {
      for (const auto &result : of_runner) {
        ASSERT_EQ(0, std::memcmp(result.data(), expected.data(), expected.size() * sizeof(expected[0])))
            << product.step().describe();
      }
    }
  }
  set_threads(before);
}

// A NaN or an infinity in row 1 of a reaches all of row 1 of c, also through zeros, and no other row.
TYPED_TEST(FloatMatmul, NanAndInfinityPropagate) {
  const Case cases[] = {{{}, {}, {}, 4, 4, 4},
                        {{}, {}, {}, 16, 64, 100, Layout::rows, Layout::columns},
                        {{}, {}, {}, 3, 1, 150},
                        {{}, {}, {}, 300, 300, 300}};
  for (const Case &c : cases) {
    for (double special : {std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity()}) {
      Product<TypeParam> product(c);
      auto &a = product.a();
      a.elements[a.at({}, 1, 2)] = static_cast<TypeParam>(special);
      const auto result = product.run();
      for (int64_t i = 0; i < c.m; ++i) {
        for (int64_t j = 0; j < c.n; ++j) {
          ASSERT_EQ(i != 1, std::isfinite(static_cast<double>(result[i * c.n + j]))) << c.text() << '\n'
                                                                                     << product.step().describe();
        }
      }
    }
  }
}

}  // namespace
}  // namespace lockstep
