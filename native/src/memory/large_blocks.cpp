#include "memory/large_blocks.h"

#include <sys/mman.h>

#include <bit>
#include <cstdint>
#include <mutex>
#include <new>
#include <unordered_map>
#include <vector>

#include "memory/pool_cap.h"

namespace lockstep::memory {
namespace {

constexpr size_t kHugePage = size_t{2} << 20;

struct FreeRange {
  void *address;
  size_t bytes;
};

struct LargeBlocks {
  std::mutex lock;
  std::unordered_map<void *, size_t> live;  // mapped sizes
  std::vector<FreeRange> free;              // oldest first
};

LargeBlocks &blocks() {
  static LargeBlocks &instance = *new LargeBlocks;
  return instance;
}

// Eighths of a power of two, so that nearly equal sizes reuse each other's blocks.
size_t rounded(size_t bytes) {
  size_t step = std::bit_floor(bytes) / 8;
  return (bytes + step - 1) / step * step;
}

// A mapping that starts at a huge page's border.
void *map(size_t bytes) {
  size_t mapped = bytes + kHugePage;
  void *start = mmap(nullptr, mapped, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (start == MAP_FAILED) return nullptr;
  char *begin = static_cast<char *>(start);
  size_t head = (kHugePage - reinterpret_cast<uintptr_t>(begin) % kHugePage) % kHugePage;
  char *address = begin + head;
  if (head > 0) munmap(begin, head);
  if (mapped - head > bytes) munmap(address + bytes, mapped - head - bytes);
  madvise(address, bytes, MADV_HUGEPAGE);
  return address;
}

int64_t count_pooled(const FreeRange &range, int sign) {
  int64_t change = sign * static_cast<int64_t>(range.bytes);
  return pooled().fetch_add(change, std::memory_order_relaxed) + change;
}

// Adds a range to the free ones and unmaps the oldest that exceed the cap. Never fails: take_large reserved the place.
void keep(LargeBlocks &b, FreeRange range) {
  b.free.push_back(range);
  int64_t kept = count_pooled(range, 1);
  auto oldest = b.free.begin();
  for (; oldest != b.free.end() && kept > pool_cap(); ++oldest) {
    munmap(oldest->address, oldest->bytes);
    kept = count_pooled(*oldest, -1);
  }
  b.free.erase(b.free.begin(), oldest);
}

}  // namespace

void *take_large(size_t bytes) {
  LargeBlocks &b = blocks();
  {
    std::lock_guard<std::mutex> guard(b.lock);
    auto best = b.free.end();
    for (auto range = b.free.begin(); range != b.free.end(); ++range) {
      if (range->bytes < bytes || range->bytes - bytes > bytes / 4) continue;
      if (best == b.free.end() || range->bytes < best->bytes) best = range;
    }
    if (best != b.free.end()) {
      FreeRange range = *best;
      b.live.emplace(range.address, range.bytes);
      b.free.erase(best);
      count_pooled(range, -1);
      return range.address;
    }
  }
  size_t mapped = rounded(bytes);
  void *address = map(mapped);
  if (address == nullptr) return nullptr;
  std::lock_guard<std::mutex> guard(b.lock);
  try {
    b.live.emplace(address, mapped);
    b.free.reserve(b.free.size() + b.live.size());
  } catch (const std::bad_alloc &) {
    b.live.erase(address);
    munmap(address, mapped);
    return nullptr;
  }
  return address;
}

bool give_large(void *address, size_t bytes) {
  LargeBlocks &b = blocks();
  std::lock_guard<std::mutex> guard(b.lock);
  auto found = b.live.find(address);
  if (found == b.live.end() || found->second < bytes) return false;
  FreeRange range{address, found->second};
  b.live.erase(found);
  if (static_cast<int64_t>(range.bytes) > pool_cap()) {
    munmap(range.address, range.bytes);
  } else {
    keep(b, range);
  }
  return true;
}

void trim_large() {
  LargeBlocks &b = blocks();
  std::lock_guard<std::mutex> guard(b.lock);
  for (const FreeRange &range : b.free) {
    munmap(range.address, range.bytes);
    count_pooled(range, -1);
  }
  b.free.clear();
}

}  // namespace lockstep::memory
