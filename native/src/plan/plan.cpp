#include "plan/plan.h"

#include <algorithm>

#include "memory/memory.h"
#include "plan/blocks.h"
#include "plan/control_flow.h"
#include "plan/dtype.h"
#include "plan/handle.h"
#include "plan/linalg_operands.h"
#include "plan/pooling_operands.h"
#include "plan/random.h"
#include "plan/reach.h"

namespace lockstep {
namespace {

constexpr int64_t kAlignment = 64;
constexpr size_t kSlotsOnStack = 128;
constexpr int64_t kMostBytes = int64_t{1} << 56;  // far beyond any machine, and far from overflow

int64_t aligned(int64_t bytes) { return (bytes + kAlignment - 1) / kAlignment * kAlignment; }

void add_slots(std::vector<Slot> &slots, const char *what, int32_t count, const int64_t *bytes, bool writable) {
  if (count < 0) invalid(std::string("plan: expected 0 or more ") + what + ", got " + std::to_string(count));
  if (count > 0 && bytes == nullptr) {
    invalid(std::string("plan: expected the sizes of ") + std::to_string(count) + " " + what + ", got NULL");
  }
  for (int32_t i = 0; i < count; ++i) {
    if (bytes[i] < 0 || bytes[i] > kMostBytes) {
      invalid("plan: " + std::string(what) + " " + std::to_string(i) + ": expected 0 to 2^56 bytes, got " +
              std::to_string(bytes[i]));
    }
    slots.push_back({bytes[i], writable});
  }
}

// The outputs that a run allocates are known to the caller only when it has succeeded, and freed when it has not.
class NewOutputs {
 public:
  NewOutputs(void **outputs, void **addresses, const Slot *slots, int32_t count)
      : outputs_(outputs), addresses_(addresses), slots_(slots), count_(count) {}
  NewOutputs(const NewOutputs &) = delete;
  NewOutputs &operator=(const NewOutputs &) = delete;

  ~NewOutputs() {
    for (int32_t i = 0; i < allocated_up_to_; ++i) {
      if (outputs_[i] == nullptr) memory::deallocate(addresses_[i], slots_[i].bytes);
    }
  }

  void allocate() {
    for (int32_t i = 0; i < count_; ++i) {
      if (outputs_[i] == nullptr) addresses_[i] = memory::allocate(slots_[i].bytes, "plan run");
      allocated_up_to_ = i + 1;
    }
  }

  void hand_over() {
    for (int32_t i = 0; i < count_; ++i) outputs_[i] = addresses_[i];
    allocated_up_to_ = 0;
  }

 private:
  void **outputs_;
  void **addresses_;
  const Slot *slots_;
  int32_t count_;
  int32_t allocated_up_to_ = 0;
};

}  // namespace

Plan::Plan(int32_t n_inputs, const int64_t *input_bytes, int32_t n_outputs, const int64_t *output_bytes,
           int64_t workspace_bytes)
    : n_inputs_(n_inputs), n_outputs_(n_outputs) {
  add_slots(slots_, "input", n_inputs, input_bytes, false);
  add_slots(slots_, "output", n_outputs, output_bytes, true);
  add_slots(slots_, "workspace", 1, &workspace_bytes, true);
  workspace_bytes_ = aligned(workspace_bytes);
}

Plan::~Plan() = default;

void Plan::require_open(const char *what) const {
  if (sealed_) invalid(std::string(what) + ": the plan is sealed; steps are added before ls_plan_seal");
}

// Steps choose their kernels for element-aligned memory; a run checks that it is.
void Plan::note_alignment(int32_t slot, int32_t dtype) {
  if (slot < 0) return;
  uint8_t mask = static_cast<uint8_t>(dtype_size(dtype) - 1);
  slots_[slot].alignment_mask = std::max(slots_[slot].alignment_mask, mask);
}

void Plan::add(std::unique_ptr<Step> step) { steps_.push_back(std::move(step)); }

void Plan::add(const ls_loop &loop) {
  require_open("loop");
  validate_loop(loop, slots_);
  add(make_loop_step(loop, n_inputs_ + n_outputs_));
  loops_.push_back({steps_.size() - 1, LoopCopy(loop)});
  note_operand_alignment(loop);
}

void Plan::note_operand_alignment(const ls_loop &loop) {
  for (int32_t i = 0; i < loop.n_inputs; ++i) note_alignment(loop.inputs[i]);
  for (int32_t i = 0; i < loop.n_results; ++i) note_alignment(loop.results[i].to);
}

void Plan::add(const ls_matmul &matmul) {
  require_open("matmul");
  validate_matmul(matmul, slots_);
  add(make_matmul_step(matmul));
  for (const ls_matrix *matrix : {&matmul.a, &matmul.b, &matmul.c}) note_alignment(matrix->slot, matmul.dtype);
  if (matmul.epilogue != nullptr) note_operand_alignment(*matmul.epilogue);
}

void Plan::add(const ls_copy &copy) {
  require_open("copy");
  validate_copy(copy, slots_);
  add(make_copy_step(copy));
  for (const ls_operand *operand : {&copy.from, &copy.to}) note_alignment(*operand);
}

void Plan::add(const ls_gather &gather) {
  require_open("gather");
  validate_gather(gather, slots_);
  add(make_gather_step(gather));
  note_alignment(gather.from);
  note_alignment(gather.to);
  for (int32_t j = 0; j < gather.n_indices; ++j) note_alignment(gather.indices[j]);
}

void Plan::add(const ls_scatter &scatter) {
  require_open("scatter");
  validate_scatter(scatter, slots_);
  add(make_scatter_step(scatter));
  note_alignment(scatter.from);
  note_alignment(scatter.to);
  for (int32_t j = 0; j < scatter.n_indices; ++j) note_alignment(scatter.indices[j]);
}

void Plan::add(const ls_sort &sort) {
  require_open("sort");
  validate_sort(sort, slots_);
  add(make_sort_step(sort));
  for (const ls_operand *operand : {&sort.keys, &sort.values, &sort.indices}) note_alignment(*operand);
}

void Plan::add(const ls_cumulative &cumulative) {
  require_open("cumulative");
  validate_cumulative(cumulative, slots_);
  add(make_cumulative_step(cumulative));
  for (const ls_operand *operand : {&cumulative.from, &cumulative.to}) note_alignment(*operand);
}

void Plan::add(const ls_random &random) {
  require_open("random");
  Blocks blocks(slots_);
  validate_random(random, blocks);
  add(make_random_step(random));
  blocks.note_alignment(slots_);
}

void Plan::add(const ls_linalg &linalg) {
  require_open("linalg");
  validate_linalg(linalg, slots_);
  add(make_linalg_step(linalg));
  for (const LinalgOperand &operand : linalg_operands(linalg)) note_alignment(operand.matrix->slot, operand.dtype);
}

void Plan::note_operand_alignment(const ls_attention &attention) {
  for (const ls_matrix *matrix : {&attention.q, &attention.k, &attention.v}) {
    note_alignment(matrix->slot, attention.dtype);
  }
  if (attention.mask.slot != LS_SLOT_NONE) note_alignment(attention.mask.slot, attention.mask_dtype);
}

void Plan::add(const ls_attention &attention) {
  require_open("attention");
  validate_attention(attention, slots_);
  add(make_attention_step(attention));
  note_operand_alignment(attention);
  note_alignment(attention.to.slot, attention.dtype);
}

void Plan::add(const ls_attention_gradient &gradient) {
  require_open("attention gradient");
  validate_attention_gradient(gradient, slots_);
  add(make_attention_gradient_step(gradient));
  note_operand_alignment(gradient.of);
  for (const ls_matrix *matrix : {&gradient.ct, &gradient.dq, &gradient.dk, &gradient.dv}) {
    note_alignment(matrix->slot, gradient.of.dtype);
  }
}

void Plan::add(const ls_convolution &convolution) {
  require_open("convolution");
  validate_convolution(convolution, slots_);
  add(make_convolution_step(convolution));
  for (const ls_operand *operand : {&convolution.x, &convolution.w, &convolution.y}) note_alignment(*operand);
  if (convolution.epilogue != nullptr) note_operand_alignment(*convolution.epilogue);
}

void Plan::add(const ls_pooling &pooling) {
  require_open("pooling");
  validate_pooling(pooling, slots_);
  add(make_pooling_step(pooling));
  for (const PoolingRole &role : pooling_operands(pooling)) note_alignment(*role.operand);
}

void Plan::add(std::unique_ptr<Step> step, ls_plan *const *sub_plans, int32_t count, const Blocks &blocks) {
  sub_plans_.reserve(sub_plans_.size() + static_cast<size_t>(count));
  add(std::move(step));
  // Nothing fails from here on.
  for (int32_t i = 0; i < count; ++i) {
    sub_plans[i]->plan.owned_ = true;
    sub_plans_.emplace_back(sub_plans[i]);
  }
  blocks.note_alignment(slots_);
}

void Plan::add(const ls_switch &choice) {
  require_open("switch");
  Blocks blocks(slots_);
  validate_switch(choice, blocks);
  add(make_switch_step(choice), choice.branches, choice.n_branches, blocks);
}

void Plan::add(const ls_while &loop) {
  require_open("while");
  Blocks blocks(slots_);
  validate_while(loop, blocks);
  ls_plan *const sub_plans[] = {loop.condition, loop.body};
  add(make_while_step(loop), sub_plans, 2, blocks);
}

void Plan::add(const ls_scan &scan) {
  require_open("scan");
  Blocks blocks(slots_);
  validate_scan(scan, blocks);
  add(make_scan_step(scan), &scan.body, 1, blocks);
}

void Plan::seal() {
  require_open("plan seal");
  join_row_loops(steps_, loops_, n_inputs_ + n_outputs_);
  loops_ = {};
  int64_t scratch_bytes = 0;
  for (const auto &step : steps_) scratch_bytes = std::max(scratch_bytes, step->scratch_bytes());
  if (__builtin_add_overflow(workspace_bytes_, scratch_bytes, &block_bytes_)) {
    invalid("plan seal: the workspace and its steps' scratch memory need more than 2^63 bytes");
  }
  sealed_ = true;
}

void Plan::check_address(int32_t slot, const void *address) const {
  const Slot &s = slots_[slot];
  uintptr_t bits = reinterpret_cast<uintptr_t>(address);
  if (s.bytes == 0 || (bits != 0 && (bits & s.alignment_mask) == 0)) [[likely]]
    return;
  bool output = slot >= n_inputs_;
  std::string what =
      "plan run: " + std::string(output ? "output " : "input ") + std::to_string(output ? slot - n_inputs_ : slot);
  if (bits == 0) invalid(what + ": expected the address of " + std::to_string(s.bytes) + " bytes, got NULL");
  invalid(what + ": expected an address that is a multiple of " + std::to_string(s.alignment_mask + 1) + ", got " +
          std::to_string(bits));
}

void Plan::run(const void *const *inputs, void **outputs) const {
  if (!sealed_) invalid("plan run: the plan is still open; seal it with ls_plan_seal");
  if (inputs == nullptr && n_inputs_ > 0) invalid("plan run: expected the inputs' addresses, got NULL");
  if (outputs == nullptr && n_outputs_ > 0) invalid("plan run: expected the outputs' addresses, got NULL");

  void *few[kSlotsOnStack];
  memory::Block many(address_bytes(), "plan run");
  void **slots = many.get() != nullptr ? reinterpret_cast<void **>(many.get()) : few;
  for (int32_t i = 0; i < n_inputs_; ++i) {
    check_address(i, inputs[i]);
    slots[i] = const_cast<void *>(inputs[i]);
  }
  bool complete = true;
  for (int32_t i = 0; i < n_outputs_; ++i) {
    slots[n_inputs_ + i] = outputs[i];
    if (outputs[i] == nullptr) {
      complete = false;
    } else {
      check_address(n_inputs_ + i, outputs[i]);
    }
  }

  NewOutputs new_outputs(outputs, slots + n_inputs_, slots_.data() + n_inputs_, n_outputs_);
  if (!complete) new_outputs.allocate();
  memory::Block block(block_bytes_, "plan run");
  run_inside(slots, block.get());
  if (!complete) new_outputs.hand_over();
}

int64_t Plan::address_bytes() const {
  return slots_.size() > kSlotsOnStack ? static_cast<int64_t>(slots_.size() * sizeof(void *)) : 0;
}

int64_t Plan::run_bytes() const {
  if (!sealed_) invalid("plan run bytes: the plan is still open; seal it with ls_plan_seal");
  return block_bytes_ + address_bytes();
}

std::string Plan::describe() const {
  std::string text;
  for (const auto &step : steps_) {
    if (!text.empty()) text += '\n';
    text += step->describe();
  }
  return text;
}

}  // namespace lockstep
