#include <algorithm>
#include <cstring>
#include <string>

#include "cpu/isa.h"
#include "cpu/random_kernels.h"
#include "plan/blocks.h"
#include "plan/dtype.h"
#include "plan/step.h"
#include "threads/pool.h"

namespace lockstep {
namespace {

constexpr int64_t kParallelFrom = 64 << 10;  // numbers
constexpr int64_t kChunk = 16 << 10;
constexpr int64_t kFewPairs = 16;  // a key, too few to fill vectors

class RandomStep final : public Step {
 public:
  explicit RandomStep(const ls_random &random)
      : kernels_(for_isa(v2::random_kernels, v3::random_kernels, v4::random_kernels)()),
        bits_(random.bits),
        halves_(random.counters == LS_COUNTERS_HALVES),
        batch_(random.batch),
        count_(random.count),
        keys_(address_of(random.keys)),
        starts_(address_of(random.starts)),
        to_(address_of(random.to)) {
    // With halves, numbers of 32 bits come in pairs.
    pairs_ = halves_ && bits_ == 32 ? (count_ + 1) / 2 : count_;
    if (batch_ == 0 || count_ == 0) return;
    a_lane_a_key_ = batch_ > 1 && pairs_ < kFewPairs;
    keys_per_chunk_ = batch_;
    pairs_per_chunk_ = pairs_;
    if (batch_ * count_ < kParallelFrom) return;
    pairs_per_chunk_ = std::min(pairs_, kChunk);
    keys_per_chunk_ = std::max<int64_t>(1, kChunk / pairs_);
  }

  void run(void *const *slots, void *) const override {
    if (batch_ == 0 || count_ == 0) return;
    int64_t across = divide_up(pairs_, pairs_per_chunk_);
    int64_t chunks = divide_up(batch_, keys_per_chunk_) * across;
    auto chunk = [&](int64_t chunk) {
      int64_t key = chunk / across * keys_per_chunk_;
      int64_t last_key = std::min(key + keys_per_chunk_, batch_);
      if (a_lane_a_key_) {
        for (; key < last_key; key += KeyLanes::kMost) {
          generate_few(slots, key, std::min<int64_t>(KeyLanes::kMost, last_key - key));
        }
        return;
      }
      int64_t first = chunk % across * pairs_per_chunk_;
      for (; key < last_key; ++key) generate(slots, key, first, std::min(pairs_per_chunk_, pairs_ - first));
    };
    if (chunks == 1) return chunk(0);
    parallel_chunks(chunks, chunk);
  }

  std::string describe() const override {
    return "random: " + std::to_string(batch_) + " x " + std::to_string(count_) + " numbers of " +
           std::to_string(bits_) + " bits, " + (halves_ ? "counters in halves" : "64-bit counters") +
           ", Threefry-2x32, a lane a " + (a_lane_a_key_ ? "key" : "counter");
  }

 private:
  static int64_t divide_up(int64_t a, int64_t b) { return (a + b - 1) / b; }
  static Address address_of(const ls_block &block) { return {block.slot, block.offset, 0}; }

  // All numbers of n keys, few for each.
  void generate_few(void *const *slots, int64_t key, int64_t n) const {
    const char *keys = keys_.in(slots) + key * 8;
    const char *starts = starts_.in(slots) + key * 8;
    char *rows = to_.in(slots) + key * count_ * (bits_ / 8);
    KeyLanes lanes{};
    for (int64_t i = 0; i < n; ++i) {
      std::memcpy(&lanes.key0[i], keys + i * 8, 4);
      std::memcpy(&lanes.key1[i], keys + i * 8 + 4, 4);
    }
    for (int64_t pair = 0; pair < pairs_; ++pair) {
      for (int64_t i = 0; i < n; ++i) {
        uint64_t start = 0;
        if (!halves_) std::memcpy(&start, starts + i * 8, 8);
        uint64_t counter = start + static_cast<uint64_t>(pair);
        lanes.first[i] = halves_ ? static_cast<uint32_t>(pair) : static_cast<uint32_t>(counter >> 32);
        lanes.second[i] = halves_ ? second_of(pair) : static_cast<uint32_t>(counter);
      }
      kernels_.lanes(lanes);
      for (int64_t i = 0; i < n; ++i) store(rows + i * count_ * (bits_ / 8), pair, lanes.first[i], lanes.second[i]);
    }
  }

  // An odd count has one counter too few: the last pair's second one is 0, and its second word is dropped.
  uint32_t second_of(int64_t pair) const {
    bool lacks = bits_ == 32 && pair + pairs_ >= count_;
    return lacks ? 0 : static_cast<uint32_t>(pair + pairs_);
  }

  void store(char *row, int64_t pair, uint32_t first, uint32_t second) const {
    if (bits_ == 64) {
      uint64_t number = (static_cast<uint64_t>(first) << 32) | second;
      std::memcpy(row + pair * 8, &number, 8);
      return;
    }
    uint32_t number = halves_ ? first : first ^ second;
    std::memcpy(row + pair * 4, &number, 4);
    if (halves_ && pair + pairs_ < count_) std::memcpy(row + (pair + pairs_) * 4, &second, 4);
  }

  // The numbers of a key that pairs first .. first + n - 1 give.
  void generate(void *const *slots, int64_t key, int64_t first, int64_t n) const {
    CounterPairs pairs{};
    std::memcpy(pairs.key, keys_.in(slots) + key * 8, 8);
    char *row = to_.in(slots) + key * count_ * (bits_ / 8);
    if (halves_) {
      pairs.first = static_cast<uint32_t>(first);
      pairs.first_step = 1;
      pairs.second = static_cast<uint32_t>(first + pairs_);
      pairs.n = n;
      if (bits_ == 64) return kernels_.join(pairs, reinterpret_cast<uint64_t *>(row) + first);
      return halves(pairs, reinterpret_cast<uint32_t *>(row), first);
    }
    int64_t start;
    std::memcpy(&start, starts_.in(slots) + key * 8, 8);
    uint64_t counter = static_cast<uint64_t>(start) + static_cast<uint64_t>(first);
    for (int64_t done = 0; done < n; done += pairs.n, counter += static_cast<uint64_t>(pairs.n)) {
      // The high word is the same until the low one wraps.
      int64_t until_wrap = (int64_t{1} << 32) - static_cast<int64_t>(counter & 0xffffffffu);
      pairs.first = static_cast<uint32_t>(counter >> 32);
      pairs.second = static_cast<uint32_t>(counter);
      pairs.n = std::min(n - done, until_wrap);
      if (bits_ == 64) {
        kernels_.join(pairs, reinterpret_cast<uint64_t *>(row) + first + done);
      } else {
        kernels_.combine(pairs, reinterpret_cast<uint32_t *>(row) + first + done);
      }
    }
  }

  // The last pair of an odd count is one for itself, see second_of.
  void halves(CounterPairs pairs, uint32_t *row, int64_t first) const {
    bool lacks_one = count_ % 2 == 1 && first + pairs.n == pairs_;
    if (lacks_one) --pairs.n;
    kernels_.split(pairs, row + first, row + pairs_ + first);
    if (!lacks_one) return;
    uint32_t dropped;
    CounterPairs last = pairs;
    last.first = static_cast<uint32_t>(pairs_ - 1);
    last.second = 0;
    last.n = 1;
    kernels_.split(last, row + pairs_ - 1, &dropped);
  }

  const RandomKernels &kernels_;
  int32_t bits_;
  bool halves_;
  int64_t batch_;
  int64_t count_;
  Address keys_;
  Address starts_;
  Address to_;
  int64_t pairs_ = 0;  // a key
  bool a_lane_a_key_ = false;
  int64_t keys_per_chunk_ = 1;
  int64_t pairs_per_chunk_ = 1;
};

}  // namespace

std::unique_ptr<Step> make_random_step(const ls_random &random) { return std::make_unique<RandomStep>(random); }

}  // namespace lockstep
