#include "memory/shared_lists.h"

#include <cstdlib>
#include <mutex>

#include "memory/pool_cap.h"

namespace lockstep::memory {
namespace {

struct alignas(64) List {
  std::mutex lock;
  FreeBlock *first = nullptr;
};

List *lists() {
  static List *const instance = new List[kListedClasses];
  return instance;
}

void release(FreeBlock *blocks) {
  while (blocks != nullptr) {
    FreeBlock *next = blocks->next;
    std::free(blocks);
    blocks = next;
  }
}

}  // namespace

FreeBlock *take_shared(int size_class, int &count) {
  List &list = lists()[size_class];
  FreeBlock *first;
  int taken = 0;
  {
    std::lock_guard<std::mutex> guard(list.lock);
    first = list.first;
    FreeBlock *last = nullptr;
    for (FreeBlock *block = first; block != nullptr && taken < count; block = block->next) {
      last = block;
      ++taken;
    }
    if (last != nullptr) {
      list.first = last->next;
      last->next = nullptr;
    }
  }
  if (first == nullptr) {
    first = static_cast<FreeBlock *>(std::aligned_alloc(kAlignment, class_bytes(size_class)));
    if (first == nullptr) return nullptr;
    first->next = nullptr;
    count = 1;
    return first;
  }
  pooled().fetch_sub(static_cast<int64_t>(class_bytes(size_class)) * taken, std::memory_order_relaxed);
  count = taken;
  return first;
}

void give_shared(int size_class, FreeBlock *blocks, int count) {
  int64_t bytes = static_cast<int64_t>(class_bytes(size_class)) * count;
  if (pooled().fetch_add(bytes, std::memory_order_relaxed) + bytes > pool_cap()) {
    pooled().fetch_sub(bytes, std::memory_order_relaxed);
    release(blocks);
    return;
  }
  FreeBlock *last = blocks;
  while (last->next != nullptr) last = last->next;
  List &list = lists()[size_class];
  std::lock_guard<std::mutex> guard(list.lock);
  last->next = list.first;
  list.first = blocks;
}

void trim_shared() {
  for (int c = 0; c < kListedClasses; ++c) {
    FreeBlock *blocks;
    {
      std::lock_guard<std::mutex> guard(lists()[c].lock);
      blocks = lists()[c].first;
      lists()[c].first = nullptr;
    }
    int64_t count = 0;
    for (FreeBlock *block = blocks; block != nullptr; block = block->next) ++count;
    pooled().fetch_sub(static_cast<int64_t>(class_bytes(c)) * count, std::memory_order_relaxed);
    release(blocks);
  }
}

}  // namespace lockstep::memory
