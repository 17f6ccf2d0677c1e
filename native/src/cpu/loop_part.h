// A part of a loop's extents, as a loop of its own.
#pragma once

#include <memory>
#include <vector>

#include "lockstep/lockstep.h"
#include "plan/step.h"

namespace lockstep {

// Runs on one thread and needs no scratch memory. nullptr if it does need some, or if its sums would add up otherwise
// than those of the whole loop, a step of make_loop_step. past_caches: the results that are stored past the caches.
std::unique_ptr<Step> make_loop_part(const ls_loop &part, const Step &whole, const std::vector<bool> &past_caches);

}  // namespace lockstep
