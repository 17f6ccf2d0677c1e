#include "plan/blocks.h"

#include <algorithm>

#include "plan/handle.h"
#include "plan/reach.h"

namespace lockstep {

void Blocks::read(const std::string &what, const ls_block &block, const Slot &sub_slot, int64_t count) {
  add(what, block, sub_slot, count, false);
}

void Blocks::write(const std::string &what, const ls_block &block, const Slot &sub_slot, int64_t count) {
  add(what, block, sub_slot, count, true);
}

void Blocks::add(const std::string &what, const ls_block &block, const Slot &sub_slot, int64_t count, bool written) {
  if (block.slot < 0 || block.slot >= static_cast<int64_t>(slots_.size())) {
    invalid(what + ": expected a slot from 0 to " + std::to_string(slots_.size() - 1) + ", got " +
            std::to_string(block.slot));
  }
  const Slot &slot = slots_[block.slot];
  if (written && !slot.writable) {
    invalid(what + ": slot " + std::to_string(block.slot) +
            " is an input, which a plan only reads. Write to an output or the workspace.");
  }
  if (sub_slot.bytes == 0 || count == 0) return;
  int64_t bytes;
  bool overflow = __builtin_mul_overflow(sub_slot.bytes, count, &bytes);
  if (overflow || block.offset < 0 || bytes > slot.bytes || block.offset > slot.bytes - bytes) {
    std::string times = count == 1 ? "" : std::to_string(count) + " times ";
    invalid(what + ": " + times + std::to_string(sub_slot.bytes) + " bytes at byte " + std::to_string(block.offset) +
            " do not lie inside slot " + std::to_string(block.slot) + ", which has " + std::to_string(slot.bytes) +
            " bytes");
  }
  int64_t mask = sub_slot.alignment_mask;
  if ((block.offset & mask) != 0 || (count > 1 && (sub_slot.bytes & mask) != 0)) {
    invalid(what + ": expected an offset and a size that are multiples of " + std::to_string(mask + 1) +
            " bytes, as the sub-plan's elements are, got offset " + std::to_string(block.offset) + " and " +
            std::to_string(sub_slot.bytes) + " bytes");
  }
  uses_.push_back({what, block.slot, block.offset, block.offset + bytes, written, sub_slot.alignment_mask});
}

void Blocks::require_no_overlap() const {
  std::vector<const Use *> order;
  for (const Use &use : uses_) order.push_back(&use);
  std::sort(order.begin(), order.end(),
            [](const Use *a, const Use *b) { return a->slot != b->slot ? a->slot < b->slot : a->first < b->first; });
  // In this order, a block overlaps an earlier one if it starts before the furthest end so far.
  const Use *furthest = nullptr;
  const Use *furthest_written = nullptr;
  for (const Use *use : order) {
    if (furthest != nullptr && furthest->slot != use->slot) furthest = furthest_written = nullptr;
    const Use *other = use->written ? furthest : furthest_written;
    if (other != nullptr && use->first < other->end) {
      invalid(use->what + ": expected blocks that do not overlap, got bytes " + std::to_string(use->first) + " to " +
              std::to_string(use->end) + " of slot " + std::to_string(use->slot) + "; " + other->what + " has bytes " +
              std::to_string(other->first) + " to " + std::to_string(other->end));
    }
    if (furthest == nullptr || use->end > furthest->end) furthest = use;
    if (use->written && (furthest_written == nullptr || use->end > furthest_written->end)) furthest_written = use;
  }
}

void Blocks::note_alignment(std::vector<Slot> &slots) const {
  for (const Use &use : uses_) {
    slots[use.slot].alignment_mask = std::max(slots[use.slot].alignment_mask, use.alignment_mask);
  }
}

void require_sub_plans(const std::string &what, ls_plan *const *plans, int32_t count) {
  for (int32_t i = 0; i < count; ++i) {
    const ls_plan *plan = plans[i];
    if (plan == nullptr) invalid(what + ": expected a plan, got NULL");
    if (!plan->plan.sealed()) invalid(what + ": expected a sealed plan, got an open one; seal it with ls_plan_seal");
    if (plan->plan.owned() || std::count(plans, plans + i, plan) > 0) {
      invalid(what + ": expected plans of its own, got one that a step has already; build another");
    }
  }
}

Slot joined(const std::string &what, const Slot &a, const Slot &b) {
  if (a.bytes != b.bytes) {
    invalid(what + ": expected the same size in all sub-plans, got " + std::to_string(a.bytes) + " and " +
            std::to_string(b.bytes) + " bytes");
  }
  return {a.bytes, a.writable, std::max(a.alignment_mask, b.alignment_mask)};
}

void require_counts(const std::string &what, const Plan &plan, int64_t inputs, int64_t outputs) {
  if (plan.n_inputs() != inputs || plan.n_outputs() != outputs) {
    invalid(what + ": expected a plan of " + std::to_string(inputs) + " inputs and " + std::to_string(outputs) +
            " outputs, got one of " + std::to_string(plan.n_inputs()) + " and " + std::to_string(plan.n_outputs()));
  }
}

void require_carries(const std::string &what, const Plan &body, int32_t first_input, int32_t n_carries) {
  for (int32_t i = 0; i < n_carries; ++i) {
    int64_t input = body.input(first_input + i).bytes;
    int64_t output = body.output(i).bytes;
    if (input == output) continue;
    invalid(what + ": carry " + std::to_string(i) + ": expected as many bytes out of the body as into it, got " +
            std::to_string(input) + " in and " + std::to_string(output) + " out");
  }
}

}  // namespace lockstep
