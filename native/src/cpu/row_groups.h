// Finds the consecutive loops of a plan that run block by block of rows.
#pragma once

#include <memory>
#include <vector>

#include "cpu/loop_copy.h"
#include "plan/step.h"

namespace lockstep {

// A loop among the steps of a plan.
struct PlanLoop {
  size_t step;
  LoopCopy loop;
};

// Replaces loops by steps that run them together. loops: all of the plan, in the order of the steps.
void join_row_loops(std::vector<std::unique_ptr<Step>> &steps, const std::vector<PlanLoop> &loops, int32_t workspace);

}  // namespace lockstep
