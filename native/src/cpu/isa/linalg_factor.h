// Factorisations of small matrices, a vector lane each.
#pragma once

#include <limits>

#include "cpu/isa/linalg_lanes.h"

namespace lockstep::LS_ISA {
namespace {

// By rows, from left to right. The upper triangle is read as the lower one's mirror image, which it is averaged with.
template <typename T>
void cholesky(const LinalgLanes &lanes, void *scratch) {
  using V = Vector<T>;
  const int n = static_cast<int>(lanes.n);
  V *a = static_cast<V *>(scratch);
  load_lanes<T>(lanes, lanes.operands[0], n, n, a);
  auto definite = broadcast<T>(1) > broadcast<T>(0);
  for (int j = 0; j < n; ++j) {
    const V *row = a + j * n;
    V square = row[j];
    for (int p = 0; p < j; ++p) square = subtract_product<T>(row[p], row[p], square);
    definite &= square > 0;
    const V diagonal = root(square);
    const V inverse = 1 / diagonal;
    a[j * n + j] = diagonal;
    int i = j + 1;
    for (; n - i >= 4; i += 4) {
      V *below[4];
      V sum[4];
      for (int r = 0; r < 4; ++r) {
        below[r] = a + (i + r) * n;
        sum[r] = (below[r][j] + row[i + r]) * static_cast<T>(0.5);
      }
      for (int p = 0; p < j; ++p) {
        for (int r = 0; r < 4; ++r) sum[r] = subtract_product<T>(below[r][p], row[p], sum[r]);
      }
      for (int r = 0; r < 4; ++r) below[r][j] = sum[r] * inverse;
    }
    for (; i < n; ++i) {
      V *below = a + i * n;
      V sum = (below[j] + row[i]) * static_cast<T>(0.5);
      for (int p = 0; p < j; ++p) sum = subtract_product<T>(below[p], row[p], sum);
      below[j] = sum * inverse;
    }
  }
  const V nan = broadcast<T>(std::numeric_limits<T>::quiet_NaN());
  for (int i = 0; i < n; ++i) {
    for (int j = 0; j <= i; ++j) a[i * n + j] = definite ? a[i * n + j] : nan;
    for (int j = i + 1; j < n; ++j) a[i * n + j] = broadcast<T>(0);
  }
  store_lanes<T>(lanes, lanes.operands[1], n, n, a);
}

// Finds each matrix's largest element of column k from row k on.
template <typename T>
Vector<T> pivot_rows(const Vector<T> *a, int64_t m, int64_t n, int64_t k) {
  Vector<T> largest = magnitude<T>(a[k * n + k]);
  Vector<T> at = broadcast<T>(static_cast<T>(k));
  for (int64_t i = k + 1; i < m; ++i) {
    const Vector<T> other = magnitude<T>(a[i * n + k]);
    const auto larger = other > largest;
    largest = larger ? other : largest;
    at = larger ? broadcast<T>(static_cast<T>(i)) : at;
  }
  return at;
}

// Gaussian elimination with partial pivoting, each matrix with pivots of its own. A pivot of 0 leaves its column as it
// is, as LAPACK does.
template <typename T>
void lu(const LinalgLanes &lanes, void *scratch) {
  using V = Vector<T>;
  const int64_t m = lanes.m;
  const int64_t n = lanes.n;
  const int64_t least = m < n ? m : n;
  V *a = static_cast<V *>(scratch);
  int32_t pivots[kLargestForLanes * kMostLanes];
  int32_t permutation[kLargestForLanes * kMostLanes];
  load_lanes<T>(lanes, lanes.operands[0], m, n, a);
  for (int64_t i = 0; i < m; ++i) {
    for (int lane = 0; lane < kMostLanes; ++lane) permutation[i * kMostLanes + lane] = static_cast<int32_t>(i);
  }
  for (int64_t k = 0; k < least; ++k) {
    const V at = pivot_rows<T>(a, m, n, k);
    uint32_t rows = 0;  // those that are pivots, a bit each
    for (int lane = 0; lane < Simd<T>::kLanes; ++lane) {
      const int32_t row = static_cast<int32_t>(at[lane]);
      pivots[k * kMostLanes + lane] = row;
      std::swap(permutation[k * kMostLanes + lane], permutation[row * kMostLanes + lane]);
      rows |= 1u << row;
    }
    V *top = a + k * n;
    for (rows &= ~(1u << k); rows != 0; rows &= rows - 1) {
      const int64_t i = __builtin_ctz(rows);
      const auto here = at == broadcast<T>(static_cast<T>(i));
      V *row = a + i * n;
      for (int64_t j = 0; j < n; ++j) {
        const V upper = top[j];
        top[j] = here ? row[j] : upper;
        row[j] = here ? upper : row[j];
      }
    }
    const V pivot = top[k] == 0 ? broadcast<T>(1) : top[k];
    for (int64_t i = k + 1; i < m; ++i) {
      V *row = a + i * n;
      const V factor = row[k] / pivot;
      row[k] = factor;
      for (int64_t j = k + 1; j < n; ++j) row[j] = subtract_product<T>(factor, top[j], row[j]);
    }
  }
  store_lanes<T>(lanes, lanes.operands[1], m, n, a);
  store_integers(lanes, lanes.operands[2], least, pivots);
  store_integers(lanes, lanes.operands[3], m, permutation);
}

// What can be multiplied with numbers below `kTiny` and does not overflow; both are powers of two.
template <typename T>
constexpr T kTiny = std::numeric_limits<T>::min() / std::numeric_limits<T>::epsilon();

// The largest magnitude of `count` vectors `stride` apart; NaN stays.
template <typename T>
Vector<T> largest_of(const Vector<T> *x, int64_t count, int64_t stride) {
  Vector<T> largest = broadcast<T>(0);
  for (int64_t i = 0; i < count; ++i) {
    const Vector<T> other = magnitude<T>(x[i * stride]);
    largest = other <= largest ? largest : other;
  }
  return largest;
}

// The Euclidean norm of `count` vectors `stride` apart, without overflow; denormal numbers have no inverse.
template <typename T>
Vector<T> norm(const Vector<T> *x, int64_t count, int64_t stride) {
  const Vector<T> largest = largest_of<T>(x, count, stride);
  const Vector<T> up = largest < kTiny<T> ? broadcast<T>(1 / kTiny<T>) : broadcast<T>(1);
  const Vector<T> inverse = largest == 0 ? broadcast<T>(0) : 1 / (largest * up);
  Vector<T> sum = broadcast<T>(0);
  for (int64_t i = 0; i < count; ++i) {
    const Vector<T> scaled = x[i * stride] * up * inverse;
    sum = Simd<T>::multiply_add(scaled, scaled, sum);
  }
  return largest * root(sum);
}

// Turns x into (beta, v), where I - tau (1, v) (1, v)^T maps x to (beta, 0), and returns tau. Signs are LAPACK's: beta
// has the sign opposite to that of x[0]. What is left of a column of lower rank may be denormal; it is scaled up first,
// or v and tau would be no reflection.
template <typename T>
Vector<T> reflection(Vector<T> *x, int64_t count, int64_t stride) {
  using V = Vector<T>;
  const auto tiny = largest_of<T>(x, count, stride) < kTiny<T>;
  const V up = tiny ? broadcast<T>(1 / kTiny<T>) : broadcast<T>(1);
  const V down = tiny ? broadcast<T>(kTiny<T>) : broadcast<T>(1);
  for (int64_t i = 0; i < count; ++i) x[i * stride] *= up;
  const V alpha = x[0];
  const V rest = norm<T>(x + stride, count - 1, stride);
  const V both[2] = {alpha, rest};
  const V length = norm<T>(both, 2, 1);
  const auto none = rest == 0;
  const V beta = none ? alpha : (alpha < 0 ? length : -length);
  const V scale = none ? broadcast<T>(0) : 1 / (alpha - beta);
  for (int64_t i = 1; i < count; ++i) x[i * stride] *= scale;
  x[0] = beta * down;
  return none ? broadcast<T>(0) : (beta - alpha) / beta;
}

// Applies I - tau v v^T to columns [first, columns) of rows [top, m) of c; v's first element is 1 and not stored.
template <typename T>
void reflect(Vector<T> tau, const Vector<T> *v, int64_t v_stride, Vector<T> *c, int64_t columns, int64_t top, int64_t m,
             int64_t first) {
  for (int64_t j = first; j < columns; ++j) {
    Vector<T> dot = c[top * columns + j];
    for (int64_t i = top + 1; i < m; ++i) {
      dot = Simd<T>::multiply_add(v[(i - top) * v_stride], c[i * columns + j], dot);
    }
    dot *= tau;
    c[top * columns + j] -= dot;
    for (int64_t i = top + 1; i < m; ++i) {
      c[i * columns + j] = subtract_product<T>(v[(i - top) * v_stride], dot, c[i * columns + j]);
    }
  }
}

// Householder reflections.
template <typename T>
void qr(const LinalgLanes &lanes, void *scratch) {
  using V = Vector<T>;
  const int64_t m = lanes.m;
  const int64_t n = lanes.n;
  const int64_t k = lanes.k;
  const int64_t least = m < n ? m : n;
  V *a = static_cast<V *>(scratch);
  V *q = a + m * n;
  V *r = q + m * k;
  V taus[kLargestForLanes];
  load_lanes<T>(lanes, lanes.operands[0], m, n, a);
  for (int64_t j = 0; j < least; ++j) {
    V *column = a + j * n + j;
    taus[j] = reflection<T>(column, m - j, n);
    reflect<T>(taus[j], column, n, a, n, j, m, j + 1);
  }
  for (int64_t i = 0; i < m; ++i) {
    for (int64_t j = 0; j < k; ++j) q[i * k + j] = broadcast<T>(i == j ? 1 : 0);
  }
  for (int64_t j = least - 1; j >= 0; --j) reflect<T>(taus[j], a + j * n + j, n, q, k, j, m, j);
  for (int64_t i = 0; i < k; ++i) {
    for (int64_t j = 0; j < n; ++j) r[i * n + j] = i <= j && i < m ? a[i * n + j] : broadcast<T>(0);
  }
  store_lanes<T>(lanes, lanes.operands[1], m, k, q);
  store_lanes<T>(lanes, lanes.operands[2], k, n, r);
}

}  // namespace
}  // namespace lockstep::LS_ISA
