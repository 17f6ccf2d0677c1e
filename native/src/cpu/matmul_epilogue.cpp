#include "cpu/matmul_epilogue.h"

#include <algorithm>
#include <vector>

namespace lockstep {
namespace {

void take_strides(const MatmulOperand &from, int batch_rank, ls_operand &to) {
  std::copy_n(from.batch.begin(), batch_rank, to.strides);
  to.strides[batch_rank] = from.row;
  to.strides[batch_rank + 1] = from.column;
}

// The problem's epilogue over the problem's own dimensions.
Epilogue make_epilogue(const MatmulProblem &p) {
  std::vector<ls_operand> inputs(p.epilogue->inputs, p.epilogue->inputs + p.epilogue->n_inputs);
  std::vector<ls_result> results(p.epilogue->results, p.epilogue->results + p.epilogue->n_results);
  auto operand = p.epilogue_operands.begin();
  for (ls_operand &input : inputs) take_strides(*operand++, p.batch_rank, input);
  for (ls_result &result : results) take_strides(*operand++, p.batch_rank, result.to);
  ls_loop loop = *p.epilogue;
  loop.rank = p.batch_rank + 2;
  std::copy_n(p.extents.begin(), p.batch_rank, loop.extents);
  loop.extents[p.batch_rank] = p.m;
  loop.extents[p.batch_rank + 1] = p.n;
  loop.inputs = inputs.data();
  loop.results = results.data();
  return Epilogue(loop);
}

}  // namespace

MatmulEpilogue::MatmulEpilogue(const MatmulProblem &problem)
    : batch_rank_(problem.batch_rank), batch_(problem.extents) {
  if (problem.epilogue != nullptr && !problem.empty()) epilogue_ = make_epilogue(problem);
}

// A part's matrices that share all but their last index are one box.
template <typename Visit>
void MatmulEpilogue::for_each_box(const MatmulPart &part, Visit &&visit) const {
  int64_t first[LS_MAX_RANK];
  int64_t extents[LS_MAX_RANK];
  std::fill_n(extents, batch_rank_, 1);
  first[batch_rank_] = part.row;
  first[batch_rank_ + 1] = part.column;
  extents[batch_rank_] = part.rows;
  extents[batch_rank_ + 1] = part.columns;
  int64_t count = 1;
  for (int64_t matrix = part.first; matrix < part.first + part.count; matrix += count) {
    int64_t index = matrix;
    for (int d = batch_rank_ - 1; d >= 0; --d) {
      first[d] = index % batch_[d];
      index /= batch_[d];
    }
    if (batch_rank_ > 0) {
      const int last = batch_rank_ - 1;
      count = std::min(batch_[last] - first[last], part.first + part.count - matrix);
      extents[last] = count;
    }
    visit(first, extents);
  }
}

void MatmulEpilogue::prepare(const MatmulPart &part) {
  if (!epilogue_) return;
  for_each_box(part, [this](const int64_t *, const int64_t *extents) { epilogue_->prepare(extents); });
}

void MatmulEpilogue::prepare(const MatmulParts &parts) {
  for (int64_t i = 0; epilogue_ && i < parts.count(); ++i) prepare(parts.part(i));
}

void MatmulEpilogue::run_epilogue(const MatmulPart &part, void *const *slots) const {
  for_each_box(part, [&](const int64_t *first, const int64_t *extents) { epilogue_->run(first, extents, slots); });
}

}  // namespace lockstep
