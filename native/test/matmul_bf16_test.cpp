// What is particular to products of bf16: sums in f32, rounded once, by every implementation.
#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "cpu/onednn_bf16.h"
#include "matmul_product.h"

namespace lockstep {
namespace {

struct Kernel {
  const char *name;
  Case product;
};

// A product for each implementation; k = 300.
std::vector<Kernel> kernels() {
  const char *large = onednn::bf16_products() != onednn::Bf16::kSlow ? "matmul oneDNN" : "matmul tiles";
  Case lanes = {{21}, {false}, {false}, 3, 2, 300};
  lanes.a_batch_adjacent = lanes.b_batch_adjacent = true;
  return {{"matmul dots", {{}, {}, {}, 1, 1, 300}},
          {"matmul dots", {{}, {}, {}, 1, 5, 300, Layout::rows, Layout::columns}},
          {"matmul dots", {{9}, {false}, {false}, 1, 1, 300}},
          {"matmul lanes", lanes},
          {"matmul tiles", {{}, {}, {}, 1, 37, 300}},
          {"matmul tiles", {{}, {}, {}, 5, 7, 300}},
          {"matmul tiles", {{}, {}, {}, 20, 33, 300, Layout::columns, Layout::rows, Layout::columns}},
          {large, {{}, {}, {}, 768, 1024, 300}}};
}

void fill(Matrices<Bf16> &matrices, double value) {
  for (Bf16 &element : matrices.elements) element = value;
}

TEST(MatmulBf16, EachImplementationTakesItsProducts) {
  for (const Kernel &kernel : kernels()) {
    Product<Bf16> product(kernel.product);
    EXPECT_EQ(0u, product.step().describe().find(kernel.name)) << product.step().describe();
    EXPECT_NE(std::string::npos, product.step().describe().find(": bf16 ")) << product.step().describe();
    product.check();
  }
}

// Whole numbers beyond 256 are rounded to even multiples of 2; sums that were rounded on the way would stay at 256.
TEST(MatmulBf16, RoundsOnceToNearestEven) {
  for (const Kernel &kernel : kernels()) {
    Product<Bf16> product(kernel.product);
    const Case &c = kernel.product;
    for (int64_t ones : {255, 256, 257, 258, 259, 261, 263, 300}) {
      fill(product.a(), 1);
      for (int64_t l = 0; l < c.k; ++l) {
        for (int64_t j = 0; j < c.n; ++j) {
          std::vector<int64_t> index(c.batch.size(), 0);
          for (int64_t entry = 0; entry < (c.batch.empty() ? 1 : c.batch[0]); ++entry) {
            if (!index.empty()) index[0] = entry;
            product.b().elements[product.b().at(index, l, j)] = l < ones ? 1 : 0;
          }
        }
      }
      const double expected = ones <= 256 ? ones : ones % 4 == 1 ? ones - 1 : ones % 2 + ones;
      for (const Bf16 result : product.run()) {
        ASSERT_EQ(expected, static_cast<double>(result)) << ones << " " << product.step().describe();
      }
    }
  }
}

// Terms that cancel leave a small sum of large partial ones: what is rounded to bf16 on the way is lost.
TEST(MatmulBf16, LongSumsStayInF32) {
  check<Bf16>({{}, {}, {}, 1, 3, 70000, Layout::rows, Layout::columns});
  check<Bf16>({{}, {}, {}, 7, 40, 20000});
  check<Bf16>({{}, {}, {}, 130, 70, 20000});
  check<Bf16>({{}, {}, {}, 260, 300, 9000, Layout::columns, Layout::columns});
  check<Bf16>({{}, {}, {}, 512, 1024, 4000});
}

TEST(MatmulBf16, NanOfAnyBitsStaysNan) {
  for (const Kernel &kernel : kernels()) {
    for (const uint16_t bits : {0x7fff, 0xffff, 0x7f81}) {
      Product<Bf16> product(kernel.product);
      for (Bf16 &element : product.a().elements) element = Bf16::of_bits(bits);
      for (const Bf16 result : product.run()) {
        ASSERT_TRUE(std::isnan(static_cast<double>(result))) << product.step().describe();
      }
    }
  }
}

TEST(MatmulBf16, OverflowsToInfinity) {
  for (const Kernel &kernel : kernels()) {
    Product<Bf16> product(kernel.product);
    fill(product.a(), 1.7e38);
    fill(product.b(), -1);
    for (const Bf16 result : product.run()) {
      ASSERT_EQ(-std::numeric_limits<double>::infinity(), static_cast<double>(result)) << product.step().describe();
    }
  }
}

}  // namespace
}  // namespace lockstep
