#include "cpu/isa/matmul_dots.h"
#include "cpu/isa/matmul_lanes.h"
#include "cpu/isa/matmul_multiply.h"

namespace lockstep::LS_ISA {

const MatmulKernels &matmul_kernels_f32() {
  static constexpr MatmulKernels kKernels = {Simd<float>::kLanes, kMaxVectors,          kMaxRows,
                                             multiply<float>,     multiply_dots<float>, multiply_lanes<float>};
  return kKernels;
}

}  // namespace lockstep::LS_ISA
