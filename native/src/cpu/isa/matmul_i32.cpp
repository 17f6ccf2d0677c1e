#include "cpu/isa/matmul_dots.h"
#include "cpu/isa/matmul_lanes.h"
#include "cpu/isa/matmul_multiply.h"

namespace lockstep::LS_ISA {

const MatmulKernels &matmul_kernels_i32() {
  static constexpr MatmulKernels kKernels = {
      Simd<uint32_t>::kLanes,  kMaxVectors, kMaxRows, multiply<uint32_t>, multiply_dots<uint32_t>,
      multiply_lanes<uint32_t>};
  return kKernels;
}

}  // namespace lockstep::LS_ISA
