#include "cpu/isa/attention_forward.h"
#include "cpu/isa/attention_gradient.h"

namespace lockstep::LS_ISA {

const AttentionKernels &attention_kernels_f32() {
  static constexpr AttentionKernels kKernels = {
      kForwardRows,  forward_scratch<float>, forward<float>,        gradient_scratch<float>,
      gradient_sums, gradient<float>,        gradient_finish<float>};
  return kKernels;
}

}  // namespace lockstep::LS_ISA
