#include "cpu/isa/matmul_multiply.h"

namespace lockstep::LS_ISA {

const MatmulKernels &matmul_kernels_i64() { return kMatmulKernels<uint64_t>; }

}  // namespace lockstep::LS_ISA
