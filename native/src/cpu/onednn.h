// What steps by oneDNN share: its engine, its errors as ours, and that its OpenMP never starts threads of its own.
#pragma once

#include <omp.h>

#include <oneapi/dnnl/dnnl.hpp>
#include <string>

#include "abi/error.h"

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

inline const dnnl::engine &engine() {
  // Never destroyed: threads may still compute while the process ends.
  static const auto *const the_engine = new dnnl::engine(dnnl::engine::kind::cpu, 0);
  return *the_engine;
}

}  // namespace lockstep::onednn
