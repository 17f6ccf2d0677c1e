// What the implementations by oneDNN and OpenBLAS have in common: the products they refuse.
#pragma once

#include <optional>
#include <string>

#include "cpu/matmul_problem.h"
#include "cpu/matmul_work.h"

namespace lockstep {

// Why no library takes the problem: too small for parts of that size, on which alone it beats our tiles, or a stride
// that needs packing.
std::optional<std::string> refused_by_libraries(const MatmulProblem &problem, const MatmulSplit &split);

// The latter alone.
std::optional<std::string> refused_strides(const MatmulProblem &problem);

}  // namespace lockstep
