#include "cpu/matmul_library.h"

#include <algorithm>

namespace lockstep {
namespace {

constexpr int64_t kLeastExtent = 256;
constexpr int64_t kLeastParts = 4;

bool dense(int64_t row, int64_t column, int64_t rows, int64_t columns) {
  return (column == 1 && row >= columns) || (row == 1 && column >= rows);
}

}  // namespace

std::optional<std::string> refused_by_libraries(const MatmulProblem &p, const MatmulSplit &split) {
  if (p.empty() || std::min({p.m, p.n, p.k}) < kLeastExtent) return "an extent is less than 256";
  if (p.batch() * p.m * p.n < kLeastParts * split.row_multiple * split.column_multiple) {
    return "fewer than " + std::to_string(kLeastParts) + " parts of " + std::to_string(split.row_multiple) + " x " +
           std::to_string(split.column_multiple);
  }
  return refused_strides(p);
}

std::optional<std::string> refused_strides(const MatmulProblem &p) {
  if (!dense(p.a.row, p.a.column, p.m, p.k)) return "neither rows nor columns of a are adjacent";
  if (!dense(p.b.row, p.b.column, p.k, p.n)) return "neither rows nor columns of b are adjacent";
  if (p.c.column != 1 || p.c.row < p.n) return "neither rows nor columns of c are adjacent";
  return std::nullopt;
}

}  // namespace lockstep
