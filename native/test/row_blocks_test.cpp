// Loops that run together, block by block of rows, against the same loops one after the other.
#include <gtest/gtest.h>

#include <cstring>
#include <random>
#include <string>
#include <vector>

#include "plan_fixture.h"

namespace lockstep {
namespace {

constexpr int64_t kSize = sizeof(float);

// Matrices of `rows` x `columns` f32: an input each for the first two, two in an output, two in what is the workspace
// or another output, where vectors with an element a row follow. The output ends with one with an element a column.
class Memory {
 public:
  static constexpr int32_t kMatrices = 4;
  static constexpr int32_t kVectors = 4;

  Memory(std::vector<int64_t> rows, int64_t columns) : rows_(std::move(rows)), columns_(columns) {
    for (int64_t extent : rows_) row_count_ *= extent;
  }

  const std::vector<int64_t> &rows() const { return rows_; }
  int64_t columns() const { return columns_; }
  int64_t row_count() const { return row_count_; }
  int64_t input_bytes() const { return row_count_ * columns_ * kSize; }
  int64_t output_bytes() const { return (2 * row_count_ + 1) * columns_ * kSize; }
  int64_t workspace_bytes() const { return (2 * columns_ + kVectors) * row_count_ * kSize; }

  // Matrices 0 and 1 are the inputs.
  ls_operand matrix(int32_t number) const {
    const int32_t slot = number < 2 ? number : 1 + number / 2;
    const int64_t offset = number < 2 ? 0 : number % 2 * input_bytes();
    return operand(slot, LS_F32, offset, strides(columns_, 1));
  }
  ls_operand vector(int32_t number) const {
    return operand(3, LS_F32, 2 * input_bytes() + number * row_count_ * kSize, strides(1, 0));
  }
  ls_operand columns_vector() const {
    std::vector<int64_t> zeros(rows_.size(), 0);
    zeros.push_back(1);
    return operand(2, LS_F32, 2 * input_bytes(), zeros);
  }

 private:
  std::vector<int64_t> strides(int64_t row, int64_t column) const {
    std::vector<int64_t> all(rows_.size() + 1);
    for (size_t d = rows_.size(); d-- > 0; row *= rows_[d]) all[d] = row;
    all.back() = column;
    return all;
  }

  std::vector<int64_t> rows_;
  int64_t columns_;
  int64_t row_count_ = 1;
};

class RandomLoops {
 public:
  RandomLoops(const Memory &memory, uint32_t seed) : memory_(memory), random_(seed) {}

  std::vector<Loop> loops(int count) {
    std::vector<Loop> loops = {everything()};
    for (int i = 0; i < count; ++i) loops.push_back(below(6) == 0 ? over_rows() : over_elements());
    return loops;
  }

 private:
  int32_t below(int32_t n) { return static_cast<int32_t>(random_() % static_cast<uint32_t>(n)); }

  static ls_instruction instruction(int32_t op, int32_t a, int32_t b) { return {op, LS_F32, LS_F32, a, b, -1}; }

  // Writes all of the workspace.
  Loop everything() {
    Loop loop;
    loop.extents = memory_.rows();
    loop.extents.push_back(memory_.columns());
    loop.reduce_rank = 1;
    loop.inputs = {memory_.matrix(0), memory_.matrix(1)};
    for (int32_t i = 0; i < 2; ++i) loop.results.push_back({memory_.matrix(4 + i), i, LS_REDUCE_NONE});
    for (int32_t i = 0; i < Memory::kVectors; ++i) loop.results.push_back({memory_.vector(i), i % 2, LS_REDUCE_MAX});
    return loop;
  }

  // A loop over the rows alone: what becomes of sums.
  Loop over_rows() {
    Loop loop;
    loop.extents = memory_.rows();
    if (below(2) == 0) loop.extents.push_back(1);
    loop.inputs = {memory_.vector(below(2)), memory_.vector(below(2))};
    loop.instructions = {instruction(LS_OP_MAX, 0, 1), instruction(LS_OP_TANH, 2, -1)};
    loop.results = {{memory_.vector(2 + below(2)), 3, LS_REDUCE_NONE}};
    return loop;
  }

  Loop over_elements() {
    Loop loop;
    loop.extents = memory_.rows();
    loop.extents.push_back(memory_.columns());
    const int32_t first = below(2 + Memory::kMatrices);
    const int32_t second = below(2 + Memory::kMatrices);
    const int32_t to = 2 + below(Memory::kMatrices);
    loop.inputs = {memory_.matrix(first), memory_.matrix(second), memory_.vector(2 + below(2)),
                   memory_.columns_vector()};
    if (below(8) == 0) reads_a_row_ahead(loop, to);
    loop.instructions = {instruction(LS_OP_SUB, 0, 2), instruction(LS_OP_SIGMOID, 4, -1), instruction(LS_OP_MUL, 5, 1),
                         instruction(LS_OP_ADD, 6, 3)};
    if (below(3) != 0) loop.results.push_back({memory_.matrix(to), 5 + below(3), LS_REDUCE_NONE});
    if (loop.results.empty() || below(2) == 0) {
      loop.reduce_rank = 1;
      const int32_t reduce = below(2) == 0 ? LS_REDUCE_SUM : LS_REDUCE_MAX;
      loop.results.push_back({memory_.vector(below(2)), 5 + below(3), reduce});
    }
    return loop;
  }

  // From a matrix that the loop does not write. Such a loop cannot run with those that write the matrix.
  void reads_a_row_ahead(Loop &loop, int32_t to) {
    const int32_t from = to < 4 ? 4 : 2;
    loop.inputs[0] = memory_.matrix(from);
    loop.inputs[0].offset += memory_.columns() * kSize;
  }

  const Memory &memory_;
  std::mt19937 random_;
};

struct Contents {
  std::vector<std::vector<float>> inputs;
  std::vector<float> output;
  std::vector<float> workspace;
};

Contents fresh(const Memory &memory, uint32_t seed) {
  std::mt19937 random(seed);
  std::uniform_real_distribution<float> uniform(-2, 2);
  auto fill = [&](int64_t bytes) {
    std::vector<float> values(static_cast<size_t>(bytes / kSize));
    for (float &value : values) value = uniform(random);
    return values;
  };
  return {{fill(memory.input_bytes()), fill(memory.input_bytes())},
          fill(memory.output_bytes()),
          fill(memory.workspace_bytes())};
}

// Returns what the plan of these loops tells of itself.
std::string run(const Memory &memory, const std::vector<Loop> &loops, Contents &contents) {
  TestPlan plan({memory.input_bytes(), memory.input_bytes()}, {memory.output_bytes()}, memory.workspace_bytes());
  for (const Loop &loop : loops) EXPECT_EQ(LS_OK, plan.add(loop)) << ls_last_error();
  EXPECT_EQ(LS_OK, plan.seal()) << ls_last_error();
  EXPECT_EQ(LS_OK, plan.run({contents.inputs[0].data(), contents.inputs[1].data()}, {contents.output.data()}))
      << ls_last_error();
  return plan.describe();
}

// Each loop by a plan of its own.
void run_one_by_one(const Memory &memory, const std::vector<Loop> &loops, Contents &contents) {
  for (const Loop &loop : loops) {
    TestPlan plan({memory.input_bytes(), memory.input_bytes()}, {memory.output_bytes(), memory.workspace_bytes()});
    EXPECT_EQ(LS_OK, plan.add(loop)) << ls_last_error();
    EXPECT_EQ(LS_OK, plan.seal()) << ls_last_error();
    EXPECT_EQ(LS_OK, plan.run({contents.inputs[0].data(), contents.inputs[1].data()},
                              {contents.output.data(), contents.workspace.data()}))
        << ls_last_error();
  }
}

bool same_bits(const std::vector<float> &a, const std::vector<float> &b) {
  return std::memcmp(a.data(), b.data(), a.size() * sizeof(float)) == 0;
}

bool runs_together(const std::string &description) { return contains(description, "run together"); }

class RowBlocks : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_EQ(LS_OK, ls_threads_set(3)); }
  void TearDown() override { EXPECT_EQ(LS_OK, ls_threads_set(0)); }
};

TEST_F(RowBlocks, GiveTheBitsOfTheLoopsOneByOne) {
  const Memory memories[] = {{{700}, 400}, {{9000}, 30},   {{30000}, 9},
                             {{3}, 90000}, {{5, 60}, 900}, {{2, 3, 41}, 1200}};
  int together = 0;
  uint32_t seed = 0;
  for (const Memory &memory : memories) {
    for (int round = 0; round < 7; ++round) {
      SCOPED_TRACE(++seed);
      const std::vector<Loop> loops = RandomLoops(memory, seed).loops(2 + round % 7);
      Contents got = fresh(memory, seed);
      Contents want = got;
      together += runs_together(run(memory, loops, got)) ? 1 : 0;
      run_one_by_one(memory, loops, want);
      ASSERT_TRUE(same_bits(got.output, want.output));
    }
  }
  EXPECT_GT(together, 20);
}

// max, exp of the difference and its sum, quotient: the values of exp end in the result's memory.
std::vector<Loop> softmax(const Memory &memory) {
  std::vector<int64_t> extents = memory.rows();
  extents.push_back(memory.columns());
  Loop max{extents, 1, {memory.matrix(0)}, {}, {{memory.vector(0), 0, LS_REDUCE_MAX}}};
  Loop exp{extents,
           1,
           {memory.matrix(0), memory.vector(0)},
           {{LS_OP_SUB, LS_F32, LS_F32, 0, 1, -1}, {LS_OP_EXP, LS_F32, LS_F32, 2, -1, -1}},
           {{memory.matrix(2), 3, LS_REDUCE_NONE}, {memory.vector(1), 3, LS_REDUCE_SUM}}};
  Loop divide{extents,
              0,
              {memory.matrix(2), memory.vector(1)},
              {{LS_OP_DIV, LS_F32, LS_F32, 0, 1, -1}},
              {{memory.matrix(2), 2, LS_REDUCE_NONE}}};
  return {max, exp, divide};
}

TEST_F(RowBlocks, DoNotDependOnThreads) {
  const Memory memory({3001}, 500);
  Contents three = fresh(memory, 1);
  Contents one = three;
  EXPECT_TRUE(runs_together(run(memory, softmax(memory), three)));
  ASSERT_EQ(LS_OK, ls_threads_set(1));
  EXPECT_TRUE(runs_together(run(memory, softmax(memory), one)));
  EXPECT_TRUE(same_bits(three.output, one.output));
}

TEST_F(RowBlocks, StoreLargeResultsPastTheCaches) {
  const Memory memory({2203}, 1000);
  Contents got = fresh(memory, 1);
  Contents want = got;
  const std::string description = run(memory, softmax(memory), got);
  EXPECT_TRUE(contains(description, "past the caches; loop 3 of 3 that run together"));
  EXPECT_FALSE(contains(description, "past the caches; loop 2 of 3"));
  run_one_by_one(memory, softmax(memory), want);
  EXPECT_TRUE(same_bits(got.output, want.output));
}

TEST_F(RowBlocks, NeedMemoryOfOneBlockAThreadForWhatIsWrittenOver) {
  const Memory memory({4096}, 1000);
  TestPlan plan({memory.input_bytes(), memory.input_bytes()}, {memory.output_bytes()}, memory.workspace_bytes());
  for (const Loop &loop : softmax(memory)) ASSERT_EQ(LS_OK, plan.add(loop));
  ASSERT_EQ(LS_OK, plan.seal());
  int64_t bytes = 0;
  ASSERT_EQ(LS_OK, ls_plan_run_bytes(plan.get(), &bytes));
  EXPECT_GT(bytes, memory.workspace_bytes());
  EXPECT_LT(bytes, memory.workspace_bytes() + 3 * (4 << 20));
}

TEST_F(RowBlocks, AreNotWorthwhileForFewBytes) {
  const Memory memory({64}, 100);
  Contents values = fresh(memory, 1);
  EXPECT_FALSE(runs_together(run(memory, softmax(memory), values)));
}

// Sums over few and long rows are shared out among threads, which a block of rows cannot do.
TEST_F(RowBlocks, LeaveSumsThatAreSplitAsTheyAre) {
  const Memory memory({2}, 40000);
  Contents values = fresh(memory, 1);
  EXPECT_FALSE(runs_together(run(memory, softmax(memory), values)));
}

TEST_F(RowBlocks, EndWhereALoopReadsAnotherRow) {
  const Memory memory({3000}, 200);
  std::vector<Loop> loops = softmax(memory);
  loops[2].inputs[0].offset += memory.columns() * kSize;
  loops[2].results[0].to = memory.matrix(3);
  Contents got = fresh(memory, 1);
  Contents want = got;
  EXPECT_TRUE(contains(run(memory, loops, got), "loop 2 of 2 that run together"));
  run_one_by_one(memory, loops, want);
  EXPECT_TRUE(same_bits(got.output, want.output));
}

TEST_F(RowBlocks, EndWhereALoopCountsRows) {
  const Memory memory({3000}, 200);
  std::vector<Loop> loops = softmax(memory);
  loops[2].inputs.push_back(operand(LS_SLOT_INDEX, LS_F32, 0, {1, 0}));
  loops[2].instructions = {{LS_OP_MUL, LS_F32, LS_F32, 0, 2, -1}};
  loops[2].results[0].value = 3;
  Contents got = fresh(memory, 1);
  Contents want = got;
  EXPECT_TRUE(contains(run(memory, loops, got), "loop 2 of 2 that run together"));
  run_one_by_one(memory, loops, want);
  EXPECT_TRUE(same_bits(got.output, want.output));
}

}  // namespace
}  // namespace lockstep
