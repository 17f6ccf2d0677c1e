// A loop's description with arrays of its own.
#pragma once

#include <vector>

#include "lockstep/lockstep.h"

namespace lockstep {

class LoopCopy {
 public:
  explicit LoopCopy(const ls_loop &loop)
      : inputs(loop.inputs, loop.inputs + loop.n_inputs),
        results(loop.results, loop.results + loop.n_results),
        loop_(loop),
        instructions_(loop.instructions, loop.instructions + loop.n_instructions) {}

  // Valid until this is changed or gone.
  ls_loop descriptor() const {
    ls_loop loop = loop_;
    loop.inputs = inputs.data();
    loop.instructions = instructions_.data();
    loop.results = results.data();
    return loop;
  }

  int64_t *extents() { return loop_.extents; }

  std::vector<ls_operand> inputs;
  std::vector<ls_result> results;

 private:
  ls_loop loop_;
  std::vector<ls_instruction> instructions_;
};

}  // namespace lockstep
