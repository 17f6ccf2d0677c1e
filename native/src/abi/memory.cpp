#include "memory/memory.h"

#include "abi/guard.h"
#include "cpu/copy.h"

using lockstep::guarded;
using lockstep::require_not_null;

ls_status ls_memory_allocate(int64_t bytes, void **address) {
  return guarded([&] {
    require_not_null(address, "ls_memory_allocate", "address");
    *address = lockstep::memory::allocate(bytes, "memory allocate");
  });
}

ls_status ls_memory_free(void *address, int64_t bytes) {
  return guarded([&] { lockstep::memory::deallocate(address, bytes); });
}

ls_status ls_memory_copy(void *to, const void *from, int64_t bytes) {
  return guarded([&] {
    if (bytes < 0) {
      throw lockstep::Error(LS_INVALID_ARGUMENT, "memory copy: expected 0 bytes or more, got " + std::to_string(bytes));
    }
    if (bytes == 0) return;
    require_not_null(to, "ls_memory_copy", "to");
    require_not_null(from, "ls_memory_copy", "from");
    lockstep::copy_bytes(to, from, bytes);
  });
}

ls_status ls_memory_get_statistics(ls_memory_statistics *statistics) {
  return guarded([&] {
    require_not_null(statistics, "ls_memory_get_statistics", "statistics");
    *statistics = lockstep::memory::statistics();
  });
}

ls_status ls_memory_reset_peak(void) {
  return guarded([] { lockstep::memory::reset_peak(); });
}

ls_status ls_memory_trim(void) {
  return guarded([] { lockstep::memory::trim(); });
}

ls_status ls_memory_set_limit(int64_t bytes) {
  return guarded([&] { lockstep::memory::set_limit(bytes); });
}
