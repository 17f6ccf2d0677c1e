// Switch, while and scan over sub-plans.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "plan_fixture.h"

namespace lockstep {
namespace {

constexpr int64_t kHuge = std::numeric_limits<int64_t>::max();

using Sub = std::unique_ptr<TestPlan>;

Sub sub_plan(const std::vector<int64_t> &inputs, const std::vector<int64_t> &outputs, int64_t workspace = 0) {
  return std::make_unique<TestPlan>(inputs, outputs, workspace);
}

// to = a op b, elementwise over n elements; operands are slots, `to` too.
Loop binary(int32_t op, int32_t dtype, int64_t n, const ls_operand &a, const ls_operand &b, const ls_operand &to) {
  Loop loop;
  loop.extents = {n};
  loop.inputs = {a, b};
  loop.instructions = {{op, dtype, to.dtype, 0, 1, -1}};
  loop.results = {{to, 2, LS_REDUCE_NONE}};
  return loop;
}

ls_operand f64(int32_t slot, int64_t offset = 0) { return operand(slot, LS_F64, offset, {1}); }

ls_operand constant(double value) {
  int64_t bits;
  std::memcpy(&bits, &value, sizeof bits);
  return operand(LS_SLOT_CONSTANT, LS_F64, bits, {});
}

Sub sealed(Sub plan) {
  EXPECT_EQ(LS_OK, plan->seal()) << ls_last_error();
  return plan;
}

// out = in op value, f64[n].
Sub with_constant(int32_t op, double value, int64_t n) {
  Sub plan = sub_plan({n * 8}, {n * 8});
  EXPECT_EQ(LS_OK, plan->add(binary(op, LS_F64, n, f64(0), constant(value), f64(1)))) << ls_last_error();
  return sealed(std::move(plan));
}

struct Switch {
  std::vector<ls_plan *> branches;
  ls_block index{0, 0};
  std::vector<ls_block> operands;
  std::vector<ls_block> results;

  ls_switch descriptor() const {
    return {static_cast<int32_t>(branches.size()),
            static_cast<int32_t>(operands.size()),
            static_cast<int32_t>(results.size()),
            branches.data(),
            index,
            operands.data(),
            results.data()};
  }
};

struct While {
  ls_plan *condition;
  ls_plan *body;
  std::vector<ls_block> condition_constants;
  std::vector<ls_block> body_constants;
  std::vector<ls_block> initial;
  std::vector<ls_block> results;

  ls_while descriptor() const {
    return {condition,
            body,
            static_cast<int32_t>(condition_constants.size()),
            static_cast<int32_t>(body_constants.size()),
            static_cast<int32_t>(initial.size()),
            condition_constants.data(),
            body_constants.data(),
            initial.data(),
            results.data()};
  }
};

struct Scan {
  ls_plan *body;
  int64_t length;
  int32_t reverse = 0;
  std::vector<ls_block> constants;
  std::vector<ls_block> initial;
  std::vector<ls_block> results;
  std::vector<ls_block> inputs;
  std::vector<ls_block> outputs;

  ls_scan descriptor() const {
    return {body,
            length,
            reverse,
            static_cast<int32_t>(constants.size()),
            static_cast<int32_t>(initial.size()),
            static_cast<int32_t>(inputs.size()),
            static_cast<int32_t>(outputs.size()),
            constants.data(),
            initial.data(),
            results.data(),
            inputs.data(),
            outputs.data()};
  }
};

// Adds the step, which then owns the sub-plans.
template <typename Descriptor>
void add(TestPlan &plan, const Descriptor &descriptor, std::vector<TestPlan *> sub_plans) {
  EXPECT_EQ(LS_OK, plan.add(descriptor)) << ls_last_error();
  for (TestPlan *sub : sub_plans) sub->release();
}

using Numbers = std::vector<double>;

TEST(Switch, RunsTheBranchOfItsIndex) {
  Sub plus = with_constant(LS_OP_ADD, 10, 3);
  Sub times = with_constant(LS_OP_MUL, 10, 3);
  TestPlan plan({8, 24}, {32});
  Switch choice{{plus->get(), times->get()}, {0, 4}, {{1, 0}}, {{2, 8}}};
  add(plan, choice.descriptor(), {plus.get(), times.get()});
  ASSERT_EQ(LS_OK, plan.seal());
  Numbers x = {1, 2, 3};
  for (int32_t index : {-5, 0, 1, 2, 100}) {
    int32_t indices[2] = {1 - index, index};
    Numbers out = {-1, 0, 0, 0};
    ASSERT_EQ(LS_OK, plan.run({indices, x.data()}, {out.data()})) << ls_last_error();
    EXPECT_EQ(index <= 0 ? Numbers({-1, 11, 12, 13}) : Numbers({-1, 10, 20, 30}), out);
  }
  EXPECT_PRED2(contains, plan.describe(), "switch of 2 branches: 1 operand, 1 result\n  branch 0:\n    loop f64[3]");
}

TEST(Switch, RefusesWhatDoesNotFit) {
  Sub a = with_constant(LS_OP_ADD, 10, 3);
  Sub b = with_constant(LS_OP_MUL, 10, 3);
  Sub longer = with_constant(LS_OP_MUL, 10, 4);
  Sub open = sub_plan({24}, {24});
  TestPlan plan({8, 64}, {64}, 64);
  Switch valid{{a->get(), b->get()}, {0, 4}, {{1, 8}}, {{2, 8}}};
  auto refused = [&](const char *text, auto &&change) {
    Switch choice = valid;
    change(choice);
    EXPECT_REFUSED(LS_INVALID_ARGUMENT, text, plan.add(choice.descriptor()));
  };
  refused("at least one branch", [](Switch &s) { s.branches.clear(); });
  refused("got NULL", [](Switch &s) { s.branches[1] = nullptr; });
  refused("sealed", [&](Switch &s) { s.branches[1] = open->get(); });
  refused("plans of its own", [&](Switch &s) { s.branches[1] = s.branches[0]; });
  refused("operand 0: expected the same size in all sub-plans, got 24 and 32",
          [&](Switch &s) { s.branches[1] = longer->get(); });
  refused("branch 0: expected a plan of 2 inputs", [](Switch &s) { s.operands.push_back({1, 0}); });
  refused("of 1 inputs and 0 outputs, got one of 1 and 1", [](Switch &s) { s.results.clear(); });
  refused("switch: index: 4 bytes at byte 8", [](Switch &s) { s.index.offset = 8; });
  refused("multiples of 4", [](Switch &s) { s.index.offset = 2; });
  refused("operand 0: 24 bytes at byte 48 do not lie inside slot 1", [](Switch &s) { s.operands[0].offset = 48; });
  refused("operand 0: 24 bytes at byte -8", [](Switch &s) { s.operands[0].offset = -8; });
  refused("operand 0: 24 bytes", [](Switch &s) { s.operands[0].offset = kHuge; });
  refused("multiples of 8", [](Switch &s) { s.operands[0].offset = 4; });
  refused("expected a slot from 0 to 3, got 4", [](Switch &s) { s.operands[0].slot = 4; });
  refused("expected a slot", [](Switch &s) { s.operands[0].slot = LS_SLOT_CONSTANT; });
  refused("only reads", [](Switch &s) { s.results[0].slot = 1; });
  refused("do not overlap", [](Switch &s) { s.operands[0] = {3, 16}, s.results[0] = {3, 0}; });
  ls_switch nothing{};
  nothing.n_branches = 2;
  EXPECT_REFUSED(LS_INVALID_ARGUMENT, "branches: expected 2", plan.add(nothing));

  // The callers still own what was refused; what was added belongs to the plan.
  add(plan, valid.descriptor(), {});
  EXPECT_REFUSED(LS_INVALID_ARGUMENT, "plans of its own", plan.add(valid.descriptor()));
  EXPECT_REFUSED(LS_INVALID_ARGUMENT, "belongs to a step", ls_plan_destroy(a->get()));
  a->release();
  b->release();
  EXPECT_EQ(LS_OK, open->seal());
}

// carry < limit.
Sub below(int64_t constants, int64_t carries) {
  std::vector<int64_t> inputs(static_cast<size_t>(constants + carries), 8);
  Sub plan = sub_plan(inputs, {1});
  EXPECT_EQ(LS_OK, plan->add(binary(LS_OP_LT, LS_F64, 1, f64(static_cast<int32_t>(constants)), f64(0),
                                    operand(static_cast<int32_t>(inputs.size()), LS_BOOL, 0, {1}))))
      << ls_last_error();
  return sealed(std::move(plan));
}

// while (x < limit) (x, y) = (x + step, y * x). The y of a step needs the old x.
TEST(While, RunsUntilItsConditionFails) {
  Sub condition = below(1, 2);
  Sub body = sub_plan({8, 8, 8}, {8, 8}, 8);
  ASSERT_EQ(LS_OK, body->add(binary(LS_OP_ADD, LS_F64, 1, f64(1), f64(0), f64(5))));
  ASSERT_EQ(LS_OK, body->add(binary(LS_OP_ADD, LS_F64, 1, f64(5), constant(0), f64(3))));
  ASSERT_EQ(LS_OK, body->add(binary(LS_OP_MUL, LS_F64, 1, f64(2), f64(1), f64(4))));
  body = sealed(std::move(body));
  TestPlan plan({16, 16}, {16});
  While loop{condition->get(), body->get(), {{0, 0}}, {{0, 8}}, {{1, 0}, {1, 8}}, {{2, 8}, {2, 0}}};
  add(plan, loop.descriptor(), {condition.get(), body.get()});
  ASSERT_EQ(LS_OK, plan.seal());
  for (double limit : {-3.0, 1.0, 2.0, 3.0, 6.0, 9.0}) {
    Numbers constants = {limit, 1};
    Numbers start = {1, 1};
    double x = 1;
    double y = 1;
    while (x < limit) {
      y *= x;
      x += 1;
    }
    Numbers out(2, -1);
    ASSERT_EQ(LS_OK, plan.run({constants.data(), start.data()}, {out.data()})) << ls_last_error();
    EXPECT_EQ(Numbers({y, x}), out);
    EXPECT_EQ(Numbers({1, 1}), start);
  }
  EXPECT_PRED2(contains, plan.describe(), "while: 2 carries of 16 bytes\n  condition:\n    loop bool");
  EXPECT_PRED2(contains, plan.describe(), "\n  body:\n    loop f64");
}

TEST(While, RefusesWhatDoesNotFit) {
  Sub condition = below(1, 1);
  Sub body = with_constant(LS_OP_ADD, 1, 1);
  Sub growing = sealed(sub_plan({8}, {16}));
  Sub wide = sealed(sub_plan({16}, {16}));
  Sub wide_condition = sealed(sub_plan({8, 8}, {4}));
  TestPlan plan({16, 16}, {16}, 16);
  While valid{condition->get(), body->get(), {{0, 0}}, {}, {{1, 0}}, {{2, 0}}};
  auto refused = [&](const char *text, auto &&change) {
    While loop = valid;
    change(loop);
    EXPECT_REFUSED(LS_INVALID_ARGUMENT, text, plan.add(loop.descriptor()));
  };
  refused("plans of its own", [](While &w) { w.condition = w.body; });
  refused("got NULL", [](While &w) { w.body = nullptr; });
  refused("condition: expected a plan of 1 inputs", [](While &w) { w.condition_constants.clear(); });
  refused("body: expected a plan of 2 inputs", [](While &w) { w.body_constants.push_back({0, 0}); });
  refused("an output of 1 byte, got 4", [&](While &w) { w.condition = wide_condition->get(); });
  refused("carry 0: expected as many bytes out of the body as into it, got 8 in and 16 out",
          [&](While &w) { w.body = growing->get(); });
  refused("carry 0: expected the same size", [&](While &w) { w.body = wide->get(); });
  refused("initial 0: 8 bytes at byte 16", [](While &w) { w.initial[0].offset = 16; });
  refused("result 0: 8 bytes at byte 16", [](While &w) { w.results[0].offset = 16; });
  refused("only reads", [](While &w) { w.results[0].slot = 1; });
  refused("do not overlap", [](While &w) { w.initial[0] = w.results[0] = {3, 0}; });
  add(plan, valid.descriptor(), {condition.get(), body.get()});
}

// (sum, y) = (sum + x, scale * (sum + x)), f64[n].
Sub running_sum(int64_t n) {
  Sub plan = sub_plan({n * 8, n * 8, n * 8}, {n * 8, n * 8});
  EXPECT_EQ(LS_OK, plan->add(binary(LS_OP_ADD, LS_F64, n, f64(1), f64(2), f64(3)))) << ls_last_error();
  EXPECT_EQ(LS_OK, plan->add(binary(LS_OP_MUL, LS_F64, n, f64(3), f64(0), f64(4)))) << ls_last_error();
  return sealed(std::move(plan));
}

TEST(Scan, RunsOverEveryStep) {
  constexpr int64_t n = 2;
  for (int64_t length : {0, 1, 2, 3, 10, 101}) {
    for (bool reverse : {false, true}) {
      Sub body = running_sum(n);
      TestPlan plan({n * 8, n * 8, (length * n + 1) * 8}, {n * 8, (length * n + 1) * 8});
      Scan scan{body->get(), length, reverse, {{0, 0}}, {{1, 0}}, {{3, 0}}, {{2, 8}}, {{4, 8}}};
      add(plan, scan.descriptor(), {body.get()});
      ASSERT_EQ(LS_OK, plan.seal());
      Numbers scale = {2, 3};
      Numbers start = {100, 200};
      Numbers x(static_cast<size_t>(length * n + 1));
      for (size_t i = 0; i < x.size(); ++i) x[i] = static_cast<double>(i * i);
      Numbers sum = start;
      Numbers expected(x.size(), -1);
      for (int64_t step = 0; step < length; ++step) {
        int64_t t = reverse ? length - 1 - step : step;
        for (int64_t i = 0; i < n; ++i) {
          size_t at = static_cast<size_t>(1 + t * n + i);
          sum[static_cast<size_t>(i)] += x[at];
          expected[at] = scale[static_cast<size_t>(i)] * sum[static_cast<size_t>(i)];
        }
      }
      Numbers last(n, -1);
      Numbers y(x.size(), -1);
      ASSERT_EQ(LS_OK, plan.run({scale.data(), start.data(), x.data()}, {last.data(), y.data()})) << ls_last_error();
      EXPECT_EQ(sum, last);
      EXPECT_EQ(expected, y);
      EXPECT_EQ(Numbers({100, 200}), start);
    }
  }
}

TEST(Scan, DescribesItsBody) {
  Sub body = running_sum(1);
  TestPlan plan({8, 8, 80}, {8, 80});
  Scan scan{body->get(), 10, 1, {{0, 0}}, {{1, 0}}, {{3, 0}}, {{2, 0}}, {{4, 0}}};
  add(plan, scan.descriptor(), {body.get()});
  EXPECT_PRED2(contains, plan.describe(),
               "scan of 10 steps, reversed: 1 constant, 1 carry, 1 input, 1 output\n  body:\n    loop f64[");
}

// Carries and results of many kinds: swapping two carries shows a body that would read what it just wrote.
TEST(Scan, CarriesAreReadBeforeTheyAreWritten) {
  for (int64_t length : {0, 1, 2, 3, 4}) {
    Sub body = sub_plan({8, 8}, {8, 8});
    for (int32_t i = 0; i < 2; ++i) {
      ASSERT_EQ(LS_OK, body->add(make_copy({1}, operand(i, LS_F64, 0, {1}), operand(3 - i, LS_F64, 0, {1}))));
    }
    body = sealed(std::move(body));
    TestPlan plan({16}, {16});
    Scan scan{body->get(), length, 0, {}, {{0, 0}, {0, 8}}, {{1, 0}, {1, 8}}, {}, {}};
    add(plan, scan.descriptor(), {body.get()});
    ASSERT_EQ(LS_OK, plan.seal());
    Numbers start = {1, 2};
    Numbers out(2);
    ASSERT_EQ(LS_OK, plan.run({start.data()}, {out.data()}));
    EXPECT_EQ(length % 2 == 0 ? Numbers({1, 2}) : Numbers({2, 1}), out) << length;
  }
}

TEST(Scan, RefusesWhatDoesNotFit) {
  Sub body = running_sum(1);
  TestPlan plan({8, 8, 80}, {8, 80}, 80);
  Scan valid{body->get(), 10, 0, {{0, 0}}, {{1, 0}}, {{3, 0}}, {{2, 0}}, {{4, 0}}};
  auto refused = [&](const char *text, auto &&change) {
    Scan scan = valid;
    change(scan);
    EXPECT_REFUSED(LS_INVALID_ARGUMENT, text, plan.add(scan.descriptor()));
  };
  refused("length", [](Scan &s) { s.length = -1; });
  refused("input 0: 11 times 8 bytes at byte 0 do not lie inside slot 2, which has 80", [](Scan &s) { s.length = 11; });
  refused("input 0: 9223372036854775807 times", [](Scan &s) { s.length = kHuge; });
  refused("output 0: 10 times 8 bytes at byte 8", [](Scan &s) { s.outputs[0].offset = 8; });
  refused("body: expected a plan of 2 inputs", [](Scan &s) { s.constants.clear(); });
  refused("body: expected a plan of 3 inputs and 1 outputs", [](Scan &s) { s.outputs.clear(); });
  refused("do not overlap", [](Scan &s) { s.inputs[0] = {5, 0}, s.results[0] = {5, 72}; });
  refused("do not overlap", [](Scan &s) { s.results[0] = {4, 40}; });
  refused("only reads", [](Scan &s) { s.results[0].slot = 1; });
  add(plan, valid.descriptor(), {body.get()});
  EXPECT_REFUSED(LS_INVALID_ARGUMENT, "plans of its own", plan.add(valid.descriptor()));
  EXPECT_EQ(LS_OK, plan.seal());
  Scan late = valid;
  EXPECT_REFUSED(LS_INVALID_ARGUMENT, "sealed", plan.add(late.descriptor()));
}

// Slots of the parent are as aligned as the sub-plans' elements.
TEST(Scan, MemoryOfRunsIsAlignedForTheBody) {
  Sub body = running_sum(1);
  TestPlan plan({8, 8, 80}, {8, 80});
  Scan scan{body->get(), 10, 0, {{0, 0}}, {{1, 0}}, {{3, 0}}, {{2, 0}}, {{4, 0}}};
  add(plan, scan.descriptor(), {body.get()});
  ASSERT_EQ(LS_OK, plan.seal());
  Numbers memory(40);
  char *odd = reinterpret_cast<char *>(memory.data()) + 4;
  EXPECT_REFUSED(LS_INVALID_ARGUMENT, "input 2: expected an address that is a multiple of 8",
                 plan.run({memory.data(), memory.data(), odd}, {&memory[20], &memory[21]}));
}

// scan over rows { while (x < row) x += x }, inside a switch.
TEST(ControlFlow, Nests) {
  Sub condition = below(1, 1);
  Sub twice = sub_plan({8}, {8});
  ASSERT_EQ(LS_OK, twice->add(binary(LS_OP_ADD, LS_F64, 1, f64(0), f64(0), f64(1))));
  twice = sealed(std::move(twice));

  // body(carry x, input row) -> (carry, output): through a workspace of its own.
  Sub body = sub_plan({8, 8}, {8, 8}, 64);
  While loop{condition->get(), twice->get(), {{1, 0}}, {}, {{0, 0}}, {{4, 8}}};
  add(*body, loop.descriptor(), {condition.get(), twice.get()});
  for (int32_t to : {2, 3}) {
    ASSERT_EQ(LS_OK, body->add(make_copy({1}, operand(4, LS_F64, 8, {1}), operand(to, LS_F64, 0, {1}))));
  }
  body = sealed(std::move(body));

  constexpr int64_t length = 5;
  Sub scanning = sub_plan({8, length * 8}, {8, length * 8});
  Scan scan{body->get(), length, 0, {}, {{0, 0}}, {{2, 0}}, {{1, 0}}, {{3, 0}}};
  add(*scanning, scan.descriptor(), {body.get()});
  scanning = sealed(std::move(scanning));

  Sub idle = sub_plan({8, length * 8}, {8, length * 8});
  ASSERT_EQ(LS_OK, idle->add(make_copy({1}, f64(0), f64(2))));
  ASSERT_EQ(LS_OK, idle->add(make_copy({length}, f64(1), f64(3))));
  idle = sealed(std::move(idle));

  TestPlan plan({4, 8, length * 8}, {8, length * 8});
  Switch choice{{idle->get(), scanning->get()}, {0, 0}, {{1, 0}, {2, 0}}, {{3, 0}, {4, 0}}};
  add(plan, choice.descriptor(), {idle.get(), scanning.get()});
  ASSERT_EQ(LS_OK, plan.seal());
  EXPECT_PRED2(contains, plan.describe(), "\n      body:\n        while");

  Numbers rows = {1, 3, 20, 2, 1000};
  for (int32_t index : {0, 1}) {
    double start = 1;
    double last = 0;
    Numbers y(length);
    int64_t allocations = memory_statistics().allocations;
    ASSERT_EQ(LS_OK, plan.run({&index, &start, rows.data()}, {&last, y.data()})) << ls_last_error();
    EXPECT_EQ(1, memory_statistics().allocations - allocations);
    EXPECT_EQ(index == 0 ? 1 : 1024, last);
    EXPECT_EQ(index == 0 ? rows : Numbers({1, 4, 32, 32, 1024}), y);
  }
}

// A body that needs scratch and threads of its own.
TEST(ControlFlow, BodiesMayBeLarge) {
  ASSERT_EQ(LS_OK, ls_threads_set(3));
  constexpr int64_t n = 200000;
  Sub body = sub_plan({n * 8}, {n * 8}, 8);
  Loop total;
  total.extents = {n};
  total.reduce_rank = 1;
  total.inputs = {f64(0)};
  total.results = {{f64(2), 0, LS_REDUCE_SUM}};
  ASSERT_EQ(LS_OK, body->add(total)) << ls_last_error();
  ASSERT_EQ(LS_OK, body->add(binary(LS_OP_DIV, LS_F64, n, f64(0), operand(2, LS_F64, 0, {0}), f64(1))));
  body = sealed(std::move(body));
  TestPlan plan({n * 8}, {n * 8});
  Scan scan{body->get(), 4, 0, {}, {{0, 0}}, {{1, 0}}, {}, {}};
  add(plan, scan.descriptor(), {body.get()});
  ASSERT_EQ(LS_OK, plan.seal());
  Numbers x(n, 8);
  Numbers out(n);
  ASSERT_EQ(LS_OK, plan.run({x.data()}, {out.data()})) << ls_last_error();
  for (double value : out) ASSERT_DOUBLE_EQ(1.0 / n, value);
  EXPECT_EQ(LS_OK, ls_threads_set(0));
}

}  // namespace
}  // namespace lockstep
