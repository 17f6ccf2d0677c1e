// Steps over batches of small matrices: groups of as many as a vector has lanes.
#include <algorithm>

#include "cpu/isa.h"
#include "cpu/linalg_implementations.h"
#include "cpu/linalg_kernels.h"
#include "plan/dtype.h"
#include "threads/pool.h"

namespace lockstep {
namespace {

constexpr int64_t kMostWorkers = 16;
constexpr int64_t kMostColumns = 64;
constexpr int64_t kLeastEigh = 64;
constexpr int64_t kCacheLine = 64;

int64_t divide_up(int64_t a, int64_t b) { return (a + b - 1) / b; }

LinalgLanesKernel kernel_of(const LinalgProblem &problem) {
  const LinalgKernels &kernels = linalg_kernels(problem.dtype);
  switch (problem.kind) {
    case LS_LINALG_CHOLESKY:
      return kernels.cholesky;
    case LS_LINALG_TRIANGULAR_SOLVE:
      return kernels.triangular_solve;
    case LS_LINALG_LU:
      return kernels.lu;
    case LS_LINALG_LU_SOLVE:
      return kernels.lu_solve;
    case LS_LINALG_QR:
      return kernels.qr;
    case LS_LINALG_EIGH:
      return kernels.eigh;
    default:
      return nullptr;
  }
}

// Vectors of scratch: all operands, and a row of room for each of their dimensions.
int64_t scratch_vectors(const LinalgProblem &problem) {
  int64_t vectors = 0;
  for (const LinalgMatrices &operand : problem.operands) {
    vectors += operand.rows * operand.columns + operand.rows + operand.columns;
  }
  return vectors + kMostLanes;
}

class LanesStep final : public Step {
 public:
  LanesStep(const LinalgProblem &problem, const std::string &description)
      : problem_(problem),
        kernel_(kernel_of(problem)),
        lanes_(linalg_kernels(problem.dtype).lanes),
        parts_(problem.count, lanes_, nanoseconds()),
        workers_(std::min(parts_.count, kMostWorkers)),
        parts_per_worker_(divide_up(parts_.count, std::max<int64_t>(workers_, 1))),
        worker_bytes_(divide_up(scratch_vectors(problem) * lanes_ * dtype_size(problem.dtype), kCacheLine) *
                      kCacheLine),
        description_(description + ", " + std::to_string(lanes_) + " at a time, " + count_text(parts_.count, "part")) {}

  void run(void *const *slots, void *scratch) const override {
    parallel_chunks(workers_, [&](int64_t worker) {
      const int64_t first = worker * parts_per_worker_ * parts_.size;
      const int64_t last = std::min(first + parts_per_worker_ * parts_.size, problem_.count);
      char *own = static_cast<char *>(scratch) + worker * worker_bytes_;
      for (int64_t matrix = first; matrix < last; matrix += lanes_) {
        run_group(slots, matrix, std::min(lanes_, last - matrix), own);
      }
    });
  }

  int64_t scratch_bytes() const override { return workers_ * worker_bytes_; }

  std::string describe() const override { return description_; }

 private:
  double nanoseconds() const {
    double elements = 0;
    for (const LinalgMatrices &operand : problem_.operands) {
      if (operand.wanted) elements += static_cast<double>(operand.rows * operand.columns);
    }
    return problem_.flops() / 8 + elements / 2;
  }

  void run_group(void *const *slots, int64_t first, int64_t count, void *scratch) const {
    LinalgLanes group;
    group.m = problem_.m;
    group.n = problem_.n;
    group.k = problem_.k;
    group.flags = problem_.flags;
    group.matrices = static_cast<int>(count);
    for (int i = 0; i < kLinalgOperands; ++i) {
      const LinalgMatrices &operand = problem_.operands[i];
      LinalgLanes::Operand &to = group.operands[i];
      to.row = operand.row;
      to.column = operand.column;
      to.at[0] = problem_.address(i, slots, first);
      const bool evenly_spaced = problem_.batch_rank <= 1 && operand.wanted;
      const int64_t bytes = operand.batch[0] * operand.element_bytes;
      for (int64_t lane = 1; lane < lanes_; ++lane) {
        const int64_t matrix = lane < count ? lane : 0;
        to.at[lane] = evenly_spaced ? to.at[0] + matrix * bytes : problem_.address(i, slots, first + matrix);
      }
    }
    kernel_(group, scratch);
  }

  LinalgProblem problem_;
  LinalgLanesKernel kernel_;
  int64_t lanes_;
  LinalgParts parts_;
  int64_t workers_;
  int64_t parts_per_worker_;
  int64_t worker_bytes_;
  std::string description_;
};

std::optional<std::string> refuse(const LinalgProblem &problem) {
  if (kernel_of(problem) == nullptr) return "no kernel";
  const LinalgMatrices &a = problem.operands[0];
  if (problem.kind == LS_LINALG_EIGH) {
    // Few matrices get the signs of LAPACK's vectors.
    if (problem.count < kLeastEigh) return "matrices too few";
    if (problem.n > kLargestEigh) return "matrices too large";
    return std::nullopt;
  }
  if (std::max(a.rows, a.columns) > kLargestForLanes) return "matrices too large";
  const bool solves = problem.kind == LS_LINALG_TRIANGULAR_SOLVE || problem.kind == LS_LINALG_LU_SOLVE;
  if (solves && problem.k > kMostColumns) return "right-hand sides too wide";
  return std::nullopt;
}

std::unique_ptr<Step> make(const LinalgProblem &problem, const std::string &description) {
  return std::make_unique<LanesStep>(problem, description);
}

}  // namespace

const LinalgKernels &linalg_kernels(int32_t dtype) {
  return dtype == LS_F32 ? for_isa(v2::linalg_kernels_f32, v3::linalg_kernels_f32, v4::linalg_kernels_f32)()
                         : for_isa(v2::linalg_kernels_f64, v3::linalg_kernels_f64, v4::linalg_kernels_f64)();
}

const LinalgImplementation kLinalgLanes = {"lanes", refuse, make};

}  // namespace lockstep
