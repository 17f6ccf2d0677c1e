// What the implementations by oneDNN and OpenBLAS have in common: what they accept, and calls on parts from our pool.
#pragma once

#include <atomic>
#include <exception>
#include <optional>
#include <string>

#include "cpu/matmul_problem.h"
#include "cpu/matmul_work.h"
#include "threads/pool.h"

namespace lockstep {

// Why no library takes the problem: too small for parts of that size, on which alone it beats our tiles, or a stride
// that needs packing.
std::optional<std::string> refused_by_libraries(const MatmulProblem &problem, const MatmulSplit &split);

// Calls body(worker, part) for all parts and throws the first of its exceptions afterwards.
template <typename Body>
void for_each_part(const MatmulParts &parts, int64_t workers, Body &&body) {
  std::atomic<int64_t> next = 0;
  std::atomic_flag failed;
  std::exception_ptr failure;
  parallel_chunks(workers, [&](int64_t worker) {
    for (int64_t index = next++; index < parts.count(); index = next++) {
      try {
        body(worker, parts.part(index));
      } catch (...) {
        if (!failed.test_and_set()) failure = std::current_exception();
      }
    }
  });
  if (failure) std::rethrow_exception(failure);
}

}  // namespace lockstep
