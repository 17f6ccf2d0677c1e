// Plans for tests, built through the C ABI.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "lockstep/lockstep.h"

namespace lockstep {

inline ls_operand operand(int32_t slot, int32_t dtype, int64_t offset, const std::vector<int64_t> &strides) {
  ls_operand operand{slot, dtype, offset, {}};
  std::copy(strides.begin(), strides.end(), operand.strides);
  return operand;
}

inline ls_copy make_copy(const std::vector<int64_t> &extents, const ls_operand &from, const ls_operand &to) {
  ls_copy copy{static_cast<int32_t>(extents.size()), {}, from, to};
  std::copy(extents.begin(), extents.end(), copy.extents);
  return copy;
}

// The arrays that an ls_loop points to.
struct Loop {
  std::vector<int64_t> extents;
  int32_t reduce_rank = 0;
  std::vector<ls_operand> inputs;
  std::vector<ls_instruction> instructions;
  std::vector<ls_result> results;

  ls_loop descriptor() const {
    ls_loop loop{};
    loop.rank = static_cast<int32_t>(extents.size());
    loop.reduce_rank = reduce_rank;
    loop.n_inputs = static_cast<int32_t>(inputs.size());
    loop.n_instructions = static_cast<int32_t>(instructions.size());
    loop.n_results = static_cast<int32_t>(results.size());
    std::copy(extents.begin(), extents.end(), loop.extents);
    loop.inputs = inputs.data();
    loop.instructions = instructions.data();
    loop.results = results.data();
    return loop;
  }
};

class TestPlan {
 public:
  TestPlan(const std::vector<int64_t> &inputs, const std::vector<int64_t> &outputs, int64_t workspace = 0) {
    EXPECT_EQ(LS_OK, ls_plan_create(LS_CPU, static_cast<int32_t>(inputs.size()), inputs.data(),
                                    static_cast<int32_t>(outputs.size()), outputs.data(), workspace, &plan_))
        << ls_last_error();
  }
  ~TestPlan() { EXPECT_EQ(LS_OK, ls_plan_destroy(plan_)); }
  TestPlan(const TestPlan &) = delete;
  TestPlan &operator=(const TestPlan &) = delete;

  ls_status add(const Loop &loop) {
    ls_loop descriptor = loop.descriptor();
    return ls_plan_add_loop(plan_, &descriptor);
  }
  ls_status add(const ls_matmul &matmul) { return ls_plan_add_matmul(plan_, &matmul); }
  ls_status add(const ls_copy &copy) { return ls_plan_add_copy(plan_, &copy); }
  ls_status add(const ls_gather &gather) { return ls_plan_add_gather(plan_, &gather); }
  ls_status add(const ls_scatter &scatter) { return ls_plan_add_scatter(plan_, &scatter); }
  ls_status add(const ls_sort &sort) { return ls_plan_add_sort(plan_, &sort); }
  ls_status add(const ls_cumulative &cumulative) { return ls_plan_add_cumulative(plan_, &cumulative); }
  ls_status add(const ls_random &random) { return ls_plan_add_random(plan_, &random); }
  ls_status add(const ls_linalg &linalg) { return ls_plan_add_linalg(plan_, &linalg); }
  ls_status add(const ls_convolution &convolution) { return ls_plan_add_convolution(plan_, &convolution); }
  ls_status add(const ls_pooling &pooling) { return ls_plan_add_pooling(plan_, &pooling); }
  ls_status add(const ls_switch &choice) { return ls_plan_add_switch(plan_, &choice); }
  ls_status add(const ls_while &loop) { return ls_plan_add_while(plan_, &loop); }
  ls_status add(const ls_scan &scan) { return ls_plan_add_scan(plan_, &scan); }
  ls_status seal() { return ls_plan_seal(plan_); }
  ls_status run(const std::vector<const void *> &inputs, std::vector<void *> outputs) const {
    return ls_plan_run(plan_, inputs.data(), outputs.data());
  }
  std::string describe() const {
    int64_t length = 0;
    EXPECT_EQ(LS_OK, ls_plan_describe(plan_, nullptr, 0, &length));
    std::string text(static_cast<size_t>(length), ' ');
    EXPECT_EQ(LS_OK, ls_plan_describe(plan_, text.data(), length + 1, &length));
    return text;
  }
  ls_plan *get() const { return plan_; }
  // For a plan that another one has taken over.
  void release() { plan_ = nullptr; }

 private:
  ls_plan *plan_ = nullptr;
};

inline ls_memory_statistics memory_statistics() {
  ls_memory_statistics statistics{};
  EXPECT_EQ(LS_OK, ls_memory_get_statistics(&statistics));
  return statistics;
}

// Fails unless the call is refused with this status and a text that contains `text`.
#define EXPECT_REFUSED(expected_status, text, call)                         \
  do {                                                                      \
    EXPECT_EQ(expected_status, call);                                       \
    EXPECT_PRED2(::lockstep::contains, std::string(ls_last_error()), text); \
  } while (false)

inline bool contains(const std::string &whole, const std::string &part) {
  return whole.find(part) != std::string::npos;
}

}  // namespace lockstep
