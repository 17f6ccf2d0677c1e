#include "cpu/matmul_library.h"

#include <algorithm>

namespace lockstep {
namespace {

constexpr int64_t kLeastExtent = 128;
constexpr int64_t kLeastProduct = int64_t{256} * 256 * 256;

bool dense(int64_t row, int64_t column, int64_t rows, int64_t columns) {
  return (column == 1 && row >= columns) || (row == 1 && column >= rows);
}

}  // namespace

std::optional<std::string> refused_by_libraries(const MatmulProblem &p) {
  if (p.empty() || std::min({p.m, p.n, p.k}) < kLeastExtent || p.m * p.n * p.k < kLeastProduct) {
    return "too small to repay the library's packing";
  }
  if (!dense(p.a.row, p.a.column, p.m, p.k)) return "neither rows nor columns of a are adjacent";
  if (!dense(p.b.row, p.b.column, p.k, p.n)) return "neither rows nor columns of b are adjacent";
  if (p.c.column != 1 || p.c.row < p.n) return "neither rows nor columns of c are adjacent";
  return std::nullopt;
}

}  // namespace lockstep
