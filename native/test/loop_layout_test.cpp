// Shapes, strides and reductions: every way a loop is cut into tiles, against plain recursion.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <string>

#include "loop_reference.h"
#include "plan/step.h"
#include "threads/pool.h"

namespace lockstep::test {
namespace {

const int32_t kDtypes[] = {LS_BOOL, LS_I32, LS_I64, LS_F32, LS_F64};
const int64_t kSizes[] = {0, 1, 2, 13, 207, 702, 4098};

Array random_array(int32_t dtype, int64_t elements, unsigned seed) {
  Array array(dtype, elements);
  std::mt19937 generator(seed);
  for (int64_t i = 0; i < elements; ++i) {
    int64_t n = static_cast<int64_t>(generator() % 2001) - 1000;
    if (dtype == LS_BOOL) n &= 1;
    array.set(i, is_floating(dtype) ? Scalar::of(n / 64.0L) : Scalar::of_integer(n));
  }
  return array;
}

// out = a * b + c with every operand's own strides.
void check_multiply_add(const std::vector<int64_t> &extents, int32_t dtype,
                        const std::vector<std::vector<int64_t>> &strides, const std::vector<int64_t> &offsets,
                        const std::vector<int64_t> &sizes, const std::string &what) {
  LoopCase loop;
  loop.extents = extents;
  for (unsigned i = 0; i < 3; ++i) loop.input(loop.slot(random_array(dtype, sizes[i], i)), strides[i], offsets[i]);
  int product = loop.op(LS_OP_MUL, dtype, 0, 1);
  int sum = loop.op(LS_OP_ADD, dtype, product, 2);
  loop.store(sum, loop.slot(Array(dtype, sizes[3])), strides[3], offsets[3]);
  loop.check(0, what);
}

TEST(LoopLayout, Contiguous) {
  for (int32_t dtype : {LS_I32, LS_I64, LS_F32, LS_F64}) {
    for (int64_t n : kSizes) {
      check_multiply_add({n}, dtype, {{1}, {1}, {1}, {1}}, {0, 0, 0, 0}, {n, n, n, n}, "n " + std::to_string(n));
    }
  }
}

TEST(LoopLayout, UnalignedOffsetsAndReversedAndBroadcast) {
  for (int32_t dtype : {LS_I32, LS_F32, LS_F64}) {
    for (int64_t n : kSizes) {
      if (n == 0) continue;
      std::string what = "n " + std::to_string(n);
      check_multiply_add({n}, dtype, {{1}, {1}, {1}, {1}}, {3, 1, 5, 7}, {n + 3, n + 1, n + 5, n + 7}, what);
      check_multiply_add({n}, dtype, {{-1}, {0}, {1}, {1}}, {n - 1, 0, 0, 0}, {n, 1, n, n}, what);
      check_multiply_add({n}, dtype, {{0}, {1}, {0}, {-1}}, {0, 0, 0, n - 1}, {1, n, 1, n}, what);
      check_multiply_add({n}, dtype, {{1}, {0}, {0}, {3}}, {0, 0, 0, 0}, {n, 1, 1, 3 * n}, what);
      check_multiply_add({n}, dtype, {{0}, {0}, {0}, {2}}, {0, 0, 0, 1}, {1, 1, 1, 2 * n + 1}, what);
    }
  }
}

TEST(LoopLayout, MatricesTransposedAndBroadcast) {
  for (int64_t m : {1, 3, 4, 13, 70}) {
    for (int64_t n : {1, 2, 3, 5, 31, 64, 207}) {
      int64_t size = m * n;
      std::string what = std::to_string(m) + " x " + std::to_string(n);
      for (int32_t dtype : {LS_F32, LS_F64}) {
        check_multiply_add({m, n}, dtype, {{n, 1}, {0, 1}, {1, 0}, {n, 1}}, {0, 0, 0, 0}, {size, n, m, size}, what);
        check_multiply_add({m, n}, dtype, {{n, 1}, {1, m}, {0, 0}, {n, 1}}, {0, 0, 0, 0}, {size, size, 1, size}, what);
        check_multiply_add({m, n}, dtype, {{1, m}, {1, m}, {n, 1}, {n, 1}}, {0, 0, 0, 0}, {size, size, size, size},
                           what);
        check_multiply_add({m, n}, dtype, {{n, 1}, {n, 1}, {n, 1}, {1, m}}, {0, 0, 0, 0}, {size, size, size, size},
                           what);
      }
    }
  }
}

TEST(LoopLayout, RanksUpToSixWithPermutedStrides) {
  std::mt19937 generator(7);
  for (int round = 0; round < 300; ++round) {
    size_t rank = generator() % 7;
    std::vector<int64_t> extents;
    for (size_t d = 0; d < rank; ++d) extents.push_back(static_cast<int64_t>(generator() % 6 + (generator() % 8 != 0)));
    std::vector<std::vector<int64_t>> strides;
    std::vector<int64_t> offsets;
    std::vector<int64_t> sizes;
    for (int operand = 0; operand < 4; ++operand) {
      std::vector<size_t> order(rank);
      for (size_t d = 0; d < rank; ++d) order[d] = d;
      std::shuffle(order.begin(), order.end(), generator);
      std::vector<int64_t> own(rank);
      int64_t stride = 1 + static_cast<int64_t>(generator() % 4 == 0);
      int64_t offset = 0;
      for (size_t d : order) {
        bool repeated = operand < 3 && generator() % 4 == 0;
        bool reversed = generator() % 4 == 0;
        own[d] = repeated ? 0 : reversed ? -stride : stride;
        if (!repeated && reversed && extents[d] > 0) offset += stride * (extents[d] - 1);
        if (!repeated) stride *= std::max<int64_t>(extents[d], 1);
      }
      strides.push_back(own);
      offsets.push_back(offset);
      sizes.push_back(stride + 2);
    }
    check_multiply_add(extents, round % 2 ? LS_F32 : LS_I64, strides, offsets, sizes, "round " + std::to_string(round));
  }
}

TEST(LoopLayout, IndexAndConstantOperands) {
  for (int32_t dtype : kDtypes) {
    LoopCase loop;
    loop.extents = {5, 7, 300};
    int index = loop.index(dtype, -3, {2, -1, 0});
    int varying = loop.index(dtype, 1, {100, 0, 1});
    int constant =
        loop.constant(dtype, dtype == LS_BOOL || !is_floating(dtype) ? Scalar::of_integer(1) : Scalar::of(2.5L));
    int larger = loop.op(LS_OP_MAX, dtype, index, constant);
    int result = loop.op(LS_OP_MIN, dtype, varying, larger);
    loop.store(result, loop.slot(Array(dtype, 5 * 7 * 300)), {2100, 300, 1});
    loop.store(larger, loop.slot(Array(dtype, 5 * 7 * 300)), {2100, 300, 1});
    loop.store(constant, loop.slot(Array(dtype, 5 * 7 * 300)), {2100, 300, 1});
    loop.store(index, loop.slot(Array(dtype, 5 * 7 * 300)), {2100, 300, 1});
    loop.check(0, "dtype " + std::to_string(dtype));
  }
}

TEST(LoopLayout, ScalarLoop) {
  LoopCase loop;
  int x = loop.input(loop.slot(random_array(LS_F64, 1, 1)), {});
  int two = loop.constant(LS_F64, Scalar::of(2));
  int y = loop.op(LS_OP_MUL, LS_F64, x, two);
  loop.store(y, loop.slot(Array(LS_F64, 1)), {});
  loop.store(two, loop.slot(Array(LS_F64, 1)), {});
  loop.check(0, "rank 0");
}

TEST(LoopLayout, OutputOverAnInput) {
  for (int64_t n : kSizes) {
    LoopCase loop;
    loop.extents = {n};
    int first = loop.slot(random_array(LS_F32, n, 1));
    int second = loop.slot(random_array(LS_F32, n, 2));
    int x = loop.input(first, {1});
    int y = loop.input(second, {1});
    int sum = loop.op(LS_OP_ADD, LS_F32, x, y);
    int product = loop.op(LS_OP_MUL, LS_F32, x, sum);
    loop.store(sum, first, {1});  // x is read again afterwards
    loop.store(product, second, {1});
    loop.check(0, "n " + std::to_string(n));
  }
}

TEST(LoopLayout, OutputsOverEachOthersInputs) {
  LoopCase loop;
  loop.extents = {702};
  int first = loop.slot(random_array(LS_F32, 702, 1));
  int second = loop.slot(random_array(LS_F32, 702, 2));
  Array x = loop.slots[first];
  Array y = loop.slots[second];
  loop.store(loop.input(first, {1}), second, {1});
  loop.inputs.clear();
  loop.results.clear();
  int a = loop.input(first, {1});
  int b = loop.input(second, {1});
  loop.store(a, second, {1});
  loop.store(b, first, {1});
  loop.run();
  EXPECT_EQ(loop.slots[first].bytes, y.bytes);
  EXPECT_EQ(loop.slots[second].bytes, x.bytes);
}

TEST(LoopLayout, ManyLiveValues) {
  LoopCase loop;
  int64_t n = 1500;
  loop.extents = {n};
  int x = loop.input(loop.slot(random_array(LS_F64, n, 3)), {1});
  std::vector<int> values;
  for (int i = 0; i < 300; ++i) {
    values.push_back(loop.op(i % 2 ? LS_OP_ADD : LS_OP_SUB, LS_F64, i == 0 ? x : values.back(), x));
  }
  int sum = values[0];
  for (int i = 1; i < 300; ++i) sum = loop.op(LS_OP_MAX, LS_F64, sum, values[299 - i]);
  loop.store(sum, loop.slot(Array(LS_F64, n)), {1});
  loop.check(0, "600 instructions");
}

int32_t kReductions[] = {LS_REDUCE_SUM, LS_REDUCE_PROD, LS_REDUCE_MAX, LS_REDUCE_MIN};

// Values whose sums and products are exact, so that any order gives the same.
Array exact_array(int32_t dtype, int64_t elements, unsigned seed) {
  Array array(dtype, elements);
  std::mt19937 generator(seed);
  for (int64_t i = 0; i < elements; ++i) {
    int64_t n = generator() % 64 == 0 ? 2 : 1;
    if (generator() % 2) n = -n;
    if (dtype == LS_BOOL) n = generator() % 4 != 0;
    array.set(i, is_floating(dtype) ? Scalar::of(n) : Scalar::of_integer(n));
  }
  return array;
}

void check_reduction(const std::vector<int64_t> &extents, int reduce_rank, const std::vector<int64_t> &strides,
                     int32_t dtype, bool computed, const std::string &what) {
  for (int32_t reduce : kReductions) {
    LoopCase loop;
    loop.extents = extents;
    loop.reduce_rank = reduce_rank;
    int64_t size = loop.elements();
    int x = loop.input(loop.slot(exact_array(dtype, size, 5)), strides);
    int value = computed ? loop.op(LS_OP_MAX, dtype, x, x) : x;
    std::vector<int64_t> kept(extents.begin(), extents.end() - reduce_rank);
    int64_t kept_size = 1;
    for (int64_t extent : kept) kept_size *= extent;
    loop.reduce(reduce, value, loop.slot(Array(dtype, kept_size)), row_major(kept));
    if (computed) loop.store(value, loop.slot(Array(dtype, size)), row_major(extents));
    loop.check(0, what + ", reduction " + std::to_string(reduce) + ", dtype " + std::to_string(dtype));
  }
}

TEST(LoopReduction, WholeArrays) {
  for (int32_t dtype : kDtypes) {
    for (int64_t n : kSizes) {
      for (bool computed : {false, true}) {
        check_reduction({n}, 1, {1}, dtype, computed, "n " + std::to_string(n));
      }
    }
  }
}

TEST(LoopReduction, AlongRowsAndColumns) {
  for (int32_t dtype : kDtypes) {
    for (int64_t m : {0, 1, 3, 13, 70}) {
      for (int64_t n : {0, 1, 2, 5, 64, 130, 207}) {
        std::string what = std::to_string(m) + " x " + std::to_string(n);
        check_reduction({m, n}, 1, {n, 1}, dtype, m % 2, what + " rows");
        check_reduction({m, n}, 1, {1, m}, dtype, m % 2, what + " columns");
        check_reduction({m, n}, 2, {1, m}, dtype, m % 2, what + " all");
      }
    }
  }
}

TEST(LoopReduction, ManyAxes) {
  // (kept, kept, reduced, reduced) over memory in other orders
  std::vector<int64_t> extents = {5, 14, 9, 23};
  std::vector<std::vector<size_t>> orders = {{0, 1, 2, 3}, {2, 0, 3, 1}, {3, 2, 1, 0}, {0, 2, 1, 3}, {2, 1, 3, 0}};
  for (const std::vector<size_t> &order : orders) {
    std::vector<int64_t> strides(4);
    int64_t stride = 1;
    for (size_t i = 4; i-- > 0;) {
      strides[order[i]] = stride;
      stride *= extents[order[i]];
    }
    for (int32_t dtype : {LS_I32, LS_F32, LS_F64}) {
      for (bool computed : {false, true}) {
        for (int rank : {1, 2, 3}) check_reduction(extents, rank, strides, dtype, computed, "order of axes");
      }
    }
  }
}

TEST(LoopReduction, LargeEnoughForChunks) {
  check_reduction({1 << 18}, 1, {1}, LS_F32, true, "large");
  check_reduction({3, 1 << 17}, 1, {1, 3}, LS_F32, true, "large, three columns");
  check_reduction({200, 2000}, 1, {1, 200}, LS_I32, false, "large, columns");
  check_reduction({1000, 400}, 1, {400, 1}, LS_F64, false, "large, rows");
  check_reduction({1 << 18, 3}, 1, {3, 1}, LS_F32, false, "short rows");
}

TEST(LoopReduction, SumsAreAccurate) {
  int64_t n = 1 << 20;
  for (int32_t dtype : {LS_F32, LS_F64}) {
    Array x(dtype, n);
    __float128 exact = 0;  // a long double would lose more than the limit
    std::mt19937 generator(11);
    for (int64_t i = 0; i < n; ++i) {
      x.set(i, Scalar::of(generator() * 0x1p-32L + 1e-3L));
      exact += static_cast<__float128>(x.get(i).real);
    }
    LoopCase loop;
    loop.extents = {n};
    loop.reduce_rank = 1;
    int value = loop.input(loop.slot(x), {1});
    loop.reduce(LS_REDUCE_SUM, value, loop.slot(Array(dtype, 1)), {});
    loop.run();
    EXPECT_LE(ulp_distance(loop.slots[1].get(0).real, static_cast<long double>(exact), dtype), 2.0)
        << "dtype " << dtype;
  }
}

TEST(LoopReduction, NanAndInfinity) {
  for (int32_t dtype : {LS_F32, LS_F64}) {
    for (int64_t n : {5, 100, 5000}) {
      for (int64_t at : {int64_t{0}, n / 2, n - 1}) {
        for (long double special : {static_cast<long double>(NAN), static_cast<long double>(INFINITY)}) {
          for (int32_t reduce : kReductions) {
            LoopCase loop;
            loop.extents = {3, n};
            loop.reduce_rank = 1;
            Array x = random_array(dtype, 3 * n, 4);
            x.set(at, Scalar::of(special));
            x.set(n + at, Scalar::of(-special));
            for (int64_t i = 0; i < n; ++i) x.set(2 * n + i, Scalar::of(-INFINITY));
            if (reduce == LS_REDUCE_PROD) x = exact_array(dtype, 3 * n, 4);
            loop.reduce(reduce, loop.input(loop.slot(x), {n, 1}), loop.slot(Array(dtype, 3)), {1});
            loop.check(4, "special values");
          }
        }
      }
    }
  }
}

TEST(LoopReduction, SameBitsForAnyNumberOfThreads) {
  int64_t n = 300000;
  LoopCase loop;
  loop.extents = {n};
  loop.reduce_rank = 1;
  int x = loop.input(loop.slot(random_array(LS_F32, n, 4)), {1});
  int sine = loop.op(LS_OP_SIN, LS_F32, x);
  loop.reduce(LS_REDUCE_SUM, sine, loop.slot(Array(LS_F32, 1)), {});
  int before = threads();
  set_threads(1);
  loop.run();
  std::vector<unsigned char> alone = loop.slots[1].bytes;
  for (int count : {2, 3, 8}) {
    set_threads(count);
    for (int i = 0; i < 5; ++i) {
      loop.run();
      EXPECT_EQ(loop.slots[1].bytes, alone) << count << " threads";
    }
  }
  set_threads(before);
}

TEST(LoopReduction, SeveralResultsOfOneLoop) {
  int64_t m = 40;
  int64_t n = 1000;
  LoopCase loop;
  loop.extents = {m, n};
  loop.reduce_rank = 1;
  int x = loop.input(loop.slot(exact_array(LS_F64, m * n, 9)), {n, 1});
  int three = loop.constant(LS_F64, Scalar::of(3));
  int y = loop.op(LS_OP_MUL, LS_F64, x, three);
  loop.store(y, loop.slot(Array(LS_F64, m * n)), {1, m});
  loop.reduce(LS_REDUCE_SUM, y, loop.slot(Array(LS_F64, m)), {1});
  loop.reduce(LS_REDUCE_MAX, x, loop.slot(Array(LS_F64, 2 * m)), {2});
  loop.reduce(LS_REDUCE_SUM, three, loop.slot(Array(LS_F64, m)), {1});
  loop.check(0, "store, sum, max");
}

// Results beyond the caches, from an address that is no multiple of a vector.
TEST(LoopLayout, LargeResultsAreStreamed) {
  constexpr int64_t kElements = (9 << 20) / 4 + 5;
  for (int64_t offset : {0, 3}) {
    LoopCase loop;
    loop.extents = {kElements};
    int x = loop.input(loop.slot(random_array(LS_F32, kElements, 1)), {1});
    int y = loop.constant(LS_F32, Scalar::of(0.5L));
    int to = loop.slot(Array(LS_F32, kElements + offset + 2));
    loop.store(loop.op(LS_OP_ADD, LS_F32, x, y), to, {1}, offset);
    EXPECT_NE(loop.run().find("past the caches"), std::string::npos);
    const Array &from = loop.slots[0];
    const Array &got = loop.slots[1];
    for (int64_t i = 0; i < kElements; ++i) {
      ASSERT_EQ(got.get(i + offset).real, static_cast<float>(from.get(i).real + 0.5L)) << i;
    }
    for (int64_t i = 0; i < offset; ++i) EXPECT_EQ(got.get(i).real, 0);
    EXPECT_EQ(got.get(kElements + offset).real, 0);
  }
}

TEST(LoopLayout, LargeResultsInPlaceAndInTheWorkspaceAreNotStreamed) {
  constexpr int64_t kElements = (9 << 20) / 4;
  LoopCase loop;
  loop.extents = {kElements};
  int from = loop.slot(random_array(LS_F32, kElements, 1));
  int negated = loop.op(LS_OP_NEG, LS_F32, loop.input(from, {1}));
  loop.store(negated, from, {1});
  EXPECT_EQ(loop.run().find("past the caches"), std::string::npos);
  loop.results[0].to.slot = loop.slot(Array(LS_F32, kElements));
  EXPECT_NE(make_loop_step(loop.descriptor())->describe().find("past the caches"), std::string::npos);
  EXPECT_EQ(make_loop_step(loop.descriptor(), 1)->describe().find("past the caches"), std::string::npos);
}

}  // namespace
}  // namespace lockstep::test
