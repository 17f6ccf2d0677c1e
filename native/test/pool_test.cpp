// The thread pool: every chunk once, whoever calls, and resizing at any time.
#include "threads/pool.h"

#include <gtest/gtest.h>
#include <pthread.h>
#include <signal.h>

#include <atomic>
#include <chrono>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "plan_fixture.h"

namespace lockstep {
namespace {

class ThreadPool : public ::testing::Test {
 protected:
  void TearDown() override { EXPECT_EQ(LS_OK, ls_threads_set(0)); }
};

void expect_each_chunk_once(int64_t chunks) {
  std::vector<std::atomic<int>> counts(static_cast<size_t>(chunks));
  parallel_chunks(chunks, [&](int64_t chunk) { counts[static_cast<size_t>(chunk)].fetch_add(1); });
  for (int64_t i = 0; i < chunks; ++i) ASSERT_EQ(1, counts[static_cast<size_t>(i)].load()) << i << " of " << chunks;
}

TEST_F(ThreadPool, RunsEachChunkOnce) {
  for (int32_t threads : {1, 2, 3, 8}) {
    ASSERT_EQ(LS_OK, ls_threads_set(threads));
    EXPECT_EQ(threads, ls_threads_get());
    for (int64_t chunks : {0, 1, 2, 13, 207, 4098}) expect_each_chunk_once(chunks);
  }
}

TEST_F(ThreadPool, RunsMoreChunksThanItHandsOutPieces) {
  ASSERT_EQ(LS_OK, ls_threads_set(4));
  expect_each_chunk_once((int64_t{1} << 20) + 1);
  expect_each_chunk_once(2500000);
}

TEST_F(ThreadPool, UsesAllThreads) {
  ASSERT_EQ(LS_OK, ls_threads_set(4));
  std::mutex lock;
  std::set<std::thread::id> seen;
  parallel_chunks(4, [&](int64_t) {
    {
      std::lock_guard<std::mutex> guard(lock);
      seen.insert(std::this_thread::get_id());
    }
    auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    for (;;) {
      std::this_thread::yield();
      std::lock_guard<std::mutex> guard(lock);
      if (seen.size() == 4 || std::chrono::steady_clock::now() > deadline) return;
    }
  });
  EXPECT_EQ(4U, seen.size());
}

TEST_F(ThreadPool, ManySmallRegionsLeaveNoLateWorkerBehind) {
  ASSERT_EQ(LS_OK, ls_threads_set(4));
  for (int i = 0; i < 20000; ++i) {
    int64_t sum[3] = {};  // on the stack: a worker that ran a chunk of an earlier region would write to it
    parallel_chunks(3, [&](int64_t chunk) { sum[chunk] += chunk + 1; });
    ASSERT_EQ(6, sum[0] + sum[1] + sum[2]);
  }
}

TEST_F(ThreadPool, NestedRegionsRunInTheirCaller) {
  ASSERT_EQ(LS_OK, ls_threads_set(4));
  std::atomic<int> total{0};
  parallel_chunks(13, [&](int64_t) {
    std::thread::id outer = std::this_thread::get_id();
    parallel_chunks(7, [&](int64_t) {
      EXPECT_EQ(outer, std::this_thread::get_id());
      total.fetch_add(1);
    });
  });
  EXPECT_EQ(13 * 7, total.load());
}

TEST_F(ThreadPool, ManyCallersAtOnceWhileItIsResized) {
  std::atomic<bool> stop{false};
  std::vector<std::thread> callers;
  for (int t = 0; t < 4; ++t) {
    callers.emplace_back([&] {
      while (!stop.load()) {
        std::atomic<int64_t> sum{0};
        parallel_chunks(100, [&](int64_t chunk) { sum.fetch_add(chunk); });
        ASSERT_EQ(4950, sum.load());
      }
    });
  }
  for (int round = 0; round < 60; ++round) {
    EXPECT_EQ(LS_OK, ls_threads_set(1 + round * 7 % 9));
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  stop.store(true);
  for (std::thread &caller : callers) caller.join();
}

TEST_F(ThreadPool, WorkersHaveNamesAndTakeFaultSignalsOnly) {
  ASSERT_EQ(LS_OK, ls_threads_set(2));
  std::thread::id caller = std::this_thread::get_id();
  std::string name;
  bool blocked = false;
  std::atomic<bool> worker_ran{false};
  parallel_chunks(2, [&](int64_t) {
    if (std::this_thread::get_id() == caller) {
      for (int i = 0; i < 20000 && !worker_ran.load(); ++i) std::this_thread::sleep_for(std::chrono::milliseconds(1));
      return;
    }
    char text[16];
    pthread_getname_np(pthread_self(), text, sizeof text);
    name = text;
    sigset_t mask;
    pthread_sigmask(SIG_SETMASK, nullptr, &mask);
    blocked = sigismember(&mask, SIGTERM) == 1 && sigismember(&mask, SIGUSR2) == 1 && sigismember(&mask, SIGSEGV) == 0;
    worker_ran.store(true);
  });
  ASSERT_TRUE(worker_ran.load());
  EXPECT_EQ("lockstep-1", name);
  EXPECT_TRUE(blocked);
  sigset_t mine;
  pthread_sigmask(SIG_SETMASK, nullptr, &mine);
  EXPECT_EQ(0, sigismember(&mine, SIGTERM)) << "the caller's own mask must come back";
}

TEST_F(ThreadPool, OneACoreAndBadCounts) {
  EXPECT_EQ(LS_OK, ls_threads_set(0));
  EXPECT_GE(ls_threads_get(), 1);
  EXPECT_LE(ls_threads_get(), static_cast<int32_t>(std::thread::hardware_concurrency()));
  EXPECT_REFUSED(LS_INVALID_ARGUMENT, "threads: expected 1 to 256, or 0 for one a core; got -1", ls_threads_set(-1));
  EXPECT_REFUSED(LS_INVALID_ARGUMENT, "got 257", ls_threads_set(257));
}

}  // namespace
}  // namespace lockstep
