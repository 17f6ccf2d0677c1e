// Large outer products (k == 1) are elementwise loops: nothing is added up, and loops write past the caches.
#include <algorithm>

#include "cpu/matmul_implementations.h"

namespace lockstep {
namespace {

constexpr int64_t kLeastBytes = 8 << 20;  // below, tiles write into the cache
constexpr int64_t kLeastColumns = 64;

class OuterStep final : public Step {
 public:
  OuterStep(const MatmulProblem &problem, const std::string &description)
      : loop_(make_loop(problem)), description_(description) {}

  void run(void *const *slots, void *scratch) const override { loop_->run(slots, scratch); }
  int64_t scratch_bytes() const override { return loop_->scratch_bytes(); }
  std::string describe() const override { return description_ + "; " + loop_->describe(); }

 private:
  static ls_operand operand(const MatmulProblem &p, const MatmulOperand &from, int64_t row, int64_t column) {
    ls_operand result = {from.slot, p.dtype, from.offset, {}};
    std::copy_n(from.batch.begin(), p.batch_rank, result.strides);
    result.strides[p.batch_rank] = row;
    result.strides[p.batch_rank + 1] = column;
    return result;
  }

  static std::unique_ptr<Step> make_loop(const MatmulProblem &p) {
    const ls_operand inputs[] = {operand(p, p.a, p.a.row, 0), operand(p, p.b, 0, p.b.column)};
    const ls_instruction multiply = {LS_OP_MUL, p.dtype, p.dtype, 0, 1, -1};
    const ls_result product = {operand(p, p.c, p.c.row, p.c.column), 2, LS_REDUCE_NONE};
    ls_loop loop = {};
    loop.rank = p.batch_rank + 2;
    loop.n_inputs = 2;
    loop.n_instructions = 1;
    loop.n_results = 1;
    std::copy_n(p.extents.begin(), p.batch_rank, loop.extents);
    loop.extents[p.batch_rank] = p.m;
    loop.extents[p.batch_rank + 1] = p.n;
    loop.inputs = inputs;
    loop.instructions = &multiply;
    loop.results = &product;
    return make_loop_step(loop);
  }

  std::unique_ptr<Step> loop_;
  std::string description_;
};

std::optional<std::string> refuse(const MatmulProblem &p) {
  if (p.k != 1) return "k is not 1";
  if (p.dtype == LS_BOOL) return "no product of bools";
  if (p.epilogue != nullptr) return "an epilogue reads c from the cache";
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
