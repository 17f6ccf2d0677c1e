// The implementations of matmul. Each says in words why it does not take a problem, or nothing if it does.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "cpu/matmul_problem.h"
#include "plan/step.h"

namespace lockstep {

struct MatmulImplementation {
  const char *name;
  std::optional<std::string> (*refuse)(const MatmulProblem &problem);
  // `description` is the end of the step's describe(): shapes, work, and what earlier implementations said.
  std::unique_ptr<Step> (*make)(const MatmulProblem &problem, const std::string &description);
};

extern const MatmulImplementation kMatmulOuter;
extern const MatmulImplementation kMatmulDots;
extern const MatmulImplementation kMatmulLanes;
extern const MatmulImplementation kMatmulOneDnn;
extern const MatmulImplementation kMatmulOpenBlas;
extern const MatmulImplementation kMatmulTiles;
extern const MatmulImplementation kMatmulReference;

}  // namespace lockstep
