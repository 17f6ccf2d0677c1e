#include "memory/thread_cache.h"

#include <algorithm>
#include <mutex>
#include <new>
#include <vector>

namespace lockstep::memory {
namespace {

struct Registry {
  std::mutex lock;
  std::vector<ThreadCache *> caches;
  // The counters of ended threads, and of threads that free while they end.
  std::atomic<int64_t> live_blocks{0};
  std::atomic<int64_t> allocations{0};
};

Registry &registry() {
  static Registry &instance = *new Registry;
  return instance;
}

thread_local bool ended = false;

}  // namespace

// Its destructor runs when the thread ends.
class ThreadCacheOwner {
 public:
  ~ThreadCacheOwner() {
    if (cache == nullptr) return;
    ended = true;
    ThreadCache::current_ = nullptr;
    cache->end();
    delete cache;
  }
  ThreadCache *cache = nullptr;
};

namespace {
thread_local ThreadCacheOwner owner;
}

thread_local ThreadCache *ThreadCache::current_ = nullptr;
std::atomic<uint32_t> ThreadCache::newest_generation_{0};

ThreadCache *ThreadCache::start() {
  if (ended) return nullptr;
  ThreadCache *cache = new (std::nothrow) ThreadCache;
  if (cache == nullptr) return nullptr;
  cache->generation_ = newest_generation_.load(std::memory_order_relaxed);
  try {
    std::lock_guard<std::mutex> guard(registry().lock);
    registry().caches.push_back(cache);
  } catch (const std::bad_alloc &) {
    delete cache;
    return nullptr;
  }
  owner.cache = cache;
  current_ = cache;
  return cache;
}

void ThreadCache::end() {
  empty();
  Registry &r = registry();
  std::lock_guard<std::mutex> guard(r.lock);
  r.live_blocks.fetch_add(live_blocks_.load(std::memory_order_relaxed), std::memory_order_relaxed);
  r.allocations.fetch_add(allocations_.load(std::memory_order_relaxed), std::memory_order_relaxed);
  std::erase(r.caches, this);
}

FreeBlock *ThreadCache::refill(int size_class) {
  int count = std::max(most(size_class) / 2, 1);
  FreeBlock *blocks = take_shared(size_class, count);
  if (blocks == nullptr) return nullptr;
  first_[size_class] = blocks;
  count_[size_class] = count;
  add(pooled_, static_cast<int64_t>(class_bytes(size_class)) * count);
  return blocks;
}

void ThreadCache::give_half(int size_class) {
  int count = count_[size_class] / 2;
  FreeBlock *blocks = first_[size_class];
  FreeBlock *last = blocks;
  for (int i = 1; i < count; ++i) last = last->next;
  first_[size_class] = last->next;
  last->next = nullptr;
  count_[size_class] -= count;
  add(pooled_, -static_cast<int64_t>(class_bytes(size_class)) * count);
  give_shared(size_class, blocks, count);
}

void ThreadCache::empty() {
  uint32_t generation = newest_generation_.load(std::memory_order_relaxed);
  bool trimmed = generation != generation_;
  generation_ = generation;
  for (int c = 0; c < kCachedClasses; ++c) {
    if (count_[c] == 0) continue;
    add(pooled_, -static_cast<int64_t>(class_bytes(c)) * count_[c]);
    give_shared(c, first_[c], count_[c]);
    first_[c] = nullptr;
    count_[c] = 0;
  }
  if (trimmed) trim_shared();
}

void ThreadCache::count_without_cache(int64_t live_blocks, int64_t allocations) {
  registry().live_blocks.fetch_add(live_blocks, std::memory_order_relaxed);
  registry().allocations.fetch_add(allocations, std::memory_order_relaxed);
}

ThreadCache::Totals ThreadCache::totals() {
  Registry &r = registry();
  std::lock_guard<std::mutex> guard(r.lock);
  Totals totals;
  totals.live_blocks = r.live_blocks.load(std::memory_order_relaxed);
  totals.allocations = r.allocations.load(std::memory_order_relaxed);
  for (const ThreadCache *cache : r.caches) {
    totals.pooled_bytes += cache->pooled_.load(std::memory_order_relaxed);
    totals.live_blocks += cache->live_blocks_.load(std::memory_order_relaxed);
    totals.allocations += cache->allocations_.load(std::memory_order_relaxed);
  }
  return totals;
}

void ThreadCache::trim() {
  newest_generation_.fetch_add(1, std::memory_order_relaxed);
  ThreadCache *cache = current();
  if (cache != nullptr) {
    cache->empty();
  } else {
    trim_shared();
  }
}

}  // namespace lockstep::memory
