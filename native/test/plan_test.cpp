// Plans: building, the checks that keep steps inside their slots, and running.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <limits>
#include <thread>
#include <vector>

#include "plan_fixture.h"

namespace lockstep {
namespace {

constexpr int64_t kHuge = std::numeric_limits<int64_t>::max();

ls_copy dense_copy(int64_t elements, int32_t from, int32_t to) {
  return make_copy({elements}, operand(from, LS_F32, 0, {1}), operand(to, LS_F32, 0, {1}));
}

ls_instruction instruction(int32_t op, int32_t dtype, int32_t result, int32_t a, int32_t b = -1, int32_t c = -1) {
  return {op, dtype, result, a, b, c};
}

// slot 1 = slot 0 + slot 0, f32[8].
Loop doubling() {
  Loop loop;
  loop.extents = {8};
  loop.inputs = {operand(0, LS_F32, 0, {1})};
  loop.instructions = {instruction(LS_OP_ADD, LS_F32, LS_F32, 0, 0)};
  loop.results = {{operand(1, LS_F32, 0, {1}), 1, LS_REDUCE_NONE}};
  return loop;
}

ls_matmul product(int64_t m, int64_t n, int64_t k) {
  ls_matmul matmul{};
  matmul.dtype = LS_F32;
  matmul.m = m;
  matmul.n = n;
  matmul.k = k;
  matmul.a = {0, 0, k, 1, {}};
  matmul.b = {1, 0, n, 1, {}};
  matmul.c = {2, 0, n, 1, {}};
  return matmul;
}

TEST(PlanBuilding, SizesAndDevicesAreChecked) {
  ls_plan *plan = nullptr;
  int64_t bytes[2] = {4, -1};
  EXPECT_REFUSED(LS_UNSUPPORTED, "device 0", ls_plan_create(7, 1, bytes, 1, bytes, 0, &plan));
  EXPECT_REFUSED(LS_INVALID_ARGUMENT, "input 1", ls_plan_create(LS_CPU, 2, bytes, 1, bytes, 0, &plan));
  EXPECT_REFUSED(LS_INVALID_ARGUMENT, "output 1", ls_plan_create(LS_CPU, 1, bytes, 2, bytes, 0, &plan));
  EXPECT_REFUSED(LS_INVALID_ARGUMENT, "workspace", ls_plan_create(LS_CPU, 1, bytes, 1, bytes, -8, &plan));
  EXPECT_REFUSED(LS_INVALID_ARGUMENT, "workspace", ls_plan_create(LS_CPU, 1, bytes, 1, bytes, kHuge, &plan));
  EXPECT_REFUSED(LS_INVALID_ARGUMENT, "input", ls_plan_create(LS_CPU, -1, bytes, 1, bytes, 0, &plan));
  EXPECT_REFUSED(LS_INVALID_ARGUMENT, "NULL", ls_plan_create(LS_CPU, 1, nullptr, 1, bytes, 0, &plan));
  EXPECT_EQ(nullptr, plan);
  EXPECT_EQ(LS_OK, ls_plan_create(LS_CPU, 0, nullptr, 0, nullptr, 0, &plan));
  EXPECT_EQ(LS_OK, ls_plan_destroy(plan));
}

TEST(PlanBuilding, OnlyOpenPlansTakeStepsAndOnlySealedOnesRun) {
  TestPlan plan({16}, {16});
  float memory[8] = {};
  EXPECT_REFUSED(LS_INVALID_ARGUMENT, "seal it", plan.run({memory}, {memory + 4}));
  EXPECT_EQ(LS_OK, plan.add(dense_copy(4, 0, 1)));
  EXPECT_EQ(LS_OK, plan.seal());
  EXPECT_REFUSED(LS_INVALID_ARGUMENT, "sealed", plan.add(dense_copy(4, 0, 1)));
  EXPECT_REFUSED(LS_INVALID_ARGUMENT, "sealed", plan.seal());
  EXPECT_EQ(LS_OK, plan.run({memory}, {memory + 4}));
}

TEST(PlanBuilding, CopiesStayInsideTheirSlots) {
  TestPlan plan({32}, {32}, 32);
  auto from = [](int64_t offset, int64_t stride) {
    return make_copy({8}, operand(0, LS_F32, offset, {stride}), operand(1, LS_F32, 0, {1}));
  };
  auto to = [](int32_t slot, int64_t offset, int64_t stride) {
    return make_copy({8}, operand(0, LS_F32, 0, {1}), operand(slot, LS_F32, offset, {stride}));
  };
  EXPECT_REFUSED(LS_INVALID_ARGUMENT, "copy: from: f32[8] at byte 4 with strides (1) reaches bytes 4 to 36 of slot 0",
                 plan.add(from(4, 1)));
  EXPECT_REFUSED(LS_INVALID_ARGUMENT, "reaches bytes 0 to 60", plan.add(from(0, 2)));
  EXPECT_REFUSED(LS_INVALID_ARGUMENT, "reaches bytes -28 to 4", plan.add(from(0, -1)));
  EXPECT_REFUSED(LS_INVALID_ARGUMENT, "reaches bytes -4 to 28", plan.add(from(-4, 1)));
  EXPECT_REFUSED(LS_INVALID_ARGUMENT, "beyond 64 bits", plan.add(from(0, kHuge / 2)));
  EXPECT_REFUSED(LS_INVALID_ARGUMENT, "beyond 64 bits", plan.add(from(0, -kHuge)));
  EXPECT_REFUSED(LS_INVALID_ARGUMENT, "slot 0", plan.add(from(kHuge - 3, 0)));
  EXPECT_REFUSED(LS_INVALID_ARGUMENT, "multiple of 4", plan.add(from(2, 0)));
  EXPECT_REFUSED(LS_INVALID_ARGUMENT, "copy: to: f32[8]", plan.add(to(1, 4, 1)));
  EXPECT_REFUSED(LS_INVALID_ARGUMENT, "copy: to: f32[8]", plan.add(to(2, 4, 1)));
  EXPECT_REFUSED(LS_INVALID_ARGUMENT, "8 times along dimension 0", plan.add(to(1, 0, 0)));
  EXPECT_REFUSED(LS_INVALID_ARGUMENT, "only reads", plan.add(to(0, 0, 1)));
  EXPECT_REFUSED(LS_INVALID_ARGUMENT, "expected a slot from 0 to 2, got 3", plan.add(to(3, 0, 1)));
  EXPECT_REFUSED(LS_INVALID_ARGUMENT, "got -1", plan.add(to(LS_SLOT_INDEX, 0, 1)));
  EXPECT_EQ(LS_OK, plan.add(from(28, -1)));
  EXPECT_EQ(LS_OK, plan.add(to(2, 0, 1)));

  ls_copy copy = dense_copy(8, 0, 1);
  copy.rank = LS_MAX_RANK + 1;
  EXPECT_REFUSED(LS_INVALID_ARGUMENT, "rank", plan.add(copy));
  copy.rank = -1;
  EXPECT_REFUSED(LS_INVALID_ARGUMENT, "rank", plan.add(copy));
  copy = dense_copy(-1, 0, 1);
  EXPECT_REFUSED(LS_INVALID_ARGUMENT, "extents", plan.add(copy));
  copy = dense_copy(8, 0, 1);
  copy.to.dtype = LS_I32;
  EXPECT_REFUSED(LS_INVALID_ARGUMENT, "one dtype, got from f32 to i32", plan.add(copy));
  copy.from.dtype = copy.to.dtype = LS_BF16 + 1;
  EXPECT_REFUSED(LS_INVALID_ARGUMENT, "dtype", plan.add(copy));
  copy = make_copy({kHuge, kHuge}, operand(0, LS_F32, 0, {0, 0}), operand(1, LS_F32, 0, {0, 0}));
  EXPECT_REFUSED(LS_INVALID_ARGUMENT, "more than 2^63", plan.add(copy));
}

TEST(PlanBuilding, EmptyViewsReachNothing) {
  TestPlan plan({0}, {0});
  EXPECT_EQ(LS_OK, plan.add(make_copy({5, 0}, operand(0, LS_F64, 800, {kHuge, kHuge}), operand(1, LS_F64, 8, {0, 0}))))
      << ls_last_error();
  EXPECT_EQ(LS_OK, plan.add(make_copy({kHuge, kHuge, 0}, operand(0, LS_F64, 0, {1, 1, 1}), operand(1, LS_F64, 0, {}))))
      << ls_last_error();
  Loop loop;
  loop.extents = {5, 0};
  loop.inputs = {operand(0, LS_F64, 800, {kHuge, kHuge})};
  loop.results = {{operand(1, LS_F64, 800, {kHuge, kHuge}), 0, LS_REDUCE_NONE}};
  EXPECT_EQ(LS_OK, plan.add(loop)) << ls_last_error();
  ls_matmul matmul{};
  matmul.dtype = LS_F64;
  matmul.m = matmul.n = 5;
  matmul.batch_rank = 1;
  matmul.a = {0, 800, kHuge, kHuge, {kHuge}};
  matmul.b = {0, 800, kHuge, kHuge, {kHuge}};
  matmul.c = {1, 800, kHuge, kHuge, {kHuge}};
  EXPECT_EQ(LS_OK, plan.add(matmul)) << ls_last_error();
  EXPECT_EQ(LS_OK, plan.seal());
  char nothing = 0;
  EXPECT_EQ(LS_OK, plan.run({nullptr}, {&nothing})) << ls_last_error();
}

TEST(PlanBuilding, LoopsAreTyped) {
  TestPlan plan({32}, {32});
  auto with = [](auto &&change) {
    Loop loop = doubling();
    change(loop);
    return loop;
  };
  auto refused = [&](const char *text, auto &&change) {
    EXPECT_REFUSED(LS_INVALID_ARGUMENT, text, plan.add(with(change)));
  };
  refused("expected an op from 0", [](Loop &l) { l.instructions[0].op = LS_OP_COUNT; });
  refused("expected an op from 0", [](Loop &l) { l.instructions[0].op = -1; });
  refused("ADD: operand b: expected one of the 1 values before it, got 1", [](Loop &l) { l.instructions[0].b = 1; });
  refused("ADD: operand a: expected one", [](Loop &l) { l.instructions[0].a = -1; });
  refused("ADD: operand c: expected -1", [](Loop &l) { l.instructions[0].c = 0; });
  refused("operand a: expected i32, got value 0, which is f32",
          [](Loop &l) { l.instructions[0].dtype = l.instructions[0].result = LS_I32; });
  refused("cannot give f64", [](Loop &l) { l.instructions[0].result = LS_F64; });
  refused("not defined for f32", [](Loop &l) { l.instructions[0].op = LS_OP_AND; });
  refused("not defined for f32", [](Loop &l) { l.instructions[0].op = LS_OP_SHIFT_LEFT; });
  refused("cannot give f32", [](Loop &l) { l.instructions[0].op = LS_OP_LT; });
  refused("dtypes", [](Loop &l) { l.instructions[0].dtype = 9; });
  refused("operand a: expected bool",
          [](Loop &l) { l.instructions[0] = instruction(LS_OP_WHERE, LS_F32, LS_F32, 0, 0, 0); });
  refused("result 0: expected a value from 0 to 1, got 2", [](Loop &l) { l.results[0].value = 2; });
  refused("result 0: expected a value", [](Loop &l) { l.results[0].value = -1; });
  refused("expected a reduction", [](Loop &l) { l.results[0].reduce = 5; });
  refused("Add a CAST", [](Loop &l) { l.results[0].to.dtype = LS_I32; });
  refused("at least one result", [](Loop &l) { l.results.clear(); });
  refused("reduce_rank", [](Loop &l) { l.reduce_rank = 2; });
  refused("input 0: f32[8] at byte 4", [](Loop &l) { l.inputs[0].offset = 4; });
  refused("result 0: f32[8] at byte 4", [](Loop &l) { l.results[0].to.offset = 4; });
  refused("input 0: an index", [](Loop &l) { l.inputs[0].slot = LS_SLOT_INDEX, l.inputs[0].dtype = LS_BOOL; });
  refused("do not fit into 64 bits", [](Loop &l) { l.inputs[0] = operand(LS_SLOT_INDEX, LS_F32, 10, {kHuge / 7}); });
  refused("expected a slot from 0 to 2, got -3", [](Loop &l) { l.inputs[0].slot = -3; });

  ls_loop loop = doubling().descriptor();
  loop.inputs = nullptr;
  EXPECT_REFUSED(LS_INVALID_ARGUMENT, "loop: inputs: expected 1 of them, got NULL",
                 ls_plan_add_loop(plan.get(), &loop));
  loop = {};
  loop.n_inputs = -1;
  EXPECT_REFUSED(LS_INVALID_ARGUMENT, "loop: inputs", ls_plan_add_loop(plan.get(), &loop));
}

TEST(PlanBuilding, ReductionsIgnoreStridesOfReducedDimensions) {
  TestPlan plan({32}, {4});
  Loop loop = doubling();
  loop.reduce_rank = 1;
  loop.results[0] = {operand(1, LS_F32, 0, {kHuge}), 1, LS_REDUCE_SUM};
  EXPECT_EQ(LS_OK, plan.add(loop)) << ls_last_error();
  loop.results[0].to.offset = 4;
  EXPECT_REFUSED(LS_INVALID_ARGUMENT, "result 0: f32[] at byte 4", plan.add(loop));
}

TEST(PlanBuilding, MatmulsStayInsideTheirSlots) {
  TestPlan plan({24, 48}, {32});
  EXPECT_EQ(LS_OK, plan.add(product(2, 4, 3))) << ls_last_error();
  EXPECT_REFUSED(LS_INVALID_ARGUMENT, "matmul: a: f32[3, 3]", plan.add(product(3, 2, 3)));
  EXPECT_REFUSED(LS_INVALID_ARGUMENT, "matmul: b: f32[3, 5]", plan.add(product(1, 5, 3)));
  EXPECT_REFUSED(LS_INVALID_ARGUMENT, "matmul: c: f32[3, 4]", plan.add(product(3, 4, 2)));
  EXPECT_REFUSED(LS_INVALID_ARGUMENT, "extents", plan.add(product(-1, 4, 3)));
  EXPECT_REFUSED(LS_INVALID_ARGUMENT, "more than 2^63", plan.add(product(kHuge, 4, 3)));
  ls_matmul matmul = product(2, 4, 3);
  matmul.dtype = -1;
  EXPECT_REFUSED(LS_INVALID_ARGUMENT, "dtype", plan.add(matmul));
  matmul = product(2, 4, 3);
  matmul.batch_rank = 17;
  EXPECT_REFUSED(LS_INVALID_ARGUMENT, "batch_rank", plan.add(matmul));
  matmul.batch_rank = 1;
  matmul.batch[0] = 2;
  EXPECT_REFUSED(LS_INVALID_ARGUMENT, "matmul: c: f32[2, 2, 4]", plan.add(matmul));
  matmul.c.slot = 0;
  EXPECT_REFUSED(LS_INVALID_ARGUMENT, "matmul: c: f32[2, 2, 4]", plan.add(matmul));
  matmul = product(2, 4, 3);
  matmul.c.slot = 1;
  EXPECT_REFUSED(LS_INVALID_ARGUMENT, "only reads", plan.add(matmul));
  matmul = product(2, 4, 3);
  matmul.a.slot = LS_SLOT_CONSTANT;
  EXPECT_REFUSED(LS_INVALID_ARGUMENT, "matmul: a: expected a slot", plan.add(matmul));
  EXPECT_EQ(LS_OK, plan.add(product(2, 4, 0))) << ls_last_error();
}

TEST(PlanRun, AddressesAreChecked) {
  TestPlan plan({16, 0}, {16});
  EXPECT_EQ(LS_OK, plan.add(dense_copy(4, 0, 2)));
  EXPECT_EQ(LS_OK, plan.seal());
  alignas(64) char memory[64] = {};
  EXPECT_REFUSED(LS_INVALID_ARGUMENT, "plan run: input 0: expected the address of 16 bytes, got NULL",
                 plan.run({nullptr, nullptr}, {memory + 32}));
  EXPECT_REFUSED(LS_INVALID_ARGUMENT, "input 0: expected an address that is a multiple of 4",
                 plan.run({memory + 2, nullptr}, {memory + 32}));
  EXPECT_REFUSED(LS_INVALID_ARGUMENT, "output 0: expected an address that is a multiple of 4",
                 plan.run({memory, nullptr}, {memory + 33}));
  EXPECT_REFUSED(LS_INVALID_ARGUMENT, "inputs' addresses", ls_plan_run(plan.get(), nullptr, nullptr));
  const void *inputs[] = {memory, nullptr};
  EXPECT_REFUSED(LS_INVALID_ARGUMENT, "outputs' addresses", ls_plan_run(plan.get(), inputs, nullptr));
  EXPECT_EQ(LS_OK, plan.run({memory + 4, nullptr}, {memory + 32})) << "memory of users is element-aligned";
}

TEST(PlanRun, AllocatesMissingOutputsAndHandsThemOver) {
  ls_memory_statistics before = memory_statistics();
  TestPlan plan({16}, {16, 0, 16}, 16);
  EXPECT_EQ(LS_OK, plan.add(dense_copy(4, 0, 4)));
  EXPECT_EQ(LS_OK, plan.add(dense_copy(4, 4, 1)));
  EXPECT_EQ(LS_OK, plan.add(dense_copy(4, 4, 3)));
  EXPECT_EQ(LS_OK, plan.seal());
  std::vector<float> given(4);
  std::vector<float> input = {1, 2, 3, 4};
  const void *inputs[] = {input.data()};
  void *outputs[] = {nullptr, nullptr, given.data()};
  ASSERT_EQ(LS_OK, ls_plan_run(plan.get(), inputs, outputs)) << ls_last_error();
  EXPECT_EQ(0, std::memcmp(outputs[0], input.data(), 16));
  EXPECT_NE(nullptr, outputs[1]);
  EXPECT_EQ(input, given);
  EXPECT_EQ(before.live_bytes + 16, memory_statistics().live_bytes) << "the workspace is given back";
  EXPECT_EQ(LS_OK, ls_memory_free(outputs[0], 16));
  EXPECT_EQ(LS_OK, ls_memory_free(outputs[1], 0));
  EXPECT_EQ(before.live_bytes, memory_statistics().live_bytes);
  EXPECT_EQ(before.live_blocks, memory_statistics().live_blocks);
}

TEST(PlanRun, FailureFreesWhatItAllocated) {
  ls_memory_statistics before = memory_statistics();
  std::vector<float> input(4);
  const void *inputs[] = {input.data()};
  for (int64_t room : {50, 100, 150, 250}) {
    TestPlan plan({16}, {100, 100, 16}, 100);
    EXPECT_EQ(LS_OK, plan.add(dense_copy(4, 0, 1)));
    EXPECT_EQ(LS_OK, plan.seal());
    void *outputs[] = {nullptr, nullptr, input.data()};
    EXPECT_EQ(LS_OK, ls_memory_set_limit(before.live_bytes + room));
    EXPECT_REFUSED(LS_OUT_OF_MEMORY, "plan run", ls_plan_run(plan.get(), inputs, outputs));
    EXPECT_EQ(LS_OK, ls_memory_set_limit(0));
    EXPECT_EQ(nullptr, outputs[0]);
    EXPECT_EQ(nullptr, outputs[1]);
    EXPECT_EQ(static_cast<void *>(input.data()), outputs[2]);
    EXPECT_EQ(before.live_bytes, memory_statistics().live_bytes);
    EXPECT_EQ(before.live_blocks, memory_statistics().live_blocks);
  }
}

TEST(PlanRun, AllocatesNothingWithoutWorkspace) {
  TestPlan plan({16}, {16});
  EXPECT_EQ(LS_OK, plan.add(dense_copy(4, 0, 1)));
  EXPECT_EQ(LS_OK, plan.seal());
  float memory[8] = {};
  int64_t before = memory_statistics().allocations;
  for (int i = 0; i < 100; ++i) EXPECT_EQ(LS_OK, plan.run({memory}, {memory + 4}));
  EXPECT_EQ(before, memory_statistics().allocations);
}

TEST(PlanRun, HundredsOfSlots) {
  constexpr int32_t kSlots = 300;
  TestPlan plan(std::vector<int64_t>(kSlots, 8), std::vector<int64_t>(kSlots, 8));
  std::vector<int64_t> from(kSlots);
  std::vector<int64_t> to(kSlots);
  std::vector<const void *> inputs;
  std::vector<void *> outputs;
  for (int32_t i = 0; i < kSlots; ++i) {
    from[static_cast<size_t>(i)] = i * i;
    inputs.push_back(&from[static_cast<size_t>(i)]);
    outputs.push_back(&to[static_cast<size_t>(i)]);
    EXPECT_EQ(LS_OK, plan.add(make_copy({}, operand(i, LS_I64, 0, {}), operand(kSlots + i, LS_I64, 0, {}))));
  }
  EXPECT_EQ(LS_OK, plan.seal());
  EXPECT_EQ(LS_OK, plan.run(inputs, outputs));
  EXPECT_EQ(from, to);
}

TEST(PlanRun, DescribesALineAStep) {
  TestPlan plan({16}, {16}, 64);
  EXPECT_EQ("", plan.describe());
  EXPECT_EQ(LS_OK, plan.add(dense_copy(4, 0, 2)));
  EXPECT_EQ(LS_OK, plan.add(dense_copy(4, 2, 1)));
  std::string text = plan.describe();
  EXPECT_EQ(1, std::count(text.begin(), text.end(), '\n'));
  EXPECT_EQ(0U, text.find("copy f32[4]: contiguous rows, 16 bytes"));
  char cut[9];
  int64_t length = 0;
  EXPECT_EQ(LS_OK, ls_plan_describe(plan.get(), cut, sizeof cut, &length));
  EXPECT_STREQ("copy f32", cut);
  EXPECT_EQ(static_cast<int64_t>(text.size()), length);
}

TEST(PlanRun, KnowsWhatARunAllocates) {
  constexpr int64_t kInput = 16;
  TestPlan plan({kInput}, {}, 100);
  int64_t bytes = 0;
  EXPECT_EQ(LS_INVALID_ARGUMENT, ls_plan_run_bytes(plan.get(), &bytes));
  EXPECT_EQ(LS_OK, plan.add(dense_copy(4, 0, 1)));
  EXPECT_EQ(LS_OK, plan.seal());
  EXPECT_EQ(LS_OK, ls_plan_run_bytes(plan.get(), &bytes));
  EXPECT_EQ(128, bytes);

  ls_memory_statistics before;
  ls_memory_statistics after;
  EXPECT_EQ(LS_OK, ls_memory_reset_peak());
  EXPECT_EQ(LS_OK, ls_memory_get_statistics(&before));
  float x[4] = {1, 2, 3, 4};
  EXPECT_EQ(LS_OK, plan.run({x}, std::vector<void *>{}));
  EXPECT_EQ(LS_OK, ls_memory_get_statistics(&after));
  EXPECT_EQ(bytes, after.peak_bytes - before.live_bytes);
}

// workspace = copy of x; h = (workspace * workspace) summed by rows and stored; y = h's matrix product with x.
TEST(PlanRun, EightThreadsGetTheSameBits) {
  constexpr int64_t kRows = 207;
  constexpr int64_t kColumns = 130;
  constexpr int64_t kBytes = kRows * kColumns * 4;
  TestPlan plan({kBytes}, {kBytes, kRows * 4, kRows * kRows * 4}, kBytes);
  EXPECT_EQ(LS_OK, plan.add(make_copy({kRows, kColumns}, operand(0, LS_F32, 0, {1, kRows}),
                                      operand(4, LS_F32, 0, {kColumns, 1}))));
  Loop loop;
  loop.extents = {kRows, kColumns};
  loop.reduce_rank = 1;
  loop.inputs = {operand(4, LS_F32, 0, {kColumns, 1})};
  loop.instructions = {instruction(LS_OP_MUL, LS_F32, LS_F32, 0, 0)};
  loop.results = {{operand(1, LS_F32, 0, {kColumns, 1}), 1, LS_REDUCE_NONE},
                  {operand(2, LS_F32, 0, {1}), 1, LS_REDUCE_SUM}};
  EXPECT_EQ(LS_OK, plan.add(loop)) << ls_last_error();
  ls_matmul matmul{};
  matmul.dtype = LS_F32;
  matmul.m = matmul.n = kRows;
  matmul.k = kColumns;
  matmul.a = {1, 0, kColumns, 1, {}};
  matmul.b = {4, 0, 1, kColumns, {}};
  matmul.c = {3, 0, kRows, 1, {}};
  EXPECT_EQ(LS_OK, plan.add(matmul)) << ls_last_error();
  EXPECT_EQ(LS_OK, plan.seal());

  std::vector<float> x(kRows * kColumns);
  for (size_t i = 0; i < x.size(); ++i) x[i] = static_cast<float>(i % 101) / 7 - 6;
  struct Outputs {
    std::vector<float> squares = std::vector<float>(kRows * kColumns);
    std::vector<float> sums = std::vector<float>(kRows);
    std::vector<float> product = std::vector<float>(kRows * kRows);
    bool operator==(const Outputs &) const = default;
  };
  auto run = [&](Outputs &o) {
    EXPECT_EQ(LS_OK, plan.run({x.data()}, {o.squares.data(), o.sums.data(), o.product.data()})) << ls_last_error();
  };
  Outputs expected;
  run(expected);
  for (int64_t r : {int64_t{0}, int64_t{13}, kRows - 1}) {
    double sum = 0;
    for (int64_t c = 0; c < kColumns; ++c) sum += static_cast<double>(x[c * kRows + r]) * x[c * kRows + r];
    EXPECT_NEAR(sum, expected.sums[static_cast<size_t>(r)], sum * 1e-6);
  }
  int64_t live = memory_statistics().live_bytes;
  std::vector<std::thread> threads;
  for (int t = 0; t < 8; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 20; ++i) {
        Outputs outputs;
        run(outputs);
        EXPECT_TRUE(expected == outputs);
      }
    });
  }
  for (std::thread &thread : threads) thread.join();
  EXPECT_EQ(live, memory_statistics().live_bytes);
}

}  // namespace
}  // namespace lockstep
