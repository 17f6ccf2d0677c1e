// Blocks: dense parts of a plan's slots that are inputs and outputs of a sub-plan.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "lockstep/lockstep.h"
#include "plan/plan.h"
#include "plan/validate.h"

namespace lockstep {

// All of a step's blocks. Each must lie inside its slot and be aligned for the sub-plan's steps; what is written must
// be writable and overlap no other block.
class Blocks {
 public:
  explicit Blocks(const std::vector<Slot> &slots) : slots_(slots) {}

  // `count` blocks of the sub-plan slot's bytes, one after the other.
  void read(const std::string &what, const ls_block &block, const Slot &sub_slot, int64_t count = 1);
  void write(const std::string &what, const ls_block &block, const Slot &sub_slot, int64_t count = 1);

  void require_no_overlap() const;

  // A run checks that the memory behind a slot is aligned for the sub-plans too.
  void note_alignment(std::vector<Slot> &slots) const;

 private:
  struct Use {
    std::string what;
    int32_t slot;
    int64_t first;
    int64_t end;
    bool written;
    uint8_t alignment_mask;
  };

  void add(const std::string &what, const ls_block &block, const Slot &sub_slot, int64_t count, bool written);

  const std::vector<Slot> &slots_;
  std::vector<Use> uses_;
};

// Sealed, and no step's yet, nor named twice.
void require_sub_plans(const std::string &what, ls_plan *const *plans, int32_t count);
void require_counts(const std::string &what, const Plan &plan, int64_t inputs, int64_t outputs);

// Carries keep their sizes: output `output` of the body is its input `input` again, in the next iteration.
void require_carries(const std::string &what, const Plan &body, int32_t first_input, int32_t n_carries);

// Fits both.
Slot joined(const std::string &what, const Slot &a, const Slot &b);

// What a step knows of a block once it is checked.
struct Address {
  int32_t slot;
  int64_t offset;
  int64_t bytes;

  char *in(void *const *slots) const { return static_cast<char *>(slots[slot]) + offset; }
};

// bytes(i): the sub-plan's declared size of block i.
template <typename Bytes>
std::vector<Address> addresses_of(const ls_block *blocks, int32_t count, Bytes &&bytes) {
  std::vector<Address> addresses;
  for (int32_t i = 0; i < count; ++i) {
    // Without bytes, the offset may be anything.
    addresses.push_back({blocks[i].slot, bytes(i) == 0 ? 0 : blocks[i].offset, bytes(i)});
  }
  return addresses;
}

}  // namespace lockstep
