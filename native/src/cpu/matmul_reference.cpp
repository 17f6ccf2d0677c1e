// Three plain loops: any strides, any dtype. The kernel for bool and for empty sums.
#include <cstdint>

#include "cpu/matmul_epilogue.h"
#include "cpu/matmul_implementations.h"

namespace lockstep {
namespace {

struct Bool {
  uint8_t byte;
};

Bool multiply_add(Bool a, Bool b, Bool sum) {
  return {static_cast<uint8_t>(sum.byte | ((a.byte != 0) & (b.byte != 0)))};
}

template <typename T>
T multiply_add(T a, T b, T sum) {
  return sum + a * b;
}

template <typename T>
void add_row(T value, const T *row, int64_t row_stride, T *c, int64_t c_stride, int64_t n) {
  for (int64_t j = 0; j < n; ++j) c[j * c_stride] = multiply_add(value, row[j * row_stride], c[j * c_stride]);
}

// A row of c, by rows of b.
template <typename T>
void multiply_row(const MatmulProblem &p, const T *a, const T *b, T *c) {
  for (int64_t j = 0; j < p.n; ++j) c[j * p.c.column] = T{};
  for (int64_t l = 0; l < p.k; ++l) {
    const T value = a[l * p.a.column];
    const T *row = b + l * p.b.row;
    if (p.b.column == 1 && p.c.column == 1) {
      add_row(value, row, 1, c, 1, p.n);
    } else {
      add_row(value, row, p.b.column, c, p.c.column, p.n);
    }
  }
}

template <typename T>
class ReferenceStep final : public Step {
 public:
  ReferenceStep(const MatmulProblem &problem, const std::string &description)
      : problem_(problem),
        whole_{0, problem.batch(), 0, problem.m, 0, problem.n},
        epilogue_(problem),
        description_(description) {
    epilogue_.prepare(whole_);
  }

  void run(void *const *slots, void *) const override {
    if (problem_.empty()) return;
    MatmulBatch at(problem_, slots, 0);
    for (int64_t left = problem_.batch();;) {
      for (int64_t i = 0; i < problem_.m; ++i) {
        multiply_row(problem_, reinterpret_cast<const T *>(at.a()) + i * problem_.a.row,
                     reinterpret_cast<const T *>(at.b()), reinterpret_cast<T *>(at.c()) + i * problem_.c.row);
      }
      if (--left == 0) break;
      at.next();
    }
    epilogue_.run(whole_, slots);
  }

  std::string describe() const override { return description_; }

 private:
  MatmulProblem problem_;
  MatmulPart whole_;
  MatmulEpilogue epilogue_;
  std::string description_;
};

std::optional<std::string> refuse(const MatmulProblem &) { return std::nullopt; }

std::unique_ptr<Step> make(const MatmulProblem &problem, const std::string &description) {
  switch (problem.dtype) {
    case LS_BOOL:
      return std::make_unique<ReferenceStep<Bool>>(problem, description);
    case LS_I32:
      return std::make_unique<ReferenceStep<uint32_t>>(problem, description);
    case LS_I64:
      return std::make_unique<ReferenceStep<uint64_t>>(problem, description);
    case LS_BF16:  // empty sums only: tiles take all others
      return std::make_unique<ReferenceStep<uint16_t>>(problem, description);
    case LS_F32:
      return std::make_unique<ReferenceStep<float>>(problem, description);
    default:
      return std::make_unique<ReferenceStep<double>>(problem, description);
  }
}

}  // namespace

const MatmulImplementation kMatmulReference = {"reference", refuse, make};

}  // namespace lockstep
