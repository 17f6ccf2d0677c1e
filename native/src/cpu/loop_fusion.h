// A loop's instructions as the interpreter sees them: constants followed, and products folded into the sums they feed.
#pragma once

#include <cstdint>
#include <vector>

#include "cpu/loop_kernels.h"
#include "lockstep/lockstep.h"

namespace lockstep {

// How often a value changes.
enum class Rate { once, tile, element };

struct LoopInstruction {
  int32_t op;  // ls_op or TileOp
  int32_t dtype;
  int32_t result;
  int32_t operands[3];  // value numbers, -1 for unused
  int32_t value;        // the number of what it computes
};

// Rewrites a * b + c, a * b - c, c - a * b, -(a * b), sums with a negated operand, and a cast to bf16 and back, where
// the inner value has no other use. No result changes by a bit. `rates` and `uses` have an entry for each value; uses
// counts instructions and results.
void fuse_instructions(std::vector<LoopInstruction> &instructions, const std::vector<Rate> &rates,
                       std::vector<int> &uses);

}  // namespace lockstep
