#include "threads/cores.h"

#include <sched.h>

#include <algorithm>
#include <cstdio>
#include <thread>

namespace lockstep {
namespace {

// Cores of control group version 2's quota, rounded up; 0 without one.
int quota_cores() {
  std::FILE *file = std::fopen("/sys/fs/cgroup/cpu.max", "re");
  if (file == nullptr) return 0;
  long long quota = 0;
  long long period = 0;
  int fields = std::fscanf(file, "%lld %lld", &quota, &period);  // "max 100000" gives no field
  std::fclose(file);
  if (fields != 2 || quota <= 0 || period <= 0) return 0;
  return static_cast<int>(std::min<long long>((quota + period - 1) / period, 4096));
}

int affinity_cores() {
  cpu_set_t cores;
  if (sched_getaffinity(0, sizeof cores, &cores) == 0) return CPU_COUNT(&cores);
  return static_cast<int>(std::thread::hardware_concurrency());
}

}  // namespace

int usable_cores() {
  int cores = std::max(affinity_cores(), 1);
  int quota = quota_cores();
  return quota > 0 ? std::min(cores, quota) : cores;
}

}  // namespace lockstep
