#include "memory/pool_cap.h"

#include <unistd.h>

#include <algorithm>
#include <cstdio>

namespace lockstep::memory {
namespace {

// 0 when the file is missing or names no limit.
int64_t bytes_in(const char *path) {
  std::FILE *file = std::fopen(path, "re");
  if (file == nullptr) return 0;
  long long bytes = 0;
  int fields = std::fscanf(file, "%lld", &bytes);
  std::fclose(file);
  return fields == 1 && bytes > 0 ? bytes : 0;
}

int64_t usable_memory() {
  int64_t pages = sysconf(_SC_PHYS_PAGES);
  int64_t page = sysconf(_SC_PAGESIZE);
  int64_t usable = pages > 0 && page > 0 ? pages * page : int64_t{16} << 30;
  for (const char *path : {"/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"}) {
    int64_t limit = bytes_in(path);
    if (limit > 0) usable = std::min(usable, limit);
  }
  return usable;
}

}  // namespace

int64_t pool_cap() {
  static const int64_t cap = usable_memory() / 8;
  return cap;
}

std::atomic<int64_t> &pooled() {
  static std::atomic<int64_t> bytes{0};
  return bytes;
}

}  // namespace lockstep::memory
