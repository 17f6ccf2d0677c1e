// Our own register-blocked kernels: all strides, every dtype but bool. Best for small and middling products.
#include <algorithm>
#include <string>
#include <utility>

#include "cpu/isa.h"
#include "cpu/matmul_epilogue.h"
#include "cpu/matmul_implementations.h"
#include "cpu/matmul_kernels.h"
#include "cpu/matmul_work.h"
#include "plan/dtype.h"
#include "threads/pool.h"

namespace lockstep {

const MatmulKernels &matmul_kernels(ls_dtype dtype) {
  switch (dtype) {
    case LS_I32:
      return for_isa(v2::matmul_kernels_i32, v3::matmul_kernels_i32, v4::matmul_kernels_i32)();
    case LS_I64:
      return for_isa(v2::matmul_kernels_i64, v3::matmul_kernels_i64, v4::matmul_kernels_i64)();
    case LS_BF16:
      return for_isa(v2::matmul_kernels_bf16, v3::matmul_kernels_bf16, v4::matmul_kernels_bf16)();
    case LS_F32:
      return for_isa(v2::matmul_kernels_f32, v3::matmul_kernels_f32, v4::matmul_kernels_f32)();
    default:
      return for_isa(v2::matmul_kernels_f64, v3::matmul_kernels_f64, v4::matmul_kernels_f64)();
  }
}

namespace {

constexpr int64_t kLongestBlock = 256;
constexpr int64_t kRowsOfBlock = 96;
constexpr int64_t kRowsOfPacking = 192;
constexpr int64_t kColumnsOfBlock = 512;
constexpr int64_t kFirstLevelCache = 32 << 10;

// Cycles to move an element to where its columns are adjacent.
double copy_cycles(int64_t row, int64_t column) { return column == 1 ? 0.0 : row == 1 ? 0.35 : 2.0; }

double estimated_cycles(const MatmulProblem &p, int64_t lanes) {
  const double multiply = 0.5 / lanes * p.m * round_up(p.n, lanes) * p.k;
  return multiply + copy_cycles(p.b.row, p.b.column) * p.k * p.n + copy_cycles(p.c.row, p.c.column) * p.m * p.n;
}

MatmulProblem better_orientation(const MatmulProblem &problem, int64_t lanes) {
  const MatmulProblem other = transposed(problem);
  return estimated_cycles(other, lanes) < estimated_cycles(problem, lanes) ? other : problem;
}

int64_t panel_vectors_for(const MatmulKernels &kernels, const MatmulProblem &p) {
  const int64_t vectors = ceiling(p.n, kernels.lanes);
  const bool one_tile_high = p.m <= kernels.max_rows[kernels.max_vectors];
  return vectors <= kernels.max_vectors ? vectors : one_tile_high ? kernels.max_vectors : 2;
}

class TilesStep final : public Step {
 public:
  TilesStep(const MatmulProblem &problem, const std::string &description)
      : kernels_(matmul_kernels(problem.dtype)),
        problem_(better_orientation(problem, kernels_.lanes)),
        epilogue_(problem_) {
    choose_blocking();
    choose_scratch();
    epilogue_.prepare(parts_);
    description_ = description + "; " + description_of_blocking();
  }

  void run(void *const *slots, void *scratch) const override {
    if (parts_.count() == 1) return run_part(parts_.part(0), slots, scratch);
    for_each_part(parts_, workers_, [&](int64_t worker, const MatmulPart &part) {
      run_part(part, slots, static_cast<char *>(scratch) + worker * worker_bytes_);
    });
  }

  int64_t scratch_bytes() const override { return workers_ * worker_bytes_; }
  std::string describe() const override { return description_; }

 private:
  void choose_blocking() {
    const MatmulProblem &p = problem_;
    blocking_ = {};
    blocking_.k = p.k;
    blocking_.a_row = p.a.row;
    blocking_.a_column = p.a.column;
    blocking_.b_row = p.b.row;
    blocking_.b_column = p.b.column;
    blocking_.c_row = p.c.row;
    blocking_.c_column = p.c.column;

    const int64_t vectors = panel_vectors_for(kernels_, p);
    const int64_t panel = vectors * kernels_.lanes;
    const int64_t bytes = dtype_size(p.sum_dtype());
    const bool converted = p.dtype != p.sum_dtype();
    const bool tall = p.m > 2 * kernels_.max_rows[vectors];
    const bool wide = p.n > panel;
    blocking_.panel_vectors = vectors;
    blocking_.buffer_c = converted || p.c.column != 1;
    blocking_.pack_b = p.b.column != 1 || (tall && wide && p.k * p.n * bytes > kFirstLevelCache) ||
                       (converted && p.m > kernels_.max_rows[vectors]);
    const bool scattered = p.a.column != 1 && p.a.row != 1;
    // Every step along k on another page of memory: worth a copy if it is read often.
    const bool far = p.a.column * bytes >= 1024 && p.n >= 4 * panel && p.m * p.k * bytes > kFirstLevelCache;
    blocking_.pack_a = converted || (wide && p.m * p.k > 256 && (scattered || far));
    const bool long_block = p.k <= kLongestBlock * 3 / 2 || (!tall && !blocking_.pack_b);
    blocking_.k_block = long_block ? p.k : round_up(ceiling(p.k, ceiling(p.k, kLongestBlock)), 8);
    blocking_.direct = !blocking_.pack_a && !blocking_.pack_b && !blocking_.buffer_c && blocking_.k_block == p.k;

    // Every part packs its columns of b again, so that rows are split late.
    MatmulSplit split = {.row_multiple = blocking_.pack_b ? kRowsOfPacking : kRowsOfBlock,
                         .column_multiple = 2 * panel,
                         .largest_elements = elements_in_cache(p)};
    if (blocking_.buffer_c) {
      split.largest_rows = 3 * kRowsOfBlock;
      split.largest_columns = kColumnsOfBlock;
    }
    parts_ = MatmulParts(p, parts_for(p, kernels_.lanes), split);

    const int64_t row_blocks = blocking_.direct ? 1 : ceiling(parts_.rows(), kRowsOfBlock);
    blocking_.m_block = ceiling(parts_.rows(), row_blocks);
    blocking_.n_block = round_up(std::min(parts_.columns(), kColumnsOfBlock), panel);
    blocking_.one_tile = blocking_.direct && !wide && p.m <= kernels_.max_rows[vectors];
    for (int64_t count = 1; count <= kernels_.max_vectors; ++count) {
      // Tiles of like size, rather than full ones and a small rest.
      blocking_.tile_rows[count] = ceiling(blocking_.m_block, ceiling(blocking_.m_block, kernels_.max_rows[count]));
    }
  }

  void choose_scratch() {
    if (blocking_.pack_a) blocking_.packed_a_elements = round_up(blocking_.m_block * blocking_.k_block, 16);
    if (blocking_.pack_b) blocking_.packed_b_elements = round_up(blocking_.n_block * blocking_.k_block, 16);
    if (blocking_.buffer_c) blocking_.buffer_row = round_up(parts_.columns(), 16);
    const int64_t elements = blocking_.packed_a_elements + blocking_.packed_b_elements +
                             (blocking_.buffer_c ? blocking_.buffer_row * parts_.rows() : 0);
    worker_bytes_ = round_up(elements * dtype_size(problem_.sum_dtype()), 64);
    workers_ = std::min<int64_t>(threads(), parts_.count());
  }

  std::string description_of_blocking() const {
    std::string text = "tiles of " + std::to_string(blocking_.tile_rows[blocking_.panel_vectors]) + " x " +
                       std::to_string(blocking_.panel_vectors * kernels_.lanes);
    const bool converted = problem_.dtype != problem_.sum_dtype();
    if (converted) text += std::string(" in ") + dtype_name(problem_.sum_dtype());
    if (blocking_.pack_a) text += ", a packed";
    if (blocking_.pack_b) text += problem_.b.column == 1 ? ", b packed" : ", b transposed";
    if (blocking_.buffer_c) text += converted ? ", c rounded once" : ", c transposed";
    return text + ", " + std::to_string(parts_.count()) + " parts";
  }

  void run_part(const MatmulPart &part, void *const *slots, void *scratch) const {
    const int64_t bytes = problem_.element_bytes();
    MatmulBatch at(problem_, slots, part.first);
    for (int64_t left = part.count;;) {
      kernels_.multiply(blocking_, part.rows, part.columns, at.a() + part.row * problem_.a.row * bytes,
                        at.b() + part.column * problem_.b.column * bytes,
                        at.c() + (part.row * problem_.c.row + part.column * problem_.c.column) * bytes, scratch);
      if (--left == 0) break;
      at.next();
    }
    epilogue_.run(part, slots);
  }

  const MatmulKernels &kernels_;
  MatmulProblem problem_;
  MatmulEpilogue epilogue_;
  MatmulBlocking blocking_;
  MatmulParts parts_;
  int64_t workers_ = 1;
  int64_t worker_bytes_ = 0;
  std::string description_;
};

std::optional<std::string> refuse(const MatmulProblem &problem) {
  if (problem.dtype == LS_BOOL) return "no kernel for bool";
  if (problem.empty() || problem.k == 0) return "nothing to add up";
  return std::nullopt;
}

std::unique_ptr<Step> make(const MatmulProblem &problem, const std::string &description) {
  return std::make_unique<TilesStep>(problem, description);
}

}  // namespace

const MatmulImplementation kMatmulTiles = {"tiles", refuse, make};

}  // namespace lockstep
