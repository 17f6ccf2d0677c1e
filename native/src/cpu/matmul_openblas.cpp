// Large f64 products by OpenBLAS, which our pool runs on parts, each on one thread: OpenBLAS starts none of its own.
#include <cblas.h>

#include "cpu/matmul_epilogue.h"
#include "cpu/matmul_implementations.h"
#include "cpu/matmul_library.h"
#include "cpu/openblas.h"

namespace lockstep {
namespace {

MatmulSplit split_of(const MatmulProblem &problem) {
  return {.row_multiple = 256, .column_multiple = 1024, .largest_elements = elements_in_cache(problem)};
}

class OpenBlasStep final : public Step {
 public:
  OpenBlasStep(const MatmulProblem &problem, const std::string &description)
      : problem_(problem),
        parts_(problem, parts_for(problem, 1), split_of(problem)),
        epilogue_(problem),
        description_(description + "; " + std::to_string(parts_.count()) + " parts of " +
                     std::to_string(parts_.rows()) + " x " + std::to_string(parts_.columns())) {
    use_openblas_on_one_thread();
    epilogue_.prepare(parts_);
  }

  void run(void *const *slots, void *) const override {
    parallel_chunks(parts_.count(), [&](int64_t index) { run_part(parts_.part(index), slots); });
  }

  std::string describe() const override { return description_; }

 private:
  void run_part(const MatmulPart &part, void *const *slots) const {
    const bool a_transposed = problem_.a.column != 1;
    const bool b_transposed = problem_.b.column != 1;
    MatmulBatch at(problem_, slots, part.first);
    for (int64_t left = part.count;;) {
      const double *a = reinterpret_cast<const double *>(at.a()) + part.row * problem_.a.row;
      const double *b = reinterpret_cast<const double *>(at.b()) + part.column * problem_.b.column;
      double *c = reinterpret_cast<double *>(at.c()) + part.row * problem_.c.row + part.column;
      cblas_dgemm(CblasRowMajor, a_transposed ? CblasTrans : CblasNoTrans, b_transposed ? CblasTrans : CblasNoTrans,
                  static_cast<blasint>(part.rows), static_cast<blasint>(part.columns), static_cast<blasint>(problem_.k),
                  1.0, a, static_cast<blasint>(a_transposed ? problem_.a.column : problem_.a.row), b,
                  static_cast<blasint>(b_transposed ? problem_.b.column : problem_.b.row), 0.0, c,
                  static_cast<blasint>(problem_.c.row));
      if (--left == 0) break;
      at.next();
    }
    epilogue_.run(part, slots);
  }

  MatmulProblem problem_;
  MatmulParts parts_;
  MatmulEpilogue epilogue_;
  std::string description_;
};

bool fits(int64_t value) { return value <= INT32_MAX; }

std::optional<std::string> refuse(const MatmulProblem &p) {
  if (p.dtype != LS_F64) return "f64 only";
  if (std::optional<std::string> refusal = refused_by_libraries(p, split_of(p))) return refusal;
  for (const MatmulOperand *operand : {&p.a, &p.b, &p.c}) {
    if (!fits(operand->row) || !fits(operand->column)) return "a stride does not fit in 32 bits";
  }
  if (!fits(p.m) || !fits(p.n) || !fits(p.k)) return "an extent does not fit in 32 bits";
  return std::nullopt;
}

std::unique_ptr<Step> make(const MatmulProblem &problem, const std::string &description) {
  return std::make_unique<OpenBlasStep>(problem, description);
}

}  // namespace

const MatmulImplementation kMatmulOpenBlas = {"OpenBLAS", refuse, make};

}  // namespace lockstep
