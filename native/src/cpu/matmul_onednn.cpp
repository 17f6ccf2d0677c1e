// Large products of f32, and of bf16 where the processor multiplies them, by oneDNN, which our pool runs on parts, each
// on one thread. Strict f32 arithmetic, whatever the environment asks for; bf16 is added up in f32 and rounded once.
#include <algorithm>
#include <memory>
#include <oneapi/dnnl/dnnl.hpp>
#include <string>
#include <unordered_map>
#include <utility>

#include "cpu/matmul_epilogue.h"
#include "cpu/matmul_implementations.h"
#include "cpu/matmul_library.h"
#include "cpu/onednn.h"
#include "cpu/onednn_bf16.h"

namespace lockstep {
namespace {

// Below, our own kernels are done before oneDNN has begun.
constexpr int64_t kLeastExtentOfTiles = 16;
constexpr int64_t kLeastProductsOfTiles = 64 * 64 * 64;

bool in_tiles(const MatmulProblem &problem) {
  return problem.dtype == LS_BF16 && onednn::bf16_products() == onednn::Bf16::kTiles;
}

MatmulSplit split_of(const MatmulProblem &problem) {
  return {.row_multiple = 256,
          .column_multiple = in_tiles(problem) ? 256 : 512,
          .largest_elements = elements_in_cache(problem)};
}

template <typename Body>
auto with_errors_of_lockstep(Body &&body) {
  return onednn::with_errors_of_lockstep("matmul", std::forward<Body>(body));
}

dnnl::memory::desc describe_matrix(ls_dtype dtype, int64_t rows, int64_t columns, const MatmulOperand &operand) {
  const auto type = dtype == LS_BF16 ? dnnl::memory::data_type::bf16 : dnnl::memory::data_type::f32;
  return {{rows, columns}, type, {operand.row, operand.column}};
}

class OneDnnStep final : public Step {
 public:
  OneDnnStep(const MatmulProblem &problem, const std::string &description)
      : problem_(problem),
        parts_(problem, parts_for(problem, 1), split_of(problem)),
        epilogue_(problem),
        workers_(std::min<int64_t>(threads(), parts_.count())) {
    with_errors_of_lockstep([this] {
      for (const bool last_rows : {false, true}) {
        for (const bool last_columns : {false, true}) {
          create_product(last_rows ? rest(problem_.m, parts_.rows()) : parts_.rows(),
                         last_columns ? rest(problem_.n, parts_.columns()) : parts_.columns(),
                         products_[last_rows][last_columns]);
        }
      }
    });
    epilogue_.prepare(parts_);
    description_ = description + "; " + products_[0][0].implementation + ", " + std::to_string(parts_.count()) +
                   " parts of " + std::to_string(parts_.rows()) + " x " + std::to_string(parts_.columns());
  }

  void run(void *const *slots, void *scratch) const override {
    for_each_part(parts_, workers_, [&](int64_t worker, const MatmulPart &part) {
      with_errors_of_lockstep([&] { run_part(part, slots, static_cast<char *>(scratch) + worker * worker_bytes_); });
    });
  }

  int64_t scratch_bytes() const override { return workers_ * worker_bytes_; }
  std::string describe() const override { return description_; }

 private:
  struct Product {
    dnnl::memory::desc a, b, c, scratchpad;
    dnnl::matmul primitive;
    std::string implementation;
  };

  static int64_t rest(int64_t extent, int64_t block) { return (extent - 1) % block + 1; }

  void create_product(int64_t rows, int64_t columns, Product &product) {
    dnnl::primitive_attr attributes;
    attributes.set_scratchpad_mode(dnnl::scratchpad_mode::user);
    attributes.set_fpmath_mode(dnnl::fpmath_mode::strict);
    product.a = describe_matrix(problem_.dtype, rows, problem_.k, problem_.a);
    product.b = describe_matrix(problem_.dtype, problem_.k, columns, problem_.b);
    product.c = describe_matrix(problem_.dtype, rows, columns, problem_.c);
    const dnnl::matmul::primitive_desc descriptor(onednn::engine(), product.a, product.b, product.c, attributes);
    product.scratchpad = descriptor.scratchpad_desc();
    product.primitive = dnnl::matmul(descriptor);
    product.implementation = descriptor.impl_info_str();
    const int64_t bytes = static_cast<int64_t>(product.scratchpad.get_size() + 63) / 64 * 64;
    worker_bytes_ = std::max(worker_bytes_, bytes);
  }

  void run_part(const MatmulPart &part, void *const *slots, void *scratch) const {
    const Product &product = products_[part.rows != parts_.rows()][part.columns != parts_.columns()];
    const int64_t bytes = problem_.element_bytes();
    MatmulBatch at(problem_, slots, part.first);
    dnnl::stream stream(onednn::engine());
    const auto memory = [](const dnnl::memory::desc &descriptor, void *address) {
      return dnnl::memory(descriptor, onednn::engine(), address);
    };
    dnnl::memory a = memory(product.a, nullptr);
    dnnl::memory b = memory(product.b, nullptr);
    dnnl::memory c = memory(product.c, nullptr);
    const std::unordered_map<int, dnnl::memory> arguments = {
        {DNNL_ARG_SRC, a},
        {DNNL_ARG_WEIGHTS, b},
        {DNNL_ARG_DST, c},
        {DNNL_ARG_SCRATCHPAD, memory(product.scratchpad, scratch)}};
    for (int64_t left = part.count;;) {
      a.set_data_handle(const_cast<char *>(at.a()) + part.row * problem_.a.row * bytes);
      b.set_data_handle(const_cast<char *>(at.b()) + part.column * problem_.b.column * bytes);
      c.set_data_handle(at.c() + (part.row * problem_.c.row + part.column) * bytes);
      product.primitive.execute(stream, arguments);
      if (--left == 0) break;
      at.next();
    }
    stream.wait();
    epilogue_.run(part, slots);
  }

  MatmulProblem problem_;
  MatmulParts parts_;
  MatmulEpilogue epilogue_;
  int64_t workers_;
  int64_t worker_bytes_ = 0;
  Product products_[2][2];  // [in the last rows][in the last columns]
  std::string description_;
};

std::optional<std::string> refuse_bf16(const MatmulProblem &p) {
  switch (onednn::bf16_products()) {
    case onednn::Bf16::kSlow:
      return "no fast products of bf16 on this processor";
    case onednn::Bf16::kDotProducts:
      return refused_by_libraries(p, split_of(p));
    case onednn::Bf16::kTiles:
      break;
  }
  if (std::min({p.m, p.n, p.k}) < kLeastExtentOfTiles || p.m * p.n * p.k < kLeastProductsOfTiles) {
    return "a matrix of fewer than 64^3 products, or an extent less than 16";
  }
  return refused_strides(p);
}

std::optional<std::string> refuse(const MatmulProblem &problem) {
  if (problem.dtype == LS_BF16) return refuse_bf16(problem);
  if (problem.dtype != LS_F32) return "f32 and bf16 only";
  return refused_by_libraries(problem, split_of(problem));
}

std::unique_ptr<Step> make(const MatmulProblem &problem, const std::string &description) {
  return std::make_unique<OneDnnStep>(problem, description);
}

}  // namespace

const MatmulImplementation kMatmulOneDnn = {"oneDNN", refuse, make};

}  // namespace lockstep
