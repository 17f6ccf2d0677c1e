// How many free bytes the shared lists and the large blocks may keep together: an eighth of the memory that the process
// may use, by the machine or by its container.
#pragma once

#include <atomic>
#include <cstdint>

namespace lockstep::memory {

int64_t pool_cap();

// Bytes kept now.
std::atomic<int64_t> &pooled();

}  // namespace lockstep::memory
