#include <algorithm>
#include <utility>
#include <vector>

#include "plan/control_flow.h"
#include "plan/handle.h"
#include "plan/operands.h"

namespace lockstep {
namespace {

std::string name(const char *part, int32_t number) { return std::string("while: ") + part + std::to_string(number); }

class WhileStep final : public Step {
 public:
  explicit WhileStep(const ls_while &loop) : condition_(loop.condition->plan), body_(loop.body->plan) {
    condition_constants_ = addresses_of(loop.condition_constants, loop.n_condition_constants,
                                        [&](int32_t i) { return condition_.input(i).bytes; });
    body_constants_ =
        addresses_of(loop.body_constants, loop.n_body_constants, [&](int32_t i) { return body_.input(i).bytes; });
    auto carry_bytes = [&](int32_t i) { return body_.output(i).bytes; };
    initial_ = addresses_of(loop.initial, loop.n_carries, carry_bytes);
    results_ = addresses_of(loop.results, loop.n_carries, carry_bytes);

    condition_slots_ = scratch_.take_slots(condition_);
    body_slots_ = scratch_.take_slots(body_);
    proceed_ = scratch_.take(1);
    for (std::vector<int64_t> &buffer : buffers_) {
      for (int32_t i = 0; i < loop.n_carries; ++i) buffer.push_back(scratch_.take(carry_bytes(i)));
    }
    block_ = scratch_.take(std::max(condition_.block_bytes(), body_.block_bytes()));
  }

  // The body reads the carries from one buffer, at first from where they stand, and writes them to the other.
  void run(void *const *slots, void *scratch) const override {
    char *base = static_cast<char *>(scratch);
    void **condition = reinterpret_cast<void **>(base + condition_slots_);
    void **body = reinterpret_cast<void **>(base + body_slots_);
    void **condition_carries = condition + condition_constants_.size();
    void **carries = body + body_constants_.size();
    void **next = carries + initial_.size();
    for (size_t i = 0; i < condition_constants_.size(); ++i) condition[i] = condition_constants_[i].in(slots);
    for (size_t i = 0; i < body_constants_.size(); ++i) body[i] = body_constants_[i].in(slots);
    for (size_t i = 0; i < initial_.size(); ++i) carries[i] = condition_carries[i] = initial_[i].in(slots);
    char *proceed = base + proceed_;
    condition_carries[initial_.size()] = proceed;

    const std::vector<int64_t> *target = &buffers_[0];
    const std::vector<int64_t> *other = &buffers_[1];
    for (;;) {
      condition_.run_inside(condition, base + block_);
      if (*proceed == 0) break;
      for (size_t i = 0; i < target->size(); ++i) next[i] = base + (*target)[i];
      body_.run_inside(body, base + block_);
      for (size_t i = 0; i < target->size(); ++i) carries[i] = condition_carries[i] = next[i];
      std::swap(target, other);
    }
    for (size_t i = 0; i < results_.size(); ++i) copy_carry(results_[i].in(slots), carries[i], results_[i].bytes);
  }

  int64_t scratch_bytes() const override { return scratch_.bytes(); }

  std::string describe() const override {
    int64_t bytes = 0;
    for (const Address &result : results_) bytes += result.bytes;
    return "while: " + carry_text(results_.size()) + " of " + std::to_string(bytes) + " bytes" +
           indented("condition", condition_) + indented("body", body_);
  }

 private:
  const Plan &condition_;
  const Plan &body_;
  std::vector<Address> condition_constants_;
  std::vector<Address> body_constants_;
  std::vector<Address> initial_;
  std::vector<Address> results_;
  ScratchLayout scratch_;
  int64_t condition_slots_;
  int64_t body_slots_;
  int64_t proceed_;
  std::vector<int64_t> buffers_[2];
  int64_t block_;
};

}  // namespace

void validate_while(const ls_while &loop, Blocks &blocks) {
  require_array("while: condition_constants", loop.n_condition_constants, loop.condition_constants);
  require_array("while: body_constants", loop.n_body_constants, loop.body_constants);
  require_array("while: initial", loop.n_carries, loop.initial);
  require_array("while: results", loop.n_carries, loop.results);
  ls_plan *const sub_plans[] = {loop.condition, loop.body};
  require_sub_plans("while", sub_plans, 2);
  const Plan &condition = loop.condition->plan;
  const Plan &body = loop.body->plan;
  require_counts("while: condition", condition, int64_t{loop.n_condition_constants} + loop.n_carries, 1);
  require_counts("while: body", body, int64_t{loop.n_body_constants} + loop.n_carries, loop.n_carries);
  if (condition.output(0).bytes != 1) {
    invalid("while: condition: expected an output of 1 byte, got " + std::to_string(condition.output(0).bytes));
  }
  require_carries("while", body, loop.n_body_constants, loop.n_carries);

  for (int32_t i = 0; i < loop.n_condition_constants; ++i) {
    blocks.read(name("condition constant ", i), loop.condition_constants[i], condition.input(i));
  }
  for (int32_t i = 0; i < loop.n_body_constants; ++i) {
    blocks.read(name("body constant ", i), loop.body_constants[i], body.input(i));
  }
  for (int32_t i = 0; i < loop.n_carries; ++i) {
    Slot slot = joined(name("carry ", i), body.input(loop.n_body_constants + i),
                       condition.input(loop.n_condition_constants + i));
    blocks.read(name("initial ", i), loop.initial[i], slot);
    blocks.write(name("result ", i), loop.results[i], body.output(i));
  }
  blocks.require_no_overlap();
}

std::unique_ptr<Step> make_while_step(const ls_while &loop) { return std::make_unique<WhileStep>(loop); }

}  // namespace lockstep
