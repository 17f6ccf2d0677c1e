// A step of a plan: chosen and checked when it is added, immutable afterwards, run by many threads at once.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "lockstep/lockstep.h"

namespace lockstep {

class Step {
 public:
  virtual ~Step() = default;

  // slots[i] is the address of slot i: inputs, then outputs, then the workspace. scratch has scratch_bytes() bytes,
  // 64-byte aligned, not zeroed, and belongs to this run alone.
  virtual void run(void *const *slots, void *scratch) const = 0;
  virtual int64_t scratch_bytes() const { return 0; }  // asked once, when the plan is sealed

  // One line: kernel taken, shape, bytes, FLOPs and why.
  virtual std::string describe() const = 0;
};

// The descriptors are already validated (plan/validate.h): ranks, dtypes, value numbers and bounds hold.
// workspace: the slot whose contents later steps of the plan read, so that it is kept in the caches; -1 if there is
// none.
std::unique_ptr<Step> make_loop_step(const ls_loop &loop, int32_t workspace = -1);
std::unique_ptr<Step> make_matmul_step(const ls_matmul &matmul);
std::unique_ptr<Step> make_copy_step(const ls_copy &copy);
std::unique_ptr<Step> make_gather_step(const ls_gather &gather);
std::unique_ptr<Step> make_scatter_step(const ls_scatter &scatter);
std::unique_ptr<Step> make_sort_step(const ls_sort &sort);
std::unique_ptr<Step> make_cumulative_step(const ls_cumulative &cumulative);
std::unique_ptr<Step> make_random_step(const ls_random &random);
std::unique_ptr<Step> make_linalg_step(const ls_linalg &linalg);
std::unique_ptr<Step> make_attention_step(const ls_attention &attention);
std::unique_ptr<Step> make_attention_gradient_step(const ls_attention_gradient &gradient);
std::unique_ptr<Step> make_convolution_step(const ls_convolution &convolution);
std::unique_ptr<Step> make_pooling_step(const ls_pooling &pooling);

}  // namespace lockstep
