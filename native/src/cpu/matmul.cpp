// Chooses the implementation of a product of matrices: the first in the list that does not refuse it.
#include <cstdio>
#include <optional>

#include "cpu/epilogue.h"
#include "cpu/matmul_implementations.h"

namespace lockstep {
namespace {

constexpr const MatmulImplementation *kBestFirst[] = {&kMatmulOuter,    &kMatmulDots,  &kMatmulLanes,    &kMatmulOneDnn,
                                                      &kMatmulOpenBlas, &kMatmulTiles, &kMatmulReference};

std::string work_of(const MatmulProblem &problem) {
  char text[64];
  std::snprintf(text, sizeof text, ", %.4g FLOPs, %.4g bytes", problem.flops(), problem.bytes());
  const std::string epilogue = problem.epilogue == nullptr ? "" : Epilogue::describe(*problem.epilogue);
  return problem.to_string() + epilogue + text;
}

std::unique_ptr<Step> make_product(const MatmulProblem &problem) {
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

// Why the epilogue waits for the whole of c, or nothing if it runs on parts.
std::optional<std::string> refuse_parts(const MatmulProblem &with_epilogue, const MatmulProblem &product) {
  if (!fits_a_part(*with_epilogue.epilogue)) return "it has too many values";
  if (with_epilogue.batch_rank != product.batch_rank) return "its operands would keep the product in smaller pieces";
  return std::nullopt;
}

}  // namespace

std::unique_ptr<Step> make_matmul_step(const ls_matmul &matmul) {
  if (matmul.epilogue == nullptr) return make_product(simplify(matmul));
  ls_matmul plain = matmul;
  plain.epilogue = nullptr;
  const MatmulProblem with_epilogue = simplify(matmul);
  const MatmulProblem product = simplify(plain);
  if (const std::optional<std::string> why = refuse_parts(with_epilogue, product)) {
    return make_step_then_loop(make_product(product), *matmul.epilogue, *why);
  }
  return make_product(with_epilogue);
}

}  // namespace lockstep
