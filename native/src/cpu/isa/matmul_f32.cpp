#include "cpu/isa/matmul_multiply.h"

namespace lockstep::LS_ISA {

const MatmulKernels &matmul_kernels_f32() { return kMatmulKernels<float>; }

}  // namespace lockstep::LS_ISA
