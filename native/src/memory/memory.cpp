#include "memory/memory.h"

#include <atomic>
#include <cstdlib>
#include <string>

#include "abi/error.h"
#include "memory/large_blocks.h"
#include "memory/pool_cap.h"
#include "memory/size_class.h"
#include "memory/thread_cache.h"

namespace lockstep::memory {
namespace {

struct alignas(64) Counters {
  std::atomic<int64_t> live{0};
  std::atomic<int64_t> peak{0};
  std::atomic<int64_t> limit{0};
};

Counters counters;

// Beyond any address space; it also keeps the arithmetic below far from overflow.
constexpr int64_t kMostBytes = int64_t{1} << 46;

[[noreturn]] void throw_over_limit(int64_t bytes, const char *user, int64_t live, int64_t limit) {
  throw Error(LS_OUT_OF_MEMORY, std::string(user) + ": " + std::to_string(bytes) +
                                    " bytes do not fit: " + std::to_string(live) + " are live and the limit is " +
                                    std::to_string(limit) + ". Raise it with ls_memory_set_limit, or free something.");
}

[[noreturn]] void throw_refused(int64_t bytes, const char *user) {
  throw Error(LS_OUT_OF_MEMORY, std::string(user) + ": the system refused " + std::to_string(bytes) + " bytes; " +
                                    std::to_string(counters.live.load(std::memory_order_relaxed)) +
                                    " are live, with no limit of Lockstep's own in the way.");
}

void count_live(int64_t bytes, const char *user) {
  int64_t limit = counters.limit.load(std::memory_order_relaxed);
  int64_t now;
  if (limit == 0) [[likely]] {
    now = counters.live.fetch_add(bytes, std::memory_order_relaxed) + bytes;
  } else {
    int64_t before = counters.live.load(std::memory_order_relaxed);
    do {
      if (bytes > limit - before) throw_over_limit(bytes, user, before, limit);
    } while (!counters.live.compare_exchange_weak(before, before + bytes, std::memory_order_relaxed));
    now = before + bytes;
  }
  int64_t peak = counters.peak.load(std::memory_order_relaxed);
  while (now > peak && !counters.peak.compare_exchange_weak(peak, now, std::memory_order_relaxed)) {
  }
}

#if defined(__SANITIZE_ADDRESS__)

void *take(ThreadCache *, size_t bytes) {
  void *address = nullptr;
  return posix_memalign(&address, kAlignment, bytes) == 0 ? address : nullptr;
}

bool give(ThreadCache *, void *address, size_t) {
  std::free(address);
  return true;
}

#else

void *take(ThreadCache *cache, size_t bytes) {
  if (bytes > kLargestListed) return take_large(bytes);
  int c = size_class(bytes);
  if (c < kCachedClasses && cache != nullptr) [[likely]]
    return cache->take(c);
  int count = 1;
  return take_shared(c, count);
}

bool give(ThreadCache *cache, void *address, size_t bytes) {
  if (bytes > kLargestListed) return give_large(address, bytes);
  int c = size_class(bytes);
  if (c < kCachedClasses && cache != nullptr) [[likely]] {
    cache->give(c, address);
    return true;
  }
  FreeBlock *block = static_cast<FreeBlock *>(address);
  block->next = nullptr;
  give_shared(c, block, 1);
  return true;
}

#endif

}  // namespace

void *allocate(int64_t bytes, const char *user) {
  if (bytes < 0) [[unlikely]] {
    throw Error(LS_INVALID_ARGUMENT, std::string(user) + ": expected 0 bytes or more, got " + std::to_string(bytes));
  }
  if (bytes > kMostBytes) [[unlikely]]
    throw_refused(bytes, user);
  count_live(bytes, user);
  ThreadCache *cache = ThreadCache::current();
  void *address = take(cache, static_cast<size_t>(bytes));
  if (address == nullptr) [[unlikely]] {
    trim();
    address = take(cache, static_cast<size_t>(bytes));
    if (address == nullptr) {
      counters.live.fetch_sub(bytes, std::memory_order_relaxed);
      throw_refused(bytes, user);
    }
  }
  ThreadCache::count_allocation(cache);
  return address;
}

void deallocate(void *address, int64_t bytes) {
  if (address == nullptr) return;
  ThreadCache *cache = ThreadCache::current();
  if (bytes < 0 || reinterpret_cast<uintptr_t>(address) % kAlignment != 0 ||
      !give(cache, address, static_cast<size_t>(bytes))) [[unlikely]] {
    throw Error(LS_INVALID_ARGUMENT, "memory free: expected an address that was allocated with this size, got " +
                                         std::to_string(reinterpret_cast<uintptr_t>(address)) + " with " +
                                         std::to_string(bytes) + " bytes");
  }
  counters.live.fetch_sub(bytes, std::memory_order_relaxed);
  ThreadCache::count_free(cache);
}

ls_memory_statistics statistics() {
  ThreadCache::Totals totals = ThreadCache::totals();
  ls_memory_statistics statistics{};
  statistics.live_bytes = counters.live.load(std::memory_order_relaxed);
  statistics.peak_bytes = counters.peak.load(std::memory_order_relaxed);
  statistics.pooled_bytes = totals.pooled_bytes + pooled().load(std::memory_order_relaxed);
  statistics.live_blocks = totals.live_blocks;
  statistics.allocations = totals.allocations;
  return statistics;
}

void reset_peak() { counters.peak.store(counters.live.load(std::memory_order_relaxed), std::memory_order_relaxed); }

void trim() {
  ThreadCache::trim();
  trim_large();
}

void set_limit(int64_t bytes) {
  if (bytes < 0) {
    throw Error(LS_INVALID_ARGUMENT,
                "memory limit: expected a number of bytes, or 0 for no limit; got " + std::to_string(bytes));
  }
  counters.limit.store(bytes, std::memory_order_relaxed);
}

}  // namespace lockstep::memory
