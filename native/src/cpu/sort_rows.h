// Sorting one row whose elements are unsigned keys: sort.cpp turns every dtype into them.
#pragma once

#include <cstdint>

namespace lockstep {

// An element's key and where it stands in its row.
template <typename Key>
struct KeyedPlace {
  Key key;
  Key place;
};

// Sorts by key, equal keys by place. `items` stand in the order of their places; `spare` has as much room. Returns
// where the sorted items are: items or spare.
KeyedPlace<uint32_t> *sort_row(KeyedPlace<uint32_t> *items, KeyedPlace<uint32_t> *spare, int64_t n);
KeyedPlace<uint64_t> *sort_row(KeyedPlace<uint64_t> *items, KeyedPlace<uint64_t> *spare, int64_t n);

}  // namespace lockstep
