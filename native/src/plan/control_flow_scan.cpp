#include <algorithm>
#include <vector>

#include "plan/control_flow.h"
#include "plan/dtype.h"
#include "plan/handle.h"
#include "plan/operands.h"

namespace lockstep {
namespace {

std::string name(const char *part, int32_t number) { return std::string("scan: ") + part + std::to_string(number); }

class ScanStep final : public Step {
 public:
  explicit ScanStep(const ls_scan &scan) : body_(scan.body->plan), length_(scan.length), reverse_(scan.reverse != 0) {
    constants_ = addresses_of(scan.constants, scan.n_constants, [&](int32_t i) { return body_.input(i).bytes; });
    auto carry_bytes = [&](int32_t i) { return body_.output(i).bytes; };
    initial_ = addresses_of(scan.initial, scan.n_carries, carry_bytes);
    results_ = addresses_of(scan.results, scan.n_carries, carry_bytes);
    int32_t before = scan.n_constants + scan.n_carries;
    inputs_ = addresses_of(scan.inputs, scan.n_inputs, [&](int32_t i) { return body_.input(before + i).bytes; });
    outputs_ =
        addresses_of(scan.outputs, scan.n_outputs, [&](int32_t i) { return body_.output(scan.n_carries + i).bytes; });

    slots_ = scratch_.take_slots(body_);
    for (int64_t b = 0; b < std::min<int64_t>(length_ - 1, 2); ++b) {
      for (int32_t i = 0; i < scan.n_carries; ++i) buffers_[b].push_back(scratch_.take(carry_bytes(i)));
    }
    block_ = scratch_.take(body_.block_bytes());
  }

  // The carries come from where they stand, pass through the two buffers in turn, and end in the results.
  void run(void *const *slots, void *scratch) const override {
    size_t n_carries = initial_.size();
    if (length_ == 0) {
      for (size_t i = 0; i < n_carries; ++i) {
        copy_carry(results_[i].in(slots), initial_[i].in(slots), results_[i].bytes);
      }
      return;
    }
    char *base = static_cast<char *>(scratch);
    void **constants = reinterpret_cast<void **>(base + slots_);
    void **carries = constants + constants_.size();
    void **inputs = carries + n_carries;
    void **next = inputs + inputs_.size();
    void **outputs = next + n_carries;
    int64_t first = reverse_ ? length_ - 1 : 0;
    for (size_t i = 0; i < constants_.size(); ++i) constants[i] = constants_[i].in(slots);
    for (size_t i = 0; i < n_carries; ++i) carries[i] = initial_[i].in(slots);
    for (size_t i = 0; i < inputs_.size(); ++i) inputs[i] = inputs_[i].in(slots) + first * inputs_[i].bytes;
    for (size_t i = 0; i < outputs_.size(); ++i) outputs[i] = outputs_[i].in(slots) + first * outputs_[i].bytes;

    for (int64_t t = 0;; ++t) {
      bool last = t == length_ - 1;
      for (size_t i = 0; i < n_carries; ++i) next[i] = last ? results_[i].in(slots) : base + buffers_[t & 1][i];
      body_.run_inside(constants, base + block_);
      if (last) return;
      for (size_t i = 0; i < n_carries; ++i) carries[i] = next[i];
      advance(inputs, inputs_);
      advance(outputs, outputs_);
    }
  }

  int64_t scratch_bytes() const override { return scratch_.bytes(); }

  std::string describe() const override {
    return "scan of " + count_text(length_, "step") + (reverse_ ? ", reversed" : "") + ": " +
           count_text(size(constants_), "constant") + ", " + carry_text(initial_.size()) + ", " +
           count_text(size(inputs_), "input") + ", " + count_text(size(outputs_), "output") + indented("body", body_);
  }

 private:
  static int64_t size(const std::vector<Address> &blocks) { return static_cast<int64_t>(blocks.size()); }

  void advance(void **addresses, const std::vector<Address> &blocks) const {
    for (size_t i = 0; i < blocks.size(); ++i) {
      addresses[i] = static_cast<char *>(addresses[i]) + (reverse_ ? -blocks[i].bytes : blocks[i].bytes);
    }
  }

  const Plan &body_;
  int64_t length_;
  bool reverse_;
  std::vector<Address> constants_;
  std::vector<Address> initial_;
  std::vector<Address> results_;
  std::vector<Address> inputs_;
  std::vector<Address> outputs_;
  ScratchLayout scratch_;
  int64_t slots_;
  std::vector<int64_t> buffers_[2];
  int64_t block_;
};

}  // namespace

void validate_scan(const ls_scan &scan, Blocks &blocks) {
  if (scan.length < 0) invalid("scan: expected a length of 0 or more, got " + std::to_string(scan.length));
  require_array("scan: constants", scan.n_constants, scan.constants);
  require_array("scan: initial", scan.n_carries, scan.initial);
  require_array("scan: results", scan.n_carries, scan.results);
  require_array("scan: inputs", scan.n_inputs, scan.inputs);
  require_array("scan: outputs", scan.n_outputs, scan.outputs);
  require_sub_plans("scan", &scan.body, 1);
  const Plan &body = scan.body->plan;
  require_counts("scan: body", body, int64_t{scan.n_constants} + scan.n_carries + scan.n_inputs,
                 int64_t{scan.n_carries} + scan.n_outputs);
  require_carries("scan", body, scan.n_constants, scan.n_carries);

  for (int32_t i = 0; i < scan.n_constants; ++i) {
    blocks.read(name("constant ", i), scan.constants[i], body.input(i));
  }
  for (int32_t i = 0; i < scan.n_carries; ++i) {
    blocks.read(name("initial ", i), scan.initial[i], body.input(scan.n_constants + i));
    blocks.write(name("result ", i), scan.results[i], body.output(i));
  }
  for (int32_t i = 0; i < scan.n_inputs; ++i) {
    blocks.read(name("input ", i), scan.inputs[i], body.input(scan.n_constants + scan.n_carries + i), scan.length);
  }
  for (int32_t i = 0; i < scan.n_outputs; ++i) {
    blocks.write(name("output ", i), scan.outputs[i], body.output(scan.n_carries + i), scan.length);
  }
  blocks.require_no_overlap();
}

std::unique_ptr<Step> make_scan_step(const ls_scan &scan) { return std::make_unique<ScanStep>(scan); }

}  // namespace lockstep
