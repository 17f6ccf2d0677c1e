#include "cpu/linalg_problem.h"

#include <algorithm>

#include "plan/dtype.h"
#include "plan/linalg_operands.h"

namespace lockstep {
namespace {

constexpr double kWorthThreads = 40e3;  // ns
constexpr double kWorkOfPart = 15e3;
constexpr int64_t kMostParts = 256;

int64_t divide_up(int64_t a, int64_t b) { return (a + b - 1) / b; }

}  // namespace

LinalgProblem::LinalgProblem(const ls_linalg &linalg)
    : kind(linalg.kind), dtype(linalg.dtype), flags(linalg.flags), m(linalg.m), n(linalg.n), k(linalg.k) {
  const std::vector<LinalgOperand> given = linalg_operands(linalg);
  const int operand_count = static_cast<int>(given.size());
  for (int i = 0; i < operand_count; ++i) {
    const ls_matrix &matrix = *given[i].matrix;
    LinalgMatrices &operand = operands[i];
    operand.wanted = matrix.slot >= 0;
    operand.slot = matrix.slot;
    operand.element_bytes = dtype_size(given[i].dtype);
    operand.offset = matrix.offset;
    operand.rows = given[i].rows;
    operand.columns = given[i].columns;
    operand.row = matrix.row_stride;
    operand.column = matrix.column_stride;
  }
  for (int32_t d = 0; d < linalg.batch_rank; ++d) {
    const int64_t extent = linalg.batch[d];
    count *= extent;
    if (extent == 1) continue;
    const int last = batch_rank - 1;
    bool joins = batch_rank > 0;
    for (int i = 0; joins && i < operand_count; ++i) {
      joins = !operands[i].wanted || operands[i].batch[last] == given[i].matrix->batch_strides[d] * extent;
    }
    const int to = joins ? last : batch_rank++;
    extents[to] = joins ? extents[to] * extent : extent;
    for (int i = 0; i < operand_count; ++i) operands[i].batch[to] = given[i].matrix->batch_strides[d];
  }
}

char *LinalgProblem::address(int operand, void *const *slots, int64_t matrix) const {
  const LinalgMatrices &at = operands[operand];
  if (!at.wanted) return nullptr;
  int64_t elements = 0;
  for (int d = batch_rank - 1; d > 0; --d) {
    elements += matrix % extents[d] * at.batch[d];
    matrix /= extents[d];
  }
  elements += matrix * at.batch[0];
  return static_cast<char *>(slots[at.slot]) + at.offset + elements * at.element_bytes;
}

double LinalgProblem::flops() const {
  const double rows = static_cast<double>(m);
  const double size = static_cast<double>(n);
  const double columns = static_cast<double>(k);
  const double least = std::min(rows, size);
  switch (kind) {
    case LS_LINALG_CHOLESKY:
      return size * size * size / 3;
    case LS_LINALG_TRIANGULAR_SOLVE:
      return size * size * columns;
    case LS_LINALG_LU:
      return rows * size * least - (rows + size) * least * least / 2 + least * least * least / 3;
    case LS_LINALG_LU_SOLVE:
      return 2 * size * size * columns;
    case LS_LINALG_QR:
      return 4 * rows * size * std::max(least, columns);
    case LS_LINALG_EIGH:
      return 9 * size * size * size;
    case LS_LINALG_SVD:
      return 14 * rows * size * least + 8 * least * least * least;
    default:
      return 25 * size * size * size;
  }
}

std::string LinalgProblem::to_string() const {
  std::string text = linalg_name(kind);
  text.append(" ").append(dtype_name(dtype)).append(" ");
  if (batch_rank > 0) text.append(std::to_string(count)).append(" x ");
  const int64_t shape[] = {operands[0].rows, operands[0].columns};
  text.append("[").append(list_text(shape, 2)).append("]");
  if (kind == LS_LINALG_TRIANGULAR_SOLVE || kind == LS_LINALG_LU_SOLVE) {
    const int64_t right[] = {n, k};
    text.append("·[").append(list_text(right, 2)).append("]");
  }
  return text;
}

LinalgParts::LinalgParts(int64_t matrices, int64_t group, double nanoseconds_per_matrix) {
  const double work = nanoseconds_per_matrix * static_cast<double>(matrices);
  const int64_t wanted =
      work < kWorthThreads ? 1 : static_cast<int64_t>(std::min<double>(kMostParts, work / kWorkOfPart));
  size = divide_up(divide_up(std::max<int64_t>(matrices, 1), std::max<int64_t>(wanted, 1)), group) * group;
  count = divide_up(matrices, size);
}

}  // namespace lockstep
