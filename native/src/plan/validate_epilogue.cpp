#include <algorithm>
#include <string>

#include "abi/error.h"
#include "plan/dtype.h"
#include "plan/operands.h"
#include "plan/reach.h"
#include "plan/validate.h"

namespace lockstep {
namespace {

// What begins where the result does is the result, element by element.
void require_same_if_there(const std::string &what, const ls_operand &operand, const View &result) {
  if (operand.slot != result.slot || operand.offset != result.offset) return;
  bool same = operand.dtype == result.dtype;
  for (int32_t d = 0; d < result.rank; ++d) {
    same = same && (result.extents[d] <= 1 || operand.strides[d] == result.strides[d]);
  }
  if (!same) invalid(what + ": stands where the step's result does, with another dtype or other strides");
}

}  // namespace

void validate_epilogue(const std::string &step, const ls_loop &epilogue, const View &result,
                       const std::vector<Slot> &slots) {
  const std::string what = step + ": epilogue: ";
  if (epilogue.rank != result.rank || !std::equal(result.extents, result.extents + result.rank, epilogue.extents)) {
    invalid(what + "expected a loop over the result's dimensions [" + list_text(result.extents, result.rank) +
            "], got [" + list_text(epilogue.extents, std::min<int32_t>(epilogue.rank, LS_MAX_RANK)) + "]");
  }
  try {
    validate_loop(epilogue, slots);
  } catch (const Error &error) {
    invalid(what + error.what());
  }
  for (int32_t i = 0; i < epilogue.n_inputs; ++i) {
    if (epilogue.inputs[i].slot == LS_SLOT_INDEX) {
      invalid(what + "input " + std::to_string(i) + ": expected memory or a constant, got an index");
    }
    require_same_if_there(what + "input " + std::to_string(i), epilogue.inputs[i], result);
  }
  for (int32_t i = 0; i < epilogue.n_results; ++i) {
    if (epilogue.results[i].reduce != LS_REDUCE_NONE) {
      invalid(what + "result " + std::to_string(i) +
              ": expected no reduction, since a part of the result is not all of it. A loop of its own reduces.");
    }
    require_same_if_there(what + "result " + std::to_string(i), epilogue.results[i].to, result);
  }
}

}  // namespace lockstep
