#include "cpu/isa/pooling_matches.h"
#include "cpu/isa/pooling_spread.h"

namespace lockstep::LS_ISA {

const PoolingKernels &pooling_kernels_f64() {
  using T = double;
  static constexpr PoolingKernels kKernels = {{{extreme<T>, reduce_scratch<T>},
                                               {mean<T>, reduce_scratch<T>},
                                               {take<T>, take_scratch<T>},
                                               {put<T>, put_scratch<T>},
                                               {spread<T>, spread_scratch<T>}}};
  return kKernels;
}

}  // namespace lockstep::LS_ISA
