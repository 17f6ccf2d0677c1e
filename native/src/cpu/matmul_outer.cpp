// Large outer products (k == 1) are elementwise loops: nothing is added up, and loops write past the caches.
#include <algorithm>
#include <vector>

#include "cpu/matmul_implementations.h"

namespace lockstep {
namespace {

constexpr int64_t kLeastBytes = 8 << 20;  // below, tiles write into the cache
constexpr int64_t kLeastColumns = 64;

ls_operand operand(const MatmulProblem &p, const MatmulOperand &from, int32_t dtype, int64_t row, int64_t column) {
  ls_operand result = {from.slot, dtype, from.offset, {}};
  std::copy_n(from.batch.begin(), p.batch_rank, result.strides);
  result.strides[p.batch_rank] = row;
  result.strides[p.batch_rank + 1] = column;
  return result;
}

bool same_place(const MatmulOperand &x, const MatmulOperand &y) { return x.slot == y.slot && x.offset == y.offset; }

// The product and its epilogue as one loop, in which c is a value: it is stored where the epilogue does not write over
// it.
struct OuterLoop {
  std::vector<ls_operand> inputs;
  std::vector<ls_instruction> instructions;
  std::vector<ls_result> results;

  explicit OuterLoop(const MatmulProblem &p) {
    inputs = {operand(p, p.a, p.dtype, p.a.row, 0), operand(p, p.b, p.dtype, 0, p.b.column)};
    std::vector<int32_t> values;  // the epilogue's, as they are numbered here; -1 is c
    const int32_t n_inputs = p.epilogue == nullptr ? 0 : p.epilogue->n_inputs;
    for (int32_t i = 0; i < n_inputs; ++i) {
      const MatmulOperand &from = p.epilogue_operands[i];
      const bool reads_c = same_place(from, p.c);
      values.push_back(reads_c ? -1 : static_cast<int32_t>(inputs.size()));
      if (!reads_c) inputs.push_back(operand(p, from, p.epilogue->inputs[i].dtype, from.row, from.column));
    }
    const int32_t c = static_cast<int32_t>(inputs.size());
    instructions.push_back({LS_OP_MUL, p.dtype, p.dtype, 0, 1, -1});
    std::replace(values.begin(), values.end(), -1, c);
    bool overwritten = false;
    if (p.epilogue != nullptr) overwritten = append(p, c, values);
    if (!overwritten) results.push_back({operand(p, p.c, p.dtype, p.c.row, p.c.column), c, LS_REDUCE_NONE});
  }

  // Returns whether a result is written over c.
  bool append(const MatmulProblem &p, int32_t c, std::vector<int32_t> &values) {
    const ls_loop &epilogue = *p.epilogue;
    const auto number = [&values](int32_t value) { return value < 0 ? value : values[value]; };
    for (int32_t i = 0; i < epilogue.n_instructions; ++i) {
      ls_instruction instruction = epilogue.instructions[i];
      for (int32_t *value : {&instruction.a, &instruction.b, &instruction.c}) *value = number(*value);
      instructions.push_back(instruction);
      values.push_back(c + 1 + i);
    }
    bool overwritten = false;
    for (int32_t i = 0; i < epilogue.n_results; ++i) {
      const MatmulOperand &to = p.epilogue_operands[epilogue.n_inputs + i];
      const ls_result &result = epilogue.results[i];
      results.push_back({operand(p, to, result.to.dtype, to.row, to.column), number(result.value), LS_REDUCE_NONE});
      overwritten = overwritten || same_place(to, p.c);
    }
    return overwritten;
  }
};

class OuterStep final : public Step {
 public:
  OuterStep(const MatmulProblem &problem, const std::string &description)
      : loop_(make_loop(problem)), description_(description) {}

  void run(void *const *slots, void *scratch) const override { loop_->run(slots, scratch); }
  int64_t scratch_bytes() const override { return loop_->scratch_bytes(); }
  std::string describe() const override { return description_ + "; " + loop_->describe(); }

 private:
  static std::unique_ptr<Step> make_loop(const MatmulProblem &p) {
    const OuterLoop outer(p);
    ls_loop loop = {};
    loop.rank = p.batch_rank + 2;
    loop.n_inputs = static_cast<int32_t>(outer.inputs.size());
    loop.n_instructions = static_cast<int32_t>(outer.instructions.size());
    loop.n_results = static_cast<int32_t>(outer.results.size());
    std::copy_n(p.extents.begin(), p.batch_rank, loop.extents);
    loop.extents[p.batch_rank] = p.m;
    loop.extents[p.batch_rank + 1] = p.n;
    loop.inputs = outer.inputs.data();
    loop.instructions = outer.instructions.data();
    loop.results = outer.results.data();
    return make_loop_step(loop);
  }

  std::unique_ptr<Step> loop_;
  std::string description_;
};

std::optional<std::string> refuse(const MatmulProblem &p) {
  if (p.k != 1) return "k is not 1";
  if (p.dtype == LS_BOOL) return "no product of bools";
  if (p.dtype == LS_BF16) return "loops do not multiply bf16";
  if (p.batch_rank + 2 > LS_MAX_RANK) return "too many batch dimensions";
  if (p.c.column != 1 || p.n < kLeastColumns) return "rows of c are short or not adjacent";
  if (p.batch() * p.m * p.n * p.element_bytes() < kLeastBytes) return "c is less than 8 MB";
  return std::nullopt;
}

std::unique_ptr<Step> make(const MatmulProblem &problem, const std::string &description) {
  return std::make_unique<OuterStep>(problem, description);
}

}  // namespace

const MatmulImplementation kMatmulOuter = {"outer", refuse, make};

}  // namespace lockstep
