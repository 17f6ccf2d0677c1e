#include "cpu/epilogue.h"

#include <algorithm>
#include <string>

#include "abi/error.h"
#include "cpu/loop_cost.h"
#include "plan/dtype.h"

namespace lockstep {
namespace {

constexpr int32_t kMostValues = 64;  // whose tiles fit a loop's frame on the stack; results count too

class StepThenLoop final : public Step {
 public:
  StepThenLoop(std::unique_ptr<Step> step, const ls_loop &loop, const std::string &why)
      : step_(std::move(step)), loop_(make_loop_step(loop)), why_(why) {}

  void run(void *const *slots, void *scratch) const override {
    step_->run(slots, scratch);
    loop_->run(slots, scratch);
  }

  int64_t scratch_bytes() const override { return std::max(step_->scratch_bytes(), loop_->scratch_bytes()); }

  std::string describe() const override {
    return step_->describe() + ", then its epilogue, since " + why_ + ": " + loop_->describe();
  }

 private:
  std::unique_ptr<Step> step_;
  std::unique_ptr<Step> loop_;
  std::string why_;
};

}  // namespace

Epilogue::Epilogue(const ls_loop &loop)
    : loop_(loop),
      inputs_(loop.inputs, loop.inputs + loop.n_inputs),
      instructions_(loop.instructions, loop.instructions + loop.n_instructions),
      results_(loop.results, loop.results + loop.n_results) {
  for (ls_operand &input : inputs_) place(input);
  for (ls_result &result : results_) place(result.to);
  loop_.inputs = inputs_.data();
  loop_.instructions = instructions_.data();
  loop_.results = results_.data();
}

void Epilogue::place(ls_operand &operand) {
  if (operand.slot < 0) return;
  Place place = {operand.slot, operand.offset, {}};
  for (int32_t d = 0; d < loop_.rank; ++d) {
    if (loop_.extents[d] > 1) place.steps[d] = operand.strides[d] * dtype_size(operand.dtype);
  }
  const auto same = std::find_if(places_.begin(), places_.end(), [&](const Place &other) {
    return other.slot == place.slot && other.offset == place.offset && other.steps == place.steps;
  });
  operand.slot = static_cast<int32_t>(same - places_.begin());
  operand.offset = 0;
  if (same == places_.end()) places_.push_back(place);
}

const Epilogue::Part *Epilogue::find(const int64_t *extents) const {
  for (const Part &part : parts_) {
    if (std::equal(extents, extents + loop_.rank, part.extents.begin())) return &part;
  }
  return nullptr;
}

void Epilogue::prepare(const int64_t *extents) {
  if (find(extents) != nullptr) return;
  Part part = {};
  std::copy_n(extents, loop_.rank, part.extents.begin());
  ls_loop loop = loop_;
  std::copy_n(extents, loop_.rank, loop.extents);
  part.loop = make_loop_step(loop);
  if (part.loop->scratch_bytes() > 0) throw Error(LS_INTERNAL, "epilogue: a part that needs scratch memory");
  parts_.push_back(std::move(part));
}

void Epilogue::run(const int64_t *first, const int64_t *extents, void *const *slots) const {
  void *addresses[kMostValues];
  for (size_t i = 0; i < places_.size(); ++i) {
    const Place &place = places_[i];
    int64_t offset = place.offset;
    for (int32_t d = 0; d < loop_.rank; ++d) offset += first[d] * place.steps[d];
    addresses[i] = static_cast<char *>(slots[place.slot]) + offset;
  }
  const Part *part = find(extents);
  if (part == nullptr) throw Error(LS_INTERNAL, "epilogue: a part of extents that were not prepared");
  part->loop->run(addresses, nullptr);
}

std::string Epilogue::describe(const ls_loop &loop) {
  return " + epilogue of " + count_text(loop.n_instructions, "op") + ", " + count_text(loop.n_results, "result");
}

double epilogue_nanoseconds(const ls_loop &loop) {
  double elements = 1;
  for (int32_t d = 0; d < loop.rank; ++d) elements *= static_cast<double>(loop.extents[d]);
  return elements * nanoseconds_of_element(loop);
}

bool fits_a_part(const ls_loop &loop) {
  return static_cast<int64_t>(loop.n_inputs) + loop.n_instructions + loop.n_results <= kMostValues;
}

std::unique_ptr<Step> make_step_then_loop(std::unique_ptr<Step> step, const ls_loop &loop, const std::string &why) {
  return std::make_unique<StepThenLoop>(std::move(step), loop, why);
}

}  // namespace lockstep
