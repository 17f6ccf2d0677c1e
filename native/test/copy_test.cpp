// Strided copies against an index-by-index loop.
#include "cpu/copy.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <numeric>
#include <random>
#include <string>
#include <vector>

#include "plan/dtype.h"
#include "plan_fixture.h"

namespace lockstep {
namespace {

constexpr char kUntouched = 0x6e;

// A strided view of a buffer that it fills exactly.
struct Layout {
  std::vector<int64_t> strides;  // elements
  int64_t first = 0;             // element
  int64_t size = 1;              // elements
};

Layout layout_of(const std::vector<int64_t> &extents, const std::vector<int64_t> &strides) {
  Layout layout{strides, 0, 1};
  for (size_t d = 0; d < extents.size(); ++d) {
    if (extents[d] == 0) return {strides, 0, 0};
    int64_t span = (extents[d] - 1) * strides[d];
    if (span < 0) layout.first -= span;
    layout.size += std::abs(span);
  }
  return layout;
}

// Dense strides with the dimensions in this order (outermost first), with `gap` unused elements after each row and the
// dimensions in `reversed` running backwards.
Layout permuted(const std::vector<int64_t> &extents, const std::vector<int> &order, int64_t step, int64_t gap,
                unsigned reversed) {
  std::vector<int64_t> strides(extents.size());
  int64_t stride = step;
  for (size_t i = order.size(); i-- > 0;) {
    size_t d = static_cast<size_t>(order[i]);
    strides[d] = (reversed >> d & 1U) != 0 ? -stride : stride;
    stride = stride * std::max<int64_t>(extents[d], 1) + gap;
  }
  return layout_of(extents, strides);
}

void reference(const std::vector<int64_t> &extents, int64_t size, const char *from, const Layout &from_layout, char *to,
               const Layout &to_layout) {
  std::vector<int64_t> index(extents.size(), 0);
  if (std::count(extents.begin(), extents.end(), 0) > 0) return;
  for (;;) {
    int64_t f = from_layout.first;
    int64_t t = to_layout.first;
    for (size_t d = 0; d < extents.size(); ++d) {
      f += index[d] * from_layout.strides[d];
      t += index[d] * to_layout.strides[d];
    }
    std::memcpy(to + t * size, from + f * size, static_cast<size_t>(size));
    size_t d = extents.size();
    while (d > 0 && ++index[d - 1] == extents[d - 1]) index[--d] = 0;
    if (d == 0) return;
  }
}

std::string check(const std::vector<int64_t> &extents, int32_t dtype, const Layout &from, const Layout &to) {
  int64_t size = dtype_size(dtype);
  std::vector<char> source(static_cast<size_t>(from.size * size));
  std::mt19937 random(static_cast<unsigned>(source.size()));
  for (char &byte : source) byte = static_cast<char>(random() & 1U);
  std::vector<char> expected(static_cast<size_t>(to.size * size), kUntouched);
  std::vector<char> actual = expected;
  reference(extents, size, source.data(), from, expected.data(), to);

  TestPlan plan({static_cast<int64_t>(source.size())}, {static_cast<int64_t>(actual.size())});
  ls_copy copy = make_copy(extents, operand(0, dtype, from.first * size, from.strides),
                           operand(1, dtype, to.first * size, to.strides));
  EXPECT_EQ(LS_OK, plan.add(copy)) << ls_last_error();
  EXPECT_EQ(LS_OK, plan.seal());
  char nothing = 0;
  EXPECT_EQ(LS_OK, plan.run({source.empty() ? &nothing : source.data()}, {actual.empty() ? &nothing : actual.data()}))
      << ls_last_error();
  std::string text = plan.describe();
  EXPECT_TRUE(expected == actual) << text << " from strides (" << list_text(from.strides.data(), copy.rank)
                                  << ") to strides (" << list_text(to.strides.data(), copy.rank) << ")";
  return text;
}

std::vector<int> in_order(size_t rank) {
  std::vector<int> order(rank);
  std::iota(order.begin(), order.end(), 0);
  return order;
}

class Copy : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_EQ(LS_OK, ls_threads_set(3)); }
  void TearDown() override { EXPECT_EQ(LS_OK, ls_threads_set(0)); }
};

const std::vector<int32_t> kDtypes = {LS_BOOL, LS_I32, LS_I64, LS_F32, LS_F64, LS_BF16};

TEST_F(Copy, AwkwardSizes) {
  for (int32_t dtype : kDtypes) {
    for (int64_t n : {0, 1, 13, 207, 702, 4098, 70001}) {
      Layout dense = permuted({n}, {0}, 1, 0, 0);
      Layout spaced = permuted({n}, {0}, 3, 0, 0);
      Layout backwards = permuted({n}, {0}, 1, 0, 1);
      check({n}, dtype, dense, dense);
      check({n}, dtype, spaced, dense);
      check({n}, dtype, dense, spaced);
      check({n}, dtype, backwards, dense);
      check({n}, dtype, dense, backwards);
      check({n}, dtype, backwards, backwards);
      check({n}, dtype, layout_of({n}, {0}), dense);
    }
  }
}

TEST_F(Copy, TransposesOfAwkwardSizes) {
  for (int32_t dtype : kDtypes) {
    for (int64_t rows : {1, 2, 13, 16, 207, 702}) {
      for (int64_t columns : {1, 3, 15, 64, 207, 260}) {
        check({rows, columns}, dtype, permuted({rows, columns}, {1, 0}, 1, 0, 0),
              permuted({rows, columns}, {0, 1}, 1, 5, 0));
      }
    }
  }
}

TEST_F(Copy, RepeatedElements) {
  for (int32_t dtype : {LS_BOOL, LS_BF16, LS_F32, LS_F64}) {
    for (int64_t columns = 1; columns <= 10; ++columns) {
      for (int64_t rows : {1, 2, 7, 300}) {
        std::vector<int64_t> extents = {rows, columns};
        Layout from = layout_of(extents, {1, 0});
        check(extents, dtype, from, layout_of(extents, {columns, 1}));
        check(extents, dtype, from, layout_of(extents, {columns + 1, 1}));
        check(extents, dtype, from, layout_of(extents, {-columns, 1}));
      }
    }
  }
}

TEST_F(Copy, EveryRankInEveryKindOfOrder) {
  std::mt19937 random(4098);
  for (int round = 0; round < 800; ++round) {
    size_t rank = random() % 7;
    std::vector<int64_t> extents(rank);
    for (int64_t &extent : extents) extent = static_cast<int64_t>(random() % 40 == 0 ? 0 : 1 + random() % 6);
    if (rank > 0 && random() % 3 == 0) extents[random() % rank] = static_cast<int64_t>(random() % 100);
    auto any = [&] {
      std::vector<int> order = in_order(rank);
      if (random() % 3 != 0) std::shuffle(order.begin(), order.end(), random);
      return permuted(extents, order, random() % 3 == 0 ? 2 : 1, random() % 2 == 0 ? 0 : 3,
                      random() % 3 == 0 ? static_cast<unsigned>(random()) : 0U);
    };
    Layout to = any();
    Layout from = any();
    if (rank > 0 && random() % 3 == 0) {
      from.strides[random() % rank] = 0;
      from = layout_of(extents, from.strides);
    }
    check(extents, kDtypes[random() % kDtypes.size()], from, to);
    if (HasFailure()) return;
  }
}

TEST_F(Copy, LargeEnoughForThreads) {
  for (int32_t dtype : {LS_BOOL, LS_BF16, LS_F32, LS_F64}) {
    std::vector<int64_t> matrix = {1030, 777};
    EXPECT_PRED2(contains, check(matrix, dtype, permuted(matrix, {0, 1}, 1, 3, 0), permuted(matrix, {0, 1}, 1, 0, 0)),
                 "contiguous rows");
    EXPECT_PRED2(contains, check(matrix, dtype, permuted(matrix, {1, 0}, 1, 0, 0), permuted(matrix, {0, 1}, 1, 0, 0)),
                 dtype == LS_BOOL ? "strided elements" : "transposed tiles");
    EXPECT_PRED2(contains, check(matrix, dtype, layout_of(matrix, {1, 0}), permuted(matrix, {0, 1}, 1, 0, 0)),
                 "repeated elements");
    std::vector<int64_t> heads = {5, 70, 13, 67};
    check(heads, dtype, permuted(heads, {0, 2, 1, 3}, 1, 0, 0), permuted(heads, {0, 1, 2, 3}, 1, 0, 0));
    check(heads, dtype, permuted(heads, {0, 1, 3, 2}, 1, 0, 0), permuted(heads, {0, 1, 2, 3}, 1, 0, 0));
    check(heads, dtype, permuted(heads, {3, 2, 1, 0}, 1, 0, 5), permuted(heads, {1, 0, 2, 3}, 1, 0, 0));
    std::vector<int64_t> tiny_rows = {90001, 3};
    check(tiny_rows, dtype, permuted(tiny_rows, {0, 1}, 1, 1, 0), permuted(tiny_rows, {0, 1}, 1, 2, 0));
  }
}

TEST_F(Copy, TransposesPastTheCaches) {
  for (int32_t dtype : {LS_BF16, LS_I32, LS_F64}) {
    for (int64_t columns : {1712, 1713}) {
      std::vector<int64_t> extents = {dtype == LS_BF16 ? 2602 : 1301, columns};
      EXPECT_PRED2(contains,
                   check(extents, dtype, permuted(extents, {1, 0}, 1, 0, 0), permuted(extents, {0, 1}, 1, 0, 0)),
                   "streamed");
    }
  }
}

TEST_F(Copy, DimensionsThatAreOneAreJoined) {
  ls_copy copy = make_copy({2, 1, 3, 4}, operand(0, LS_F32, 0, {12, 99, 4, 1}), operand(1, LS_F32, 0, {12, -7, 4, 1}));
  CopyLayout layout = copy_layout(copy);
  EXPECT_EQ(1, layout.rank);
  EXPECT_EQ(24, layout.extents[0]);
  EXPECT_EQ(24, layout.elements);
}

TEST_F(Copy, OfConstantsAndIndices) {
  TestPlan plan({}, {24, 48});
  ls_operand constant{LS_SLOT_CONSTANT, LS_F32, 0x40490fdb, {}};
  ASSERT_EQ(LS_OK, plan.add(make_copy({2, 3}, constant, operand(0, LS_F32, 0, {3, 1})))) << ls_last_error();
  ls_operand index = operand(LS_SLOT_INDEX, LS_I64, 100, {10, -1});
  ASSERT_EQ(LS_OK, plan.add(make_copy({2, 3}, index, operand(1, LS_I64, 0, {1, 2})))) << ls_last_error();
  ASSERT_EQ(LS_OK, plan.seal());
  std::vector<float> filled(6);
  std::vector<int64_t> counted(6);
  ASSERT_EQ(LS_OK, plan.run({}, {filled.data(), counted.data()}));
  EXPECT_EQ(std::vector<float>(6, 3.14159274F), filled);
  EXPECT_EQ((std::vector<int64_t>{100, 110, 99, 109, 98, 108}), counted);
}

}  // namespace
}  // namespace lockstep
