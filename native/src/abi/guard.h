// The one place where exceptions become a status and a text: every function of lockstep.h that can fail runs inside it.
#pragma once

#include <string>

#include "abi/error.h"

namespace lockstep {

// Records the exception being handled as this thread's last error.
ls_status record_failure() noexcept;

template <typename Body>
ls_status guarded(Body &&body) noexcept {
  try {
    body();
    return LS_OK;
  } catch (...) {
    return record_failure();
  }
}

[[noreturn]] void throw_null(const char *function, const char *argument);

inline void require_not_null(const void *address, const char *function, const char *argument) {
  if (address == nullptr) [[unlikely]]
    throw_null(function, argument);
}

}  // namespace lockstep
