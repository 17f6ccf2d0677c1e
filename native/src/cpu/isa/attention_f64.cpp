#include "cpu/isa/attention_forward.h"
#include "cpu/isa/attention_gradient.h"

namespace lockstep::LS_ISA {

const AttentionKernels &attention_kernels_f64() {
  static constexpr AttentionKernels kKernels = {
      kForwardRows,  forward_scratch<double>, forward<double>,        gradient_scratch<double>,
      gradient_sums, gradient<double>,        gradient_finish<double>};
  return kKernels;
}

}  // namespace lockstep::LS_ISA
