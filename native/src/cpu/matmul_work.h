// How much work a product is, and how it is shared out in parts. Parts depend on the problem alone, not on the number
// of threads, so that every element is summed in the same order by any of them.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <exception>

#include "cpu/matmul_problem.h"
#include "threads/pool.h"

namespace lockstep {

inline int64_t ceiling(int64_t value, int64_t divisor) { return (value + divisor - 1) / divisor; }
inline int64_t round_up(int64_t value, int64_t multiple) { return ceiling(value, multiple) * multiple; }

// The number of parts that a product and its epilogue are worth: 1 below about 50 us of work. Columns are computed in
// such multiples.
int64_t parts_for(const MatmulProblem &problem, int64_t column_multiple);

// Rows and columns of a part are multiples of these (but for the last ones) and at most the largest.
struct MatmulSplit {
  int64_t row_multiple = 1;
  int64_t column_multiple = 1;
  int64_t largest_rows = INT64_MAX;
  int64_t largest_columns = INT64_MAX;
  int64_t largest_elements = INT64_MAX;  // of c; kept but where it would split a multiple
};

// So many elements of c stay in a core's own caches until the epilogue has run on them; no limit without an epilogue.
int64_t elements_in_cache(const MatmulProblem &problem);

// Some whole matrices of the batch, or a block of one.
struct MatmulPart {
  int64_t first, count;
  int64_t row, rows;
  int64_t column, columns;
};

class MatmulParts {
 public:
  MatmulParts() = default;
  MatmulParts(const MatmulProblem &problem, int64_t wanted, const MatmulSplit &split);

  int64_t count() const { return count_; }
  int64_t rows() const { return rows_; }
  int64_t columns() const { return columns_; }

  MatmulPart part(int64_t index) const {
    if (count_ == 1) return {0, batch_, 0, m_, 0, n_};
    const int64_t blocks = row_blocks_ * column_blocks_;
    const int64_t group = index / blocks;
    const int64_t run = group / groups_in_run_ * run_;
    const int64_t first = run + group % groups_in_run_ * group_;
    const int64_t row = index % blocks / column_blocks_ * rows_;
    const int64_t column = index % column_blocks_ * columns_;
    return {first,  std::min(group_, std::min(run + run_, batch_) - first),
            row,    std::min(rows_, m_ - row),
            column, std::min(columns_, n_ - column)};
  }

 private:
  void group_matrices(const MatmulProblem &problem, int64_t wanted, int64_t largest_elements);

  int64_t batch_ = 0, m_ = 0, n_ = 0;
  int64_t count_ = 0;
  int64_t group_ = 1;  // matrices in a part
  int64_t run_ = 1;    // matrices that are grouped by themselves
  int64_t groups_in_run_ = 1;
  int64_t rows_ = 1, columns_ = 1;
  int64_t row_blocks_ = 1, column_blocks_ = 1;
};

// Calls body(worker, part) for all parts, worker < workers being no other call's at that time, and throws the first of
// its exceptions afterwards.
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
