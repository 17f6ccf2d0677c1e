#include "cpu/isa/matmul_dots.h"
#include "cpu/isa/matmul_lanes.h"
#include "cpu/isa/matmul_multiply.h"

namespace lockstep::LS_ISA {

const MatmulKernels &matmul_kernels_i64() {
  static constexpr MatmulKernels kKernels = {
      Simd<uint64_t>::kLanes,  kMaxVectors, kMaxRows, multiply<uint64_t>, multiply_dots<uint64_t>,
      multiply_lanes<uint64_t>};
  return kKernels;
}

}  // namespace lockstep::LS_ISA
