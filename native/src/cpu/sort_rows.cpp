#include "cpu/sort_rows.h"

#include <algorithm>
#include <utility>

namespace lockstep {
namespace {

constexpr int64_t kRadixFrom = 80;  // elements, for keys of 4 bytes; below, comparisons are faster
constexpr int kDigitBits = 8;
constexpr int kDigits = 1 << kDigitBits;

// From the lowest digit to the highest, each pass stable. Digits that all keys share are left out.
template <typename Key>
KeyedPlace<Key> *radix_sort(KeyedPlace<Key> *items, KeyedPlace<Key> *spare, int64_t n) {
  constexpr int passes = sizeof(Key);
  int64_t counts[passes][kDigits] = {};
  for (int64_t i = 0; i < n; ++i) {
    for (int pass = 0; pass < passes; ++pass) ++counts[pass][items[i].key >> (pass * kDigitBits) & (kDigits - 1)];
  }
  for (int pass = 0; pass < passes; ++pass) {
    int shift = pass * kDigitBits;
    int64_t *starts = counts[pass];
    if (starts[items[0].key >> shift & (kDigits - 1)] == n) continue;
    int64_t start = 0;
    for (int digit = 0; digit < kDigits; ++digit) start += std::exchange(starts[digit], start);
    for (int64_t i = 0; i < n; ++i) spare[starts[items[i].key >> shift & (kDigits - 1)]++] = items[i];
    std::swap(items, spare);
  }
  return items;
}

// With the place as the second key no two items are equal, so any sort is stable; std::sort needs no memory.
template <typename Key>
KeyedPlace<Key> *sort_any(KeyedPlace<Key> *items, KeyedPlace<Key> *spare, int64_t n) {
  if (n >= kRadixFrom * static_cast<int64_t>(sizeof(Key)) / 4) return radix_sort(items, spare, n);
  std::sort(items, items + n, [](const KeyedPlace<Key> &a, const KeyedPlace<Key> &b) {
    return a.key != b.key ? a.key < b.key : a.place < b.place;
  });
  return items;
}

}  // namespace

KeyedPlace<uint32_t> *sort_row(KeyedPlace<uint32_t> *items, KeyedPlace<uint32_t> *spare, int64_t n) {
  return sort_any(items, spare, n);
}

KeyedPlace<uint64_t> *sort_row(KeyedPlace<uint64_t> *items, KeyedPlace<uint64_t> *spare, int64_t n) {
  return sort_any(items, spare, n);
}

}  // namespace lockstep
