#include "cpu/isa/matmul_dots.h"
#include "cpu/isa/matmul_lanes.h"
#include "cpu/isa/matmul_multiply.h"

namespace lockstep::LS_ISA {

const MatmulKernels &matmul_kernels_f64() {
  static constexpr MatmulKernels kKernels = {Simd<double>::kLanes, kMaxVectors,           kMaxRows,
                                             multiply<double>,     multiply_dots<double>, multiply_lanes<double>};
  return kKernels;
}

}  // namespace lockstep::LS_ISA
