// The allocator: alignment, counters, limit, reuse, and blocks that wander between threads.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <mutex>
#include <random>
#include <semaphore>
#include <set>
#include <thread>
#include <utility>
#include <vector>

#include "memory/pool_cap.h"
#include "memory/size_class.h"
#include "plan_fixture.h"

namespace lockstep {
namespace {

#if defined(__SANITIZE_ADDRESS__)
constexpr bool kPooled = false;
#else
constexpr bool kPooled = true;
#endif

constexpr int64_t kMegabyte = int64_t{1} << 20;

void *allocate(int64_t bytes) {
  void *address = nullptr;
  EXPECT_EQ(LS_OK, ls_memory_allocate(bytes, &address)) << ls_last_error();
  return address;
}

void release(void *address, int64_t bytes) { EXPECT_EQ(LS_OK, ls_memory_free(address, bytes)) << ls_last_error(); }

const std::vector<int64_t> kSizes = {0,
                                     1,
                                     13,
                                     63,
                                     64,
                                     65,
                                     207,
                                     702,
                                     4098,
                                     32768,
                                     32769,
                                     100000,
                                     kMegabyte - 1,
                                     2 * kMegabyte,
                                     2097153,
                                     3 * kMegabyte,
                                     5000000,
                                     17 * kMegabyte + 5};

// The limit and the counters are the process's: each test leaves them as it found them.
class Memory : public ::testing::Test {
 protected:
  void SetUp() override { before_ = memory_statistics(); }
  void TearDown() override {
    EXPECT_EQ(LS_OK, ls_memory_set_limit(0));
    EXPECT_EQ(before_.live_bytes, memory_statistics().live_bytes);
    EXPECT_EQ(before_.live_blocks, memory_statistics().live_blocks);
  }
  ls_memory_statistics before_{};
};

TEST(SizeClass, WastesLessThanAQuarter) {
  int last = -1;
  for (size_t bytes = 1; bytes <= memory::kLargestListed; bytes += bytes < 5000 ? 1 : 509) {
    int c = memory::size_class(bytes);
    size_t rounded = memory::class_bytes(c);
    ASSERT_GE(rounded, bytes);
    ASSERT_EQ(0U, rounded % memory::kAlignment);
    ASSERT_LE(rounded - bytes, std::max<size_t>(63, bytes / 4)) << bytes;
    ASSERT_TRUE(c == last || c == last + 1) << bytes;
    if (c > 0) {
      ASSERT_LT(memory::class_bytes(c - 1), bytes);
    }
    last = c;
  }
}

TEST_F(Memory, BlocksAreAlignedDistinctAndWritable) {
  std::set<void *> addresses;
  std::vector<std::pair<void *, int64_t>> blocks;
  for (int64_t bytes : kSizes) {
    for (int i = 0; i < 3; ++i) {
      void *address = allocate(bytes);
      EXPECT_EQ(0U, reinterpret_cast<uintptr_t>(address) % 64);
      EXPECT_TRUE(addresses.insert(address).second);
      std::memset(address, i, static_cast<size_t>(bytes));
      blocks.emplace_back(address, bytes);
    }
  }
  for (size_t i = 0; i < blocks.size(); ++i) {
    auto [address, bytes] = blocks[i];
    const char *content = static_cast<const char *>(address);
    EXPECT_EQ(bytes, std::count(content, content + bytes, static_cast<char>(i % 3))) << "blocks overlap";
    release(address, bytes);
  }
}

TEST_F(Memory, CountersFollowEveryBlock) {
  int64_t live = before_.live_bytes;
  for (int64_t bytes : kSizes) {
    ls_memory_statistics before = memory_statistics();
    void *address = allocate(bytes);
    ls_memory_statistics during = memory_statistics();
    EXPECT_EQ(live + bytes, during.live_bytes);
    EXPECT_EQ(before.live_blocks + 1, during.live_blocks);
    EXPECT_EQ(before.allocations + 1, during.allocations);
    release(address, bytes);
    EXPECT_EQ(live, memory_statistics().live_bytes);
  }
}

TEST_F(Memory, PeakIsTheHighestSinceTheReset) {
  void *large = allocate(10 * kMegabyte);
  release(large, 10 * kMegabyte);
  EXPECT_GE(memory_statistics().peak_bytes, before_.live_bytes + 10 * kMegabyte);
  EXPECT_EQ(LS_OK, ls_memory_reset_peak());
  EXPECT_EQ(before_.live_bytes, memory_statistics().peak_bytes);
  void *a = allocate(1000);
  void *b = allocate(500);
  release(a, 1000);
  void *c = allocate(100);
  EXPECT_EQ(before_.live_bytes + 1500, memory_statistics().peak_bytes);
  release(b, 500);
  release(c, 100);
}

TEST_F(Memory, LimitHolds) {
  void *first = allocate(1000);
  EXPECT_EQ(LS_OK, ls_memory_set_limit(before_.live_bytes + 3000));
  void *second = allocate(2000);
  void *third = &third;
  EXPECT_REFUSED(LS_OUT_OF_MEMORY, "memory allocate: 1 bytes do not fit", ls_memory_allocate(1, &third));
  EXPECT_PRED2(contains, std::string(ls_last_error()), "the limit is " + std::to_string(before_.live_bytes + 3000));
  EXPECT_EQ(static_cast<void *>(&third), third) << "a refusal must not touch the result";
  release(second, 2000);
  second = allocate(1999);
  EXPECT_EQ(LS_OUT_OF_MEMORY, ls_memory_allocate(INT64_MAX, &third));
  EXPECT_EQ(LS_OK, ls_memory_set_limit(0));
  third = allocate(5000);
  release(first, 1000);
  release(second, 1999);
  release(third, 5000);
}

TEST_F(Memory, ThreadsNeverExceedTheLimitTogether) {
  constexpr int64_t kLimit = 100000;
  EXPECT_EQ(LS_OK, ls_memory_set_limit(before_.live_bytes + kLimit));
  EXPECT_EQ(LS_OK, ls_memory_reset_peak());
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([t] {
      std::mt19937 random(static_cast<unsigned>(t));
      for (int i = 0; i < 5000; ++i) {
        int64_t bytes = static_cast<int64_t>(random() % 60000);
        void *address;
        if (ls_memory_allocate(bytes, &address) == LS_OK) release(address, bytes);
      }
    });
  }
  for (std::thread &thread : threads) thread.join();
  EXPECT_LE(memory_statistics().peak_bytes, before_.live_bytes + kLimit);
}

TEST_F(Memory, BadSizesAreRefused) {
  void *address = nullptr;
  EXPECT_REFUSED(LS_INVALID_ARGUMENT, "expected 0 bytes or more, got -1", ls_memory_allocate(-1, &address));
  EXPECT_REFUSED(LS_OUT_OF_MEMORY, "the system refused", ls_memory_allocate(INT64_MAX, &address));
  EXPECT_REFUSED(LS_OUT_OF_MEMORY, "the system refused", ls_memory_allocate(int64_t{1} << 45, &address));
  EXPECT_REFUSED(LS_INVALID_ARGUMENT, "got -5", ls_memory_set_limit(-5));
  address = allocate(100);
  EXPECT_REFUSED(LS_INVALID_ARGUMENT, "memory free", ls_memory_free(address, -1));
  EXPECT_REFUSED(LS_INVALID_ARGUMENT, "memory free", ls_memory_free(static_cast<char *>(address) + 1, 100));
  EXPECT_REFUSED(LS_INVALID_ARGUMENT, "memory copy", ls_memory_copy(address, address, -1));
  release(address, 100);
}

TEST_F(Memory, FreedBlocksAreReused) {
  if (!kPooled) GTEST_SKIP() << "nothing is pooled under AddressSanitizer";
  EXPECT_EQ(LS_OK, ls_memory_trim());  // a block of another test may fit as well
  for (int64_t bytes : kSizes) {
    void *first = allocate(bytes);
    release(first, bytes);
    void *second = allocate(bytes);
    EXPECT_EQ(first, second) << bytes;
    release(second, bytes);
  }
}

TEST_F(Memory, LargeBlocksAreReusedForTheBestFit) {
  if (!kPooled) GTEST_SKIP() << "nothing is pooled under AddressSanitizer";
  EXPECT_EQ(LS_OK, ls_memory_trim());
  void *ten = allocate(10 * kMegabyte);
  void *twelve = allocate(12 * kMegabyte);
  release(twelve, 12 * kMegabyte);
  release(ten, 10 * kMegabyte);
  void *nine = allocate(9 * kMegabyte);
  EXPECT_EQ(ten, nine);
  void *small = allocate(6 * kMegabyte);
  EXPECT_NE(twelve, small) << "half of it would be wasted";
  release(nine, 9 * kMegabyte);
  release(small, 6 * kMegabyte);
  EXPECT_REFUSED(LS_INVALID_ARGUMENT, "memory free", ls_memory_free(small, 6 * kMegabyte));  // freed twice
}

TEST_F(Memory, TrimGivesEverythingBack) {
  std::thread([] {
    for (int64_t bytes : kSizes) release(allocate(bytes), bytes);
  }).join();
  for (int64_t bytes : kSizes) release(allocate(bytes), bytes);
  if (kPooled) {
    EXPECT_GT(memory_statistics().pooled_bytes, 17 * kMegabyte);
  }
  EXPECT_EQ(LS_OK, ls_memory_trim());
  EXPECT_EQ(0, memory_statistics().pooled_bytes);
}

TEST_F(Memory, TrimReachesOtherThreadsWhenTheyNextAllocate) {
  if (!kPooled) GTEST_SKIP() << "nothing is pooled under AddressSanitizer";
  std::binary_semaphore filled{0};
  std::binary_semaphore trimmed{0};
  std::binary_semaphore emptied{0};
  std::binary_semaphore counted{0};
  std::thread other([&] {
    std::vector<void *> blocks(20);
    for (void *&block : blocks) block = allocate(1000);
    for (void *block : blocks) release(block, 1000);
    filled.release();
    trimmed.acquire();
    release(allocate(64), 64);
    emptied.release();
    counted.acquire();
  });
  filled.acquire();
  EXPECT_EQ(LS_OK, ls_memory_trim());
  EXPECT_GE(memory_statistics().pooled_bytes, 20 * 1000);
  trimmed.release();
  emptied.acquire();
  EXPECT_LE(memory_statistics().pooled_bytes, 64 * 64);
  counted.release();
  other.join();
}

TEST_F(Memory, PoolStaysBelowItsCap) {
  if (!kPooled) GTEST_SKIP() << "nothing is pooled under AddressSanitizer";
  // Never touched, so this costs addresses only.
  constexpr int64_t kBytes = int64_t{1} << 30;
  for (int round = 0; round < 3; ++round) {
    std::vector<void *> blocks(8);
    for (void *&block : blocks) block = allocate(kBytes);
    for (void *block : blocks) release(block, kBytes);
    EXPECT_LE(memory_statistics().pooled_bytes, memory::pool_cap() + kMegabyte);
  }
  EXPECT_EQ(LS_OK, ls_memory_trim());
}

// Every thread frees what the others allocated, and threads end with full caches.
TEST_F(Memory, BlocksWanderBetweenThreads) {
  constexpr int kThreads = 8;
  struct Entry {
    void *address;
    int64_t bytes;
    unsigned char mark;
  };
  std::vector<Entry> shared;
  std::mutex lock;
  auto wander = [&](unsigned seed) {
    std::mt19937 random(seed);
    for (int i = 0; i < 3000; ++i) {
      int64_t bytes = static_cast<int64_t>(random() % 16 == 0 ? random() % 3000000 : random() % 3000);
      Entry fresh{allocate(bytes), bytes, static_cast<unsigned char>(random())};
      if (bytes > 0) {
        std::memset(fresh.address, fresh.mark, static_cast<size_t>(std::min<int64_t>(bytes, 100)));
        static_cast<unsigned char *>(fresh.address)[bytes - 1] = fresh.mark;
      }
      Entry taken{nullptr, 0, 0};
      {
        std::lock_guard<std::mutex> guard(lock);
        shared.push_back(fresh);
        if (shared.size() > 50) {
          std::swap(shared[random() % shared.size()], shared.back());
          taken = shared.back();
          shared.pop_back();
        }
      }
      if (taken.address == nullptr) continue;
      if (taken.bytes > 0) {
        EXPECT_EQ(taken.mark, static_cast<unsigned char *>(taken.address)[0]);
        EXPECT_EQ(taken.mark, static_cast<unsigned char *>(taken.address)[taken.bytes - 1]);
      }
      release(taken.address, taken.bytes);
      if (i % 1000 == 999) {
        EXPECT_EQ(LS_OK, ls_memory_trim());
      }
    }
  };
  for (unsigned generation = 0; generation < 2; ++generation) {
    std::vector<std::thread> threads;
    for (unsigned t = 0; t < kThreads; ++t) threads.emplace_back(wander, generation * kThreads + t);
    for (std::thread &thread : threads) thread.join();
  }
  for (const Entry &entry : shared) release(entry.address, entry.bytes);
}

TEST_F(Memory, CopiesOfEverySize) {
  for (int64_t bytes : {int64_t{1}, int64_t{13}, int64_t{4098}, 256 * int64_t{1024}, 3 * kMegabyte + 7}) {
    std::vector<char> from(static_cast<size_t>(bytes));
    for (size_t i = 0; i < from.size(); ++i) from[i] = static_cast<char>(i * 31 + i / 1000);
    std::vector<char> to(from.size() + 1, 'z');
    EXPECT_EQ(LS_OK, ls_memory_copy(to.data(), from.data(), bytes));
    EXPECT_TRUE(std::equal(from.begin(), from.end(), to.begin()));
    EXPECT_EQ('z', to.back());
  }
}

}  // namespace
}  // namespace lockstep
