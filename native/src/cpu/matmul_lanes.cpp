// Batches whose matrices lie side by side, element by element (mapped over a last axis): one matrix a vector lane.
#include <algorithm>
#include <string>

#include "cpu/matmul_epilogue.h"
#include "cpu/matmul_implementations.h"
#include "cpu/matmul_kernels.h"
#include "cpu/matmul_work.h"
#include "threads/pool.h"

namespace lockstep {
namespace {

constexpr int64_t kLargestExtent = 64;

// The batch dimension along which a and b are adjacent, or -1.
int adjacent_dimension(const MatmulProblem &p) {
  for (int d = 0; d < p.batch_rank; ++d) {
    if (p.a.batch[d] == 1 && p.b.batch[d] == 1) return d;
  }
  return -1;
}

// The problem with its adjacent batch dimension as the last one.
MatmulProblem with_dimension_last(MatmulProblem p, int dimension) {
  const auto move = [&](std::array<int64_t, LS_MAX_RANK> &list) {
    std::rotate(list.begin() + dimension, list.begin() + dimension + 1, list.begin() + p.batch_rank);
  };
  move(p.extents);
  for (MatmulOperand *operand : {&p.a, &p.b, &p.c}) move(operand->batch);
  for (MatmulOperand &operand : p.epilogue_operands) move(operand.batch);
  return p;
}

class LanesStep final : public Step {
 public:
  // adjacent: along the last batch dimension.
  LanesStep(const MatmulProblem &problem, const std::string &description) : rest_(problem), epilogue_(problem) {
    const int dimension = --rest_.batch_rank;
    lanes_ = {problem.m,     problem.n,        problem.k,     problem.a.row,    problem.a.column,
              problem.b.row, problem.b.column, problem.c.row, problem.c.column, problem.c.batch[dimension]};
    // Parts of the batch: the adjacent matrices are their columns.
    const MatmulKernels &kernels = matmul_kernels(problem.dtype);
    kernel_ = kernels.multiply_lanes;
    MatmulProblem shape = rest_;
    shape.m = 1;
    shape.n = problem.extents[dimension];
    const int64_t matrices = std::max<int64_t>(1, elements_in_cache(problem) / (problem.m * problem.n));
    parts_ =
        MatmulParts(shape, parts_for(problem, 1), {.column_multiple = 4 * kernels.lanes, .largest_elements = matrices});
    for (int64_t i = 0; i < parts_.count(); ++i) epilogue_.prepare(of_batch(parts_.part(i), 0));
    description_ = description + "; " + std::to_string(parts_.count()) + " parts";
  }

  void run(void *const *slots, void *) const override {
    if (parts_.count() == 1) return run_part(parts_.part(0), slots);
    parallel_chunks(parts_.count(), [&](int64_t index) { run_part(parts_.part(index), slots); });
  }

  std::string describe() const override { return description_; }

 private:
  void run_part(const MatmulPart &part, void *const *slots) const {
    const int64_t bytes = rest_.element_bytes();
    MatmulBatch at(rest_, slots, part.first);
    for (int64_t left = part.count;;) {
      kernel_(lanes_, part.columns, at.a() + part.column * bytes, at.b() + part.column * bytes,
              at.c() + part.column * lanes_.c_batch * bytes);
      epilogue_.run(of_batch(part, part.count - left), slots);
      if (--left == 0) return;
      at.next();
    }
  }

  // The part's columns are matrices of the whole batch.
  MatmulPart of_batch(const MatmulPart &part, int64_t row) const {
    const int64_t first = (part.first + row) * rest_.extents[rest_.batch_rank];
    return {first + part.column, part.columns, 0, rest_.m, 0, rest_.n};
  }

  MatmulProblem rest_;  // without the last batch dimension
  MatmulEpilogue epilogue_;
  MatmulLanes lanes_;
  MatmulParts parts_;
  void (*kernel_)(const MatmulLanes &, int64_t, const void *, const void *, void *);
  std::string description_;
};

std::optional<std::string> refuse(const MatmulProblem &problem) {
  if (problem.dtype == LS_BOOL) return "no kernel for bool";
  if (problem.empty() || problem.k == 0) return "nothing to add up";
  const int dimension = adjacent_dimension(problem);
  if (dimension < 0) return "the batch is not adjacent in both operands";
  if (problem.extents[dimension] < 4) return "a batch of fewer than 4";
  if (std::max(problem.m, problem.n) > kLargestExtent) return "matrices too large";
  return std::nullopt;
}

std::unique_ptr<Step> make(const MatmulProblem &problem, const std::string &description) {
  return std::make_unique<LanesStep>(with_dimension_last(problem, adjacent_dimension(problem)), description);
}

}  // namespace

const MatmulImplementation kMatmulLanes = {"lanes", refuse, make};

}  // namespace lockstep
