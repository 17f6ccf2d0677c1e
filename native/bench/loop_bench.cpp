// Times of fused loops: loop_bench [threads]. Minimum and median of repeated runs of one step, without a plan.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "plan/step.h"
#include "threads/pool.h"

namespace {

using lockstep::Step;

struct Bench {
  explicit Bench(std::vector<int64_t> shape, int reduced = 0) : extents(std::move(shape)), reduce_rank(reduced) {}

  std::vector<int64_t> extents;
  int reduce_rank;
  std::vector<int64_t> slot_bytes;
  std::vector<ls_operand> inputs;
  std::vector<ls_instruction> instructions;
  std::vector<ls_result> results;

  ls_operand memory(std::vector<int64_t> strides, int64_t elements) {
    ls_operand operand = {static_cast<int32_t>(slot_bytes.size()), LS_F32, 0, {}};
    std::copy(strides.begin(), strides.end(), operand.strides);
    slot_bytes.push_back(elements * 4);
    return operand;
  }
  int input(std::vector<int64_t> strides, int64_t elements) {
    inputs.push_back(memory(strides, elements));
    return static_cast<int>(inputs.size()) - 1;
  }
  int constant(float x) {
    ls_operand operand = {LS_SLOT_CONSTANT, LS_F32, 0, {}};
    std::memcpy(&operand.offset, &x, sizeof x);
    inputs.push_back(operand);
    return static_cast<int>(inputs.size()) - 1;
  }
  int op(int32_t op, int a, int b = -1) {
    instructions.push_back({op, LS_F32, LS_F32, a, b, -1});
    return static_cast<int>(inputs.size() + instructions.size()) - 1;
  }
  void store(int value, std::vector<int64_t> strides, int64_t elements) {
    results.push_back({memory(strides, elements), value, LS_REDUCE_NONE});
  }
  void sum(int value, std::vector<int64_t> strides, int64_t elements) {
    results.push_back({memory(strides, elements), value, LS_REDUCE_SUM});
  }

  void time(const char *name) {
    ls_loop loop = {};
    loop.rank = static_cast<int32_t>(extents.size());
    loop.reduce_rank = reduce_rank;
    loop.n_inputs = static_cast<int32_t>(inputs.size());
    loop.n_instructions = static_cast<int32_t>(instructions.size());
    loop.n_results = static_cast<int32_t>(results.size());
    std::copy(extents.begin(), extents.end(), loop.extents);
    loop.inputs = inputs.data();
    loop.instructions = instructions.data();
    loop.results = results.data();
    std::unique_ptr<Step> step = lockstep::make_loop_step(loop);
    std::vector<void *> slots;
    for (int64_t bytes : slot_bytes) {
      void *block = nullptr;
      if (ls_memory_allocate(bytes, &block) != LS_OK) std::abort();
      for (int64_t i = 0; i < bytes / 4; ++i) static_cast<float *>(block)[i] = static_cast<float>(i % 997) * 1e-3f;
      slots.push_back(block);
    }
    void *scratch = std::aligned_alloc(64, static_cast<size_t>((step->scratch_bytes() + 64) / 64 * 64));
    auto run = [&](int64_t times) {
      auto start = std::chrono::steady_clock::now();
      for (int64_t i = 0; i < times; ++i) step->run(slots.data(), scratch);
      std::chrono::duration<double, std::nano> taken = std::chrono::steady_clock::now() - start;
      return taken.count() / static_cast<double>(times);
    };
    double once = std::min(run(1), run(1));
    int64_t times = std::max<int64_t>(1, static_cast<int64_t>(1e6 / once));
    std::vector<double> all;
    for (int i = 0; i < 41; ++i) all.push_back(run(times));
    std::sort(all.begin(), all.end());
    std::printf("%-28s min %12.1f ns, median %12.1f ns   %s\n", name, all[0], all[20], step->describe().c_str());
    for (size_t i = 0; i < slots.size(); ++i) ls_memory_free(slots[i], slot_bytes[i]);
    std::free(scratch);
  }
};

}  // namespace

int main(int count, char **arguments) {
  lockstep::set_threads(count > 1 ? std::atoi(arguments[1]) : 2);
  const int64_t n = 4 << 20;
  {
    Bench b({4});
    int x = b.input({1}, 4);
    int one = b.constant(1);
    b.store(b.op(LS_OP_ADD, x, one), {1}, 4);
    b.time("x + 1, 4 elements");
  }
  {
    Bench b({16, 64});
    int x = b.input({64, 1}, 1024);
    int y = b.input({0, 1}, 64);
    b.store(b.op(LS_OP_TANH, b.op(LS_OP_ADD, x, y)), {64, 1}, 1024);
    b.time("tanh(x + b) (16, 64)");
  }
  {
    Bench b({n});
    int x = b.input({1}, n);
    int half = b.constant(0.5f);
    int e = b.op(LS_OP_EXP, b.op(LS_OP_NEG, b.op(LS_OP_SQUARE, x)));
    int product = b.op(LS_OP_MUL, b.op(LS_OP_TANH, x), e);
    b.store(b.op(LS_OP_ADD, product, b.op(LS_OP_MUL, half, x)), {1}, n);
    b.time("tanh(x)exp(-x^2)+x/2 4M");
  }
  {
    Bench b({n});
    int x = b.input({1}, n);
    int y = b.input({1}, n);
    b.store(b.op(LS_OP_ADD, x, y), {1}, n);
    b.time("x + y 4M");
  }
  {
    Bench b({n}, 1);
    b.sum(b.input({1}, n), {}, 1);
    b.time("sum 4M");
  }
  {
    Bench b({2048, 2048}, 1);
    b.sum(b.input({1, 2048}, n), {1}, 2048);
    b.time("sum over axis 0 (2048, 2048)");
  }
  {
    Bench b({2048, 2048}, 1);
    b.sum(b.input({2048, 1}, n), {1}, 2048);
    b.time("sum over axis 1 (2048, 2048)");
  }
  {
    Bench b({1 << 20, 4}, 1);
    b.sum(b.input({4, 1}, n), {1}, 1 << 20);
    b.time("sum over axis 1 (1M, 4)");
  }
  {
    Bench b({4, 1 << 20}, 1);
    b.sum(b.input({1, 4}, n), {1}, 4);
    b.time("sum over axis 0 (1M, 4)");
  }
  {
    Bench b({2048, 2048});
    int x = b.input({2048, 1}, n);
    int y = b.input({1, 2048}, n);
    b.store(b.op(LS_OP_ADD, x, y), {2048, 1}, n);
    b.time("x + y transposed (2048^2)");
  }
  {
    Bench b({100000, 3});
    int x = b.input({3, 1}, 300000);
    int y = b.input({0, 1}, 3);
    b.store(b.op(LS_OP_MUL, x, y), {3, 1}, 300000);
    b.time("x * b (100000, 3)");
  }
  {
    Bench b({100, 150}, 1);
    int x = b.input({150, 1}, 15000);
    int y = b.input({150, 1}, 15000);
    b.sum(b.op(LS_OP_MUL, x, y), {1}, 100);
    b.time("100 dots of 150");
  }
}
