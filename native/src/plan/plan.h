// A plan: slots and steps. Open while steps are added; sealed, it runs from any number of threads.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "cpu/row_groups.h"
#include "plan/step.h"
#include "plan/validate.h"

namespace lockstep {

class Blocks;

class Plan {
 public:
  Plan(int32_t n_inputs, const int64_t *input_bytes, int32_t n_outputs, const int64_t *output_bytes,
       int64_t workspace_bytes);
  ~Plan();

  void add(const ls_loop &loop);
  void add(const ls_matmul &matmul);
  void add(const ls_copy &copy);
  void add(const ls_gather &gather);
  void add(const ls_scatter &scatter);
  void add(const ls_sort &sort);
  void add(const ls_cumulative &cumulative);
  void add(const ls_random &random);
  void add(const ls_linalg &linalg);
  void add(const ls_attention &attention);
  void add(const ls_attention_gradient &gradient);
  void add(const ls_convolution &convolution);
  void add(const ls_pooling &pooling);
  // These take over their sub-plans when they succeed.
  void add(const ls_switch &choice);
  void add(const ls_while &loop);
  void add(const ls_scan &scan);
  void seal();

  void run(const void *const *inputs, void **outputs) const;

  // As a sub-plan: slots[i] is the address of each input and output; one more entry is for the workspace. block has
  // block_bytes(), 64-byte aligned.
  void run_inside(void **slots, void *block) const {
    slots[slots_.size() - 1] = block;
    void *scratch = static_cast<char *>(block) + workspace_bytes_;
    for (const auto &step : steps_) step->run(slots, scratch);
  }

  bool sealed() const { return sealed_; }
  bool owned() const { return owned_; }
  int32_t n_inputs() const { return n_inputs_; }
  int32_t n_outputs() const { return n_outputs_; }
  const Slot &input(int32_t i) const { return slots_[i]; }
  const Slot &output(int32_t i) const { return slots_[n_inputs_ + i]; }
  int64_t n_slots() const { return static_cast<int64_t>(slots_.size()); }
  int64_t block_bytes() const { return block_bytes_; }

  // What a run allocates besides its outputs.
  int64_t run_bytes() const;

  // A line a step; those of sub-plans stand indented below theirs.
  std::string describe() const;

 private:
  void require_open(const char *what) const;
  int64_t address_bytes() const;
  void add(std::unique_ptr<Step> step);
  void add(std::unique_ptr<Step> step, ls_plan *const *sub_plans, int32_t count, const Blocks &blocks);
  void note_alignment(int32_t slot, int32_t dtype);
  void note_operand_alignment(const ls_loop &loop);
  void note_operand_alignment(const ls_attention &attention);
  void note_alignment(const ls_operand &operand) { note_alignment(operand.slot, operand.dtype); }
  void check_address(int32_t slot, const void *address) const;

  int32_t n_inputs_;
  int32_t n_outputs_;
  std::vector<Slot> slots_;  // inputs, outputs, workspace
  std::vector<std::unique_ptr<Step>> steps_;
  std::vector<PlanLoop> loops_;  // among the steps; none once the plan is sealed
  std::vector<std::unique_ptr<ls_plan>> sub_plans_;
  bool sealed_ = false;
  bool owned_ = false;           // by another plan
  int64_t workspace_bytes_ = 0;  // rounded up; scratch follows
  int64_t block_bytes_ = 0;      // workspace and scratch
};

}  // namespace lockstep
