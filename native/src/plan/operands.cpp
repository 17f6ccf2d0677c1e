#include "plan/operands.h"

#include "plan/dtype.h"

namespace lockstep {

void require_rank(const std::string &what, int32_t rank, int32_t most) {
  if (rank < 0 || rank > most) {
    invalid(what + ": expected 0 to " + std::to_string(most) + ", got " + std::to_string(rank));
  }
}

void require_dtype(const std::string &what, int32_t dtype) {
  if (!is_dtype(dtype)) invalid(what + ": expected a dtype from 0 to 5, got " + std::to_string(dtype));
}

void require_array(const std::string &what, int32_t count, const void *array) {
  if (count < 0) invalid(what + ": expected a count of 0 or more, got " + std::to_string(count));
  if (count > 0 && array == nullptr) invalid(what + ": expected " + std::to_string(count) + " of them, got NULL");
}

View view_of(std::string what, const ls_operand &operand, int32_t rank, const int64_t *extents) {
  return {std::move(what), operand.slot, operand.dtype, operand.offset, rank, extents, operand.strides};
}

void require_source(const View &view, const std::vector<Slot> &slots) {
  require_dtype(view.what, view.dtype);
  if (view.slot == LS_SLOT_CONSTANT) return;
  if (view.slot != LS_SLOT_INDEX) return require_readable(view, slots);
  if (view.dtype == LS_BOOL || view.dtype == LS_BF16) {
    invalid(view.what + ": an index is i32, i64, f32 or f64, got " + dtype_name(view.dtype));
  }
  require_index_range(view);
}

void require_one_dtype(const std::string &what, const ls_operand &from, const ls_operand &to) {
  require_dtype(what + ": from", from.dtype);
  require_dtype(what + ": to", to.dtype);
  if (from.dtype != to.dtype) {
    invalid(what + ": expected one dtype, got from " + dtype_name(from.dtype) + " to " + dtype_name(to.dtype) +
            ". A loop with a CAST converts.");
  }
}

void require_computed_dtype(const std::string &what, int32_t dtype) {
  require_dtype(what, dtype);
  if (dtype == LS_BF16) invalid(what + ": bf16 is only stored and moved. Add a loop with a CAST to f32.");
}

}  // namespace lockstep
