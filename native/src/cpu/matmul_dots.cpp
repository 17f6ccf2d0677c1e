// Scalar products of vectors that are adjacent in memory: batches of them, matrix times vector, a few rows by columns.
#include <cmath>
#include <cstring>
#include <string>

#include "cpu/matmul_epilogue.h"
#include "cpu/matmul_implementations.h"
#include "cpu/matmul_kernels.h"
#include "cpu/matmul_work.h"
#include "threads/pool.h"

namespace lockstep {
namespace {

// Fewer rows than columns, or one batch dimension as columns that each have their own vector of a.
struct DotsProblem {
  MatmulProblem problem;
  bool paired;
  int64_t a_step;
};

DotsProblem dots_problem(const MatmulProblem &problem) {
  if (problem.m == 1 && problem.n == 1 && problem.batch_rank > 0) {
    DotsProblem result = {problem, true, 0};
    MatmulProblem &p = result.problem;
    const int last = --p.batch_rank;
    result.a_step = p.a.batch[last];
    p.n = p.extents[last];
    p.b.column = p.b.batch[last];
    p.c.column = p.c.batch[last];
    for (MatmulOperand &operand : p.epilogue_operands) operand.column = operand.batch[last];
    return result;
  }
  const MatmulProblem p = problem.m <= problem.n ? problem : transposed(problem);
  return {p, false, p.a.row};
}

class DotsStep final : public Step {
 public:
  DotsStep(const DotsProblem &dots, const std::string &description)
      : kernels_(matmul_kernels(dots.problem.dtype)),
        problem_(dots.problem),
        gathered_(problem_.a.column != 1),
        dots_{problem_.k, gathered_ ? problem_.k : dots.a_step, problem_.b.column, problem_.c.row, problem_.c.column,
              dots.paired},
        a_column_(dots.paired ? dots.a_step : 0),
        parts_(problem_, parts_for(problem_, 1),
               {.row_multiple = problem_.m, .column_multiple = 8, .largest_elements = elements_in_cache(problem_)}),
        epilogue_(problem_),
        description_(description + "; " + (gathered_ ? "a gathered, " : "") + std::to_string(parts_.count()) +
                     " parts") {
    epilogue_.prepare(parts_);
  }

  void run(void *const *slots, void *scratch) const override {
    if (gathered_) gather_a(slots, static_cast<char *>(scratch));
    if (parts_.count() == 1) return run_part(parts_.part(0), slots, scratch);
    parallel_chunks(parts_.count(), [&](int64_t index) { run_part(parts_.part(index), slots, scratch); });
  }

  int64_t scratch_bytes() const override { return gathered_ ? problem_.m * problem_.k * problem_.element_bytes() : 0; }

  std::string describe() const override { return description_; }

 private:
  void gather_a(void *const *slots, char *to) const {
    const int64_t bytes = problem_.element_bytes();
    const char *a = MatmulBatch(problem_, slots, 0).a();
    for (int64_t i = 0; i < problem_.m; ++i) {
      for (int64_t l = 0; l < problem_.k; ++l, to += bytes) {
        std::memcpy(to, a + (i * problem_.a.row + l * problem_.a.column) * bytes, bytes);
      }
    }
  }

  void run_part(const MatmulPart &part, void *const *slots, const void *gathered_a) const {
    const int64_t bytes = problem_.element_bytes();
    MatmulBatch at(problem_, slots, part.first);
    for (int64_t left = part.count;;) {
      const void *a = gathered_ ? gathered_a : at.a() + part.column * a_column_ * bytes;
      kernels_.multiply_dots(dots_, part.rows, part.columns, a, at.b() + part.column * problem_.b.column * bytes,
                             at.c() + part.column * problem_.c.column * bytes);
      if (--left == 0) break;
      at.next();
    }
    epilogue_.run(part, slots);
  }

  const MatmulKernels &kernels_;
  MatmulProblem problem_;
  bool gathered_;  // a is copied first, since k is not adjacent in it
  MatmulDots dots_;
  int64_t a_column_;  // from one column's vector of a to the next one's
  MatmulParts parts_;
  MatmulEpilogue epilogue_;
  std::string description_;
};

std::optional<std::string> refuse(const MatmulProblem &problem) {
  if (problem.dtype == LS_BOOL) return "no kernel for bool";
  const DotsProblem dots = dots_problem(problem);
  const MatmulProblem &p = dots.problem;
  if (p.empty() || p.k == 0) return "nothing to add up";
  const bool small_a = !dots.paired && p.batch_rank == 0 && p.m * 8 <= p.n;
  if (p.b.row != 1 || (p.a.column != 1 && !small_a)) return "k is not adjacent in both operands";
  if (p.k == 1) return "k = 1";
  // Cycles a column: a vector of products each plus the sum of its lanes, against tiles that need b transposed.
  const double lanes = static_cast<double>(matmul_kernels(p.dtype).lanes);
  const double as_dots = p.m * (std::ceil(p.k / lanes) + 4);
  const double as_tiles = 0.5 * p.m * p.k / lanes + 0.35 * p.k;
  if (p.m > 1 && as_dots > as_tiles) return "tiles cost less with " + std::to_string(p.m) + " rows";
  return std::nullopt;
}

std::unique_ptr<Step> make(const MatmulProblem &problem, const std::string &description) {
  return std::make_unique<DotsStep>(dots_problem(problem), description);
}

}  // namespace

const MatmulImplementation kMatmulDots = {"dots", refuse, make};

}  // namespace lockstep
