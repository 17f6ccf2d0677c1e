// Sizes are rounded up to four classes a power of two (and to 64 bytes): a block wastes less than a fifth of itself
// beyond that granularity.
#pragma once

#include <bit>
#include <cstddef>

namespace lockstep::memory {

constexpr size_t kAlignment = 64;
constexpr size_t kLargestCached = size_t{32} << 10;  // in thread caches
constexpr size_t kLargestListed = size_t{2} << 20;   // in shared lists

// 64, 128, 192, 256, then 320, 384, 448, 512, then 640, 768, ...
constexpr int size_class(size_t bytes) {
  if (bytes <= 256) return bytes == 0 ? 0 : static_cast<int>((bytes - 1) / 64);
  int power = static_cast<int>(std::bit_width(bytes - 1)) - 1;  // 2^power < bytes <= 2^(power + 1)
  return 4 * (power - 7) + static_cast<int>((bytes - 1) >> (power - 2)) - 4;
}

constexpr size_t class_bytes(int size_class) {
  if (size_class < 4) return static_cast<size_t>(size_class + 1) * 64;
  int power = size_class / 4 + 7;
  return (size_t{1} << power) + (static_cast<size_t>(size_class % 4 + 1) << (power - 2));
}

constexpr int kCachedClasses = size_class(kLargestCached) + 1;
constexpr int kListedClasses = size_class(kLargestListed) + 1;

static_assert(class_bytes(size_class(257)) == 320 && class_bytes(size_class(512)) == 512);
static_assert(class_bytes(kCachedClasses - 1) == kLargestCached && class_bytes(kListedClasses - 1) == kLargestListed);

}  // namespace lockstep::memory
