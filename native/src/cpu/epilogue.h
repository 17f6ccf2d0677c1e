// A loop over the elements of a step's result, which runs on each part of the result as that is finished: on the thread
// that has written it, while it is still in that core's caches.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <vector>

#include "lockstep/lockstep.h"
#include "plan/step.h"

namespace lockstep {

class Epilogue {
 public:
  // The loop has no reductions and no operand of LS_SLOT_INDEX, and parts run at once (fits_a_part).
  explicit Epilogue(const ls_loop &loop);

  // Readies runs on parts of these extents, one a dimension of the loop.
  void prepare(const int64_t *extents);

  // Runs on the part that begins at `first` and has extents that were prepared.
  void run(const int64_t *first, const int64_t *extents, void *const *slots) const;

  // " + epilogue of 3 ops, 2 results", for a step's describe().
  static std::string describe(const ls_loop &loop);

 private:
  // Operands in one place are one slot of the parts' loops, so that these see what is written over what is read.
  struct Place {
    int32_t slot;
    int64_t offset;
    std::array<int64_t, LS_MAX_RANK> steps;  // bytes
  };
  struct Part {
    std::array<int64_t, LS_MAX_RANK> extents;
    std::unique_ptr<Step> loop;
  };

  void place(ls_operand &operand);
  const Part *find(const int64_t *extents) const;

  ls_loop loop_;
  std::vector<ls_operand> inputs_;
  std::vector<ls_instruction> instructions_;
  std::vector<ls_result> results_;
  std::vector<Place> places_;
  std::vector<Part> parts_;
};

// Nanoseconds that the loop takes on one thread if all that it touches is in the caches.
double epilogue_nanoseconds(const ls_loop &loop);

// Whether the loop can run inside another step: it needs no scratch memory of its own.
bool fits_a_part(const ls_loop &loop);

// Runs one step, then the loop over the whole result.
std::unique_ptr<Step> make_step_then_loop(std::unique_ptr<Step> step, const ls_loop &loop, const std::string &why);

}  // namespace lockstep
