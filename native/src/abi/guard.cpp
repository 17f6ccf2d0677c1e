#include "abi/guard.h"

#include <algorithm>
#include <cstring>
#include <new>

namespace lockstep {
namespace {

// A fixed buffer, since recording must also work when there is no memory left.
constexpr size_t kCapacity = 4096;
thread_local char last_error[kCapacity] = "";

void record(const char *text) {
  size_t length = std::min(std::strlen(text), kCapacity - 1);
  std::memcpy(last_error, text, length);
  last_error[length] = '\0';
}

}  // namespace

ls_status record_failure() noexcept {
  try {
    throw;
  } catch (const Error &error) {
    record(error.what());
    return error.status();
  } catch (const std::bad_alloc &) {
    record("out of memory: the system refused memory for Lockstep's own structures");
    return LS_OUT_OF_MEMORY;
  } catch (const std::exception &error) {
    record(error.what());
    return LS_INTERNAL;
  } catch (...) {
    record("an exception of unknown type");
    return LS_INTERNAL;
  }
}

void throw_null(const char *function, const char *argument) {
  throw Error(LS_INVALID_ARGUMENT, std::string(function) + ": expected an address for " + argument + ", got NULL");
}

}  // namespace lockstep

const char *ls_last_error(void) { return lockstep::last_error; }
