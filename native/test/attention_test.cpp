// Attention and its gradients against plain loops in f64, through the C ABI.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <random>
#include <vector>

#include "bf16.h"
#include "lockstep/lockstep.h"
#include "plan/dtype.h"
#include "plan_fixture.h"

namespace lockstep {
namespace {

enum class Mask { kNone, kAdd, kKeep };

// How a matrix lies in memory.
enum class Layout { kDense, kTransposed, kSpread, kRepeated };

struct Case {
  int64_t batch, queries, keys, dimension, value_dimension;
  bool causal = false;
  Mask mask = Mask::kNone;
  Layout layout = Layout::kDense;
  bool uniform_ct = false;
};

// A batch of matrices with its elements in f64, in memory as their dtype says.
struct Matrices {
  int64_t rows, columns;
  int64_t row, column, batch;
  std::vector<char> memory;
  int32_t dtype;

  Matrices(int32_t dtype, const Case &c, int64_t rows, int64_t columns, Layout layout)
      : rows(rows), columns(columns), dtype(dtype) {
    row = layout == Layout::kTransposed ? 1 : layout == Layout::kSpread ? columns * 3 + 1 : columns;
    column = layout == Layout::kTransposed ? rows : layout == Layout::kSpread ? 2 : 1;
    const int64_t elements = std::max<int64_t>(1, std::max(rows * row, rows * columns) + 2 * columns + 1);
    batch = layout == Layout::kRepeated ? 0 : elements;
    memory.resize(static_cast<size_t>(elements * c.batch + 1) * size(), 0);
  }

  size_t size() const { return static_cast<size_t>(dtype_size(dtype)); }
  int64_t bytes() const { return static_cast<int64_t>(memory.size()); }
  ls_matrix matrix(int32_t slot) const { return {slot, 0, row, column, {batch}}; }

  double at(int64_t b, int64_t i, int64_t j) const {
    const char *from = memory.data() + static_cast<size_t>(b * batch + i * row + j * column) * size();
    if (dtype == LS_BOOL) return *from;
    if (dtype == LS_F32) return *reinterpret_cast<const float *>(from);
    if (dtype == LS_BF16) return *reinterpret_cast<const Bf16 *>(from);
    return *reinterpret_cast<const double *>(from);
  }

  void set(int64_t b, int64_t i, int64_t j, double value) {
    char *to = memory.data() + static_cast<size_t>(b * batch + i * row + j * column) * size();
    if (dtype == LS_BOOL) {
      *to = value != 0;
    } else if (dtype == LS_F32) {
      *reinterpret_cast<float *>(to) = static_cast<float>(value);
    } else if (dtype == LS_BF16) {
      *reinterpret_cast<Bf16 *>(to) = value;
    } else {
      *reinterpret_cast<double *>(to) = value;
    }
  }

  void fill(int64_t batches, std::mt19937 &random) {
    std::normal_distribution<double> normal;
    for (int64_t b = 0; b < batches; ++b) {
      for (int64_t i = 0; i < rows; ++i) {
        for (int64_t j = 0; j < columns; ++j) set(b, i, j, dtype == LS_BOOL ? random() % 4 > 0 : normal(random));
      }
    }
  }
};

struct Operands {
  Matrices q, k, v, mask, ct, to, dq, dk, dv;

  Operands(int32_t dtype, const Case &c)
      : q(dtype, c, c.queries, c.dimension, c.layout == Layout::kRepeated ? Layout::kDense : c.layout),
        k(dtype, c, c.keys, c.dimension, c.layout),
        v(dtype, c, c.keys, c.value_dimension, c.layout),
        mask(c.mask == Mask::kKeep ? LS_BOOL : dtype, c, c.queries, c.keys, c.layout),
        ct(dtype, c, c.queries, c.value_dimension, Layout::kDense),
        to(dtype, c, c.queries, c.value_dimension, result_layout(c)),
        dq(dtype, c, c.queries, c.dimension, result_layout(c)),
        dk(dtype, c, c.keys, c.dimension, result_layout(c)),
        dv(dtype, c, c.keys, c.value_dimension, result_layout(c)) {
    std::mt19937 random(7);
    for (Matrices *matrices : {&q, &k, &v, &mask, &ct}) matrices->fill(c.batch, random);
    if (c.uniform_ct) ct.column = 0;
  }

  static Layout result_layout(const Case &c) { return c.layout == Layout::kRepeated ? Layout::kDense : c.layout; }
};

constexpr double kScale = 0.3;

ls_attention descriptor(int32_t dtype, const Case &c, const Operands &o) {
  ls_attention attention = {};
  attention.dtype = dtype;
  attention.mask_dtype = c.mask == Mask::kKeep ? LS_BOOL : dtype;
  attention.causal = c.causal ? 1 : 0;
  attention.batch_rank = 1;
  attention.batch[0] = c.batch;
  attention.queries = c.queries;
  attention.keys = c.keys;
  attention.dimension = c.dimension;
  attention.value_dimension = c.value_dimension;
  attention.scale = kScale;
  attention.q = o.q.matrix(0);
  attention.k = o.k.matrix(1);
  attention.v = o.v.matrix(2);
  attention.mask = o.mask.matrix(3);
  if (c.mask == Mask::kNone) attention.mask.slot = LS_SLOT_NONE;
  return attention;
}

void run_forward(int32_t dtype, const Case &c, Operands &o) {
  TestPlan plan({o.q.bytes(), o.k.bytes(), o.v.bytes(), o.mask.bytes()}, {o.to.bytes()});
  ls_attention attention = descriptor(dtype, c, o);
  attention.to = o.to.matrix(4);
  ASSERT_EQ(LS_OK, ls_plan_add_attention(plan.get(), &attention)) << ls_last_error();
  ASSERT_EQ(LS_OK, ls_plan_seal(plan.get())) << ls_last_error();
  const void *inputs[] = {o.q.memory.data(), o.k.memory.data(), o.v.memory.data(), o.mask.memory.data()};
  void *outputs[] = {o.to.memory.data()};
  ASSERT_EQ(LS_OK, ls_plan_run(plan.get(), inputs, outputs)) << ls_last_error();
}

// `wanted`: bits 0, 1 and 2 for dq, dk and dv.
void run_gradient(int32_t dtype, const Case &c, Operands &o, int wanted = 7) {
  TestPlan plan({o.q.bytes(), o.k.bytes(), o.v.bytes(), o.mask.bytes(), o.ct.bytes()},
                {o.dq.bytes(), o.dk.bytes(), o.dv.bytes()});
  ls_attention_gradient gradient = {descriptor(dtype, c, o), o.ct.matrix(4), o.dq.matrix(5), o.dk.matrix(6),
                                    o.dv.matrix(7)};
  ls_matrix *results[] = {&gradient.dq, &gradient.dk, &gradient.dv};
  for (int i = 0; i < 3; ++i) {
    if ((wanted >> i & 1) == 0) results[i]->slot = LS_SLOT_NONE;
  }
  ASSERT_EQ(LS_OK, ls_plan_add_attention_gradient(plan.get(), &gradient)) << ls_last_error();
  ASSERT_EQ(LS_OK, ls_plan_seal(plan.get())) << ls_last_error();
  const void *inputs[] = {o.q.memory.data(), o.k.memory.data(), o.v.memory.data(), o.mask.memory.data(),
                          o.ct.memory.data()};
  void *outputs[] = {o.dq.memory.data(), o.dk.memory.data(), o.dv.memory.data()};
  ASSERT_EQ(LS_OK, ls_plan_run(plan.get(), inputs, outputs)) << ls_last_error();
}

double hidden(int32_t dtype) {
  return -0.7 * (dtype != LS_F64 ? static_cast<double>(std::numeric_limits<float>::max())
                                 : std::numeric_limits<double>::max());
}

bool seen(const Case &c, const Operands &o, int64_t b, int64_t i, int64_t j) {
  return !(c.causal && j > i) && !(c.mask == Mask::kKeep && o.mask.at(b, i, j) == 0);
}

// The softmax of row i.
std::vector<double> probabilities(int32_t dtype, const Case &c, const Operands &o, int64_t b, int64_t i) {
  std::vector<double> p(static_cast<size_t>(c.keys));
  double largest = -std::numeric_limits<double>::infinity();
  for (int64_t j = 0; j < c.keys; ++j) {
    double score = 0;
    for (int64_t d = 0; d < c.dimension; ++d) score += o.q.at(b, i, d) * o.k.at(b, j, d);
    score *= kScale;
    if (c.mask == Mask::kAdd) score += o.mask.at(b, i, j);
    p[j] = seen(c, o, b, i, j) ? score : hidden(dtype);
    largest = std::max(largest, p[j]);
  }
  double sum = 0;
  for (double &x : p) sum += x = std::exp(x - largest);
  for (double &x : p) x /= sum;
  return p;
}

// Of arithmetic, and of storing a result.
double tolerance(int32_t dtype) { return dtype == LS_F64 ? 1e-13 : 1e-5; }
double allowed(int32_t dtype, double want, double factor = 1) {
  return tolerance(dtype) * factor * (1 + std::abs(want)) + (dtype == LS_BF16 ? kBf16Rounding * std::abs(want) : 0);
}

void expect_forward(int32_t dtype, const Case &c, const Operands &o) {
  for (int64_t b = 0; b < c.batch; ++b) {
    for (int64_t i = 0; i < c.queries; ++i) {
      const std::vector<double> p = probabilities(dtype, c, o, b, i);
      for (int64_t d = 0; d < c.value_dimension; ++d) {
        double want = 0;
        for (int64_t j = 0; j < c.keys; ++j) want += p[j] * o.v.at(b, j, d);
        ASSERT_NEAR(want, o.to.at(b, i, d), allowed(dtype, want)) << b << ", " << i << ", " << d;
      }
    }
  }
}

void expect_gradient(int32_t dtype, const Case &c, const Operands &o, int wanted = 7) {
  for (int64_t b = 0; b < c.batch; ++b) {
    std::vector<double> dk(static_cast<size_t>(c.keys * c.dimension));
    std::vector<double> dv(static_cast<size_t>(c.keys * c.value_dimension));
    for (int64_t i = 0; i < c.queries; ++i) {
      const std::vector<double> p = probabilities(dtype, c, o, b, i);
      std::vector<double> dp(p.size());
      double dot = 0;
      for (int64_t j = 0; j < c.keys; ++j) {
        for (int64_t d = 0; d < c.value_dimension; ++d) {
          dp[j] += o.ct.at(b, i, d) * o.v.at(b, j, d);
          dv[j * c.value_dimension + d] += p[j] * o.ct.at(b, i, d);
        }
        dot += p[j] * dp[j];
      }
      std::vector<double> dq(static_cast<size_t>(c.dimension));
      for (int64_t j = 0; j < c.keys; ++j) {
        const double ds = seen(c, o, b, i, j) ? p[j] * (dp[j] - dot) * kScale : 0;
        for (int64_t d = 0; d < c.dimension; ++d) {
          dq[d] += ds * o.k.at(b, j, d);
          dk[j * c.dimension + d] += ds * o.q.at(b, i, d);
        }
      }
      for (int64_t d = 0; (wanted & 1) != 0 && d < c.dimension; ++d) {
        ASSERT_NEAR(dq[d], o.dq.at(b, i, d), allowed(dtype, dq[d], 10)) << "dq " << b << ", " << i << ", " << d;
      }
    }
    for (int64_t j = 0; j < c.keys; ++j) {
      for (int64_t d = 0; (wanted & 2) != 0 && d < c.dimension; ++d) {
        const double want = dk[j * c.dimension + d];
        ASSERT_NEAR(want, o.dk.at(b, j, d), allowed(dtype, want, 10)) << "dk " << b << ", " << j << ", " << d;
      }
      for (int64_t d = 0; (wanted & 4) != 0 && d < c.value_dimension; ++d) {
        const double want = dv[j * c.value_dimension + d];
        ASSERT_NEAR(want, o.dv.at(b, j, d), allowed(dtype, want, 10)) << "dv " << b << ", " << j << ", " << d;
      }
    }
  }
}

void check(const Case &c) {
  SCOPED_TRACE(testing::Message() << "batch " << c.batch << " queries " << c.queries << " keys " << c.keys
                                  << " dimension " << c.dimension << " -> " << c.value_dimension << " causal "
                                  << c.causal << " mask " << static_cast<int>(c.mask) << " layout "
                                  << static_cast<int>(c.layout) << " uniform " << c.uniform_ct);
  for (int32_t dtype : {LS_F32, LS_F64, LS_BF16}) {
    Operands o(dtype, c);
    run_forward(dtype, c, o);
    expect_forward(dtype, c, o);
    run_gradient(dtype, c, o);
    expect_gradient(dtype, c, o);
  }
}

TEST(Attention, OddSizesWithEachMask) {
  for (Mask mask : {Mask::kNone, Mask::kAdd, Mask::kKeep}) {
    for (bool causal : {false, true}) {
      check({2, 1, 1, 1, 1, causal, mask});
      check({3, 7, 13, 5, 3, causal, mask});
      check({1, 70, 33, 17, 40, causal, mask});
      check({2, 65, 100, 64, 65, causal, mask});
    }
  }
}

TEST(Attention, SeveralBlocksOfKeys) {
  for (Mask mask : {Mask::kNone, Mask::kAdd, Mask::kKeep}) {
    check({1, 20, 1100, 9, 4, false, mask});
    check({1, 300, 600, 8, 16, true, mask});
  }
  check({1, 600, 520, 8, 16, true});
}

TEST(Attention, AnyStrides) {
  for (Layout layout : {Layout::kTransposed, Layout::kSpread, Layout::kRepeated}) {
    for (Mask mask : {Mask::kNone, Mask::kAdd, Mask::kKeep}) check({3, 21, 34, 20, 18, false, mask, layout});
    check({2, 10, 530, 6, 5, true, Mask::kNone, layout});
  }
}

// Enough queries and keys for tiles, in all ways that these are not full.
TEST(Attention, BlocksOfTiles) {
  for (Mask mask : {Mask::kNone, Mask::kAdd, Mask::kKeep}) {
    check({2, 32, 32, 32, 32, false, mask});
    check({1, 33, 47, 31, 33, true, mask});
    check({1, 130, 560, 64, 96, true, mask});
    for (Layout layout : {Layout::kTransposed, Layout::kSpread, Layout::kRepeated}) {
      check({1, 40, 530, 32, 64, true, mask, layout});
    }
  }
  check({1, 96, 560, 1, 1});
  check({1, 40, 40, 0, 6});
}

TEST(Attention, CotangentOfEqualColumns) {
  check({2, 33, 50, 12, 20, false, Mask::kNone, Layout::kDense, true});
  check({1, 40, 600, 12, 20, true, Mask::kNone, Layout::kDense, true});
  check({2, 33, 50, 12, 20, true, Mask::kKeep, Layout::kTransposed, true});
}

TEST(Attention, EmptySizes) {
  check({0, 3, 4, 5, 6});
  check({2, 0, 4, 5, 6});
  check({2, 3, 4, 0, 6});
  check({2, 3, 4, 5, 0});
  Case none = {2, 3, 0, 5, 6};
  Operands o(LS_F32, none);
  std::mt19937 random(1);
  o.to.fill(none.batch, random);
  o.dq.fill(none.batch, random);
  run_forward(LS_F32, none, o);
  run_gradient(LS_F32, none, o);
  EXPECT_EQ(0, o.to.at(1, 2, 5));
  EXPECT_EQ(0, o.dq.at(1, 2, 4));
}

TEST(Attention, ARowThatSeesNothingIsTheMeanOfAllValues) {
  Case c = {1, 4, 700, 5, 6, true, Mask::kKeep};
  for (int32_t dtype : {LS_F32, LS_F64, LS_BF16}) {
    Operands o(dtype, c);
    for (int64_t j = 0; j < c.keys; ++j) o.mask.set(0, 2, j, 0);
    run_forward(dtype, c, o);
    expect_forward(dtype, c, o);
    run_gradient(dtype, c, o);
    expect_gradient(dtype, c, o);
  }
}

TEST(Attention, InfiniteMasks) {
  for (int32_t dtype : {LS_F32, LS_BF16}) {
    Case c = {1, 40, 700, 5, 6, false, Mask::kAdd};
    Operands o(dtype, c);
    const double infinity = std::numeric_limits<double>::infinity();
    for (int64_t j = 0; j < c.keys; ++j) o.mask.set(0, 0, j, -infinity);
    for (int64_t j = 0; j < 600; ++j) o.mask.set(0, 1, j, -infinity);
    run_forward(dtype, c, o);
    EXPECT_TRUE(std::isnan(o.to.at(0, 0, 0)));
    EXPECT_FALSE(std::isnan(o.to.at(0, 1, 0)));
    std::vector<double> p = probabilities(dtype, c, o, 0, 1);
    double want = 0;
    for (int64_t j = 0; j < c.keys; ++j) want += p[j] * o.v.at(0, j, 3);
    EXPECT_NEAR(want, o.to.at(0, 1, 3), allowed(dtype, want));
  }
}

TEST(Attention, InfiniteValues) {
  for (int32_t dtype : {LS_F32, LS_BF16}) {
    Case c = {1, 40, 64, 5, 6};
    Operands o(dtype, c);
    o.v.set(0, 50, 2, std::numeric_limits<double>::infinity());
    run_forward(dtype, c, o);
    for (int64_t i = 0; i < c.queries; ++i) {
      EXPECT_EQ(std::numeric_limits<double>::infinity(), o.to.at(0, i, 2));
      EXPECT_TRUE(std::isfinite(o.to.at(0, i, 1)));
    }
  }
}

TEST(Attention, NanStaysInItsRow) {
  Case c = {1, 70, 40, 5, 6};
  for (int32_t dtype : {LS_F32, LS_BF16}) {
    Operands o(dtype, c);
    o.q.set(0, 1, 2, std::nan(""));
    run_forward(dtype, c, o);
    EXPECT_TRUE(std::isnan(o.to.at(0, 1, 0)));
    EXPECT_FALSE(std::isnan(o.to.at(0, 0, 0)));
    EXPECT_FALSE(std::isnan(o.to.at(0, 2, 0)));
  }
}

TEST(Attention, LargeScoresDoNotOverflow) {
  Case c = {1, 5, 40, 3, 4};
  Operands o(LS_F32, c);
  for (int64_t i = 0; i < c.queries; ++i) {
    for (int64_t d = 0; d < c.dimension; ++d) o.q.set(0, i, d, o.q.at(0, i, d) * 1e4);
  }
  run_forward(LS_F32, c, o);
  for (int64_t i = 0; i < c.queries; ++i) EXPECT_TRUE(std::isfinite(o.to.at(0, i, 0)));
}

TEST(Attention, WritesOnlyWantedGradients) {
  Case c = {2, 30, 20, 9, 8};
  for (int wanted = 1; wanted < 7; ++wanted) {
    Operands o(LS_F32, c);
    run_gradient(LS_F32, c, o, wanted);
    expect_gradient(LS_F32, c, o, wanted);
    const Matrices *results[] = {&o.dq, &o.dk, &o.dv};
    for (int i = 0; i < 3; ++i) {
      const bool zero =
          std::all_of(results[i]->memory.begin(), results[i]->memory.end(), [](char x) { return x == 0; });
      EXPECT_EQ((wanted >> i & 1) == 0, zero) << wanted << ", " << i;
    }
  }
}

class AttentionThreads : public testing::TestWithParam<int32_t> {};
INSTANTIATE_TEST_SUITE_P(Dtypes, AttentionThreads, testing::Values(LS_F32, LS_BF16));

TEST_P(AttentionThreads, SameBitsForAnyNumber) {
  const int32_t dtype = GetParam();
  const int32_t before = ls_threads_get();
  Case c = {2, 300, 300, 32, 32};
  Operands one(dtype, c);
  Operands three(dtype, c);
  ASSERT_EQ(LS_OK, ls_threads_set(1));
  run_forward(dtype, c, one);
  run_gradient(dtype, c, one);
  ASSERT_EQ(LS_OK, ls_threads_set(3));
  run_forward(dtype, c, three);
  run_gradient(dtype, c, three);
  ASSERT_EQ(LS_OK, ls_threads_set(before));
  expect_gradient(dtype, c, three);
  EXPECT_EQ(one.to.memory, three.to.memory);
  EXPECT_EQ(one.dq.memory, three.dq.memory);
  EXPECT_EQ(one.dk.memory, three.dk.memory);
  EXPECT_EQ(one.dv.memory, three.dv.memory);
}

TEST(Attention, RefusesWhatDoesNotFit) {
  Case c = {2, 3, 4, 5, 6};
  Operands o(LS_F32, c);
  TestPlan plan({o.q.bytes(), o.k.bytes(), o.v.bytes(), o.mask.bytes()}, {o.to.bytes()});
  auto refused = [&](auto &&change, const char *text) {
    ls_attention attention = descriptor(LS_F32, c, o);
    attention.to = o.to.matrix(4);
    change(attention);
    EXPECT_REFUSED(LS_INVALID_ARGUMENT, text, ls_plan_add_attention(plan.get(), &attention));
  };
  refused([](ls_attention &a) { a.dtype = LS_I32; }, "attention: expected f32, f64 or bf16, got i32");
  refused([](ls_attention &a) { a.q.offset = 1 << 20; }, "attention: q: ");
  refused([](ls_attention &a) { a.keys = 1 << 20; }, "attention: k: ");
  refused([](ls_attention &a) { a.to.slot = 0; }, "attention: to: slot 0 is an input");
  refused([](ls_attention &a) { a.queries = -1; }, "expected extents of 0 or more");
  refused(
      [](ls_attention &a) {
        a.mask = a.q;
        a.mask_dtype = LS_F64;
      },
      "attention: mask: expected bool or f32, got f64");
  refused(
      [](ls_attention &a) {
        a.dtype = LS_BF16;
        a.mask = a.q;
        a.mask_dtype = LS_F32;
      },
      "attention: mask: expected bool or bf16, got f32");
  ls_attention_gradient gradient = {};
  gradient.of = descriptor(LS_F32, c, o);
  gradient.ct = o.to.matrix(4);
  gradient.dq.slot = gradient.dk.slot = gradient.dv.slot = LS_SLOT_NONE;
  EXPECT_EQ(LS_INVALID_ARGUMENT, ls_plan_add_attention_gradient(plan.get(), &gradient));
  EXPECT_STREQ("attention gradient: expected at least one of dq, dk and dv, got none", ls_last_error());
}

TEST(Attention, DescribesItself) {
  Case c = {2, 3, 4, 5, 6, true, Mask::kKeep};
  Operands o(LS_F32, c);
  TestPlan plan({o.q.bytes(), o.k.bytes(), o.v.bytes(), o.mask.bytes()}, {o.to.bytes()});
  ls_attention attention = descriptor(LS_F32, c, o);
  attention.to = o.to.matrix(4);
  ASSERT_EQ(LS_OK, ls_plan_add_attention(plan.get(), &attention));
  ASSERT_EQ(LS_OK, ls_plan_seal(plan.get()));
  EXPECT_EQ(
      "attention f32 batch [2], 3 queries, 4 keys, 5 -> 6, causal, bool mask: 2 pieces of at most 3 rows, streamed "
      "over "
      "keys",
      plan.describe());
}

TEST(Attention, DescribesWhatBf16IsComputedIn) {
  Case c = {2, 3, 4, 5, 6};
  Operands o(LS_BF16, c);
  TestPlan plan({o.q.bytes(), o.k.bytes(), o.v.bytes(), o.mask.bytes()}, {o.to.bytes()});
  ls_attention attention = descriptor(LS_BF16, c, o);
  attention.to = o.to.matrix(4);
  ASSERT_EQ(LS_OK, ls_plan_add_attention(plan.get(), &attention));
  ASSERT_EQ(LS_OK, ls_plan_seal(plan.get()));
  EXPECT_PRED2(contains, plan.describe(), "attention bf16 in f32 batch [2], 3 queries, 4 keys, 5 -> 6: ");
}

}  // namespace
}  // namespace lockstep
