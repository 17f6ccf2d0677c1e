// A batch of linear algebra problems in its simplest form, as the implementations see it.
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "lockstep/lockstep.h"

namespace lockstep {

inline constexpr int kLinalgOperands = LS_LINALG_OPERANDS;

struct LinalgMatrices {
  bool wanted = false;  // false: no memory, or not one of the kind's operands
  int32_t slot = 0;
  int64_t element_bytes = 0;
  int64_t offset = 0;  // bytes
  int64_t rows = 0;
  int64_t columns = 0;
  int64_t row = 0;  // strides in elements
  int64_t column = 0;
  std::array<int64_t, LS_MAX_RANK> batch{};
};

struct LinalgProblem {
  // Batch dimensions of extent 1 are gone, and adjacent ones are one where all operands' strides allow.
  explicit LinalgProblem(const ls_linalg &linalg);

  int32_t kind;
  int32_t dtype;
  int32_t flags;
  int64_t m, n, k;
  int batch_rank = 0;
  std::array<int64_t, LS_MAX_RANK> extents{};
  int64_t count = 1;  // matrices
  std::array<LinalgMatrices, kLinalgOperands> operands;

  bool has(int32_t flag) const { return (flags & flag) != 0; }
  char *address(int operand, void *const *slots, int64_t matrix) const;
  // Arithmetic operations for one matrix, about.
  double flops() const;
  // "cholesky f64 1000 x [8, 8]"
  std::string to_string() const;
};

// How the matrices are shared out in parts, each of them a multiple of `group` but for the last.
struct LinalgParts {
  LinalgParts(int64_t count, int64_t group, double nanoseconds_per_matrix);

  int64_t size;
  int64_t count;
};

}  // namespace lockstep
