// Eigenvalues and eigenvectors of small symmetric matrices, a vector lane each: Householder's reduction to tridiagonal
// form, then implicit QL with Wilkinson's shifts. All matrices are at the same eigenvalue at the same time; those that
// have it already turn by nothing. See Golub and Van Loan, "Matrix Computations", 8.3.
#pragma once

#include <limits>
#include <utility>

#include "cpu/isa/linalg_factor.h"

namespace lockstep::LS_ISA {
namespace {

constexpr int kMostIterations = 60;  // for one eigenvalue

template <typename T>
bool any(const Vector<T> &x) {
  for (int lane = 0; lane < Simd<T>::kLanes; ++lane) {
    if (x[lane] != 0) return true;
  }
  return false;
}

template <typename T>
struct Tridiagonal {
  using V = Vector<T>;
  int n;
  V *a;      // lower triangle; after the reduction, the reflections' vectors below the subdiagonal
  V *z;      // the eigenvectors in columns, or null
  V *d;      // the diagonal
  V *e;      // below it; e[n - 1] is 0
  V *tau;    // the reflections' factors
  V *c, *s;  // one sweep's rotations

  void reduce() {
    for (int i = 0; i + 2 < n; ++i) {
      V *v = c;
      V *w = s;
      const int size = n - i - 1;
      for (int r = 0; r < size; ++r) v[r] = a[(i + 1 + r) * n + i];
      const V factor = reflection<T>(v, size, 1);
      e[i] = v[0];
      tau[i] = factor;
      v[0] = broadcast<T>(1);
      for (int r = 1; r < size; ++r) a[(i + 1 + r) * n + i] = v[r];
      multiply(i + 1, size, v, w);
      V dot = broadcast<T>(0);
      for (int r = 0; r < size; ++r) {
        w[r] *= factor;
        dot = Simd<T>::multiply_add(w[r], v[r], dot);
      }
      const V half = dot * factor * static_cast<T>(-0.5);
      for (int r = 0; r < size; ++r) w[r] = Simd<T>::multiply_add(half, v[r], w[r]);
      for (int r = 0; r < size; ++r) {
        V *row = a + (i + 1 + r) * n + i + 1;
        const V vr = -v[r];
        const V wr = -w[r];
        for (int q = 0; q <= r; ++q) {
          row[q] = Simd<T>::multiply_add(vr, w[q], Simd<T>::multiply_add(wr, v[q], row[q]));
        }
      }
    }
    if (n > 1) e[n - 2] = a[(n - 1) * n + n - 2];
    e[n - 1] = broadcast<T>(0);
    for (int i = 0; i < n; ++i) d[i] = a[i * n + i];
  }

  // w = the symmetric trailing block times v
  void multiply(int first, int size, const V *v, V *w) const {
    for (int r = 0; r < size; ++r) {
      const V *row = a + (first + r) * n + first;
      const V vr = v[r];
      V sum = row[r] * vr;
      for (int q = 0; q < r; ++q) {
        sum = Simd<T>::multiply_add(row[q], v[q], sum);
        w[q] = Simd<T>::multiply_add(row[q], vr, w[q]);
      }
      w[r] = sum;
    }
  }

  // z = the product of the reflections
  void form_vectors() {
    for (int i = 0; i < n * n; ++i) z[i] = broadcast<T>(0);
    for (int i = 0; i < n; ++i) z[i * n + i] = broadcast<T>(1);
    V *v = c;
    V *t = s;
    for (int i = n - 3; i >= 0; --i) {
      const int size = n - i - 1;
      V *block = z + (i + 1) * n + i + 1;
      v[0] = broadcast<T>(1);
      for (int r = 1; r < size; ++r) v[r] = a[(i + 1 + r) * n + i];
      for (int q = 0; q < size; ++q) t[q] = block[q];
      for (int r = 1; r < size; ++r) {
        for (int q = 0; q < size; ++q) t[q] = Simd<T>::multiply_add(v[r], block[r * n + q], t[q]);
      }
      for (int q = 0; q < size; ++q) t[q] *= tau[i];
      for (int r = 0; r < size; ++r) {
        for (int q = 0; q < size; ++q) block[r * n + q] = subtract_product<T>(v[r], t[q], block[r * n + q]);
      }
    }
  }

  // Returns 1 where an eigenvalue was not found.
  V diagonalize() {
    const V zero = broadcast<T>(0);
    const V one = broadcast<T>(1);
    const V least = root(broadcast<T>(std::numeric_limits<T>::min()));
    V failed = zero;
    for (int l = 0; l < n; ++l) {
      for (int iteration = 0;; ++iteration) {
        // The block from l ends at `last`, where the subdiagonal is negligible.
        V last = broadcast<T>(static_cast<T>(n - 1));
        V corner = d[n - 1];
        int longest = l;
        for (int i = n - 2; i >= l; --i) {
          const V size = magnitude<T>(d[i]) + magnitude<T>(d[i + 1]);
          // The matrix has elements up to 1. Squares of those below `least` vanish.
          const auto negligible = magnitude<T>(e[i]) <= size * (std::numeric_limits<T>::epsilon() / 2) + least;
          last = negligible ? broadcast<T>(static_cast<T>(i)) : last;
          corner = negligible ? d[i] : corner;
        }
        const V unfinished = last > broadcast<T>(static_cast<T>(l)) ? one : zero;
        if (!any<T>(unfinished)) break;
        if (iteration == kMostIterations) {
          failed = unfinished != 0 ? one : failed;
          break;
        }
        for (int lane = 0; lane < Simd<T>::kLanes; ++lane) longest = std::max(longest, static_cast<int>(last[lane]));
        sweep(l, longest, last, corner);
      }
    }
    return failed;
  }

  // One implicit QL step on rows l .. last of each matrix, the longest block's end being `longest`.
  void sweep(int l, int longest, V last, V corner) {
    const V zero = broadcast<T>(0);
    const V one = broadcast<T>(1);
    const auto unfinished = last > broadcast<T>(static_cast<T>(l));
    const V below = unfinished ? e[l] : one;
    V g = (d[l + 1] - d[l]) / (below * 2);
    V r = root(Simd<T>::multiply_add(g, g, one));
    g = corner - d[l] + below / (g < 0 ? g - r : g + r);
    const V small = root(broadcast<T>(kTiny<T>));
    V sine = one;
    V cosine = one;
    V p = zero;
    for (int i = longest - 1; i >= l; --i) {
      const auto inside = unfinished & (last > broadcast<T>(static_cast<T>(i)));
      const V f = sine * e[i];
      const V b = cosine * e[i];
      // Squares must not be denormal, or sine and cosine would be no rotation.
      const auto tiny = (magnitude<T>(f) < small) & (magnitude<T>(g) < small);
      const V up = tiny ? broadcast<T>(1 / kTiny<T>) : one;
      const V high_f = f * up;
      const V high_g = g * up;
      const V length = root(Simd<T>::multiply_add(high_f, high_f, high_g * high_g));
      r = tiny ? length * kTiny<T> : length;
      const auto none = length == 0;
      const V inverse = 1 / (none ? one : length);
      const V next_sine = none ? zero : high_f * inverse;
      const V next_cosine = none ? one : high_g * inverse;
      const V shifted = d[i + 1] - p;
      const V t = Simd<T>::multiply_add(d[i] - shifted, next_sine, 2 * next_cosine * b);
      const V next_p = next_sine * t;
      // What stands at `last` is the end of its block.
      const auto at_end = last == broadcast<T>(static_cast<T>(i + 1));
      e[i + 1] = inside ? (at_end ? zero : r) : e[i + 1];
      d[i + 1] = inside ? shifted + next_p : d[i + 1];
      g = inside ? next_cosine * t - b : g;
      p = inside ? next_p : p;
      sine = inside ? next_sine : sine;
      cosine = inside ? next_cosine : cosine;
      s[i] = inside ? next_sine : zero;
      c[i] = inside ? next_cosine : one;
    }
    d[l] = unfinished ? d[l] - p : d[l];
    e[l] = unfinished ? g : e[l];
    if (z != nullptr) rotate(l, longest);
  }

  // Applies a sweep's rotations to the columns of z, some rows at a time.
  void rotate(int l, int longest) {
    int row = 0;
    for (; n - row >= 4; row += 4) rotate_rows<4>(z + row * n, l, longest);
    for (; row < n; ++row) rotate_rows<1>(z + row * n, l, longest);
  }

  template <int Rows>
  void rotate_rows(V *rows, int l, int longest) {
    V high[Rows];
    for (int k = 0; k < Rows; ++k) high[k] = rows[k * n + longest];
    for (int i = longest - 1; i >= l; --i) {
      const V sine = s[i];
      const V cosine = c[i];
      for (int k = 0; k < Rows; ++k) {
        const V low = rows[k * n + i];
        rows[k * n + i + 1] = Simd<T>::multiply_add(sine, low, cosine * high[k]);
        high[k] = subtract_product<T>(sine, high[k], cosine * low);
      }
    }
    for (int k = 0; k < Rows; ++k) rows[k * n + l] = high[k];
  }
};

// Puts the values, and each row of z, in ascending order of the values.
template <typename T>
void sort_values(int n, Vector<T> *d, Vector<T> *z, Vector<T> *row) {
  constexpr int kLanes = Simd<T>::kLanes;
  int16_t places[kLargestEigh * kMostLanes];
  T *values = reinterpret_cast<T *>(d);
  for (int lane = 0; lane < kLanes; ++lane) {
    for (int i = 0; i < n; ++i) {
      const T value = values[i * kLanes + lane];
      int at = i;
      for (; at > 0 && values[(at - 1) * kLanes + lane] > value; --at) {
        values[at * kLanes + lane] = values[(at - 1) * kLanes + lane];
        places[at * kMostLanes + lane] = places[(at - 1) * kMostLanes + lane];
      }
      values[at * kLanes + lane] = value;
      places[at * kMostLanes + lane] = static_cast<int16_t>(i);
    }
  }
  if (z == nullptr) return;
  T *sorted = reinterpret_cast<T *>(row);
  for (int k = 0; k < n; ++k) {
    const T *from = reinterpret_cast<const T *>(z + k * n);
    for (int j = 0; j < n; ++j) {
      for (int lane = 0; lane < kLanes; ++lane) {
        sorted[j * kLanes + lane] = from[places[j * kMostLanes + lane] * kLanes + lane];
      }
    }
    for (int j = 0; j < n; ++j) z[k * n + j] = row[j];
  }
}

template <typename T>
void eigh(const LinalgLanes &lanes, void *scratch) {
  using V = Vector<T>;
  const int n = static_cast<int>(lanes.n);
  const bool vectors = lanes.operands[2].at[0] != nullptr;
  Tridiagonal<T> t;
  t.n = n;
  t.a = static_cast<V *>(scratch);
  V *z = t.a + n * n;
  t.z = vectors ? z : nullptr;
  t.d = z + n * n;
  t.e = t.d + n;
  t.tau = t.e + n;
  t.c = t.tau + n;
  t.s = t.c + n;
  load_lanes<T>(lanes, lanes.operands[0], n, n, t.a);
  V largest = broadcast<T>(0);
  V poison = broadcast<T>(0);  // NaN where an element is not finite
  for (int i = 0; i < n; ++i) {
    for (int j = 0; j <= i; ++j) {
      V &element = t.a[i * n + j];
      element = (element + t.a[j * n + i]) * static_cast<T>(0.5);
      poison += element * 0;
      const V size = magnitude<T>(element);
      largest = size > largest ? size : largest;
    }
  }
  const auto finite = poison == 0;
  // Elements of at most 1: squares neither overflow nor vanish together.
  const V least = broadcast<T>(std::numeric_limits<T>::min());
  largest = largest > least ? largest : least;
  const V scale = 1 / largest;
  for (int i = 0; i < n; ++i) {
    for (int j = 0; j <= i; ++j) t.a[i * n + j] = finite ? t.a[i * n + j] * scale : broadcast<T>(0);
  }
  t.reduce();
  if (vectors) t.form_vectors();
  const V failed = t.diagonalize();
  sort_values<T>(n, t.d, t.z, t.c);
  const V nan = broadcast<T>(std::numeric_limits<T>::quiet_NaN());
  const auto good = finite & (failed == 0);
  for (int i = 0; i < n; ++i) t.d[i] = good ? t.d[i] * largest : nan;
  store_lanes<T>(lanes, lanes.operands[1], n, 1, t.d);
  if (!vectors) return;
  for (int i = 0; i < n * n; ++i) z[i] = good ? z[i] : nan;
  store_lanes<T>(lanes, lanes.operands[2], n, n, z);
}

}  // namespace
}  // namespace lockstep::LS_ISA
