#include "cpu/matmul_problem.h"

#include <algorithm>
#include <cstdlib>
#include <utility>
#include <vector>

#include "plan/dtype.h"

namespace lockstep {
namespace {

MatmulOperand operand_from(const ls_matrix &matrix, int batch_rank) {
  MatmulOperand operand = {matrix.slot, matrix.offset, matrix.row_stride, matrix.column_stride, {}};
  std::copy_n(matrix.batch_strides, batch_rank, operand.batch.begin());
  return operand;
}

MatmulOperand operand_from(const ls_operand &operand, int batch_rank) {
  MatmulOperand result = {
      operand.slot, operand.offset, operand.strides[batch_rank], operand.strides[batch_rank + 1], {}};
  std::copy_n(operand.strides, batch_rank, result.batch.begin());
  return result;
}

void take_epilogue(const ls_loop &epilogue, MatmulProblem &p) {
  p.epilogue = &epilogue;
  for (int32_t i = 0; i < epilogue.n_inputs; ++i) {
    MatmulOperand operand = operand_from(epilogue.inputs[i], p.batch_rank);
    if (epilogue.inputs[i].slot < 0) operand.row = operand.column = 0, operand.batch = {};
    p.epilogue_operands.push_back(operand);
  }
  for (int32_t i = 0; i < epilogue.n_results; ++i) {
    p.epilogue_operands.push_back(operand_from(epilogue.results[i].to, p.batch_rank));
  }
}

// The operands of the epilogue first: those of the product are the last three.
std::vector<MatmulOperand *> operands_of(MatmulProblem &problem) {
  std::vector<MatmulOperand *> operands;
  for (MatmulOperand &operand : problem.epilogue_operands) operands.push_back(&operand);
  operands.insert(operands.end(), {&problem.c, &problem.a, &problem.b});
  return operands;
}

// Those over c's dimensions.
std::vector<MatmulOperand *> results_of(MatmulProblem &problem) {
  std::vector<MatmulOperand *> operands = operands_of(problem);
  operands.resize(operands.size() - 2);
  return operands;
}

void remove_batch_dimension(MatmulProblem &problem, int dimension) {
  const std::vector<MatmulOperand *> operands = operands_of(problem);
  for (int d = dimension; d + 1 < problem.batch_rank; ++d) {
    problem.extents[d] = problem.extents[d + 1];
    for (MatmulOperand *operand : operands) operand->batch[d] = operand->batch[d + 1];
  }
  --problem.batch_rank;
}

// Whether a dimension of this extent can be read as part of the rows or columns (their count, each operand's stride),
// that is as slower ones or as faster ones; the joined ones' count and strides are then written back.
bool join(const std::vector<MatmulOperand *> &operands, int64_t extent, int d, int64_t &count,
          int64_t MatmulOperand::*stride) {
  bool slower = true;
  bool faster = true;
  for (const MatmulOperand *operand : operands) {
    slower = slower && operand->batch[d] == count * operand->*stride;
    faster = faster && operand->*stride == extent * operand->batch[d];
  }
  if (count != 1 && !slower && !faster) return false;
  if (count == 1 || !slower) {
    for (MatmulOperand *operand : operands) operand->*stride = operand->batch[d];
  }
  count *= extent;
  return true;
}

bool join_batch_to_rows_or_columns(MatmulProblem &p, int d) {
  if (p.extents[d] == 1) return true;
  std::vector<MatmulOperand *> operands = results_of(p);
  operands.push_back(&p.a);
  if (p.b.batch[d] == 0 && join(operands, p.extents[d], d, p.m, &MatmulOperand::row)) return true;
  operands.back() = &p.b;
  return p.a.batch[d] == 0 && join(operands, p.extents[d], d, p.n, &MatmulOperand::column);
}

void sort_batch(MatmulProblem &p) {
  const std::vector<MatmulOperand *> operands = operands_of(p);
  for (int d = 1; d < p.batch_rank; ++d) {
    for (int e = d; e > 0 && std::abs(p.c.batch[e - 1]) < std::abs(p.c.batch[e]); --e) {
      std::swap(p.extents[e - 1], p.extents[e]);
      for (MatmulOperand *operand : operands) std::swap(operand->batch[e - 1], operand->batch[e]);
    }
  }
}

bool join_to_next_batch_dimension(MatmulProblem &p, int d) {
  for (const MatmulOperand *operand : operands_of(p)) {
    if (operand->batch[d] != p.extents[d + 1] * operand->batch[d + 1]) return false;
  }
  p.extents[d + 1] *= p.extents[d];
  remove_batch_dimension(p, d);
  return true;
}

// A dimension of one element has any stride: take those of a dense matrix, so that tests for adjacency hold.
void set_strides_of_single_elements(MatmulProblem &p) {
  if (p.m == 1) {
    p.a.row = p.k;
    p.c.row = p.n;
  }
  if (p.n == 1) p.b.column = p.c.column = 1;
  if (p.k == 1) {
    p.a.column = 1;
    p.b.row = p.n;
  }
}

}  // namespace

int64_t MatmulProblem::element_bytes() const { return dtype_size(dtype); }

int64_t MatmulProblem::batch() const {
  int64_t product = 1;
  for (int d = 0; d < batch_rank; ++d) product *= extents[d];
  return product;
}

double MatmulProblem::bytes() const {
  const auto elements = [this](const MatmulOperand &operand, int64_t rows, int64_t columns) {
    double product = (operand.row == 0 ? 1.0 : rows) * (operand.column == 0 ? 1.0 : columns);
    for (int d = 0; d < batch_rank; ++d) product *= operand.batch[d] == 0 ? 1.0 : extents[d];
    return product;
  };
  return element_bytes() * (elements(a, m, k) + elements(b, k, n) + elements(c, m, n));
}

std::string MatmulProblem::to_string() const {
  std::string text = dtype_name(dtype);
  if (batch_rank > 0) text += ' ' + std::to_string(batch()) + " x";
  const std::string inner = std::to_string(k);
  return text + " [" + std::to_string(m) + ", " + inner + "]·[" + inner + ", " + std::to_string(n) + "]";
}

MatmulProblem transposed(const MatmulProblem &problem) {
  MatmulProblem result = problem;
  std::swap(result.m, result.n);
  std::swap(result.a, result.b);
  for (MatmulOperand *operand : operands_of(result)) std::swap(operand->row, operand->column);
  return result;
}

MatmulProblem simplify(const ls_matmul &matmul) {
  MatmulProblem p = {};
  p.dtype = static_cast<ls_dtype>(matmul.dtype);
  p.m = matmul.m;
  p.n = matmul.n;
  p.k = matmul.k;
  p.batch_rank = matmul.batch_rank;
  std::copy_n(matmul.batch, matmul.batch_rank, p.extents.begin());
  p.a = operand_from(matmul.a, matmul.batch_rank);
  p.b = operand_from(matmul.b, matmul.batch_rank);
  p.c = operand_from(matmul.c, matmul.batch_rank);
  if (matmul.epilogue != nullptr) take_epilogue(*matmul.epilogue, p);
  if (p.empty()) return p;

  sort_batch(p);
  for (int d = p.batch_rank - 1; d >= 0; --d) {
    if (!join_batch_to_rows_or_columns(p, d)) continue;
    remove_batch_dimension(p, d);
    d = p.batch_rank;
  }
  for (int d = p.batch_rank - 2; d >= 0; --d) join_to_next_batch_dimension(p, d);

  const bool vector = p.n == 1 && p.m > 1;
  const bool columns_far = p.m > 1 && p.n > 1 && p.c.column != 1 && p.c.row == 1;
  if (vector || columns_far) p = transposed(p);
  set_strides_of_single_elements(p);
  return p;
}

MatmulBatch::MatmulBatch(const MatmulProblem &problem, void *const *slots, int64_t first)
    : problem_(problem),
      element_bytes_(problem.element_bytes()),
      a_(static_cast<const char *>(slots[problem.a.slot]) + problem.a.offset),
      b_(static_cast<const char *>(slots[problem.b.slot]) + problem.b.offset),
      c_(static_cast<char *>(slots[problem.c.slot]) + problem.c.offset) {
  for (int d = problem.batch_rank - 1; d >= 0; --d) {
    index_[d] = first % problem.extents[d];
    first /= problem.extents[d];
    a_ += index_[d] * problem.a.batch[d] * element_bytes_;
    b_ += index_[d] * problem.b.batch[d] * element_bytes_;
    c_ += index_[d] * problem.c.batch[d] * element_bytes_;
  }
}

void MatmulBatch::next() {
  for (int d = problem_.batch_rank - 1; d >= 0; --d) {
    const int64_t steps = ++index_[d] < problem_.extents[d] ? 1 : 1 - problem_.extents[d];
    a_ += steps * problem_.a.batch[d] * element_bytes_;
    b_ += steps * problem_.b.batch[d] * element_bytes_;
    c_ += steps * problem_.c.batch[d] * element_bytes_;
    if (steps == 1) return;
    index_[d] = 0;
  }
}

}  // namespace lockstep
