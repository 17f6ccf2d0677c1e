// A product of matrices in its simplest form, as the implementations see it.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "lockstep/lockstep.h"

namespace lockstep {

struct MatmulOperand {
  int32_t slot;
  int64_t offset;  // bytes
  int64_t row;     // strides in elements
  int64_t column;
  std::array<int64_t, LS_MAX_RANK> batch;
};

struct MatmulProblem {
  ls_dtype dtype;
  int64_t m, n, k;
  int batch_rank;
  std::array<int64_t, LS_MAX_RANK> extents;
  MatmulOperand a, b, c;
  const ls_loop *epilogue = nullptr;             // read while a step is made
  std::vector<MatmulOperand> epilogue_operands;  // its inputs, then its results, which walk as c does

  int64_t element_bytes() const;
  // What products are added up in: bf16's are f32.
  ls_dtype sum_dtype() const { return dtype == LS_BF16 ? LS_F32 : dtype; }
  int64_t batch() const;
  bool empty() const { return m == 0 || n == 0 || batch() == 0; }
  double flops() const { return 2.0 * static_cast<double>(batch()) * m * n * k; }
  // Of the operands' distinct elements.
  double bytes() const;
  // "f32 64 x [128, 256]·[256, 32]"
  std::string to_string() const;
};

// The same product in its simplest form: batch dimensions of extent 1 are gone; those along which one operand does not
// move have joined the rows or columns of the other where strides allow; adjacent ones are one. Where one layout of c
// has adjacent columns it is that one, by C^T = B^T A^T, and vectors (n == 1) are rows. Dimensions join only where
// those of the epilogue's operands do too.
MatmulProblem simplify(const ls_matmul &matmul);

// C^T = B^T A^T
MatmulProblem transposed(const MatmulProblem &problem);

// Walks the operands' addresses over the batch, from element `first`.
class MatmulBatch {
 public:
  MatmulBatch(const MatmulProblem &problem, void *const *slots, int64_t first);
  void next();

  const char *a() const { return a_; }
  const char *b() const { return b_; }
  char *c() const { return c_; }

 private:
  const MatmulProblem &problem_;
  int64_t element_bytes_;
  const char *a_;
  const char *b_;
  char *c_;
  std::array<int64_t, LS_MAX_RANK> index_;
};

}  // namespace lockstep
