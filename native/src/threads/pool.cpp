#include "threads/pool.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <climits>
#include <mutex>
#include <string>
#include <vector>

#include "abi/error.h"
#include "threads/cores.h"
#include "threads/futex.h"

namespace lockstep {
namespace {

using Body = void (*)(void *context, int64_t chunk);

constexpr int kMostThreads = 256;
constexpr auto kSpin = std::chrono::microseconds(20);

// A region hands out at most this many pieces; with more chunks than that a piece is several of them.
constexpr int64_t kMostPieces = int64_t{1} << 20;

// The word that threads claim pieces from: the region's number above, the next piece below.
constexpr uint64_t kPieceBits = 32;
constexpr uint64_t kPieceMask = (uint64_t{1} << kPieceBits) - 1;
constexpr uint64_t kClosed = kPieceMask;

// All state is static and the fields of a region are atomics, so that a worker that wakes late reads valid memory. It
// finds the region's number changed (its claim fails) or the region closed.
struct Pool {
  alignas(64) std::atomic<uint64_t> claim{kClosed};
  std::atomic<Body> body{nullptr};
  std::atomic<void *> context{nullptr};
  std::atomic<int64_t> chunks{0};
  std::atomic<int64_t> chunks_per_piece{1};
  std::atomic<uint32_t> pieces{0};

  alignas(64) std::atomic<uint32_t> unfinished{0};  // pieces; the caller sleeps on it
  std::atomic<bool> caller_sleeps{false};

  alignas(64) std::atomic<uint32_t> regions{0};  // idle workers watch it, then sleep on it
  std::atomic<int> sleepers{0};

  alignas(64) std::atomic<bool> busy{false};  // a region or a resize is under way
  std::atomic<bool> resize_waits{false};      // no new region starts, or busy callers would starve it
  std::atomic<int> threads{0};                // 0: not yet asked
  std::atomic<int> keep_workers{INT_MAX};     // workers numbered from here on end

  std::vector<pthread_t> workers;  // changed by the holder of `busy` only
  std::mutex resize;
};

// Never destroyed: workers may outlive main.
Pool &pool() {
  static Pool &instance = *new Pool;
  return instance;
}

// Calls `ready` until it holds or the time for spinning is over.
template <typename Condition>
bool spin_until(Condition &&ready) {
  auto start = std::chrono::steady_clock::now();
  do {
    for (int i = 0; i < 32; ++i) {
      if (ready()) return true;
      __builtin_ia32_pause();
    }
  } while (std::chrono::steady_clock::now() - start < kSpin);
  return false;
}

// Runs pieces of the current region until none is left.
void work(Pool &p) {
  uint32_t finished = 0;
  uint64_t claim = p.claim.load(std::memory_order_acquire);
  for (;;) {
    // A successful exchange below proves that these belong to the claimed region: they change only while it is closed.
    uint32_t pieces = p.pieces.load(std::memory_order_acquire);
    Body body = p.body.load(std::memory_order_acquire);
    void *context = p.context.load(std::memory_order_acquire);
    int64_t chunks = p.chunks.load(std::memory_order_acquire);
    int64_t chunks_per_piece = p.chunks_per_piece.load(std::memory_order_acquire);
    uint64_t piece = claim & kPieceMask;
    if (piece >= pieces) break;
    if (!p.claim.compare_exchange_weak(claim, claim + 1, std::memory_order_acq_rel, std::memory_order_acquire))
      continue;
    ++claim;
    int64_t first = static_cast<int64_t>(piece) * chunks_per_piece;
    int64_t last = std::min(first + chunks_per_piece, chunks);
    for (int64_t chunk = first; chunk < last; ++chunk) body(context, chunk);
    ++finished;
    claim = p.claim.load(std::memory_order_acquire);
  }
  if (finished > 0 && p.unfinished.fetch_sub(finished) == finished && p.caller_sleeps.load()) {
    futex_wake(p.unfinished, 1);
  }
}

void *worker_main(void *argument) {
  Pool &p = pool();
  int number = static_cast<int>(reinterpret_cast<intptr_t>(argument));
  pthread_setname_np(pthread_self(), ("lockstep-" + std::to_string(number + 1)).c_str());
  uint32_t seen = p.regions.load() - 1;
  for (;;) {
    if (!spin_until([&] { return p.regions.load(std::memory_order_relaxed) != seen; })) {
      p.sleepers.fetch_add(1);
      while (p.regions.load() == seen) futex_wait(p.regions, seen);
      p.sleepers.fetch_sub(1);
    }
    seen = p.regions.load();
    if (number >= p.keep_workers.load()) return nullptr;
    work(p);
  }
}

// Starts workers until there are `count`, or as many as the system allows. The holder of `busy` calls it.
void start_workers(Pool &p, int count) {
  if (static_cast<int>(p.workers.size()) >= count) return;
  // The new threads inherit the mask: the JVM's signals go to its own threads, but a fault still reaches its handler.
  sigset_t masked;
  sigset_t before;
  sigfillset(&masked);
  for (int fault : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP}) sigdelset(&masked, fault);
  pthread_sigmask(SIG_SETMASK, &masked, &before);
  try {
    while (static_cast<int>(p.workers.size()) < count) {
      p.workers.reserve(p.workers.size() + 1);
      pthread_t thread;
      intptr_t number = static_cast<intptr_t>(p.workers.size());
      if (pthread_create(&thread, nullptr, worker_main, reinterpret_cast<void *>(number)) != 0) break;
      p.workers.push_back(thread);
    }
  } catch (const std::bad_alloc &) {
    // Fewer threads do the same work.
  }
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

void wake_workers(Pool &p, int count) {
  p.regions.fetch_add(1);
  if (p.sleepers.load() > 0) futex_wake(p.regions, count);
}

void wait_for_unfinished(Pool &p) {
  if (spin_until([&] { return p.unfinished.load(std::memory_order_acquire) == 0; })) return;
  p.caller_sleeps.store(true);
  while (uint32_t left = p.unfinished.load()) futex_wait(p.unfinished, left);
  p.caller_sleeps.store(false);
}

void run_region(Pool &p, int64_t chunks, Body body, void *context) {
  int64_t chunks_per_piece = (chunks + kMostPieces - 1) / kMostPieces;
  uint32_t pieces = static_cast<uint32_t>((chunks + chunks_per_piece - 1) / chunks_per_piece);
  int helpers = static_cast<int>(std::min<int64_t>(p.threads.load(std::memory_order_relaxed), pieces)) - 1;
  start_workers(p, helpers);

  uint64_t number = ((p.claim.load(std::memory_order_relaxed) >> kPieceBits) + 1) << kPieceBits;
  p.claim.store(number | kClosed);
  p.body.store(body, std::memory_order_release);
  p.context.store(context, std::memory_order_release);
  p.chunks.store(chunks, std::memory_order_release);
  p.chunks_per_piece.store(chunks_per_piece, std::memory_order_release);
  p.pieces.store(pieces, std::memory_order_release);
  p.unfinished.store(pieces);
  p.claim.store(number);

  wake_workers(p, helpers);
  work(p);
  wait_for_unfinished(p);
}

}  // namespace

int threads() {
  Pool &p = pool();
  int count = p.threads.load(std::memory_order_relaxed);
  if (count > 0) [[likely]]
    return count;
  int cores = std::min(usable_cores(), kMostThreads);
  p.threads.compare_exchange_strong(count, cores);
  return p.threads.load();
}

void set_threads(int count) {
  if (count < 0 || count > kMostThreads) {
    throw Error(LS_INVALID_ARGUMENT, "threads: expected 1 to " + std::to_string(kMostThreads) +
                                         ", or 0 for one a core; got " + std::to_string(count));
  }
  if (count == 0) count = std::min(usable_cores(), kMostThreads);
  Pool &p = pool();
  std::lock_guard<std::mutex> lock(p.resize);
  p.resize_waits.store(true);
  while (p.busy.exchange(true, std::memory_order_acquire)) sched_yield();
  p.resize_waits.store(false);
  p.threads.store(count);
  if (static_cast<int>(p.workers.size()) > count - 1) {
    p.keep_workers.store(count - 1);
    wake_workers(p, INT_MAX);
    for (size_t i = static_cast<size_t>(count - 1); i < p.workers.size(); ++i) pthread_join(p.workers[i], nullptr);
    p.workers.resize(static_cast<size_t>(count - 1));
    p.keep_workers.store(INT_MAX);
  }
  p.busy.store(false, std::memory_order_release);
}

void detail::parallel_chunks(int64_t chunks, Body body, void *context) {
  if (chunks > 1 && threads() > 1) {
    Pool &p = pool();
    bool free = !p.busy.load(std::memory_order_relaxed) && !p.resize_waits.load(std::memory_order_relaxed);
    if (free && !p.busy.exchange(true, std::memory_order_acquire)) {
      run_region(p, chunks, body, context);
      p.busy.store(false, std::memory_order_release);
      return;
    }
  }
  for (int64_t chunk = 0; chunk < chunks; ++chunk) body(context, chunk);
}

}  // namespace lockstep
