// Three plain loops: any strides, any dtype; the yardstick of the others, and the kernel for bool.
#include <cstdint>

#include "cpu/matmul_implementations.h"

namespace lockstep {
namespace {

struct Bool {
  uint8_t byte;
};

Bool multiply_add(Bool a, Bool b, Bool sum) { return {static_cast<uint8_t>(sum.byte | ((a.byte != 0) & (b.byte != 0)))}; }

template <typename T>
T multiply_add(T a, T b, T sum) {
  return sum + a * b;
}

// Row i of c, by rows of b.
template <typename T>
void multiply_row(const MatmulProblem &p, const T *a, const T *b, T *c) {
  for (int64_t j = 0; j < p.n; ++j) c[j * p.c.column] = T{};
  for (int64_t l = 0; l < p.k; ++l) {
    const T value = a[l * p.a.column];
    const T *row = b + l * p.b.row;
    for (int64_t j = 0; j < p.n; ++j) {
      T &to = c[j * p.c.column];
      to = multiply_add(value, row[j * p.b.column], to);
    }
  }
}

template <typename T>
class ReferenceStep final : public Step {
 public:
  ReferenceStep(const MatmulProblem &problem, const std::string &description)
      : problem_(problem), description_(description) {}

  void run(void *const *slots, void *) const override {
    if (problem_.empty()) return;
    MatmulBatch at(problem_, slots, 0);
    for (int64_t left = problem_.batch();;) {
      for (int64_t i = 0; i < problem_.m; ++i) {
        multiply_row(problem_, reinterpret_cast<const T *>(at.a()) + i * problem_.a.row,
                     reinterpret_cast<const T *>(at.b()), reinterpret_cast<T *>(at.c()) + i * problem_.c.row);
      }
      if (--left == 0) return;
      at.next();
    }
  }

  std::string describe() const override { return description_; }

 private:
  MatmulProblem problem_;
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
    case LS_F32:
      return std::make_unique<ReferenceStep<float>>(problem, description);
    default:
      return std::make_unique<ReferenceStep<double>>(problem, description);
  }
}

}  // namespace

const MatmulImplementation kMatmulReference = {"reference", refuse, make};

}  // namespace lockstep
