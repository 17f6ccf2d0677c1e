#include "cpu/isa/attention_forward.h"
#include "cpu/isa/attention_gradient.h"

namespace lockstep::LS_ISA {

const AttentionKernels &attention_kernels_bf16() {
  static constexpr AttentionKernels kKernels = {
      kForwardRows,  forward_scratch<BFloat16>, forward<BFloat16>,        gradient_scratch<BFloat16>,
      gradient_sums, gradient<BFloat16>,        gradient_finish<BFloat16>};
  return kKernels;
}

}  // namespace lockstep::LS_ISA
