// An estimate of a loop's time on one thread, from which its parallel chunks follow. It depends on nothing but the
// loop, so that the number of threads changes no result.
#pragma once

#include <cstdint>

#include "cpu/loop_program.h"
#include "lockstep/lockstep.h"

namespace lockstep {

struct LoopCost {
  double nanoseconds;
  int64_t bytes;       // of the operands, each element touched once
  int64_t operations;  // instructions and reductions, times elements
};

// What a loop without reductions computes for one element.
double nanoseconds_of_element(const ls_loop &loop);

LoopCost loop_cost(const ls_loop &loop, const LoopProgram &program);

}  // namespace lockstep
