// Steps that run other plans. The sub-plans' workspaces, slot addresses and carries stand in the step's scratch memory,
// so that nothing is allocated while they run; their blocks are addressed in place.
#pragma once

#include <algorithm>
#include <memory>
#include <string>

#include "lockstep/lockstep.h"
#include "plan/blocks.h"
#include "plan/reach.h"
#include "plan/step.h"

namespace lockstep {

// Throw Error (LS_INVALID_ARGUMENT).
void validate_switch(const ls_switch &choice, Blocks &blocks);
void validate_while(const ls_while &loop, Blocks &blocks);
void validate_scan(const ls_scan &scan, Blocks &blocks);

std::unique_ptr<Step> make_switch_step(const ls_switch &choice);
std::unique_ptr<Step> make_while_step(const ls_while &loop);
std::unique_ptr<Step> make_scan_step(const ls_scan &scan);

// Hands out parts of a scratch block, 64-byte aligned.
class ScratchLayout {
 public:
  int64_t take(int64_t bytes) {
    int64_t first = bytes_;
    if (__builtin_add_overflow(bytes_, bytes, &bytes_) || __builtin_add_overflow(bytes_, 63, &bytes_)) {
      invalid("control flow: the sub-plans and carries need more than 2^63 bytes of scratch memory");
    }
    bytes_ -= bytes_ % 64;
    return first;
  }

  int64_t take_slots(const Plan &plan) { return take(plan.n_slots() * static_cast<int64_t>(sizeof(void *))); }
  int64_t bytes() const { return bytes_; }

 private:
  int64_t bytes_ = 0;
};

void copy_carry(char *to, const void *from, int64_t bytes);

// "1 carry", "2 carries"
inline std::string carry_text(size_t count) { return std::to_string(count) + (count == 1 ? " carry" : " carries"); }

// "\n  body:" and the sub-plan's lines, indented.
std::string indented(const std::string &title, const Plan &plan);

}  // namespace lockstep
