#include <algorithm>
#include <string>

#include "abi/error.h"
#include "plan/dtype.h"
#include "plan/operands.h"
#include "plan/reach.h"
#include "plan/validate.h"

namespace lockstep {

void validate_epilogue(const std::string &step, const ls_loop &epilogue, int32_t rank, const int64_t *extents,
                       const std::vector<Slot> &slots) {
  const std::string what = step + ": epilogue: ";
  if (epilogue.rank != rank || !std::equal(extents, extents + rank, epilogue.extents)) {
    invalid(what + "expected a loop over the result's dimensions [" + list_text(extents, rank) + "], got [" +
            list_text(epilogue.extents, std::min<int32_t>(epilogue.rank, LS_MAX_RANK)) + "]");
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
  }
  for (int32_t i = 0; i < epilogue.n_results; ++i) {
    if (epilogue.results[i].reduce != LS_REDUCE_NONE) {
      invalid(what + "result " + std::to_string(i) +
              ": expected no reduction, since a part of the result is not all of it. A loop of its own reduces.");
    }
  }
}

}  // namespace lockstep
