#include "cpu/isa/matmul_multiply.h"

namespace lockstep::LS_ISA {

const MatmulKernels &matmul_kernels_i32() { return kMatmulKernels<uint32_t>; }

}  // namespace lockstep::LS_ISA
