#include <algorithm>
#include <vector>

#include "plan/control_flow.h"
#include "plan/dtype.h"
#include "plan/handle.h"
#include "plan/operands.h"

namespace lockstep {
namespace {

constexpr Slot kIndex{4, false, 3};

std::string name(const char *part, int32_t number) { return std::string("switch: ") + part + std::to_string(number); }

class SwitchStep final : public Step {
 public:
  explicit SwitchStep(const ls_switch &choice) : index_{choice.index.slot, choice.index.offset, kIndex.bytes} {
    int64_t slots = 0;
    int64_t block = 0;
    for (int32_t b = 0; b < choice.n_branches; ++b) {
      branches_.push_back(&choice.branches[b]->plan);
      slots = std::max(slots, branches_[b]->n_slots());
      block = std::max(block, branches_[b]->block_bytes());
    }
    blocks_ = addresses_of(choice.operands, choice.n_operands, [&](int32_t i) { return branches_[0]->input(i).bytes; });
    for (const Address &result :
         addresses_of(choice.results, choice.n_results, [&](int32_t i) { return branches_[0]->output(i).bytes; })) {
      blocks_.push_back(result);
    }
    shape_ = count_text(choice.n_operands, "operand") + ", " + count_text(choice.n_results, "result");
    slots_ = scratch_.take(slots * static_cast<int64_t>(sizeof(void *)));
    block_ = scratch_.take(block);
  }

  void run(void *const *slots, void *scratch) const override {
    char *base = static_cast<char *>(scratch);
    void **addresses = reinterpret_cast<void **>(base + slots_);
    for (size_t i = 0; i < blocks_.size(); ++i) addresses[i] = blocks_[i].in(slots);
    int32_t index = *reinterpret_cast<const int32_t *>(index_.in(slots));
    int32_t last = static_cast<int32_t>(branches_.size()) - 1;
    branches_[std::clamp(index, 0, last)]->run_inside(addresses, base + block_);
  }

  int64_t scratch_bytes() const override { return scratch_.bytes(); }

  std::string describe() const override {
    std::string text = "switch of " + std::to_string(branches_.size()) +
                       (branches_.size() == 1 ? " branch: " : " branches: ") + shape_;
    for (size_t b = 0; b < branches_.size(); ++b) text += indented("branch " + std::to_string(b), *branches_[b]);
    return text;
  }

 private:
  Address index_;
  std::vector<const Plan *> branches_;
  std::vector<Address> blocks_;  // operands, results
  std::string shape_;
  ScratchLayout scratch_;
  int64_t slots_;
  int64_t block_;
};

}  // namespace

void validate_switch(const ls_switch &choice, Blocks &blocks) {
  require_array("switch: branches", choice.n_branches, choice.branches);
  require_array("switch: operands", choice.n_operands, choice.operands);
  require_array("switch: results", choice.n_results, choice.results);
  if (choice.n_branches == 0) invalid("switch: expected at least one branch, got none");
  require_sub_plans("switch", choice.branches, choice.n_branches);
  for (int32_t b = 0; b < choice.n_branches; ++b) {
    require_counts(name("branch ", b), choice.branches[b]->plan, choice.n_operands, choice.n_results);
  }
  blocks.read("switch: index", choice.index, kIndex);
  const Plan &first = choice.branches[0]->plan;
  for (int32_t i = 0; i < choice.n_operands; ++i) {
    Slot slot = first.input(i);
    for (int32_t b = 1; b < choice.n_branches; ++b) {
      slot = joined(name("operand ", i), slot, choice.branches[b]->plan.input(i));
    }
    blocks.read(name("operand ", i), choice.operands[i], slot);
  }
  for (int32_t i = 0; i < choice.n_results; ++i) {
    Slot slot = first.output(i);
    for (int32_t b = 1; b < choice.n_branches; ++b) {
      slot = joined(name("result ", i), slot, choice.branches[b]->plan.output(i));
    }
    blocks.write(name("result ", i), choice.results[i], slot);
  }
  blocks.require_no_overlap();
}

std::unique_ptr<Step> make_switch_step(const ls_switch &choice) { return std::make_unique<SwitchStep>(choice); }

}  // namespace lockstep
