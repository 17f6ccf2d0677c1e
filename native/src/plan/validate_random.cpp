#include <limits>
#include <string>

#include "plan/blocks.h"
#include "plan/random.h"
#include "plan/reach.h"

namespace lockstep {

void validate_random(const ls_random &random, Blocks &blocks) {
  if (random.bits != 32 && random.bits != 64) {
    invalid("random: bits: expected 32 or 64, got " + std::to_string(random.bits));
  }
  if (random.counters != LS_COUNTERS_WIDE && random.counters != LS_COUNTERS_HALVES) {
    invalid("random: counters: expected 0 or 1, got " + std::to_string(random.counters));
  }
  const int64_t extents[] = {random.batch, random.count};
  count_elements("random", extents, 2);
  int64_t words_a_number = random.bits / 32;
  if (random.counters == LS_COUNTERS_HALVES && random.count > std::numeric_limits<uint32_t>::max() / words_a_number) {
    invalid("random: count: expected at most 2^32 - 1 words a key with 32-bit counters, got " +
            std::to_string(random.count) + " numbers of " + std::to_string(random.bits) + " bits");
  }
  int64_t size = random.bits / 8;
  int64_t row_bytes;
  if (__builtin_mul_overflow(random.count, size, &row_bytes)) {
    invalid("random: count: " + std::to_string(random.count) + " numbers have more than 2^63 bytes");
  }
  blocks.read("random: keys", random.keys, {8, false, 3}, random.batch);
  blocks.read("random: starts", random.starts, {8, false, 7}, random.batch);
  blocks.write("random: to", random.to, {row_bytes, true, static_cast<uint8_t>(size - 1)}, random.batch);
  blocks.require_no_overlap();
}

}  // namespace lockstep
