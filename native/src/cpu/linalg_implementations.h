// The implementations of linear algebra steps, best first; the first that does not refuse a problem takes it.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "cpu/linalg_problem.h"
#include "plan/step.h"

namespace lockstep {

struct LinalgImplementation {
  const char *name;
  std::optional<std::string> (*refuse)(const LinalgProblem &problem);
  std::unique_ptr<Step> (*make)(const LinalgProblem &problem, const std::string &description);
};

extern const LinalgImplementation kLinalgLanes;    // small matrices, a vector lane each
extern const LinalgImplementation kLinalgBlocked;  // one large Cholesky factor, its blocks shared out
extern const LinalgImplementation kLinalgLapack;   // LAPACK, a matrix a call

}  // namespace lockstep
