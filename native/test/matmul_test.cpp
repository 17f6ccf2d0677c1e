// Small products of matrices over dtypes, sizes, layouts and batches. ctest runs all of it again with each smaller
// instruction set.
#include <gtest/gtest.h>

#include <cstdint>
#include <vector>

#include "matmul_product.h"

namespace lockstep {
namespace {

template <typename T>
class Matmul : public ::testing::Test {};
using Dtypes = ::testing::Types<bool, int32_t, int64_t, float, double, Bf16>;
TYPED_TEST_SUITE(Matmul, Dtypes);

constexpr int64_t kSizes[] = {0, 1, 2, 3, 4, 7, 8, 13, 16, 31, 33, 64, 65, 100, 207};

TYPED_TEST(Matmul, AllSizes) {
  for (int64_t m : kSizes) {
    for (int64_t n : kSizes) {
      for (int64_t k : kSizes) {
        if (m * n * k > 70000 && (m + n + k) % 3 != 0) continue;  // keeps the test short
        check<TypeParam>({{}, {}, {}, m, n, k});
        if (this->HasFatalFailure()) return;
      }
    }
  }
}

TYPED_TEST(Matmul, TransposedOperands) {
  for (Layout a : {Layout::rows, Layout::columns}) {
    for (Layout b : {Layout::rows, Layout::columns}) {
      for (Layout c : {Layout::rows, Layout::columns}) {
        for (int64_t m : {1, 2, 7, 16, 33, 100}) {
          for (int64_t n : {1, 4, 13, 64, 65}) {
            for (int64_t k : {1, 3, 16, 31, 100, 207}) {
              check<TypeParam>({{}, {}, {}, m, n, k, a, b, c});
              if (this->HasFatalFailure()) return;
            }
          }
        }
      }
    }
  }
}

TYPED_TEST(Matmul, AnyStridesAndOffsets) {
  const Layout all[] = {Layout::rows,        Layout::columns,  Layout::spaced,
                        Layout::column_zero, Layout::row_zero, Layout::reversed};
  for (Layout a : all) {
    for (Layout b : all) {
      for (Layout c : {Layout::rows, Layout::columns, Layout::spaced, Layout::reversed}) {
        const int64_t sizes[][3] = {{1, 1, 1},   {1, 1, 65},   {1, 33, 8}, {7, 1, 13},
                                    {13, 16, 7}, {33, 65, 31}, {64, 3, 2}};
        for (const auto &size : sizes) {
          for (int64_t skew : {0, 3}) {
            check<TypeParam>({{}, {}, {}, size[0], size[1], size[2], a, b, c, skew});
            if (this->HasFatalFailure()) return;
          }
        }
      }
    }
  }
}

TYPED_TEST(Matmul, Batches) {
  const int64_t sizes[][3] = {{1, 1, 1}, {1, 1, 31}, {1, 7, 13}, {4, 1, 16},
                              {4, 4, 4}, {8, 8, 8},  {13, 3, 1}, {16, 33, 31}};
  const std::vector<int64_t> batches[] = {{0}, {1}, {3}, {20}, {3, 5}, {4, 0}, {2, 3, 2}};
  for (const auto &batch : batches) {
    for (int repeated = 0; repeated < 1 << (2 * batch.size()); ++repeated) {
      std::vector<bool> a_repeated, b_repeated;
      for (size_t d = 0; d < batch.size(); ++d) {
        a_repeated.push_back(repeated >> (2 * d) & 1);
        b_repeated.push_back(repeated >> (2 * d + 1) & 1);
      }
      for (const auto &size : sizes) {
        for (int layouts = 0; layouts < 8; ++layouts) {
          const auto layout = [&](int bit) { return layouts >> bit & 1 ? Layout::columns : Layout::rows; };
          check<TypeParam>(
              {batch, a_repeated, b_repeated, size[0], size[1], size[2], layout(0), layout(1), layout(2), 1});
          if (this->HasFatalFailure()) return;
        }
      }
    }
  }
}

// As vmap over last axes gives them.
TYPED_TEST(Matmul, BatchesAdjacentInMemory) {
  const int64_t sizes[][3] = {{1, 1, 1}, {1, 1, 31}, {1, 7, 13}, {4, 4, 4}, {9, 5, 1}, {6, 33, 3}, {65, 2, 2}};
  for (const std::vector<int64_t> &batch : {std::vector<int64_t>{3}, {16}, {37}, {2, 21}}) {
    for (const auto &size : sizes) {
      for (int adjacent = 1; adjacent < 8; ++adjacent) {
        for (bool b_repeated : {false, true}) {
          const std::vector<bool> never(batch.size(), false);
          Case c = {batch, never, never, size[0], size[1], size[2]};
          c.b_repeated[0] = b_repeated;
          c.a_batch_adjacent = adjacent & 1;
          c.b_batch_adjacent = adjacent & 2;
          c.c_batch_adjacent = adjacent & 4;
          check<TypeParam>(c);
          if (this->HasFatalFailure()) return;
        }
      }
    }
  }
}

}  // namespace
}  // namespace lockstep
