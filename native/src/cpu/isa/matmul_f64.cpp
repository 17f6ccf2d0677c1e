#include "cpu/isa/matmul_multiply.h"

namespace lockstep::LS_ISA {

const MatmulKernels &matmul_kernels_f64() { return kMatmulKernels<double>; }

}  // namespace lockstep::LS_ISA
