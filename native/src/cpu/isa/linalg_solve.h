// Solutions of small triangular systems, a vector lane each.
#pragma once

#include "cpu/isa/linalg_lanes.h"

namespace lockstep::LS_ISA {
namespace {

// Overwrites b[n, k] with the solution of a triangle of a[n, n]. transposed: of that triangle's transpose.
template <typename T>
void substitute(const Vector<T> *a, bool lower, bool transposed, bool unit, int64_t n, int64_t k, Vector<T> *b) {
  using V = Vector<T>;
  const bool forward = lower != transposed;
  const int64_t row = transposed ? 1 : n;
  const int64_t column = transposed ? n : 1;
  for (int64_t step = 0; step < n; ++step) {
    const int64_t i = forward ? step : n - 1 - step;
    const int64_t first = forward ? 0 : i + 1;
    const int64_t last = forward ? i : n;
    const V *factors = a + i * row;
    const V diagonal = factors[i * column];
    int64_t c = 0;
    for (; c + 4 <= k; c += 4) {
      V *x = b + i * k + c;
      V sum[4] = {x[0], x[1], x[2], x[3]};
      for (int64_t p = first; p < last; ++p) {
        const V factor = -factors[p * column];
        for (int r = 0; r < 4; ++r) sum[r] = Simd<T>::multiply_add(factor, b[p * k + c + r], sum[r]);
      }
      for (int r = 0; r < 4; ++r) x[r] = unit ? sum[r] : sum[r] / diagonal;
    }
    for (; c < k; ++c) {
      V sum = b[i * k + c];
      for (int64_t p = first; p < last; ++p) sum = subtract_product<T>(factors[p * column], b[p * k + c], sum);
      b[i * k + c] = unit ? sum : sum / diagonal;
    }
  }
}

template <typename T>
void triangular_solve(const LinalgLanes &lanes, void *scratch) {
  Vector<T> *a = static_cast<Vector<T> *>(scratch);
  Vector<T> *b = a + lanes.n * lanes.n;
  load_lanes<T>(lanes, lanes.operands[0], lanes.n, lanes.n, a);
  load_lanes<T>(lanes, lanes.operands[1], lanes.n, lanes.k, b);
  substitute<T>(a, (lanes.flags & LS_LINALG_LOWER) != 0, false, (lanes.flags & LS_LINALG_UNIT_DIAGONAL) != 0, lanes.n,
                lanes.k, b);
  store_lanes<T>(lanes, lanes.operands[2], lanes.n, lanes.k, b);
}

// Row `to` of `b` becomes what row `from` of each matrix is, a row of its own for each.
template <typename T>
void permute_rows(const LinalgLanes &lanes, bool inverse, const Vector<T> *from, Vector<T> *to) {
  const LinalgLanes::Operand &permutation = lanes.operands[1];
  for (int64_t i = 0; i < lanes.n; ++i) {
    for (int lane = 0; lane < Simd<T>::kLanes; ++lane) {
      const int64_t wanted = reinterpret_cast<const int32_t *>(permutation.at[lane])[i * permutation.row];
      const int64_t other = wanted < 0 ? 0 : wanted < lanes.n ? wanted : lanes.n - 1;
      const int64_t source = (inverse ? i : other) * lanes.k;
      const int64_t target = (inverse ? other : i) * lanes.k;
      for (int64_t c = 0; c < lanes.k; ++c) to[target + c][lane] = from[source + c][lane];
    }
  }
}

template <typename T>
void lu_solve(const LinalgLanes &lanes, void *scratch) {
  const int64_t n = lanes.n;
  const int64_t k = lanes.k;
  Vector<T> *lu = static_cast<Vector<T> *>(scratch);
  Vector<T> *b = lu + n * n;
  Vector<T> *x = b + n * k;
  load_lanes<T>(lanes, lanes.operands[0], n, n, lu);
  load_lanes<T>(lanes, lanes.operands[2], n, k, b);
  if ((lanes.flags & LS_LINALG_TRANSPOSED) != 0) {
    substitute<T>(lu, false, true, false, n, k, b);
    substitute<T>(lu, true, true, true, n, k, b);
    permute_rows<T>(lanes, true, b, x);
  } else {
    permute_rows<T>(lanes, false, b, x);
    substitute<T>(lu, true, false, true, n, k, x);
    substitute<T>(lu, false, false, false, n, k, x);
  }
  store_lanes<T>(lanes, lanes.operands[3], n, k, x);
}

}  // namespace
}  // namespace lockstep::LS_ISA
