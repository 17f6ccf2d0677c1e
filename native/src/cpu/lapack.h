// LAPACK and BLAS by element type. Arguments must be valid: LAPACK prints what it finds wrong.
#pragma once

#include <cblas.h>
#include <lapack.h>

#include <type_traits>

namespace lockstep::lapack {

template <typename T>
inline constexpr bool kSingle = std::is_same_v<T, float>;

// Each returns LAPACK's info: 0, or what went wrong with these values.

template <typename T>
int potrf(int n, T *a, int lda) {
  int info = 0;
  if constexpr (kSingle<T>) {
    LAPACK_spotrf("L", &n, a, &lda, &info);
  } else {
    LAPACK_dpotrf("L", &n, a, &lda, &info);
  }
  return info;
}

template <typename T>
int getrf(int m, int n, T *a, int *pivots) {
  int info = 0;
  if constexpr (kSingle<T>) {
    LAPACK_sgetrf(&m, &n, a, &m, pivots, &info);
  } else {
    LAPACK_dgetrf(&m, &n, a, &m, pivots, &info);
  }
  return info;
}

template <typename T>
int geqrf(int m, int n, T *a, T *tau, T *work, int lwork) {
  int info = 0;
  if constexpr (kSingle<T>) {
    LAPACK_sgeqrf(&m, &n, a, &m, tau, work, &lwork, &info);
  } else {
    LAPACK_dgeqrf(&m, &n, a, &m, tau, work, &lwork, &info);
  }
  return info;
}

template <typename T>
int orgqr(int m, int n, int k, T *a, const T *tau, T *work, int lwork) {
  int info = 0;
  if constexpr (kSingle<T>) {
    LAPACK_sorgqr(&m, &n, &k, a, &m, tau, work, &lwork, &info);
  } else {
    LAPACK_dorgqr(&m, &n, &k, a, &m, tau, work, &lwork, &info);
  }
  return info;
}

template <typename T>
int syevd(bool vectors, int n, T *a, T *w, T *work, int lwork, int *iwork, int liwork) {
  int info = 0;
  const char *job = vectors ? "V" : "N";
  if constexpr (kSingle<T>) {
    LAPACK_ssyevd(job, "L", &n, a, &n, w, work, &lwork, iwork, &liwork, &info);
  } else {
    LAPACK_dsyevd(job, "L", &n, a, &n, w, work, &lwork, iwork, &liwork, &info);
  }
  return info;
}

template <typename T>
int gesdd(bool vectors, int m, int n, T *a, T *s, T *u, T *vt, T *work, int lwork, int *iwork) {
  int info = 0;
  const char *job = vectors ? "S" : "N";
  int least = m < n ? m : n;
  if constexpr (kSingle<T>) {
    LAPACK_sgesdd(job, &m, &n, a, &m, s, u, &m, vt, &least, work, &lwork, iwork, &info);
  } else {
    LAPACK_dgesdd(job, &m, &n, a, &m, s, u, &m, vt, &least, work, &lwork, iwork, &info);
  }
  return info;
}

template <typename T>
int geev(bool vectors, int n, T *a, T *wr, T *wi, T *vr, T *work, int lwork) {
  int info = 0;
  const char *job = vectors ? "V" : "N";
  int one = 1;
  if constexpr (kSingle<T>) {
    LAPACK_sgeev("N", job, &n, a, &n, wr, wi, nullptr, &one, vr, &n, work, &lwork, &info);
  } else {
    LAPACK_dgeev("N", job, &n, a, &n, wr, wi, nullptr, &one, vr, &n, work, &lwork, &info);
  }
  return info;
}

// b = triangle(op(a))^-1 b, or b triangle(op(a))^-1 if right.
template <typename T>
void trsm(CBLAS_ORDER order, CBLAS_SIDE side, bool lower, bool transposed, bool unit, int rows, int columns, const T *a,
          int lda, T *b, int ldb) {
  const CBLAS_UPLO triangle = lower ? CblasLower : CblasUpper;
  const CBLAS_TRANSPOSE transpose = transposed ? CblasTrans : CblasNoTrans;
  const CBLAS_DIAG diagonal = unit ? CblasUnit : CblasNonUnit;
  if constexpr (kSingle<T>) {
    cblas_strsm(order, side, triangle, transpose, diagonal, rows, columns, 1, a, lda, b, ldb);
  } else {
    cblas_dtrsm(order, side, triangle, transpose, diagonal, rows, columns, 1, a, lda, b, ldb);
  }
}

// c -= a b^T, by columns
template <typename T>
void subtract_product(int m, int n, int k, const T *a, int lda, const T *b, int ldb, T *c, int ldc) {
  if constexpr (kSingle<T>) {
    cblas_sgemm(CblasColMajor, CblasNoTrans, CblasTrans, m, n, k, -1, a, lda, b, ldb, 1, c, ldc);
  } else {
    cblas_dgemm(CblasColMajor, CblasNoTrans, CblasTrans, m, n, k, -1, a, lda, b, ldb, 1, c, ldc);
  }
}

}  // namespace lockstep::lapack
