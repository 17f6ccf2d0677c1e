#include "plan/linalg_operands.h"

#include <algorithm>

namespace lockstep {

const char *linalg_name(int32_t kind) {
  constexpr const char *names[] = {"cholesky", "triangular solve", "lu", "lu solve", "qr", "eigh", "svd", "eig"};
  return kind >= LS_LINALG_CHOLESKY && kind <= LS_LINALG_EIG ? names[kind] : nullptr;
}

std::vector<LinalgOperand> linalg_operands(const ls_linalg &linalg) {
  const int64_t m = linalg.m;
  const int64_t n = linalg.n;
  const int64_t k = linalg.k;
  const int64_t least = std::min(m, n);
  std::vector<LinalgOperand> operands;
  auto add = [&](const char *name, int32_t dtype, int64_t rows, int64_t columns, bool written) {
    operands.push_back({name, dtype, rows, columns, written, &linalg.operands[operands.size()]});
  };
  auto read = [&](const char *name, int64_t rows, int64_t columns) { add(name, linalg.dtype, rows, columns, false); };
  auto write = [&](const char *name, int64_t rows, int64_t columns) { add(name, linalg.dtype, rows, columns, true); };
  switch (linalg.kind) {
    case LS_LINALG_CHOLESKY:
      read("a", n, n);
      write("l", n, n);
      break;
    case LS_LINALG_TRIANGULAR_SOLVE:
      read("a", n, n);
      read("b", n, k);
      write("x", n, k);
      break;
    case LS_LINALG_LU:
      read("a", m, n);
      write("lu", m, n);
      add("pivots", LS_I32, least, 1, true);
      add("permutation", LS_I32, m, 1, true);
      break;
    case LS_LINALG_LU_SOLVE:
      read("lu", n, n);
      add("permutation", LS_I32, n, 1, false);
      read("b", n, k);
      write("x", n, k);
      break;
    case LS_LINALG_QR:
      read("a", m, n);
      write("q", m, k);
      write("r", k, n);
      break;
    case LS_LINALG_EIGH:
      read("a", n, n);
      write("values", n, 1);
      write("vectors", n, n);
      break;
    case LS_LINALG_SVD:
      read("a", m, n);
      write("values", least, 1);
      write("u", m, least);
      write("vt", least, n);
      break;
    default:
      read("a", n, n);
      write("real values", n, 1);
      write("imaginary values", n, 1);
      write("real vectors", n, n);
      write("imaginary vectors", n, n);
  }
  return operands;
}

}  // namespace lockstep
