// Chooses the implementation of a product of matrices: the first in the list that does not refuse it.
#include <cstdio>

#include "cpu/matmul_implementations.h"

namespace lockstep {
namespace {

constexpr const MatmulImplementation *kBestFirst[] = {&kMatmulOuter,    &kMatmulDots,  &kMatmulLanes,    &kMatmulOneDnn,
                                                      &kMatmulOpenBlas, &kMatmulTiles, &kMatmulReference};

std::string work_of(const MatmulProblem &problem) {
  char text[64];
  std::snprintf(text, sizeof text, ", %.4g FLOPs, %.4g bytes", problem.flops(), problem.bytes());
  return problem.to_string() + text;
}

}  // namespace

std::unique_ptr<Step> make_matmul_step(const ls_matmul &matmul) {
  const MatmulProblem problem = simplify(matmul);
  std::string refusals;
  for (const MatmulImplementation *implementation : kBestFirst) {
    const std::optional<std::string> refusal = implementation->refuse(problem);
    if (!refusal) {
      const std::string name = std::string("matmul ") + implementation->name + ": ";
      return implementation->make(problem, name + work_of(problem) + refusals);
    }
    refusals += std::string(refusals.empty() ? "; not " : ", not ") + implementation->name + " (" + *refusal + ")";
  }
  return nullptr;
}

}  // namespace lockstep
