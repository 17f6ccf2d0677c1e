#include "cpu/openblas.h"

#include <cblas.h>

namespace lockstep {

void use_openblas_on_one_thread() {
  static const bool once = [] {
    openblas_set_num_threads(1);
    return true;
  }();
  static_cast<void>(once);
}

}  // namespace lockstep
