// Linear algebra steps: factors multiply to the matrix, solutions solve, for all sizes around those at which the
// implementation changes, for batches of any layout.
#include <algorithm>
#include <cmath>
#include <limits>
#include <random>

#include "plan_fixture.h"

namespace lockstep {
namespace {

template <typename T>
constexpr int32_t kDtype = sizeof(T) == 4 ? LS_F32 : LS_F64;

enum class Layout { kRows, kColumns, kBatchLast };

// A batch of matrices, read and written through strides.
template <typename T>
struct Batch {
  int64_t count, rows, columns;
  Layout layout;
  std::vector<T> values;

  Batch(int64_t count, int64_t rows, int64_t columns, Layout layout = Layout::kRows)
      : count(count),
        rows(rows),
        columns(columns),
        layout(layout),
        values(static_cast<size_t>(count * rows * columns)) {
    std::fill(values.begin(), values.end(), T{-7});
  }

  int64_t row_stride() const {
    return layout == Layout::kRows ? columns : layout == Layout::kColumns ? 1 : columns * count;
  }
  int64_t column_stride() const { return layout == Layout::kRows ? 1 : layout == Layout::kColumns ? rows : count; }
  int64_t batch_stride() const { return layout == Layout::kBatchLast ? 1 : rows * columns; }
  T &at(int64_t b, int64_t i, int64_t j) {
    return values[static_cast<size_t>(b * batch_stride() + i * row_stride() + j * column_stride())];
  }
  int64_t bytes() const { return static_cast<int64_t>(values.size() * sizeof(T)); }
  ls_matrix matrix(int32_t slot) const {
    ls_matrix matrix{slot, 0, row_stride(), column_stride(), {}};
    matrix.batch_strides[0] = batch_stride();
    return matrix;
  }
};

template <typename T>
Batch<T> random(int64_t count, int64_t rows, int64_t columns, Layout layout, double diagonal, unsigned seed = 1) {
  std::mt19937 generator(seed);
  std::uniform_real_distribution<double> uniform(-1, 1);
  Batch<T> batch(count, rows, columns, layout);
  for (int64_t b = 0; b < count; ++b) {
    for (int64_t i = 0; i < rows; ++i) {
      for (int64_t j = 0; j < columns; ++j) {
        batch.at(b, i, j) = static_cast<T>(uniform(generator) + (i == j ? diagonal : 0));
      }
    }
  }
  return batch;
}

// Adds one step whose inputs come first, and runs it.
template <typename T>
struct Call {
  ls_linalg linalg{};
  std::vector<int64_t> input_bytes, output_bytes;
  std::vector<const void *> inputs;
  std::vector<void *> outputs;
  std::vector<ls_matrix> matrices;

  Call(int32_t kind, int64_t count, int64_t m, int64_t n, int64_t k, int32_t flags = 0) {
    linalg.kind = kind;
    linalg.dtype = kDtype<T>;
    linalg.flags = flags;
    linalg.batch_rank = 1;
    linalg.batch[0] = count;
    linalg.m = m;
    linalg.n = n;
    linalg.k = k;
  }
  template <typename U>
  Call &in(const Batch<U> &batch) {
    matrices.push_back(batch.matrix(static_cast<int32_t>(inputs.size())));
    input_bytes.push_back(batch.bytes());
    inputs.push_back(batch.values.data());
    return *this;
  }
  template <typename U>
  Call &out(Batch<U> &batch) {
    matrices.push_back(batch.matrix(static_cast<int32_t>(inputs.size() + outputs.size())));
    output_bytes.push_back(batch.bytes());
    outputs.push_back(batch.values.data());
    return *this;
  }
  Call &none() {
    matrices.push_back({LS_SLOT_NONE, 0, 0, 0, {}});
    return *this;
  }
  std::string run() {
    std::copy(matrices.begin(), matrices.end(), linalg.operands);
    for (size_t i = matrices.size(); i < LS_LINALG_OPERANDS; ++i) linalg.operands[i].slot = LS_SLOT_NONE;
    TestPlan plan(input_bytes, output_bytes);
    EXPECT_EQ(LS_OK, plan.add(linalg)) << ls_last_error();
    EXPECT_EQ(LS_OK, plan.seal());
    // A run without bytes needs an address all the same.
    static char nothing;
    for (void *&output : outputs) output = output == nullptr ? &nothing : output;
    EXPECT_EQ(LS_OK, plan.run(inputs, outputs)) << ls_last_error();
    return plan.describe();
  }
};

template <typename T>
double tolerance(int64_t n) {
  return 40 * static_cast<double>(std::numeric_limits<T>::epsilon()) * static_cast<double>(n + 4);
}

template <typename T>
class Linalg : public testing::Test {
 protected:
  // Calls body(count, size, layout) for sizes on both sides of each implementation's limits.
  template <typename Body>
  void for_all(Body body) {
    for (int64_t size = 0; size <= 40; ++size) {
      const Layout layout = static_cast<Layout>(size % 3);
      for (int64_t count : {0, 1, 17}) body(count, size, layout);
    }
    body(1000, 8, Layout::kRows);
    body(1000, 5, Layout::kBatchLast);
    body(70, 33, Layout::kColumns);
    body(2, 70, Layout::kRows);
  }
};
using Types = testing::Types<float, double>;
TYPED_TEST_SUITE(Linalg, Types);

TYPED_TEST(Linalg, CholeskyFactorsMultiplyToTheMatrix) {
  using T = TypeParam;
  auto check = [](int64_t count, int64_t n, Layout layout) {
    Batch<T> a = random<T>(count, n, n, layout, 2 * static_cast<double>(n));
    Batch<T> l(count, n, n, layout);
    Call<T>(LS_LINALG_CHOLESKY, count, n, n, 0).in(a).out(l).run();
    for (int64_t b = 0; b < count; ++b) {
      for (int64_t i = 0; i < n; ++i) {
        for (int64_t j = 0; j < n; ++j) {
          double sum = 0;
          for (int64_t p = 0; p < n; ++p) sum += static_cast<double>(l.at(b, i, p)) * l.at(b, j, p);
          const double want = (static_cast<double>(a.at(b, i, j)) + a.at(b, j, i)) / 2;
          ASSERT_NEAR(want, sum, tolerance<T>(n) * static_cast<double>(n + 1)) << n << " " << b << " " << i << " " << j;
          if (j > i) {
            ASSERT_EQ(0, l.at(b, i, j));
          }
        }
      }
    }
  };
  this->for_all(check);
  check(1, 300, Layout::kRows);
  check(1, 257, Layout::kColumns);
}

TYPED_TEST(Linalg, TriangularSolutionsSolve) {
  using T = TypeParam;
  this->for_all([](int64_t count, int64_t n, Layout layout) {
    for (int32_t flags : {0, 1, 2, 3}) {
      const bool lower = (flags & LS_LINALG_LOWER) != 0;
      const bool unit = (flags & LS_LINALG_UNIT_DIAGONAL) != 0;
      const int64_t k = n % 6;
      Batch<T> a = random<T>(count, n, n, layout, 0);
      for (int64_t b = 0; b < count; ++b) {
        for (int64_t i = 0; i < n; ++i) {
          for (int64_t j = 0; j < n; ++j) a.at(b, i, j) = a.at(b, i, j) / static_cast<T>(n) + (i == j ? 3 : 0);
        }
      }
      const Batch<T> b = random<T>(count, n, k, layout, 0, 2);
      Batch<T> x(count, n, k, layout);
      Call<T>(LS_LINALG_TRIANGULAR_SOLVE, count, n, n, k, flags).in(a).in(b).out(x).run();
      Batch<T> want = b;
      for (int64_t e = 0; e < count; ++e) {
        for (int64_t i = 0; i < n; ++i) {
          for (int64_t c = 0; c < k; ++c) {
            double sum = 0;
            for (int64_t p = 0; p < n; ++p) {
              const double factor = p == i ? (unit ? 1 : a.at(e, i, i)) : (p < i) == lower ? a.at(e, i, p) : 0;
              sum += factor * x.at(e, p, c);
            }
            ASSERT_NEAR(want.at(e, i, c), sum, tolerance<T>(n) * 4) << n << " " << flags;
          }
        }
      }
    }
  });
}

TYPED_TEST(Linalg, LuFactorsMultiplyToThePermutedMatrixAndSolve) {
  using T = TypeParam;
  this->for_all([](int64_t count, int64_t n, Layout layout) {
    for (int64_t m : {n, n + 3, n / 2}) {
      const int64_t least = std::min(m, n);
      Batch<T> a = random<T>(count, m, n, layout, 0);
      Batch<T> lu(count, m, n, layout);
      Batch<int32_t> pivots(count, least, 1);
      Batch<int32_t> permutation(count, m, 1);
      Call<T>(LS_LINALG_LU, count, m, n, 0).in(a).out(lu).out(pivots).out(permutation).run();
      for (int64_t b = 0; b < count; ++b) {
        std::vector<int32_t> order(static_cast<size_t>(m));
        for (int64_t i = 0; i < m; ++i) order[static_cast<size_t>(i)] = static_cast<int32_t>(i);
        for (int64_t i = 0; i < least; ++i) {
          ASSERT_GE(pivots.at(b, i, 0), i);
          std::swap(order[static_cast<size_t>(i)], order[static_cast<size_t>(pivots.at(b, i, 0))]);
        }
        for (int64_t i = 0; i < m; ++i) {
          ASSERT_EQ(order[static_cast<size_t>(i)], permutation.at(b, i, 0));
          for (int64_t j = 0; j < n; ++j) {
            double sum = 0;
            for (int64_t p = 0; p < least && p <= std::min(i, j); ++p) {
              sum += (p == i ? 1.0 : static_cast<double>(lu.at(b, i, p))) * lu.at(b, p, j);
            }
            ASSERT_NEAR(a.at(b, permutation.at(b, i, 0), j), sum, tolerance<T>(n) * 2) << m << "x" << n;
            if (i > j) {
              ASSERT_LE(std::abs(lu.at(b, i, j)), 1 + tolerance<T>(n));
            }
          }
        }
      }
      if (m != n) continue;
      for (int32_t flags : {0, static_cast<int32_t>(LS_LINALG_TRANSPOSED)}) {
        const int64_t k = n % 5;
        Batch<T> right = random<T>(count, n, k, layout, 0, 3);
        Batch<T> x(count, n, k, layout);
        Call<T>(LS_LINALG_LU_SOLVE, count, n, n, k, flags).in(lu).in(permutation).in(right).out(x).run();
        for (int64_t b = 0; b < count; ++b) {
          for (int64_t c = 0; c < k; ++c) {
            double largest = 1;
            for (int64_t i = 0; i < n; ++i) largest = std::max<double>(largest, std::abs(x.at(b, i, c)));
            for (int64_t i = 0; i < n; ++i) {
              double sum = 0;
              for (int64_t p = 0; p < n; ++p) {
                sum += static_cast<double>(flags == 0 ? a.at(b, i, p) : a.at(b, p, i)) * x.at(b, p, c);
              }
              ASSERT_NEAR(right.at(b, i, c), sum, tolerance<T>(n) * largest * 8) << n << " " << flags;
            }
          }
        }
      }
    }
  });
}

TYPED_TEST(Linalg, QrFactorsAreOrthogonalAndMultiplyToTheMatrix) {
  using T = TypeParam;
  this->for_all([](int64_t count, int64_t n, Layout layout) {
    for (int64_t m : {n, n + 3, n / 2}) {
      for (bool full : {false, true}) {
        const int64_t k = full ? m : std::min(m, n);
        Batch<T> a = random<T>(count, m, n, layout, 0);
        Batch<T> q(count, m, k, layout);
        Batch<T> r(count, k, n, layout);
        Call<T>(LS_LINALG_QR, count, m, n, k).in(a).out(q).out(r).run();
        for (int64_t b = 0; b < count; ++b) {
          for (int64_t i = 0; i < k; ++i) {
            for (int64_t j = 0; j < k; ++j) {
              double dot = 0;
              for (int64_t p = 0; p < m; ++p) dot += static_cast<double>(q.at(b, p, i)) * q.at(b, p, j);
              ASSERT_NEAR(i == j, dot, tolerance<T>(m)) << m << "x" << n;
            }
            for (int64_t j = 0; j < n && j < i; ++j) ASSERT_EQ(0, r.at(b, i, j));
          }
          for (int64_t i = 0; i < m; ++i) {
            for (int64_t j = 0; j < n; ++j) {
              double sum = 0;
              for (int64_t p = 0; p < k; ++p) sum += static_cast<double>(q.at(b, i, p)) * r.at(b, p, j);
              ASSERT_NEAR(a.at(b, i, j), sum, tolerance<T>(m) * 4) << m << "x" << n;
            }
          }
          if (m > 1 && n > 0) {
            ASSERT_EQ(std::signbit(a.at(b, 0, 0)), !std::signbit(r.at(b, 0, 0)));
          }
        }
      }
    }
  });
}

TYPED_TEST(Linalg, EigenvectorsOfSymmetricMatricesDiagonalizeThem) {
  using T = TypeParam;
  auto check = [](int64_t count, int64_t n, Layout layout) {
    Batch<T> a = random<T>(count, n, n, layout, 0);
    if (count > 2) {  // diagonal, and with all values equal
      for (int64_t i = 0; i < n; ++i) {
        for (int64_t j = 0; j < n; ++j) {
          a.at(1, i, j) = static_cast<T>(i == j ? n - i : 0);
          a.at(2, i, j) = static_cast<T>(i == j ? 2 : 0);
        }
      }
    }
    Batch<T> w(count, n, 1);
    Batch<T> v(count, n, n, layout);
    Batch<T> only_w(count, n, 1);
    Call<T>(LS_LINALG_EIGH, count, n, n, 0).in(a).out(w).out(v).run();
    Call<T>(LS_LINALG_EIGH, count, n, n, 0).in(a).out(only_w).run();
    for (int64_t b = 0; b < count; ++b) {
      for (int64_t j = 0; j < n; ++j) {
        if (j > 0) {
          ASSERT_LE(w.at(b, j - 1, 0), w.at(b, j, 0));
        }
        ASSERT_NEAR(w.at(b, j, 0), only_w.at(b, j, 0), tolerance<T>(n) * static_cast<double>(n));
        for (int64_t i = 0; i < n; ++i) {
          double dot = 0;
          double moved = 0;
          for (int64_t p = 0; p < n; ++p) {
            dot += static_cast<double>(v.at(b, p, i)) * v.at(b, p, j);
            moved += (static_cast<double>(a.at(b, i, p)) + a.at(b, p, i)) / 2 * v.at(b, p, j);
          }
          ASSERT_NEAR(i == j, dot, tolerance<T>(n)) << count << " x " << n;
          ASSERT_NEAR(static_cast<double>(w.at(b, j, 0)) * v.at(b, i, j), moved,
                      tolerance<T>(n) * static_cast<double>(n + 1))
              << count << " x " << n << ": " << b << " " << i << " " << j;
        }
      }
    }
  };
  this->for_all(check);
  for (int64_t n : {1, 2, 3, 4, 15, 16, 17, 32, 64}) check(67, n, Layout::kRows);
}

TYPED_TEST(Linalg, SingularVectorsDiagonalize) {
  using T = TypeParam;
  for (int64_t n : {0, 1, 2, 7, 33}) {
    for (int64_t m : {n, n + 3, n / 2}) {
      for (int64_t count : {0, 1, 17}) {
        const int64_t least = std::min(m, n);
        Batch<T> a = random<T>(count, m, n, Layout::kRows, 0);
        Batch<T> s(count, least, 1);
        Batch<T> u(count, m, least);
        Batch<T> vt(count, least, n);
        Batch<T> only_s(count, least, 1);
        Call<T>(LS_LINALG_SVD, count, m, n, 0).in(a).out(s).out(u).out(vt).run();
        Call<T>(LS_LINALG_SVD, count, m, n, 0).in(a).out(only_s).run();
        for (int64_t b = 0; b < count; ++b) {
          for (int64_t p = 0; p < least; ++p) {
            ASSERT_NEAR(s.at(b, p, 0), only_s.at(b, p, 0), tolerance<T>(n) * 2);
            if (p > 0) {
              ASSERT_GE(s.at(b, p - 1, 0), s.at(b, p, 0));
            }
          }
          for (int64_t i = 0; i < m; ++i) {
            for (int64_t j = 0; j < n; ++j) {
              double sum = 0;
              for (int64_t p = 0; p < least; ++p) {
                sum += static_cast<double>(u.at(b, i, p)) * s.at(b, p, 0) * vt.at(b, p, j);
              }
              ASSERT_NEAR(a.at(b, i, j), sum, tolerance<T>(n) * 4) << m << "x" << n;
            }
          }
        }
      }
    }
  }
}

TYPED_TEST(Linalg, EigenvectorsOfGeneralMatricesAreMovedByTheirValues) {
  using T = TypeParam;
  for (int64_t n : {0, 1, 2, 5, 12, 40}) {
    const int64_t count = 3;
    Batch<T> a = random<T>(count, n, n, Layout::kColumns, 0);
    Batch<T> wr(count, n, 1), wi(count, n, 1);
    Batch<T> vr(count, n, n), vi(count, n, n);
    Call<T>(LS_LINALG_EIG, count, n, n, 0).in(a).out(wr).out(wi).out(vr).out(vi).run();
    for (int64_t b = 0; b < count; ++b) {
      for (int64_t j = 0; j < n; ++j) {
        for (int64_t i = 0; i < n; ++i) {
          double real = 0;
          double imaginary = 0;
          for (int64_t p = 0; p < n; ++p) {
            real += static_cast<double>(a.at(b, i, p)) * vr.at(b, p, j);
            imaginary += static_cast<double>(a.at(b, i, p)) * vi.at(b, p, j);
          }
          const double x = wr.at(b, j, 0), y = wi.at(b, j, 0);
          ASSERT_NEAR(x * vr.at(b, i, j) - y * vi.at(b, i, j), real, tolerance<T>(n) * 8) << n;
          ASSERT_NEAR(x * vi.at(b, i, j) + y * vr.at(b, i, j), imaginary, tolerance<T>(n) * 8) << n;
        }
      }
    }
  }
}

TYPED_TEST(Linalg, OnlyBadMatricesGiveNan) {
  using T = TypeParam;
  const T nan = std::numeric_limits<T>::quiet_NaN();
  for (int64_t n : {3, 40}) {
    const int64_t count = 70;
    Batch<T> a = random<T>(count, n, n, Layout::kRows, 2 * static_cast<double>(n));
    a.at(1, 2, 1) = nan;
    a.at(2, 0, 0) = std::numeric_limits<T>::infinity();
    a.at(3, 1, 1) = -1;
    Batch<T> l(count, n, n), w(count, n, 1), v(count, n, n), s(count, n, 1), wr(count, n, 1), wi(count, n, 1);
    Call<T>(LS_LINALG_CHOLESKY, count, n, n, 0).in(a).out(l).run();
    Call<T>(LS_LINALG_EIGH, count, n, n, 0).in(a).out(w).out(v).run();
    Call<T>(LS_LINALG_SVD, count, n, n, 0).in(a).out(s).run();
    Call<T>(LS_LINALG_EIG, count, n, n, 0).in(a).out(wr).out(wi).run();
    for (int64_t b = 0; b < count; ++b) {
      const bool finite = b != 1 && b != 2;
      for (int64_t i = 0; i < n; ++i) {
        ASSERT_EQ(finite, std::isfinite(w.at(b, i, 0))) << b;
        ASSERT_EQ(finite, std::isfinite(v.at(b, i, i))) << b;
        ASSERT_EQ(finite, std::isfinite(s.at(b, i, 0))) << b;
        ASSERT_EQ(finite, std::isfinite(wr.at(b, i, 0))) << b;
        if (b != 2) {
          ASSERT_EQ(b != 1 && b != 3, std::isfinite(l.at(b, i, 0))) << b;
        }
      }
    }
  }
}

TYPED_TEST(Linalg, ExtremeMagnitudesNeitherOverflowNorVanish) {
  using T = TypeParam;
  for (T scale : {std::numeric_limits<T>::max() / 1000, std::numeric_limits<T>::min() * 1000}) {
    const int64_t n = 5;
    const int64_t count = 64;
    Batch<T> a = random<T>(count, n, n, Layout::kRows, 4);
    Batch<T> large = a;
    for (T &value : large.values) value *= scale;
    Batch<T> w(count, n, 1), scaled_w(count, n, 1), q(count, n, n), r(count, n, n);
    Call<T>(LS_LINALG_EIGH, count, n, n, 0).in(a).out(w).run();
    Call<T>(LS_LINALG_EIGH, count, n, n, 0).in(large).out(scaled_w).run();
    Call<T>(LS_LINALG_QR, count, n, n, n).in(large).out(q).out(r).run();
    for (int64_t b = 0; b < count; ++b) {
      for (int64_t i = 0; i < n; ++i) {
        ASSERT_NEAR(w.at(b, i, 0), scaled_w.at(b, i, 0) / scale, tolerance<T>(n) * 8);
        double square = 0;
        for (int64_t j = 0; j < n; ++j) square += static_cast<double>(q.at(b, i, j)) * q.at(b, i, j);
        ASSERT_NEAR(1, square, tolerance<T>(n));
      }
    }
  }
}

// What is left of such matrices after some reflections is denormal.
TYPED_TEST(Linalg, ReflectionsOfMatricesOfLowRankAreOrthogonal) {
  using T = TypeParam;
  for (int64_t n : {3, 8, 9, 15, 17, 31, 32, 48, 64}) {
    const int64_t count = 64;
    Batch<T> a(count, n, n);
    for (int64_t b = 0; b < count; ++b) {
      for (int64_t i = 0; i < n; ++i) {
        for (int64_t j = 0; j < n; ++j) {
          const double decay = std::pow(10, -0.3 * static_cast<double>(i + j));
          const double sign = std::sin(static_cast<double>((i + 1) * (j + 1) + b));
          a.at(b, i, j) = static_cast<T>(b % 3 == 0   ? 1
                                         : b % 3 == 1 ? sign * decay
                                                      : 1.0 / static_cast<double>(i + j + 1));
        }
      }
    }
    Batch<T> w(count, n, 1), v(count, n, n), q(count, n, n), r(count, n, n);
    Call<T>(LS_LINALG_EIGH, count, n, n, 0).in(a).out(w).out(v).run();
    Call<T>(LS_LINALG_QR, count, n, n, n).in(a).out(q).out(r).run();
    for (int64_t b = 0; b < count; ++b) {
      for (int64_t i = 0; i < n; ++i) {
        for (int64_t j = 0; j < n; ++j) {
          double of_v = 0;
          double of_q = 0;
          double product = 0;
          for (int64_t p = 0; p < n; ++p) {
            of_v += static_cast<double>(v.at(b, p, i)) * v.at(b, p, j);
            of_q += static_cast<double>(q.at(b, p, i)) * q.at(b, p, j);
            product += static_cast<double>(q.at(b, i, p)) * r.at(b, p, j);
          }
          ASSERT_NEAR(i == j, of_v, tolerance<T>(n)) << n << ": " << b;
          ASSERT_NEAR(i == j, of_q, tolerance<T>(n)) << n << ": " << b;
          ASSERT_NEAR(a.at(b, i, j), product, tolerance<T>(n)) << n << ": " << b;
        }
      }
      if (b % 3 == 0) {
        ASSERT_NEAR(static_cast<double>(n), w.at(b, n - 1, 0), tolerance<T>(n) * static_cast<double>(n));
      }
    }
  }
}

TYPED_TEST(Linalg, ResultsDoNotDependOnTheNumberOfThreads) {
  using T = TypeParam;
  const int64_t count = 1000;
  const int64_t n = 12;
  Batch<T> a = random<T>(count, n, n, Layout::kRows, 3);
  std::vector<T> first;
  const int32_t threads = ls_threads_get();
  for (int32_t used : {1, 2, 8}) {
    ASSERT_EQ(LS_OK, ls_threads_set(used));
    Batch<T> w(count, n, 1), v(count, n, n);
    Call<T>(LS_LINALG_EIGH, count, n, n, 0).in(a).out(w).out(v).run();
    if (first.empty()) first = v.values;
    ASSERT_EQ(first, v.values);
  }
  ASSERT_EQ(LS_OK, ls_threads_set(threads));
}

TEST(LinalgPermutation, OutOfRangeIsClamped) {
  Batch<double> lu(1, 2, 2), b(1, 2, 1), x(1, 2, 1);
  Batch<int32_t> permutation(1, 2, 1);
  lu.values = {1, 0, 0, 1};
  b.values = {3, 4};
  permutation.values = {std::numeric_limits<int32_t>::max(), -5};
  Call<double>(LS_LINALG_LU_SOLVE, 1, 2, 2, 1).in(lu).in(permutation).in(b).out(x).run();
  EXPECT_EQ((std::vector<double>{4, 3}), x.values);
}

TEST(LinalgDescription, NamesTheImplementation) {
  const Batch<double> a = random<double>(3, 8, 8, Layout::kRows, 20);
  Batch<double> l(3, 8, 8);
  const std::string text = Call<double>(LS_LINALG_CHOLESKY, 3, 8, 8, 0).in(a).out(l).run();
  EXPECT_NE(std::string::npos, text.find("cholesky f64 3 x [8, 8]: lanes")) << text;
  const Batch<double> large = random<double>(1, 200, 200, Layout::kRows, 400);
  Batch<double> factor(1, 200, 200);
  const std::string blocked = Call<double>(LS_LINALG_CHOLESKY, 1, 200, 200, 0).in(large).out(factor).run();
  EXPECT_NE(std::string::npos, blocked.find("blocked")) << blocked;
}

TEST(LinalgValidation, RefusesWhatLapackWouldComplainAbout) {
  TestPlan plan({32, 32}, {32});
  ls_linalg good{};
  good.kind = LS_LINALG_CHOLESKY;
  good.dtype = LS_F64;
  good.m = good.n = 2;
  good.operands[0] = {0, 0, 2, 1, {}};
  good.operands[1] = {2, 0, 2, 1, {}};
  ls_linalg bad = good;
  bad.kind = 8;
  EXPECT_REFUSED(LS_INVALID_ARGUMENT, "expected a kind from 0 to 7, got 8", plan.add(bad));
  bad = good;
  bad.dtype = LS_I32;
  EXPECT_REFUSED(LS_INVALID_ARGUMENT, "cholesky: expected f32 or f64, got i32", plan.add(bad));
  bad = good;
  bad.n = -1;
  EXPECT_REFUSED(LS_INVALID_ARGUMENT, "cholesky: n: expected 0 to 2147483647, got -1", plan.add(bad));
  bad = good;
  bad.n = 3;
  EXPECT_REFUSED(LS_INVALID_ARGUMENT, "cholesky: a", plan.add(bad));
  bad = good;
  bad.operands[1].slot = 1;
  EXPECT_REFUSED(LS_INVALID_ARGUMENT, "cholesky: l", plan.add(bad));
  bad = good;
  bad.flags = 8;
  EXPECT_REFUSED(LS_INVALID_ARGUMENT, "expected flags", plan.add(bad));
  bad = good;
  bad.kind = LS_LINALG_QR;
  bad.k = 1;
  EXPECT_REFUSED(LS_INVALID_ARGUMENT, "qr: expected k = m or the lesser of m and n", plan.add(bad));
  EXPECT_EQ(LS_OK, plan.add(good));
}

}  // namespace
}  // namespace lockstep
