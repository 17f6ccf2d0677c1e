// Where a strided view's elements lie: the check that no step leaves its slot.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "lockstep/lockstep.h"
#include "plan/validate.h"

namespace lockstep {

[[noreturn]] void invalid(const std::string &text);

// extents[i] elements, strides[i] elements apart; `what` starts every error text ("loop: input 2").
struct View {
  std::string what;
  int32_t slot;
  int32_t dtype;
  int64_t offset;  // bytes
  int32_t rank;
  const int64_t *extents;
  const int64_t *strides;
};

// The product of the extents, which must be 0 or more each.
int64_t count_elements(const std::string &what, const int64_t *extents, int32_t rank);

// Every element lies inside the slot and is aligned to its size. A view without elements only needs a valid slot.
void require_readable(const View &view, const std::vector<Slot> &slots);

// Also: the slot may be written.
void require_updatable(const View &view, const std::vector<Slot> &slots);

// Also: no stride over several elements is 0.
void require_writable(const View &view, const std::vector<Slot> &slots);

// The values of LS_SLOT_INDEX fit into 64 bits.
void require_index_range(const View &view);

}  // namespace lockstep
