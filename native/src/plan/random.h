#pragma once

#include "lockstep/lockstep.h"
#include "plan/blocks.h"

namespace lockstep {

// Throws Error (LS_INVALID_ARGUMENT).
void validate_random(const ls_random &random, Blocks &blocks);

}  // namespace lockstep
