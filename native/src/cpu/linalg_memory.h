// Strided matrices to and from LAPACK's layout: adjacent columns, one after the other.
#pragma once

#include <cmath>
#include <cstdint>
#include <limits>

#include "cpu/copy.h"
#include "cpu/linalg_problem.h"

namespace lockstep {

// One matrix of a batch in memory.
template <typename T>
struct StridedMatrix {
  char *address;  // null: not wanted
  int64_t rows, columns;
  int64_t row, column;  // strides in elements

  StridedMatrix(const LinalgProblem &problem, int operand, void *const *slots, int64_t matrix)
      : address(problem.address(operand, slots, matrix)),
        rows(problem.operands[operand].rows),
        columns(problem.operands[operand].columns),
        row(problem.operands[operand].row),
        column(problem.operands[operand].column) {}

  StridedMatrix(char *address, int64_t rows, int64_t columns, int64_t row, int64_t column)
      : address(address), rows(rows), columns(columns), row(row), column(column) {}

  T *begin() const { return reinterpret_cast<T *>(address); }
};

// Element [i, j] of `to` = that of `from`; strides in elements.
template <typename T>
void copy_matrix(const StridedMatrix<T> &to, const StridedMatrix<T> &from) {
  constexpr int64_t kBytes = sizeof(T);
  if (to.address == nullptr || to.rows == 0 || to.columns == 0) return;
  // A block's columns are the destination's adjacent elements.
  const bool by_columns = to.column != 1 && to.rows > 1;
  const CopyBlock block = {to.address,
                           from.address,
                           by_columns ? to.columns : to.rows,
                           by_columns ? to.rows : to.columns,
                           (by_columns ? to.column : to.row) * kBytes,
                           (by_columns ? to.row : to.column) * kBytes,
                           (by_columns ? from.column : from.row) * kBytes,
                           (by_columns ? from.row : from.column) * kBytes};
  copy_block(choose_copy_kernel(kBytes, block), kBytes, block);
}

template <typename T>
void to_columns(T *to, const StridedMatrix<T> &from) {
  copy_matrix<T>({reinterpret_cast<char *>(to), from.rows, from.columns, 1, from.rows}, from);
}

template <typename T>
void from_columns(const StridedMatrix<T> &to, T *from) {
  copy_matrix<T>(to, {reinterpret_cast<char *>(from), to.rows, to.columns, 1, to.rows});
}

// Column-major a becomes (a + a^T) / 2.
template <typename T>
void symmetrize(T *a, int64_t n) {
  for (int64_t j = 0; j < n; ++j) {
    for (int64_t i = j + 1; i < n; ++i) {
      const T mean = (a[i + j * n] + a[j + i * n]) * static_cast<T>(0.5);
      a[i + j * n] = mean;
      a[j + i * n] = mean;
    }
  }
}

// False also for NaN, which LAPACK's Cholesky factorisation lets pass.
template <typename T>
bool positive_diagonal(const T *a, int64_t n, int64_t leading) {
  for (int64_t i = 0; i < n; ++i) {
    if (!(a[i + i * leading] > 0)) return false;
  }
  return true;
}

template <typename T>
bool all_finite(const T *values, int64_t count) {
  // Differs from 0 only if some value is infinite or NaN.
  T sum = 0;
  for (int64_t i = 0; i < count; ++i) sum += values[i] * 0;
  return sum == 0;
}

template <typename T>
void fill(T *values, int64_t count, T value) {
  for (int64_t i = 0; i < count; ++i) values[i] = value;
}

template <typename T>
void fill_nan(T *values, int64_t count) {
  fill(values, count, std::numeric_limits<T>::quiet_NaN());
}

}  // namespace lockstep
