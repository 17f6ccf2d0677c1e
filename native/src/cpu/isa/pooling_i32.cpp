#include "cpu/isa/pooling_short.h"

namespace lockstep::LS_ISA {

const PoolingKernels &pooling_kernels_i32() {
  using T = int32_t;
  static constexpr PoolingKernels kKernels = {{{extreme<T>, reduce_scratch<T>}}};
  return kKernels;
}

}  // namespace lockstep::LS_ISA
