// One large Cholesky factor, column block by column block: the diagonal block by LAPACK, then the rows below it and the
// rest of the matrix in blocks over the pool's threads.
#include <algorithm>
#include <atomic>

#include "cpu/lapack.h"
#include "cpu/linalg_implementations.h"
#include "cpu/linalg_memory.h"
#include "cpu/openblas.h"
#include "plan/dtype.h"
#include "threads/pool.h"

namespace lockstep {
namespace {

constexpr int64_t kLeastSize = 192;
constexpr int64_t kMostMatrices = 4;
constexpr int64_t kBlock = 128;

int64_t divide_up(int64_t a, int64_t b) { return (a + b - 1) / b; }

template <typename T>
class BlockedStep final : public Step {
 public:
  BlockedStep(const LinalgProblem &problem, const std::string &description)
      : p_(problem), description_(description + " in blocks of " + std::to_string(kBlock)) {
    use_openblas_on_one_thread();
  }

  void run(void *const *slots, void *scratch) const override {
    T *a = static_cast<T *>(scratch);
    for (int64_t matrix = 0; matrix < p_.count; ++matrix) {
      const StridedMatrix<T> from(p_, 0, slots, matrix);
      const StridedMatrix<T> to(p_, 1, slots, matrix);
      symmetrized(a, from);
      finish(to, a, factor(a));
    }
  }

  int64_t scratch_bytes() const override { return p_.n * p_.n * static_cast<int64_t>(sizeof(T)); }

  std::string describe() const override { return description_; }

 private:
  // The lower triangle, in column blocks.
  void symmetrized(T *a, const StridedMatrix<T> &from) const {
    const int64_t n = p_.n;
    const T *x = from.begin();
    parallel_chunks(divide_up(n, kTile), [&](int64_t block) {
      const int64_t first = block * kTile;
      const int64_t last = std::min(first + kTile, n);
      for (int64_t tile = first; tile < n; tile += kTile) {
        const int64_t end = std::min(tile + kTile, n);
        T mirrored[kTile][kTile];
        for (int64_t i = tile; i < end; ++i) {
          for (int64_t j = first; j < last; ++j) mirrored[j - first][i - tile] = x[i * from.row + j * from.column];
        }
        for (int64_t j = first; j < last; ++j) {
          for (int64_t i = tile; i < end; ++i) {
            a[i + j * n] = (mirrored[j - first][i - tile] + x[j * from.row + i * from.column]) * static_cast<T>(0.5);
          }
        }
      }
    });
  }

  bool factor(T *a) const {
    const int64_t n = p_.n;
    const int leading = static_cast<int>(n);
    for (int64_t k = 0; k < n; k += kBlock) {
      const int size = static_cast<int>(std::min(kBlock, n - k));
      T *diagonal = a + k * n + k;
      if (lapack::potrf<T>(size, diagonal, leading) != 0 || !positive_diagonal(diagonal, size, leading)) return false;
      const int64_t rest = n - k - size;
      if (rest == 0) break;
      T *below = diagonal + size;
      const int64_t rows = std::max<int64_t>(32, divide_up(divide_up(rest, 8), 16) * 16);
      parallel_chunks(divide_up(rest, rows), [&](int64_t part) {
        const int64_t first = part * rows;
        lapack::trsm<T>(CblasColMajor, CblasRight, true, true, false, static_cast<int>(std::min(rows, rest - first)),
                        size, diagonal, leading, below + first, leading);
      });
      // Tiles of the trailing lower triangle, [row, column] with row >= column.
      const int64_t tiles = divide_up(rest, kBlock);
      T *trailing = below + size * n;
      parallel_chunks(tiles * (tiles + 1) / 2, [&](int64_t part) {
        int64_t column = 0;
        while (part >= tiles - column) part -= tiles - column++;
        const int64_t row = (column + part) * kBlock;
        column *= kBlock;
        lapack::subtract_product<T>(static_cast<int>(std::min(kBlock, rest - row)),
                                    static_cast<int>(std::min(kBlock, rest - column)), size, below + row, leading,
                                    below + column, leading, trailing + row + column * n, leading);
      });
    }
    return true;
  }

  void finish(const StridedMatrix<T> &to, const T *a, bool definite) const {
    const int64_t n = p_.n;
    const T nan = std::numeric_limits<T>::quiet_NaN();
    if (to.address == nullptr) return;
    T *x = to.begin();
    parallel_chunks(divide_up(n, kTile), [&](int64_t block) {
      const int64_t first = block * kTile;
      const int64_t last = std::min(first + kTile, n);
      for (int64_t tile = 0; tile < n; tile += kTile) {
        const int64_t end = std::min(tile + kTile, n);
        for (int64_t i = first; i < last; ++i) {
          for (int64_t j = tile; j < end; ++j) {
            x[i * to.row + j * to.column] = j > i ? T{0} : definite ? a[i + j * n] : nan;
          }
        }
      }
    });
  }

  static constexpr int64_t kTile = 32;

  LinalgProblem p_;
  std::string description_;
};

std::optional<std::string> refuse(const LinalgProblem &problem) {
  if (problem.kind != LS_LINALG_CHOLESKY) return "Cholesky only";
  if (problem.n < kLeastSize) return "matrices too small";
  if (problem.count == 0 || problem.count > kMostMatrices) return "matrices enough for the threads";
  return std::nullopt;
}

std::unique_ptr<Step> make(const LinalgProblem &problem, const std::string &description) {
  if (problem.dtype == LS_F32) return std::make_unique<BlockedStep<float>>(problem, description);
  return std::make_unique<BlockedStep<double>>(problem, description);
}

}  // namespace

const LinalgImplementation kLinalgBlocked = {"blocked", refuse, make};

}  // namespace lockstep
