// What steps by oneDNN share: its engine, its errors as ours, and that its OpenMP never starts threads of its own.
#pragma once

#include <omp.h>

#include <oneapi/dnnl/dnnl.hpp>
#include <string>

#include "abi/error.h"
#include "cpu/isa.h"

namespace lockstep::onednn {

// OpenMP on the calling thread is left as the caller had it.
class OneOpenMpThread {
 public:
  OneOpenMpThread() : before_(omp_get_max_threads()) {
    if (before_ != 1) omp_set_num_threads(1);
  }
  ~OneOpenMpThread() {
    if (before_ != 1) omp_set_num_threads(before_);
  }
  OneOpenMpThread(const OneOpenMpThread &) = delete;
  OneOpenMpThread &operator=(const OneOpenMpThread &) = delete;

 private:
  int before_;
};

template <typename Body>
auto with_errors_of_lockstep(const char *what, Body &&body) {
  try {
    const OneOpenMpThread one_thread;
    return body();
  } catch (const dnnl::error &error) {
    const ls_status status = error.status == dnnl_out_of_memory ? LS_OUT_OF_MEMORY : LS_INTERNAL;
    throw Error(status, std::string(what) + ": oneDNN failed: " + error.what());
  }
}

inline const dnnl::engine *create_engine() {
  // For tests of older processors. Where oneDNN has chosen already, that stays.
  if (isa() == Isa::v3) dnnl::set_max_cpu_isa(dnnl::cpu_isa::avx2);
  if (isa() == Isa::v2) dnnl::set_max_cpu_isa(dnnl::cpu_isa::sse41);
  return new dnnl::engine(dnnl::engine::kind::cpu, 0);
}

inline const dnnl::engine &engine() {
  // Never destroyed: threads may still compute while the process ends.
  static const dnnl::engine *const the_engine = create_engine();
  return *the_engine;
}

// Whether the processor multiplies bf16.
inline bool has_bf16() {
  constexpr int needed = dnnl_cpu_isa_avx512_core_bf16;
  engine();
  return (static_cast<int>(dnnl::get_effective_cpu_isa()) & needed) == needed;
}

}  // namespace lockstep::onednn
