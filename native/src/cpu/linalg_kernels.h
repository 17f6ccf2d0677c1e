// Linear algebra on small matrices, a vector lane each: the elements [i, j] of some matrices are one vector. One table
// for each instruction set (cpu/isa.h).
#pragma once

#include <cstdint>

#include "cpu/linalg_problem.h"

namespace lockstep {

inline constexpr int kMostLanes = 16;
inline constexpr int64_t kLargestForLanes = 32;
inline constexpr int64_t kLargestEigh = 64;

// Up to `lanes` matrices. Where there are fewer, the other lanes' addresses are those of the first, and are not
// written.
struct LinalgLanes {
  int64_t m, n, k;
  int32_t flags;
  int matrices;
  struct Operand {
    int64_t row, column;   // strides in elements
    char *at[kMostLanes];  // null: not wanted
  } operands[kLinalgOperands];
};

using LinalgLanesKernel = void (*)(const LinalgLanes &lanes, void *scratch);

struct LinalgKernels {
  int64_t lanes;
  LinalgLanesKernel cholesky;
  LinalgLanesKernel triangular_solve;
  LinalgLanesKernel lu;
  LinalgLanesKernel lu_solve;
  LinalgLanesKernel qr;
  LinalgLanesKernel eigh;
};

namespace v2 {
const LinalgKernels &linalg_kernels_f32();
const LinalgKernels &linalg_kernels_f64();
}  // namespace v2
namespace v3 {
const LinalgKernels &linalg_kernels_f32();
const LinalgKernels &linalg_kernels_f64();
}  // namespace v3
namespace v4 {
const LinalgKernels &linalg_kernels_f32();
const LinalgKernels &linalg_kernels_f64();
}  // namespace v4

// Those of this process.
const LinalgKernels &linalg_kernels(int32_t dtype);

}  // namespace lockstep
