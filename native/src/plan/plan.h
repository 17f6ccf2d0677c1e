// A plan: slots and steps. Open while steps are added; sealed, it runs from any number of threads.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "plan/step.h"
#include "plan/validate.h"

namespace lockstep {

class Plan {
 public:
  Plan(int32_t n_inputs, const int64_t *input_bytes, int32_t n_outputs, const int64_t *output_bytes,
       int64_t workspace_bytes);

  void add(const ls_loop &loop);
  void add(const ls_matmul &matmul);
  void add(const ls_copy &copy);
  void seal();

  void run(const void *const *inputs, void **outputs) const;

  // A line a step.
  std::string describe() const;

 private:
  void require_open(const char *what) const;
  void add(std::unique_ptr<Step> step);
  void note_alignment(int32_t slot, int32_t dtype);
  void check_address(int32_t slot, const void *address) const;

  int32_t n_inputs_;
  int32_t n_outputs_;
  std::vector<Slot> slots_;  // inputs, outputs, workspace
  std::vector<std::unique_ptr<Step>> steps_;
  bool sealed_ = false;
  int64_t workspace_bytes_ = 0;  // rounded up; scratch follows
  int64_t block_bytes_ = 0;      // workspace and scratch
};

}  // namespace lockstep
