// The typing rules of a loop's instructions, as elementwise.def states them.
#pragma once

#include <cstdint>
#include <vector>

#include "lockstep/lockstep.h"

namespace lockstep {

// values: the dtypes of the values before this instruction. Throws Error (LS_INVALID_ARGUMENT) when the instruction's
// op, operands or dtypes are not as the op's domain and arity ask.
void require_typed(int32_t number, const ls_instruction &instruction, const std::vector<int32_t> &values);

}  // namespace lockstep
