// Threefry-2x32 over runs of counters. One table for each instruction set (cpu/isa.h).
#pragma once

#include <cstdint>

namespace lockstep {

// Two runs of 32-bit counters: pair j is (first + j * first_step, second + j), which wraps.
struct CounterPairs {
  uint32_t key[2];
  uint32_t first;
  uint32_t first_step;  // 0 or 1
  uint32_t second;
  int64_t n;
};

// One pair of counters for each of n keys.
struct KeyLanes {
  static constexpr int kMost = 128;
  uint32_t key0[kMost];
  uint32_t key1[kMost];
  uint32_t first[kMost];   // becomes the first word
  uint32_t second[kMost];  // becomes the second word
};

struct RandomKernels {
  // to[j] = the exclusive or of both words of pair j.
  void (*combine)(const CounterPairs &pairs, uint32_t *to);
  // to[j] = the first word of pair j in the high half, the second in the low one.
  void (*join)(const CounterPairs &pairs, uint64_t *to);
  // The first words to one place, the second words to another.
  void (*split)(const CounterPairs &pairs, uint32_t *first, uint32_t *second);
  // The words of all lanes, used or not.
  void (*lanes)(KeyLanes &lanes);
};

namespace v2 {
const RandomKernels &random_kernels();
}
namespace v3 {
const RandomKernels &random_kernels();
}
namespace v4 {
const RandomKernels &random_kernels();
}

}  // namespace lockstep
