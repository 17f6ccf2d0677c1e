#include "cpu/matmul_work.h"

#include "cpu/epilogue.h"
#include "cpu/matmul_kernels.h"

namespace lockstep {
namespace {

constexpr double kWorthThreads = 50e3;  // ns
constexpr double kWorkOfPart = 25e3;    // ns
constexpr double kBytesPerNanosecond = 20;
constexpr int64_t kMostParts = 64;
constexpr int64_t kBytesInCache = 512 << 10;

double products_per_nanosecond(ls_dtype dtype) {
  const double vectors = dtype == LS_I64 ? 1 : dtype == LS_I32 ? 2 : 5;
  return dtype == LS_BOOL ? 1 : vectors * matmul_kernels(dtype).lanes;
}

double nanoseconds(const MatmulProblem &p, int64_t column_multiple) {
  const double products = static_cast<double>(p.batch()) * p.m * round_up(p.n, column_multiple) * p.k;
  return products / products_per_nanosecond(p.dtype) + p.bytes() / kBytesPerNanosecond;
}

}  // namespace

int64_t parts_for(const MatmulProblem &problem, int64_t column_multiple) {
  double work = nanoseconds(problem, column_multiple);
  if (problem.epilogue != nullptr) work += epilogue_nanoseconds(*problem.epilogue);
  if (work < kWorthThreads) return 1;
  return std::min<int64_t>(kMostParts, static_cast<int64_t>(work / kWorkOfPart));
}

int64_t elements_in_cache(const MatmulProblem &problem) {
  return problem.epilogue == nullptr ? INT64_MAX : kBytesInCache / problem.element_bytes();
}

MatmulParts::MatmulParts(const MatmulProblem &problem, int64_t wanted, const MatmulSplit &split)
    : batch_(problem.batch()), m_(problem.m), n_(problem.n) {
  if (problem.empty()) return;
  rows_ = std::min(m_, split.largest_rows);
  columns_ = std::min(n_, split.largest_columns);
  const int64_t blocks = ceiling(wanted, batch_);
  while (ceiling(m_, rows_) * ceiling(n_, columns_) < blocks || rows_ * columns_ > split.largest_elements) {
    const int64_t half_rows = round_up(ceiling(rows_, 2), split.row_multiple);
    const int64_t half_columns = round_up(ceiling(columns_, 2), split.column_multiple);
    const bool by_rows = half_rows < rows_;
    const bool by_columns = half_columns < columns_;
    if (!by_rows && !by_columns) break;
    if (by_rows && (!by_columns || rows_ >= columns_)) {
      rows_ = half_rows;
    } else {
      columns_ = half_columns;
    }
  }
  row_blocks_ = ceiling(m_, rows_);
  column_blocks_ = ceiling(n_, columns_);
  group_matrices(problem, wanted, split.largest_elements);
  count_ = ceiling(batch_, run_) * groups_in_run_ * row_blocks_ * column_blocks_;
}

void MatmulParts::group_matrices(const MatmulProblem &problem, int64_t wanted, int64_t largest_elements) {
  run_ = batch_;
  group_ = std::clamp<int64_t>(largest_elements / (rows_ * columns_), 1, ceiling(batch_, wanted));
  if (problem.epilogue != nullptr && problem.batch_rank > 1) {
    // Epilogues run on boxes, of which there shall be few kinds.
    const int64_t last = problem.extents[problem.batch_rank - 1];
    if (group_ < last) {
      run_ = last;
      group_ = ceiling(last, ceiling(last, group_));
    } else {
      group_ -= group_ % last;
    }
  }
  groups_in_run_ = ceiling(run_, group_);
}

}  // namespace lockstep
