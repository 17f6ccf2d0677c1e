// Linear algebra by LAPACK, a matrix a call, the matrices (of solutions also blocks of columns) over the pool's
// threads.
#include <algorithm>

#include "cpu/lapack.h"
#include "cpu/linalg_implementations.h"
#include "cpu/linalg_memory.h"
#include "cpu/openblas.h"
#include "plan/dtype.h"
#include "threads/pool.h"

namespace lockstep {
namespace {

constexpr double kFlopsPerNanosecond = 4;
constexpr double kNanosecondsPerCall = 1000;
constexpr int64_t kMostWorkers = 16;
constexpr int64_t kMostScratch = int64_t{256} << 20;
constexpr int64_t kLine = 64;
constexpr int64_t kLeastColumns = 32;  // of a right-hand side's block

int64_t divide_up(int64_t a, int64_t b) { return (a + b - 1) / b; }

// Memory of one call, handed out in order.
class Scratch {
 public:
  explicit Scratch(char *memory) : memory_(memory) {}

  template <typename U>
  U *take(int64_t count) {
    char *taken = memory_ == nullptr ? nullptr : memory_ + bytes_;
    bytes_ += divide_up(count * static_cast<int64_t>(sizeof(U)), kLine) * kLine;
    return reinterpret_cast<U *>(taken);
  }

  int64_t bytes() const { return bytes_; }

 private:
  char *memory_;  // null: only measuring
  int64_t bytes_ = 0;
};

// The work arrays that LAPACK asks for.
struct Workspace {
  int64_t elements = 0;
  int64_t integers = 0;
};

template <typename T>
int64_t elements_of(T answer) {
  // LAPACK gives counts as floating-point numbers, which may be rounded down.
  return static_cast<int64_t>(std::nextafter(answer, std::numeric_limits<T>::infinity())) + 1;
}

template <typename T>
Workspace workspace_of(const LinalgProblem &p) {
  const int m = static_cast<int>(p.m);
  const int n = static_cast<int>(p.n);
  const int k = static_cast<int>(p.k);
  const int least = std::min(m, n);
  T answer = 0;
  int integers = 0;
  switch (p.kind) {
    case LS_LINALG_QR: {
      lapack::geqrf<T>(m, n, nullptr, nullptr, &answer, -1);
      int64_t elements = elements_of(answer);
      lapack::orgqr<T>(m, k, least, nullptr, nullptr, &answer, -1);
      return {std::max(elements, elements_of(answer)), 0};
    }
    case LS_LINALG_EIGH:
      lapack::syevd<T>(p.operands[2].wanted, n, nullptr, nullptr, &answer, -1, &integers, -1);
      return {elements_of(answer), integers};
    case LS_LINALG_SVD:
      lapack::gesdd<T>(p.operands[2].wanted || p.operands[3].wanted, m, n, nullptr, nullptr, nullptr, nullptr, &answer,
                       -1, &integers);
      return {elements_of(answer), 8 * static_cast<int64_t>(least)};
    case LS_LINALG_EIG:
      lapack::geev<T>(p.operands[3].wanted || p.operands[4].wanted, n, nullptr, nullptr, nullptr, nullptr, &answer, -1);
      return {elements_of(answer), 0};
    default:
      return {};
  }
}

// A matrix whose rows or columns are adjacent, as BLAS takes it.
template <typename T>
struct Dense {
  CBLAS_ORDER order;
  const T *begin;
  int leading;
};

template <typename T>
bool is_dense(int64_t rows, int64_t columns, int64_t row, int64_t column) {
  return (column == 1 && row >= std::max<int64_t>(columns, 1) && row <= INT32_MAX) ||
         (row == 1 && column >= std::max<int64_t>(rows, 1) && column <= INT32_MAX);
}

template <typename T>
class LapackStep final : public Step {
 public:
  LapackStep(const LinalgProblem &problem, const std::string &description)
      : p_(problem), columns_per_part_(columns_per_part(problem)), blocks_(block_count()) {
    use_openblas_on_one_thread();
    if (!empty()) work_ = workspace_of<T>(problem);
    const double nanoseconds = p_.flops() / kFlopsPerNanosecond / static_cast<double>(blocks_) + kNanosecondsPerCall;
    const LinalgParts parts(empty() ? 0 : p_.count * blocks_, 1, nanoseconds);
    Scratch measured(nullptr);
    body(measured, nullptr, 0, true);
    worker_bytes_ = measured.bytes();
    const int64_t fitting = std::clamp<int64_t>(kMostScratch / std::max<int64_t>(worker_bytes_, 1), 1, kMostWorkers);
    workers_ = std::min(parts.count, fitting);
    description_ = description + ", " + count_text(workers_, "part");
  }

  void run(void *const *slots, void *scratch) const override {
    const int64_t calls = p_.count * blocks_;
    parallel_chunks(workers_, [&](int64_t worker) {
      char *own = static_cast<char *>(scratch) + worker * worker_bytes_;
      for (int64_t call = worker; call < calls; call += workers_) {
        Scratch memory(own);
        body(memory, slots, call, false);
      }
    });
  }

  int64_t scratch_bytes() const override { return workers_ * worker_bytes_; }

  std::string describe() const override { return description_; }

 private:
  // Nothing is written, or there is nothing that LAPACK takes.
  bool empty() const {
    if (p_.count == 0) return true;
    return std::none_of(p_.operands.begin() + 1, p_.operands.end(), [](const LinalgMatrices &operand) {
      return operand.wanted && operand.rows * operand.columns > 0;
    });
  }

  static bool solves(const LinalgProblem &p) {
    return p.kind == LS_LINALG_TRIANGULAR_SOLVE || p.kind == LS_LINALG_LU_SOLVE;
  }

  static int64_t columns_per_part(const LinalgProblem &p) {
    if (!solves(p) || p.count >= kMostWorkers) return std::max<int64_t>(p.k, 1);
    return std::clamp<int64_t>(divide_up(p.k, 8), kLeastColumns, std::max(kLeastColumns, p.k));
  }

  int64_t block_count() const { return solves(p_) ? std::max<int64_t>(1, divide_up(p_.k, columns_per_part_)) : 1; }

  StridedMatrix<T> operand(int i, void *const *slots, int64_t matrix) const {
    return StridedMatrix<T>(p_, i, slots, matrix);
  }

  // Takes all its scratch first; measuring, does no more.
  void body(Scratch &scratch, void *const *slots, int64_t call, bool measuring) const {
    switch (p_.kind) {
      case LS_LINALG_CHOLESKY:
        return cholesky(scratch, slots, call, measuring);
      case LS_LINALG_TRIANGULAR_SOLVE:
      case LS_LINALG_LU_SOLVE:
        return solve(scratch, slots, call, measuring);
      case LS_LINALG_LU:
        return lu(scratch, slots, call, measuring);
      case LS_LINALG_QR:
        return qr(scratch, slots, call, measuring);
      case LS_LINALG_EIGH:
        return eigh(scratch, slots, call, measuring);
      case LS_LINALG_SVD:
        return svd(scratch, slots, call, measuring);
      default:
        return eig(scratch, slots, call, measuring);
    }
  }

  void cholesky(Scratch &scratch, void *const *slots, int64_t matrix, bool measuring) const {
    const int64_t n = p_.n;
    T *a = scratch.take<T>(n * n);
    if (measuring) return;
    to_columns(a, operand(0, slots, matrix));
    symmetrize(a, n);
    const bool definite =
        lapack::potrf<T>(static_cast<int>(n), a, static_cast<int>(n)) == 0 && positive_diagonal(a, n, n);
    for (int64_t j = 0; j < n; ++j) {
      fill<T>(a + j * n, j, 0);
      if (!definite) fill_nan(a + j * n + j, n - j);
    }
    from_columns(operand(1, slots, matrix), a);
  }

  void lu(Scratch &scratch, void *const *slots, int64_t matrix, bool measuring) const {
    const int64_t least = std::min(p_.m, p_.n);
    T *a = scratch.take<T>(p_.m * p_.n);
    int *pivots = scratch.take<int>(least);
    int *permutation = scratch.take<int>(p_.m);
    if (measuring) return;
    to_columns(a, operand(0, slots, matrix));
    if (least > 0) lapack::getrf<T>(static_cast<int>(p_.m), static_cast<int>(p_.n), a, pivots);
    for (int i = 0; i < p_.m; ++i) permutation[i] = i;
    for (int i = 0; i < least; ++i) {
      --pivots[i];
      std::swap(permutation[i], permutation[pivots[i]]);
    }
    from_columns(operand(1, slots, matrix), a);
    from_columns(StridedMatrix<int>(p_, 2, slots, matrix), pivots);
    from_columns(StridedMatrix<int>(p_, 3, slots, matrix), permutation);
  }

  // Triangular solve and LU solve, of a block of columns.
  void solve(Scratch &scratch, void *const *slots, int64_t call, bool measuring) const {
    const bool factored = p_.kind == LS_LINALG_LU_SOLVE;
    const bool transposed = p_.has(LS_LINALG_TRANSPOSED);
    const int64_t n = p_.n;
    const LinalgMatrices &matrices = p_.operands[0];
    const bool dense = is_dense<T>(n, n, matrices.row, matrices.column);
    T *packed = scratch.take<T>(dense ? 0 : n * n);
    T *x = scratch.take<T>(n * std::min(columns_per_part_, p_.k));
    if (measuring) return;

    const int64_t matrix = call / blocks_;
    const int64_t first = call % blocks_ * columns_per_part_;
    const int columns = static_cast<int>(std::min(columns_per_part_, p_.k - first));
    const int rows = static_cast<int>(n);
    const StridedMatrix<T> a = operand(0, slots, matrix);
    Dense<T> factors = {CblasColMajor, a.begin(), static_cast<int>(a.column)};
    if (!dense) {
      to_columns(packed, a);
      factors = {CblasColMajor, packed, rows};
    } else if (a.row != 1) {
      factors = {CblasRowMajor, a.begin(), static_cast<int>(a.row)};
    }
    const bool by_rows = factors.order == CblasRowMajor;
    const int leading = by_rows ? columns : rows;
    const StridedMatrix<T> solution = {reinterpret_cast<char *>(x), n, columns, by_rows ? columns : 1, by_rows ? 1 : n};
    const StridedMatrix<T> b = columns_of(operand(factored ? 2 : 1, slots, matrix), first, columns);
    const StridedMatrix<T> to = columns_of(operand(factored ? 3 : 2, slots, matrix), first, columns);
    auto substitute = [&](bool lower, bool transpose, bool unit) {
      lapack::trsm<T>(factors.order, CblasLeft, lower, transpose, unit, rows, columns, factors.begin, factors.leading,
                      x, leading);
    };
    if (!factored) {
      copy_matrix(solution, b);
      substitute(p_.has(LS_LINALG_LOWER), false, p_.has(LS_LINALG_UNIT_DIAGONAL));
      copy_matrix(to, solution);
    } else if (transposed) {
      copy_matrix(solution, b);
      substitute(false, true, false);
      substitute(true, true, true);
      for (int64_t i = 0; i < n; ++i) copy_matrix(row_of(to, permuted(slots, matrix, i)), row_of(solution, i));
    } else {
      for (int64_t i = 0; i < n; ++i) copy_matrix(row_of(solution, i), row_of(b, permuted(slots, matrix, i)));
      substitute(true, false, true);
      substitute(false, false, false);
      copy_matrix(to, solution);
    }
  }

  int64_t permuted(void *const *slots, int64_t matrix, int64_t i) const {
    const StridedMatrix<int> permutation(p_, 1, slots, matrix);
    return std::clamp<int64_t>(permutation.begin()[i * permutation.row], 0, p_.n - 1);
  }

  static StridedMatrix<T> columns_of(StridedMatrix<T> matrix, int64_t first, int64_t count) {
    if (matrix.address != nullptr) matrix.address += first * matrix.column * static_cast<int64_t>(sizeof(T));
    matrix.columns = count;
    return matrix;
  }

  static StridedMatrix<T> row_of(StridedMatrix<T> matrix, int64_t row) {
    if (matrix.address != nullptr) matrix.address += row * matrix.row * static_cast<int64_t>(sizeof(T));
    matrix.rows = 1;
    return matrix;
  }

  void qr(Scratch &scratch, void *const *slots, int64_t matrix, bool measuring) const {
    const int64_t least = std::min(p_.m, p_.n);
    const int m = static_cast<int>(p_.m);
    const int work_elements = static_cast<int>(work_.elements);
    T *a = scratch.take<T>(p_.m * std::max(p_.n, p_.k));
    T *r = scratch.take<T>(p_.k * p_.n);
    T *tau = scratch.take<T>(least);
    T *work = scratch.take<T>(work_.elements);
    if (measuring) return;
    to_columns(a, operand(0, slots, matrix));
    if (least > 0) lapack::geqrf<T>(m, static_cast<int>(p_.n), a, tau, work, work_elements);
    for (int64_t j = 0; j < p_.n; ++j) {
      const int64_t above = std::min({j + 1, p_.k, p_.m});
      std::copy_n(a + j * p_.m, above, r + j * p_.k);
      fill<T>(r + j * p_.k + above, p_.k - above, 0);
    }
    if (p_.k > 0) lapack::orgqr<T>(m, static_cast<int>(p_.k), static_cast<int>(least), a, tau, work, work_elements);
    from_columns(operand(1, slots, matrix), a);
    from_columns(operand(2, slots, matrix), r);
  }

  void eigh(Scratch &scratch, void *const *slots, int64_t matrix, bool measuring) const {
    const int64_t n = p_.n;
    T *a = scratch.take<T>(n * n);
    T *values = scratch.take<T>(n);
    T *work = scratch.take<T>(work_.elements);
    int *integers = scratch.take<int>(work_.integers);
    if (measuring) return;
    to_columns(a, operand(0, slots, matrix));
    symmetrize(a, n);
    if (!all_finite(a, n * n) ||
        lapack::syevd<T>(p_.operands[2].wanted, static_cast<int>(n), a, values, work, static_cast<int>(work_.elements),
                         integers, static_cast<int>(work_.integers)) != 0) {
      fill_nan(a, n * n);
      fill_nan(values, n);
    }
    from_columns(operand(1, slots, matrix), values);
    from_columns(operand(2, slots, matrix), a);
  }

  void svd(Scratch &scratch, void *const *slots, int64_t matrix, bool measuring) const {
    const int64_t least = std::min(p_.m, p_.n);
    const bool vectors = p_.operands[2].wanted || p_.operands[3].wanted;
    T *a = scratch.take<T>(p_.m * p_.n);
    T *values = scratch.take<T>(least);
    T *u = scratch.take<T>(vectors ? p_.m * least : 0);
    T *vt = scratch.take<T>(vectors ? least * p_.n : 0);
    T *work = scratch.take<T>(work_.elements);
    int *integers = scratch.take<int>(work_.integers);
    if (measuring) return;
    to_columns(a, operand(0, slots, matrix));
    if (!all_finite(a, p_.m * p_.n) ||
        lapack::gesdd<T>(vectors, static_cast<int>(p_.m), static_cast<int>(p_.n), a, values, u, vt, work,
                         static_cast<int>(work_.elements), integers) != 0) {
      fill_nan(values, least);
      if (vectors) fill_nan(u, p_.m * least);
      if (vectors) fill_nan(vt, least * p_.n);
    }
    from_columns(operand(1, slots, matrix), values);
    from_columns(operand(2, slots, matrix), u);
    from_columns(operand(3, slots, matrix), vt);
  }

  void eig(Scratch &scratch, void *const *slots, int64_t matrix, bool measuring) const {
    const int64_t n = p_.n;
    const bool vectors = p_.operands[3].wanted || p_.operands[4].wanted;
    T *a = scratch.take<T>(n * n);
    T *real = scratch.take<T>(n);
    T *imaginary = scratch.take<T>(n);
    T *v = scratch.take<T>(vectors ? n * n : 0);
    T *work = scratch.take<T>(work_.elements);
    if (measuring) return;
    to_columns(a, operand(0, slots, matrix));
    if (!all_finite(a, n * n) || lapack::geev<T>(vectors, static_cast<int>(n), a, real, imaginary, v, work,
                                                 static_cast<int>(work_.elements)) != 0) {
      fill_nan(real, n);
      fill_nan(imaginary, n);
      if (vectors) fill_nan(v, n * n);
    }
    from_columns(operand(1, slots, matrix), real);
    from_columns(operand(2, slots, matrix), imaginary);
    if (!vectors) return;
    // LAPACK packs a conjugate pair's vectors: the real part, then the imaginary part of the first.
    T *imaginary_vectors = a;
    for (int64_t j = 0; j < n; ++j) {
      T *re = v + j * n;
      T *im = imaginary_vectors + j * n;
      if (imaginary[j] == 0 || std::isnan(imaginary[j]) || j + 1 == n) {
        fill<T>(im, n, std::isnan(imaginary[j]) ? imaginary[j] : 0);
        continue;
      }
      for (int64_t i = 0; i < n; ++i) {
        im[i] = re[n + i];
        im[n + i] = -im[i];
        re[n + i] = re[i];
      }
      ++j;
    }
    from_columns(operand(3, slots, matrix), v);
    from_columns(operand(4, slots, matrix), imaginary_vectors);
  }

  LinalgProblem p_;
  int64_t columns_per_part_;
  int64_t blocks_;
  Workspace work_;
  int64_t worker_bytes_ = 0;
  int64_t workers_ = 0;
  std::string description_;
};

std::optional<std::string> refuse(const LinalgProblem &) { return std::nullopt; }

std::unique_ptr<Step> make(const LinalgProblem &problem, const std::string &description) {
  if (problem.dtype == LS_F32) return std::make_unique<LapackStep<float>>(problem, description);
  return std::make_unique<LapackStep<double>>(problem, description);
}

}  // namespace

const LinalgImplementation kLinalgLapack = {"LAPACK", refuse, make};

}  // namespace lockstep
