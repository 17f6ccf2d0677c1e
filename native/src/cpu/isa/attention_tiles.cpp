// Empty but for AVX-512, which processors with AMX have.
#if defined(__AVX512F__)

#include "cpu/isa/attention_tiles.h"

#include "cpu/isa/attention_gradient.h"

namespace lockstep::LS_ISA {

const AttentionKernels &attention_kernels_bf16_tiles() {
  static constexpr AttentionKernels kKernels = {
      kForwardRows,  tile_scratch,       forward_by_tiles,         gradient_scratch<BFloat16>,
      gradient_sums, gradient<BFloat16>, gradient_finish<BFloat16>};
  return kKernels;
}

}  // namespace lockstep::LS_ISA

#endif
