#include "cpu/isa/matmul_dots.h"
#include "cpu/isa/matmul_lanes.h"
#include "cpu/isa/matmul_multiply.h"

namespace lockstep::LS_ISA {

const MatmulKernels &matmul_kernels_bf16() {
  static constexpr MatmulKernels kKernels = {
      Simd<float>::kLanes,     kMaxVectors, kMaxRows, multiply_stored_as<BFloat16>, multiply_dots<BFloat16>,
      multiply_lanes<BFloat16>};
  return kKernels;
}

}  // namespace lockstep::LS_ISA
