// Counted, pooled memory for tensors, workspaces and scratch. Blocks are 64-byte aligned and never zeroed.
//
//   memory.cpp        the door: counting and the limit, then by size
//   size_class.h      how sizes are rounded (by less than a quarter)
//   thread_cache.cpp  up to 32 KB: free blocks of each thread, no lock
//   shared_lists.cpp  up to 2 MB: free blocks of all threads, one lock a size
//   large_blocks.cpp  from 2 MB on: mapped blocks with huge pages, kept mapped for reuse
//   pool_cap.h        how much all of these may keep
//
// Under AddressSanitizer nothing is pooled, so that it sees every use after free and every overrun.
#pragma once

#include <cstdint>

#include "lockstep/lockstep.h"

namespace lockstep::memory {

// Throws Error when the system or the limit refuses; `user` starts the text.
void *allocate(int64_t bytes, const char *user);

// `bytes` as when it was allocated. NULL is ignored.
void deallocate(void *address, int64_t bytes);

ls_memory_statistics statistics();
void reset_peak();

// Gives free blocks back to the system; other threads' cached ones when these threads next allocate, free or end.
void trim();

// 0: no limit.
void set_limit(int64_t bytes);

// A block that is given back at the end of its scope.
class Block {
 public:
  Block(int64_t bytes, const char *user) : bytes_(bytes), address_(bytes > 0 ? allocate(bytes, user) : nullptr) {}
  ~Block() {
    if (address_ != nullptr) deallocate(address_, bytes_);
  }
  Block(const Block &) = delete;
  Block &operator=(const Block &) = delete;

  char *get() const { return static_cast<char *>(address_); }

 private:
  int64_t bytes_;
  void *address_;
};

}  // namespace lockstep::memory
