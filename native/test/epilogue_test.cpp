// Epilogues of products against the product and then its loop: the same bits, whatever implementation runs them.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <type_traits>
#include <vector>

#include "matmul_product.h"
#include "plan_fixture.h"
#include "threads/pool.h"

namespace lockstep {
namespace {

enum class Where { in_place, elsewhere, transposed, several };

struct EpilogueCase {
  Case product;
  std::vector<bool> bias_moves;  // along batch, m, n; the others repeat it
  Where where = Where::in_place;

  int64_t rank() const { return static_cast<int64_t>(product.batch.size()) + 2; }
  std::vector<int64_t> extents() const {
    std::vector<int64_t> list = product.batch;
    list.insert(list.end(), {product.m, product.n});
    return list;
  }
  std::string text() const {
    std::string moves;
    for (bool move : bias_moves) moves += move ? '1' : '0';
    return product.text() + " bias=" + moves + " where=" + std::to_string(static_cast<int>(where));
  }
};

// y = max(c + bias, -c), and if several results are asked for (c + bias) * residual and a mask.
template <typename T>
class Fused {
 public:
  using Element = typename decltype(Matrices<T>::elements)::value_type;

  explicit Fused(const EpilogueCase &c) : case_(c), extents_(c.extents()) {
    const Case &p = c.product;
    const std::vector<bool> never(p.batch.size(), false);
    const Matrices<T> a(p.batch, p.a_repeated.empty() ? never : p.a_repeated, p.m, p.k, p.a, p.skew,
                        p.a_batch_adjacent);
    const Matrices<T> b(p.batch, p.b_repeated.empty() ? never : p.b_repeated, p.k, p.n, p.b, p.skew,
                        p.b_batch_adjacent);
    const Matrices<T> to(p.batch, never, p.m, p.n, p.c, p.skew, p.c_batch_adjacent);
    const std::vector<int64_t> dense = strides(std::vector<bool>(extents_.size(), true));
    const int64_t size = count();
    const int64_t bytes = static_cast<int64_t>(sizeof(Element));
    fill(a.elements.size());
    fill(b.elements.size());
    fill(to.elements.size());
    fill(size);  // bias
    fill(size);  // residual
    fill(size);  // y elsewhere
    fill(size);
    slots_.emplace_back(static_cast<size_t>(size), char{99});  // mask

    product_.dtype = kDtype<T>;
    product_.batch_rank = static_cast<int32_t>(p.batch.size());
    std::copy(p.batch.begin(), p.batch.end(), product_.batch);
    product_.m = p.m;
    product_.n = p.n;
    product_.k = p.k;
    product_.a = a.descriptor(0);
    product_.b = b.descriptor(1);
    product_.c = to.descriptor(2);

    const int32_t t = kDtype<T>;
    std::vector<int64_t> c_strides = to.batch_strides;
    c_strides.insert(c_strides.end(), {to.row, to.column});
    const ls_operand in_c = operand(2, t, to.origin * bytes, c_strides);
    loop_.extents = extents_;
    loop_.inputs = {in_c, operand(3, t, 0, strides(c.bias_moves)), operand(4, t, 0, dense)};
    const bool is_bool = t == LS_BOOL;
    loop_.instructions = {{is_bool ? LS_OP_OR : LS_OP_ADD, t, t, 0, 1, -1},
                          {is_bool ? LS_OP_NOT : LS_OP_NEG, t, t, 0, -1, -1},
                          {is_bool ? LS_OP_XOR : LS_OP_MAX, t, t, 3, 4, -1},
                          {is_bool ? LS_OP_AND : LS_OP_MUL, t, t, 3, 2, -1},
                          {LS_OP_GT, t, LS_BOOL, 3, 2, -1}};
    std::vector<int64_t> other = dense;
    if (c.where == Where::transposed) {
      other[other.size() - 2] = 1;
      other[other.size() - 1] = p.m;
    }
    const bool elsewhere = c.where == Where::elsewhere || c.where == Where::transposed;
    loop_.results = {{elsewhere ? operand(5, t, 0, other) : in_c, 5, LS_REDUCE_NONE}};
    if (c.where == Where::several) {
      loop_.results.push_back({operand(6, t, 0, dense), 6, LS_REDUCE_NONE});
      loop_.results.push_back({operand(7, LS_BOOL, 0, dense), 7, LS_REDUCE_NONE});
    }
    const ls_loop epilogue = loop_.descriptor();
    plain_ = make_matmul_step(product_);
    afterwards_ = make_loop_step(epilogue);
    product_.epilogue = &epilogue;
    fused_ = make_matmul_step(product_);
  }

  std::string describe() const { return fused_->describe(); }

  std::vector<std::vector<char>> run() const { return run({fused_.get()}); }

  void check() const {
    const auto expected = run({plain_.get(), afterwards_.get()});
    const auto results = run();
    for (size_t i = 0; i < results.size(); ++i) {
      ASSERT_TRUE(results[i] == expected[i]) << case_.text() << " slot " << i << '\n' << describe();
    }
  }

 private:
  int64_t count() const {
    int64_t product = 1;
    for (int64_t extent : extents_) product *= extent;
    return product;
  }

  std::vector<int64_t> strides(const std::vector<bool> &moves) const {
    std::vector<int64_t> list(extents_.size());
    int64_t stride = 1;
    for (size_t d = extents_.size(); d-- > 0;) {
      if (!moves[d]) continue;
      list[d] = stride;
      stride *= extents_[d];
    }
    return list;
  }

  void fill(size_t elements) {
    std::mt19937 random(static_cast<unsigned>(slots_.size()));
    std::vector<char> slot(elements * sizeof(Element));
    for (size_t i = 0; i < elements; ++i) {
      const Element element = static_cast<Element>(random_element<T>(random));
      std::memcpy(slot.data() + i * sizeof(Element), &element, sizeof(Element));
    }
    slots_.push_back(std::move(slot));
  }

  std::vector<std::vector<char>> run(const std::vector<const Step *> &steps) const {
    std::vector<std::vector<char>> slots = slots_;
    std::vector<void *> addresses;
    for (auto &slot : slots) addresses.push_back(slot.data());
    for (const Step *step : steps) {
      std::vector<char> scratch(static_cast<size_t>(step->scratch_bytes()) + 64, static_cast<char>(0xFB));
      const auto address = reinterpret_cast<uintptr_t>(scratch.data());
      step->run(addresses.data(), scratch.data() + (64 - address % 64) % 64);
    }
    return slots;
  }

  EpilogueCase case_;
  std::vector<int64_t> extents_;
  std::vector<std::vector<char>> slots_;
  ls_matmul product_ = {};
  Loop loop_;
  std::unique_ptr<Step> plain_, afterwards_, fused_;
};

constexpr Where kEverywhere[] = {Where::in_place, Where::elsewhere, Where::transposed, Where::several};

template <typename T>
class EpilogueOfMatmul : public ::testing::Test {};
using EpilogueDtypes = ::testing::Types<bool, int32_t, int64_t, float, double>;
TYPED_TEST_SUITE(EpilogueOfMatmul, EpilogueDtypes);

TYPED_TEST(EpilogueOfMatmul, BiasAlongAnyDimension) {
  const int64_t sizes[][3] = {{1, 1, 1}, {1, 65, 33},  {7, 1, 13},   {16, 64, 100}, {33, 65, 0}, {0, 5, 3},
                              {3, 5, 1}, {40, 30, 20}, {1, 700, 40}, {90, 2, 31},   {150, 9, 70}};
  for (const auto &size : sizes) {
    for (int moves = 0; moves < 4; ++moves) {
      for (Layout c : {Layout::rows, Layout::columns, Layout::spaced, Layout::reversed}) {
        for (Where where : kEverywhere) {
          Fused<TypeParam>({{{}, {}, {}, size[0], size[1], size[2], Layout::rows, Layout::rows, c, 1},
                            {(moves & 1) != 0, (moves & 2) != 0},
                            where})
              .check();
          if (this->HasFatalFailure()) return;
        }
      }
    }
  }
}

TYPED_TEST(EpilogueOfMatmul, Batches) {
  const int64_t sizes[][3] = {{1, 1, 31}, {4, 1, 16}, {1, 8, 3}, {4, 4, 4}, {16, 33, 31}};
  for (const std::vector<int64_t> &batch : {std::vector<int64_t>{1}, {20}, {3, 5}, {4, 0}, {2, 3, 2}}) {
    const size_t rank = batch.size() + 2;
    for (int shared = 0; shared < 3; ++shared) {
      const std::vector<bool> a_repeated(batch.size(), shared == 1);
      const std::vector<bool> b_repeated(batch.size(), shared == 2);
      for (unsigned moves = 0; moves < 1u << rank; ++moves) {
        std::vector<bool> bias;
        for (size_t d = 0; d < rank; ++d) bias.push_back(moves >> d & 1);
        for (const auto &size : sizes) {
          const Layout c = moves % 3 == 1 ? Layout::columns : Layout::rows;
          Fused<TypeParam>({{batch, a_repeated, b_repeated, size[0], size[1], size[2], Layout::rows, Layout::rows, c},
                            bias,
                            kEverywhere[moves % 4]})
              .check();
          if (this->HasFatalFailure()) return;
        }
      }
    }
  }
}

TYPED_TEST(EpilogueOfMatmul, BatchesAdjacentInMemory) {
  for (const std::vector<int64_t> &batch : {std::vector<int64_t>{37}, {2, 21}, {700}}) {
    const std::vector<bool> never(batch.size(), false);
    for (unsigned moves = 0; moves < 1u << (batch.size() + 2); ++moves) {
      std::vector<bool> bias;
      for (size_t d = 0; d < batch.size() + 2; ++d) bias.push_back(moves >> d & 1);
      for (bool c_adjacent : {false, true}) {
        Case product = {batch, never, never, 6, 5, 9};
        product.a_batch_adjacent = product.b_batch_adjacent = true;
        product.c_batch_adjacent = c_adjacent;
        Fused<TypeParam>({product, bias, kEverywhere[moves % 4]}).check();
        if (this->HasFatalFailure()) return;
      }
    }
  }
}

// Several parts, those that are cut off included; libraries where there is one for the dtype.
TYPED_TEST(EpilogueOfMatmul, LargeProducts) {
  const auto check = [](const Case &product, const std::vector<bool> &bias) {
    for (Where where : {Where::in_place, Where::several}) Fused<TypeParam>({product, bias, where}).check();
  };
  // Libraries take floating dtypes from 256 on.
  constexpr int64_t k = std::is_floating_point_v<TypeParam> ? 257 : 40;
  for (Layout c : {Layout::rows, Layout::columns}) {
    check({{}, {}, {}, 290, 600, k, Layout::rows, Layout::columns, c, 1}, {false, true});
    check({{}, {}, {}, 300, 410, std::min<int64_t>(k, 117), Layout::columns, Layout::rows, c, 1}, {true, false});
    check({{}, {}, {}, 4, 9000, 3, Layout::rows, Layout::rows, c}, {false, true});
    check({{3}, {}, {}, 130, 200, 40, Layout::rows, Layout::rows, c}, {true, false, true});
    check({{700}, {}, {}, 9, 10, 11, Layout::rows, Layout::rows, c}, {false, false, true});
    if (this->HasFatalFailure()) return;
  }
  check({{}, {}, {}, 1, 5000, 300, Layout::rows, Layout::columns}, {false, true});
  check({{5000}, {}, {}, 1, 1, 40}, {false, false, false});
  check({{7, 300}, {false, true}, {false, false}, 5, 4, 13}, {true, false, false, true});
  check({{90, 11}, {false, true}, {false, false}, 8, 8, 8}, {true, false, false, true});
  check({{4, 5}, {false, true}, {true, false}, 300, 200, 1}, {false, false, false, true});
  check({{20}, {}, {}, 300, 420, 1}, {false, false, true});
}

TEST(Epilogue, EachImplementationSaysThatItHasOne) {
  const auto description = [](const Case &product, std::vector<bool> bias) {
    return Fused<float>({product, std::move(bias)}).describe();
  };
  const std::string epilogue = " + epilogue of 5 ops, 1 result";
  const std::map<std::string, Case> cases = {
      {"matmul tiles", {{}, {}, {}, 16, 64, 100}},
      {"matmul dots", {{}, {}, {}, 1, 200, 150, Layout::rows, Layout::columns}},
      {"matmul oneDNN", {{}, {}, {}, 702, 1100, 257}},
      {"matmul reference", {{}, {}, {}, 3, 4, 0}},
      {"matmul outer", {{}, {}, {}, 1500, 1500, 1}},
  };
  for (const auto &[name, product] : cases) {
    const std::string text = description(product, {false, true});
    EXPECT_EQ(0u, text.find(name)) << text;
    EXPECT_PRED2(contains, text, epilogue);
    EXPECT_FALSE(contains(text, "then its epilogue")) << text;
  }
  const std::string openblas = Fused<double>({{{}, {}, {}, 702, 1500, 257}, {false, true}}).describe();
  EXPECT_EQ(0u, openblas.find("matmul OpenBLAS")) << openblas;
  EXPECT_PRED2(contains, openblas, epilogue);
}

// A bias for each matrix would keep the shared operand's one large product in pieces.
TEST(Epilogue, WaitsForTheWholeResultWhereItWouldSplitTheProduct) {
  const Fused<float> fused({{{8}, {false}, {true}, 16, 64, 100}, {true, false, true}});
  EXPECT_PRED2(contains, fused.describe(), "[128, 100]·[100, 64]");
  EXPECT_PRED2(contains, fused.describe(), "then its epilogue, since its operands would keep");
  fused.check();
}

TEST(Epilogue, ManyValuesRunAfterTheProduct) {
  const ls_loop *none = nullptr;
  ls_matmul product = {};
  product.dtype = LS_F32;
  product.m = product.n = product.k = 2;
  product.a = {0, 0, 2, 1, {}};
  product.b = {1, 0, 2, 1, {}};
  product.c = {2, 0, 2, 1, {}};
  product.epilogue = none;
  Loop loop;
  loop.extents = {2, 2};
  loop.inputs = {operand(2, LS_F32, 0, {2, 1})};
  for (int32_t i = 0; i < 100; ++i) loop.instructions.push_back({LS_OP_ADD, LS_F32, LS_F32, i, 0, -1});
  loop.results = {{loop.inputs[0], 100, LS_REDUCE_NONE}};
  const ls_loop epilogue = loop.descriptor();
  product.epilogue = &epilogue;
  TestPlan plan({16, 16}, {16});
  ASSERT_EQ(LS_OK, plan.add(product)) << ls_last_error();
  EXPECT_PRED2(contains, plan.describe(), "it has too many values");
  ASSERT_EQ(LS_OK, plan.seal());
  const float a[] = {1, 2, 3, 4}, b[] = {1, 0, 0, 1};
  float c[4];
  ASSERT_EQ(LS_OK, plan.run({a, b}, {c})) << ls_last_error();
  for (int i = 0; i < 4; ++i) EXPECT_EQ(101 * a[i], c[i]);
}

TEST(Epilogue, SameBitsOnEveryThreadCountAndFromManyThreads) {
  const EpilogueCase cases[] = {{{{}, {}, {}, 207, 100, 65}, {false, true}, Where::several},
                                {{{64}, {}, {}, 31, 33, 64}, {true, false, true}, Where::in_place},
                                {{{}, {}, {}, 1000, 1100, 260}, {false, true}, Where::several}};
  const int before = threads();
  for (const EpilogueCase &c : cases) {
    set_threads(1);
    const auto expected = Fused<float>(c).run();
    set_threads(4);
    const Fused<float> fused(c);
    std::vector<std::vector<std::vector<char>>> results(8);
    std::vector<std::thread> runners;
    for (auto &result : results) runners.emplace_back([&] { result = fused.run(); });
    for (std::thread &runner : runners) runner.join();
    for (const auto &result : results) EXPECT_TRUE(result == expected) << fused.describe();
  }
  set_threads(before);
}

class EpilogueErrors : public ::testing::Test {
 protected:
  EpilogueErrors() {
    product_.dtype = LS_F32;
    product_.m = 2;
    product_.n = 3;
    product_.k = 4;
    product_.a = {0, 0, 4, 1, {}};
    product_.b = {1, 0, 3, 1, {}};
    product_.c = {2, 0, 3, 1, {}};
    loop_.extents = {2, 3};
    loop_.inputs = {operand(2, LS_F32, 0, {3, 1})};
    loop_.instructions = {{LS_OP_TANH, LS_F32, LS_F32, 0, -1, -1}};
    loop_.results = {{loop_.inputs[0], 1, LS_REDUCE_NONE}};
  }

  void expect_refused(const char *text) {
    const ls_loop epilogue = loop_.descriptor();
    product_.epilogue = &epilogue;
    EXPECT_REFUSED(LS_INVALID_ARGUMENT, text, plan_.add(product_));
  }

  ls_matmul product_ = {};
  Loop loop_;
  TestPlan plan_{{32, 48}, {24}};
};

TEST_F(EpilogueErrors, OtherDimensions) {
  loop_.extents = {3, 2};
  expect_refused("matmul: epilogue: expected a loop over the result's dimensions [2, 3], got [3, 2]");
  loop_.extents = {6};
  loop_.inputs[0].strides[0] = loop_.results[0].to.strides[0] = 1;
  expect_refused("matmul: epilogue: expected a loop over the result's dimensions [2, 3], got [6]");
}

TEST_F(EpilogueErrors, AReduction) {
  loop_.reduce_rank = 1;
  loop_.results[0].reduce = LS_REDUCE_SUM;
  expect_refused("matmul: epilogue: result 0: expected no reduction");
}

TEST_F(EpilogueErrors, AnIndex) {
  loop_.inputs.push_back(operand(LS_SLOT_INDEX, LS_F32, 0, {0, 1}));
  loop_.instructions[0] = {LS_OP_ADD, LS_F32, LS_F32, 0, 1, -1};
  loop_.results[0].value = 2;
  expect_refused("matmul: epilogue: input 1: expected memory or a constant, got an index");
}

TEST_F(EpilogueErrors, AnotherViewOfTheResult) {
  loop_.inputs[0].strides[0] = 0;
  expect_refused("matmul: epilogue: input 0: stands where the step's result does, with another dtype or other strides");
}

TEST_F(EpilogueErrors, WhatALoopRefuses) {
  loop_.results[0].to.slot = 0;
  expect_refused("matmul: epilogue: loop: result 0: slot 0 is an input");
  loop_.results[0].to.slot = 2;
  loop_.inputs[0].offset = 4;
  expect_refused("matmul: epilogue: loop: input 0: f32[2, 3] at byte 4");
}

}  // namespace
}  // namespace lockstep
