// Chooses the implementation of a linear algebra step.
#include "cpu/linalg_implementations.h"

namespace lockstep {
namespace {

constexpr const LinalgImplementation *kBestFirst[] = {&kLinalgLanes, &kLinalgBlocked, &kLinalgLapack};

}  // namespace

std::unique_ptr<Step> make_linalg_step(const ls_linalg &linalg) {
  const LinalgProblem problem(linalg);
  std::string refusals;
  for (const LinalgImplementation *implementation : kBestFirst) {
    const std::optional<std::string> refusal = implementation->refuse(problem);
    if (!refusal) {
      return implementation->make(problem, problem.to_string() + ": " + implementation->name + refusals);
    }
    refusals += std::string(refusals.empty() ? "; not " : ", not ") + implementation->name + " (" + *refusal + ")";
  }
  return nullptr;
}

}  // namespace lockstep
