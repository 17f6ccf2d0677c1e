// The library's one thread pool. A parallel region splits its work into chunks that threads take from a counter; the
// caller takes chunks too, and waits only for chunks in flight. A region started while another runs (from a second
// Java thread, or nested) runs in its caller alone, so that pools never pile up.
#pragma once

#include <cstdint>
#include <type_traits>

namespace lockstep {

// The number of threads that a region may use, the caller included.
int threads();
void set_threads(int count);

namespace detail {
void parallel_chunks(int64_t chunks, void (*body)(void *context, int64_t chunk), void *context);
}

// Calls body(chunk) for each chunk in [0, chunks), in any order, possibly at the same time. body must not throw.
template <typename Body>
void parallel_chunks(int64_t chunks, Body &&body) {
  using Plain = std::remove_reference_t<Body>;
  detail::parallel_chunks(
      chunks, [](void *context, int64_t chunk) { (*static_cast<Plain *>(context))(chunk); },
      const_cast<void *>(static_cast<const void *>(&body)));
}

}  // namespace lockstep
