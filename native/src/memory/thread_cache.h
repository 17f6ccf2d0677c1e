// Free blocks of up to 32 KB that one thread keeps for itself, and that thread's share of the counters.
#pragma once

#include <atomic>
#include <cstdint>

#include "memory/shared_lists.h"

namespace lockstep::memory {

class ThreadCache {
 public:
  // The calling thread's; NULL when the thread is ending and has none any more.
  static ThreadCache *current() {
    ThreadCache *cache = current_;
    return cache != nullptr ? cache : start();
  }

  // NULL when the system has no memory.
  void *take(int size_class) {
    if (generation_ != newest_generation_.load(std::memory_order_relaxed)) [[unlikely]]
      empty();
    FreeBlock *block = first_[size_class];
    if (block == nullptr) [[unlikely]] {
      block = refill(size_class);
      if (block == nullptr) return nullptr;
    }
    first_[size_class] = block->next;
    --count_[size_class];
    add(pooled_, -static_cast<int64_t>(class_bytes(size_class)));
    return block;
  }

  void give(int size_class, void *address) {
    if (generation_ != newest_generation_.load(std::memory_order_relaxed)) [[unlikely]]
      empty();
    if (count_[size_class] >= most(size_class)) [[unlikely]]
      give_half(size_class);
    FreeBlock *block = static_cast<FreeBlock *>(address);
    block->next = first_[size_class];
    first_[size_class] = block;
    ++count_[size_class];
    add(pooled_, static_cast<int64_t>(class_bytes(size_class)));
  }

  // Of all threads, ended ones included.
  struct Totals {
    int64_t pooled_bytes = 0;
    int64_t live_blocks = 0;
    int64_t allocations = 0;
  };
  static Totals totals();

  // `cache` is current(), which may be NULL.
  static void count_allocation(ThreadCache *cache) {
    if (cache == nullptr) [[unlikely]]
      return count_without_cache(1, 1);
    add(cache->live_blocks_, 1);
    add(cache->allocations_, 1);
  }
  static void count_free(ThreadCache *cache) {
    if (cache == nullptr) [[unlikely]]
      return count_without_cache(-1, 0);
    add(cache->live_blocks_, -1);
  }

  // Empties the calling thread's cache now and every other one when its thread next uses it.
  static void trim();

 private:
  friend class ThreadCacheOwner;

  // Only the owning thread writes its counters: no locked instruction is needed.
  static void add(std::atomic<int64_t> &counter, int64_t amount) {
    counter.store(counter.load(std::memory_order_relaxed) + amount, std::memory_order_relaxed);
  }
  static int most(int size_class) {
    size_t fit = kLargestCached / class_bytes(size_class);
    return fit > 64 ? 64 : fit < 4 ? 4 : static_cast<int>(fit);
  }

  static ThreadCache *start();
  static void count_without_cache(int64_t live_blocks, int64_t allocations);
  FreeBlock *refill(int size_class);
  void give_half(int size_class);
  void empty();
  void end();

  static thread_local ThreadCache *current_;
  static std::atomic<uint32_t> newest_generation_;

  FreeBlock *first_[kCachedClasses] = {};
  int count_[kCachedClasses] = {};
  uint32_t generation_ = 0;
  std::atomic<int64_t> pooled_{0};
  std::atomic<int64_t> live_blocks_{0};  // may be negative: blocks freed here and allocated elsewhere
  std::atomic<int64_t> allocations_{0};
};

}  // namespace lockstep::memory
