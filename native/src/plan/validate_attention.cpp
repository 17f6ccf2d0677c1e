#include <algorithm>
#include <string>

#include "plan/dtype.h"
#include "plan/operands.h"
#include "plan/reach.h"
#include "plan/validate.h"

namespace lockstep {
namespace {

// The view of a matrix with its batch; holds what the view points to.
struct Matrices {
  View view;
  int64_t extents[LS_MAX_RANK + 2];
  int64_t strides[LS_MAX_RANK + 2];

  Matrices(const std::string &what, const ls_matrix &matrix, int32_t dtype, const ls_attention &of, int64_t rows,
           int64_t columns) {
    int32_t rank = of.batch_rank;
    std::copy_n(of.batch, rank, extents);
    std::copy_n(matrix.batch_strides, rank, strides);
    extents[rank] = rows;
    extents[rank + 1] = columns;
    strides[rank] = matrix.row_stride;
    strides[rank + 1] = matrix.column_stride;
    view = {what, matrix.slot, dtype, matrix.offset, rank + 2, extents, strides};
  }
  Matrices(const Matrices &) = delete;
  Matrices &operator=(const Matrices &) = delete;
};

void validate_operands(const std::string &what, const ls_attention &of, const std::vector<Slot> &slots) {
  require_rank(what + ": batch_rank", of.batch_rank, LS_MAX_RANK);
  require_dtype(what, of.dtype);
  if (of.dtype != LS_F32 && of.dtype != LS_F64 && of.dtype != LS_BF16) {
    invalid(what + ": expected f32, f64 or bf16, got " + dtype_name(of.dtype));
  }
  int64_t work[LS_MAX_RANK + 3];
  std::copy_n(of.batch, of.batch_rank, work);
  work[of.batch_rank] = of.queries;
  work[of.batch_rank + 1] = of.keys;
  work[of.batch_rank + 2] = of.dimension;
  count_elements(what + ": batch, queries, keys, dimension", work, of.batch_rank + 3);
  work[of.batch_rank + 2] = of.value_dimension;
  count_elements(what + ": batch, queries, keys, value_dimension", work, of.batch_rank + 3);

  require_readable(Matrices(what + ": q", of.q, of.dtype, of, of.queries, of.dimension).view, slots);
  require_readable(Matrices(what + ": k", of.k, of.dtype, of, of.keys, of.dimension).view, slots);
  require_readable(Matrices(what + ": v", of.v, of.dtype, of, of.keys, of.value_dimension).view, slots);
  if (of.mask.slot == LS_SLOT_NONE) return;
  if (of.mask_dtype != LS_BOOL && of.mask_dtype != of.dtype) {
    invalid(what + ": mask: expected bool or " + dtype_name(of.dtype) + ", got " + dtype_name(of.mask_dtype));
  }
  require_readable(Matrices(what + ": mask", of.mask, of.mask_dtype, of, of.queries, of.keys).view, slots);
}

}  // namespace

void validate_attention(const ls_attention &attention, const std::vector<Slot> &slots) {
  validate_operands("attention", attention, slots);
  require_writable(
      Matrices("attention: to", attention.to, attention.dtype, attention, attention.queries, attention.value_dimension)
          .view,
      slots);
}

void validate_attention_gradient(const ls_attention_gradient &gradient, const std::vector<Slot> &slots) {
  const std::string what = "attention gradient";
  const ls_attention &of = gradient.of;
  validate_operands(what, of, slots);
  require_readable(Matrices(what + ": ct", gradient.ct, of.dtype, of, of.queries, of.value_dimension).view, slots);
  bool wanted = false;
  auto require_result = [&](const char *name, const ls_matrix &matrix, int64_t rows, int64_t columns) {
    if (matrix.slot == LS_SLOT_NONE) return;
    wanted = true;
    require_writable(Matrices(what + ": " + name, matrix, of.dtype, of, rows, columns).view, slots);
  };
  require_result("dq", gradient.dq, of.queries, of.dimension);
  require_result("dk", gradient.dk, of.keys, of.dimension);
  require_result("dv", gradient.dv, of.keys, of.value_dimension);
  if (!wanted) invalid(what + ": expected at least one of dq, dk and dv, got none");
}

}  // namespace lockstep
