// Random bits against a plain Threefry-2x32 and against the known answers of its authors' library, Random123.
#include <gtest/gtest.h>

#include <cstdint>
#include <vector>

#include "plan_fixture.h"

namespace lockstep {
namespace {

struct Words {
  uint32_t a;
  uint32_t b;
};

Words threefry(Words key, Words x) {
  const uint32_t schedule[] = {key.a, key.b, key.a ^ key.b ^ 0x1BD11BDAu};
  const int rotations[][4] = {{13, 15, 26, 6}, {17, 29, 16, 24}};
  x.a += schedule[0];
  x.b += schedule[1];
  for (uint32_t block = 0; block < 5; ++block) {
    for (int rotation : rotations[block % 2]) {
      x.a += x.b;
      x.b = ((x.b << rotation) | (x.b >> (32 - rotation))) ^ x.a;
    }
    x.a += schedule[(block + 1) % 3];
    x.b += schedule[(block + 2) % 3] + block + 1;
  }
  return x;
}

uint64_t join(Words x) { return (static_cast<uint64_t>(x.a) << 32) | x.b; }

uint64_t expected_wide(Words key, int64_t counter, int32_t bits) {
  uint64_t c = static_cast<uint64_t>(counter);
  Words x = threefry(key, {static_cast<uint32_t>(c >> 32), static_cast<uint32_t>(c)});
  return bits == 64 ? join(x) : x.a ^ x.b;
}

uint32_t halves_word(Words key, int64_t i, int64_t n) {
  int64_t half = (n + 1) / 2;
  int64_t pair = i % half;
  int64_t second = pair + half < n ? pair + half : 0;
  Words x = threefry(key, {static_cast<uint32_t>(pair), static_cast<uint32_t>(second)});
  return i < half ? x.a : x.b;
}

uint64_t expected_halves(Words key, int64_t i, int64_t count, int32_t bits) {
  if (bits == 32) return halves_word(key, i, count);
  return join({halves_word(key, i, 2 * count), halves_word(key, i + count, 2 * count)});
}

ls_random descriptor(int32_t bits, int32_t counters, int64_t batch, int64_t count) {
  return {bits, counters, batch, count, {0, 0}, {1, 0}, {2, 0}};
}

std::vector<uint64_t> generate(int32_t bits, int32_t counters, const std::vector<Words> &keys,
                               const std::vector<int64_t> &starts, int64_t count) {
  int64_t batch = static_cast<int64_t>(keys.size());
  TestPlan plan({batch * 8, batch * 8}, {batch * count * bits / 8});
  EXPECT_EQ(LS_OK, plan.add(descriptor(bits, counters, batch, count))) << ls_last_error();
  EXPECT_EQ(LS_OK, plan.seal());
  // One number more, so that there is an address even of nothing: the plan would allocate for NULL.
  std::vector<uint64_t> wide(static_cast<size_t>(batch * count) + 1);
  std::vector<uint32_t> narrow(wide.size());
  void *to = bits == 64 ? static_cast<void *>(wide.data()) : narrow.data();
  EXPECT_EQ(LS_OK, plan.run({keys.data(), starts.data()}, {to})) << ls_last_error();
  if (bits == 32) wide.assign(narrow.begin(), narrow.end());
  wide.pop_back();
  return wide;
}

TEST(Random, GivesTheKnownAnswers) {
  struct Known {
    Words key;
    int64_t counter;
    uint64_t answer;
  };
  const Known known[] = {{{0, 0}, 0, 0x6b20015999ba4efe},
                         {{0xffffffff, 0xffffffff}, -1, 0x1cb996fcbb002be7},
                         {{0x13198a2e, 0x03707344}, 0x243f6a8885a308d3, 0xc4923a9c483df7a0}};
  for (const Known &k : known) {
    EXPECT_EQ(k.answer, generate(64, LS_COUNTERS_WIDE, {k.key}, {k.counter}, 1)[0]);
  }
}

TEST(Random, CountsAsDocumented) {
  const std::vector<Words> keys = {{0, 42}, {0x80000000, 7}, {123456789, 0xdeadbeef}};
  // The low word wraps within the second key's numbers, all of it within the third's.
  const std::vector<int64_t> starts = {0, 0xfffffff0, -5};
  for (int32_t bits : {32, 64}) {
    for (int64_t count : {1, 2, 7, 16, 33, 1000, 100001}) {
      std::vector<uint64_t> wide = generate(bits, LS_COUNTERS_WIDE, keys, starts, count);
      std::vector<uint64_t> halves = generate(bits, LS_COUNTERS_HALVES, keys, starts, count);
      for (size_t i = 0; i < wide.size(); ++i) {
        size_t key = i / static_cast<size_t>(count);
        int64_t number = static_cast<int64_t>(i) % count;
        ASSERT_EQ(expected_wide(keys[key], starts[key] + number, bits), wide[i]) << bits << " " << count << " " << i;
        ASSERT_EQ(expected_halves(keys[key], number, count, bits), halves[i]) << bits << " " << count << " " << i;
      }
    }
  }
}

TEST(Random, ManyKeysAtOnce) {
  std::vector<Words> keys;
  std::vector<int64_t> starts;
  for (uint32_t i = 0; i < 30000; ++i) {
    keys.push_back({i, ~i});
    starts.push_back(int64_t{i} * i);
  }
  for (int32_t bits : {32, 64}) {
    std::vector<uint64_t> wide = generate(bits, LS_COUNTERS_WIDE, keys, starts, 3);
    std::vector<uint64_t> halves = generate(bits, LS_COUNTERS_HALVES, keys, starts, 3);
    for (size_t i = 0; i < wide.size(); ++i) {
      int64_t number = static_cast<int64_t>(i % 3);
      ASSERT_EQ(expected_wide(keys[i / 3], starts[i / 3] + number, bits), wide[i]) << bits << " " << i;
      ASSERT_EQ(expected_halves(keys[i / 3], number, 3, bits), halves[i]) << bits << " " << i;
    }
  }
}

TEST(Random, NothingIsAllowed) {
  EXPECT_TRUE(generate(32, LS_COUNTERS_WIDE, {}, {}, 5).empty());
  EXPECT_TRUE(generate(64, LS_COUNTERS_HALVES, {{1, 2}}, {0}, 0).empty());
}

TEST(Random, RefusesWhatItCannotDo) {
  TestPlan plan({16, 16}, {64});
  EXPECT_REFUSED(LS_INVALID_ARGUMENT, "random: bits: expected 32 or 64, got 16",
                 plan.add(descriptor(16, LS_COUNTERS_WIDE, 2, 4)));
  EXPECT_REFUSED(LS_INVALID_ARGUMENT, "random: counters: expected 0 or 1, got 2", plan.add(descriptor(32, 2, 2, 4)));
  EXPECT_REFUSED(LS_INVALID_ARGUMENT, "random: to: ", plan.add(descriptor(64, LS_COUNTERS_WIDE, 2, 5)));
  EXPECT_REFUSED(LS_INVALID_ARGUMENT, "random: keys: ", plan.add(descriptor(32, LS_COUNTERS_WIDE, 3, 2)));
  EXPECT_REFUSED(LS_INVALID_ARGUMENT, "expected at most 2^32 - 1 words a key",
                 plan.add(descriptor(64, LS_COUNTERS_HALVES, 1, int64_t{1} << 31)));
  ls_random onto_keys = descriptor(32, LS_COUNTERS_WIDE, 1, 2);
  onto_keys.to = {0, 0};
  EXPECT_REFUSED(LS_INVALID_ARGUMENT, "random: to: slot 0 is an input", plan.add(onto_keys));
}

}  // namespace
}  // namespace lockstep
