#include "cpu/isa/pooling_short.h"

namespace lockstep::LS_ISA {

const PoolingKernels &pooling_kernels_i64() {
  using T = int64_t;
  static constexpr PoolingKernels kKernels = {{{extreme<T>, reduce_scratch<T>}}};
  return kKernels;
}

}  // namespace lockstep::LS_ISA
