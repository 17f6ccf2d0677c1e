#include "cpu/isa/linalg_eigh.h"
#include "cpu/isa/linalg_factor.h"
#include "cpu/isa/linalg_solve.h"

namespace lockstep::LS_ISA {

const LinalgKernels &linalg_kernels_f32() {
  using T = float;
  static constexpr LinalgKernels kKernels = {Simd<T>::kLanes, cholesky<T>, triangular_solve<T>, lu<T>, lu_solve<T>,
                                             qr<T>,           eigh<T>};
  return kKernels;
}

}  // namespace lockstep::LS_ISA
