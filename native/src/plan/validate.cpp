#include "plan/validate.h"

#include <algorithm>
#include <string>

#include "plan/dtype.h"
#include "plan/instruction_types.h"
#include "plan/operands.h"
#include "plan/reach.h"

namespace lockstep {
namespace {

void validate_result(const ls_loop &loop, int32_t number, const std::vector<int32_t> &values,
                     const std::vector<Slot> &slots) {
  const ls_result &result = loop.results[number];
  std::string what = "loop: result " + std::to_string(number);
  if (result.value < 0 || result.value >= static_cast<int64_t>(values.size())) {
    invalid(what + ": expected a value from 0 to " + std::to_string(values.size() - 1) + ", got " +
            std::to_string(result.value));
  }
  if (result.reduce < LS_REDUCE_NONE || result.reduce > LS_REDUCE_MIN) {
    invalid(what + ": expected a reduction from 0 to 4, got " + std::to_string(result.reduce));
  }
  require_dtype(what, result.to.dtype);
  int32_t dtype = values[result.value];
  if (result.to.dtype != dtype) {
    invalid(what + ": value " + std::to_string(result.value) + " is " + dtype_name(dtype) +
            " and cannot be stored as " + dtype_name(result.to.dtype) + ". Add a CAST.");
  }
  if (result.reduce != LS_REDUCE_NONE && dtype == LS_BF16) {
    invalid(what + ": bf16 cannot be reduced. Add a CAST to f32.");
  }
  int32_t rank = result.reduce == LS_REDUCE_NONE ? loop.rank : loop.rank - loop.reduce_rank;
  require_writable(view_of(what, result.to, rank, loop.extents), slots);
}

View matrix_view(const char *name, const ls_matrix &matrix, int32_t dtype, const ls_matmul &matmul, int64_t rows,
                 int64_t columns, int64_t (&extents)[LS_MAX_RANK + 2], int64_t (&strides)[LS_MAX_RANK + 2]) {
  int32_t rank = matmul.batch_rank;
  std::copy_n(matmul.batch, rank, extents);
  std::copy_n(matrix.batch_strides, rank, strides);
  extents[rank] = rows;
  extents[rank + 1] = columns;
  strides[rank] = matrix.row_stride;
  strides[rank + 1] = matrix.column_stride;
  return {std::string("matmul: ") + name, matrix.slot, dtype, matrix.offset, rank + 2, extents, strides};
}

}  // namespace

void validate_loop(const ls_loop &loop, const std::vector<Slot> &slots) {
  require_rank("loop: rank", loop.rank, LS_MAX_RANK);
  require_rank("loop: reduce_rank", loop.reduce_rank, loop.rank);
  require_array("loop: inputs", loop.n_inputs, loop.inputs);
  require_array("loop: instructions", loop.n_instructions, loop.instructions);
  require_array("loop: results", loop.n_results, loop.results);
  if (loop.n_results == 0) invalid("loop: expected at least one result, got none");
  count_elements("loop", loop.extents, loop.rank);

  std::vector<int32_t> values;
  for (int32_t i = 0; i < loop.n_inputs; ++i) {
    require_source(view_of("loop: input " + std::to_string(i), loop.inputs[i], loop.rank, loop.extents), slots);
    values.push_back(loop.inputs[i].dtype);
  }
  for (int32_t i = 0; i < loop.n_instructions; ++i) {
    require_typed(i, loop.instructions[i], values);
    values.push_back(loop.instructions[i].result);
  }
  for (int32_t i = 0; i < loop.n_results; ++i) validate_result(loop, i, values, slots);
}

void validate_matmul(const ls_matmul &matmul, const std::vector<Slot> &slots) {
  require_rank("matmul: batch_rank", matmul.batch_rank, LS_MAX_RANK);
  require_dtype("matmul", matmul.dtype);
  int64_t work[LS_MAX_RANK + 3];
  std::copy_n(matmul.batch, matmul.batch_rank, work);
  work[matmul.batch_rank] = matmul.m;
  work[matmul.batch_rank + 1] = matmul.n;
  work[matmul.batch_rank + 2] = matmul.k;
  count_elements("matmul: batch, m, n, k", work, matmul.batch_rank + 3);

  int64_t extents[LS_MAX_RANK + 2];
  int64_t strides[LS_MAX_RANK + 2];
  require_readable(matrix_view("a", matmul.a, matmul.dtype, matmul, matmul.m, matmul.k, extents, strides), slots);
  require_readable(matrix_view("b", matmul.b, matmul.dtype, matmul, matmul.k, matmul.n, extents, strides), slots);
  const View c = matrix_view("c", matmul.c, matmul.dtype, matmul, matmul.m, matmul.n, extents, strides);
  require_writable(c, slots);
  if (matmul.epilogue != nullptr) validate_epilogue("matmul", *matmul.epilogue, c, slots);
}

void validate_copy(const ls_copy &copy, const std::vector<Slot> &slots) {
  require_rank("copy: rank", copy.rank, LS_MAX_RANK);
  count_elements("copy", copy.extents, copy.rank);
  require_source(view_of("copy: from", copy.from, copy.rank, copy.extents), slots);
  require_one_dtype("copy", copy.from, copy.to);
  require_writable(view_of("copy: to", copy.to, copy.rank, copy.extents), slots);
}

}  // namespace lockstep
