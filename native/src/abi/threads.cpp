#include "abi/guard.h"
#include "threads/pool.h"

ls_status ls_threads_set(int32_t threads) {
  return lockstep::guarded([&] { lockstep::set_threads(threads); });
}

int32_t ls_threads_get(void) { return lockstep::threads(); }
