// Times products of matrices: matmul_bench [threads [name part]]. Prints the median of a run, GFLOP/s and the kernel.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "plan/dtype.h"
#include "plan/step.h"
#include "threads/pool.h"

namespace {

struct Case {
  const char *name;
  ls_dtype dtype;
  int64_t batch, m, n, k;
  char layout[3] = "NN";    // T: transposed in memory
  bool b_repeated = false;  // along the batch
  bool batch_last = false;  // in memory
};

using Clock = std::chrono::steady_clock;

double nanoseconds_since(Clock::time_point start) {
  return std::chrono::duration<double, std::nano>(Clock::now() - start).count();
}

void time(const Case &c) {
  const int64_t bytes = lockstep::dtype_size(c.dtype);
  const int64_t sizes[] = {c.batch * c.m * c.k * bytes, c.batch * c.k * c.n * bytes, c.batch * c.m * c.n * bytes};
  void *slots[3];
  for (int i = 0; i < 3; ++i) {
    slots[i] = std::aligned_alloc(64, (sizes[i] + 63) / 64 * 64);
    std::memset(slots[i], 0, sizes[i]);
  }
  ls_matmul matmul = {};
  matmul.dtype = c.dtype;
  matmul.batch_rank = 1;
  matmul.batch[0] = c.batch;
  matmul.m = c.m;
  matmul.n = c.n;
  matmul.k = c.k;
  const bool a_transposed = c.layout[0] == 'T';
  const bool b_transposed = c.layout[1] == 'T';
  matmul.a = {0, 0, a_transposed ? 1 : c.k, a_transposed ? c.m : 1, {c.m * c.k}};
  matmul.b = {1, 0, b_transposed ? 1 : c.n, b_transposed ? c.k : 1, {c.b_repeated ? 0 : c.k * c.n}};
  matmul.c = {2, 0, c.n, 1, {c.m * c.n}};
  if (c.batch_last) {
    for (ls_matrix *matrix : {&matmul.a, &matmul.b}) {
      matrix->row_stride *= c.batch;
      matrix->column_stride *= c.batch;
      matrix->batch_strides[0] = 1;
    }
  }
  const std::unique_ptr<lockstep::Step> step = lockstep::make_matmul_step(matmul);
  void *scratch = std::aligned_alloc(64, (step->scratch_bytes() + 64) / 64 * 64);

  for (int i = 0; i < 3; ++i) step->run(slots, scratch);
  const auto warm = Clock::now();
  step->run(slots, scratch);
  const int64_t repeats = std::clamp<int64_t>(static_cast<int64_t>(2e5 / (nanoseconds_since(warm) + 1)), 1, 20000);
  std::vector<double> samples;
  for (const auto start = Clock::now(); samples.size() < 5 || nanoseconds_since(start) < 1e8;) {
    const auto sample = Clock::now();
    for (int64_t i = 0; i < repeats; ++i) step->run(slots, scratch);
    samples.push_back(nanoseconds_since(sample) / static_cast<double>(repeats));
  }
  std::sort(samples.begin(), samples.end());
  const double median = samples[samples.size() / 2];
  const double flops = 2.0 * c.batch * c.m * c.n * c.k;
  std::printf("%-22s %12.0f ns (least %12.0f) %7.1f GFLOP/s  %s\n", c.name, median, samples[0], flops / median,
              step->describe().c_str());
  for (void *slot : slots) std::free(slot);
  std::free(scratch);
}

constexpr Case kCases[] = {
    {"tiny 4", LS_F32, 1, 4, 4, 4},
    {"layer NN", LS_F32, 1, 16, 64, 100},
    {"layer NT", LS_F32, 1, 16, 64, 100, "NT"},
    {"layer TN", LS_F32, 1, 16, 64, 100, "TN"},
    {"layer TT", LS_F32, 1, 16, 64, 100, "TT"},
    {"layer f64 NT", LS_F64, 1, 16, 64, 100, "NT"},
    {"vector NN", LS_F32, 1, 1, 64, 100},
    {"vector NT", LS_F32, 1, 1, 64, 100, "NT"},
    {"dots f32", LS_F32, 100, 1, 1, 150},
    {"dots f64", LS_F64, 100, 1, 1, 150},
    {"dots i32", LS_I32, 100, 1, 1, 150},
    {"dots i64", LS_I64, 100, 1, 1, 150},
    {"dots one vector", LS_I32, 100, 1, 1, 150, "NN", true},
    {"dots batch last", LS_F32, 100, 1, 1, 150, "NN", false, true},
    {"1000 of 8 batch last", LS_F32, 1000, 8, 8, 8, "NN", false, true},
    {"1000 of 8", LS_F32, 1000, 8, 8, 8},
    {"1000 of 3", LS_F64, 1000, 3, 3, 3},
    {"64", LS_F32, 1, 64, 64, 64},
    {"64 NT", LS_F32, 1, 64, 64, 64, "NT"},
    {"64 f64", LS_F64, 1, 64, 64, 64},
    {"128", LS_F32, 1, 128, 128, 128},
    {"256", LS_F32, 1, 256, 256, 256},
    {"256 NT", LS_F32, 1, 256, 256, 256, "NT"},
    {"256 TN", LS_F32, 1, 256, 256, 256, "TN"},
    {"256 f64", LS_F64, 1, 256, 256, 256},
    {"64 of 128", LS_F32, 64, 128, 128, 128},
    {"64 of 256x64 NT", LS_F32, 64, 256, 256, 64, "NT"},
    {"outer 128", LS_F32, 128, 100, 64, 1},
    {"matrix vector 1024", LS_F32, 1, 1024, 1, 1024},
    {"vector matrix 1024", LS_F32, 1, 1, 1024, 1024},
    {"512", LS_F32, 1, 512, 512, 512},
    {"1024", LS_F32, 1, 1024, 1024, 1024},
    {"1024 NT", LS_F32, 1, 1024, 1024, 1024, "NT"},
    {"1024 TN", LS_F32, 1, 1024, 1024, 1024, "TN"},
    {"mlp 1 forward", LS_F32, 1, 128, 512, 784},
    {"mlp 2 forward", LS_F32, 1, 128, 256, 512},
    {"mlp 1 weights", LS_F32, 1, 784, 512, 128, "TN"},
    {"mlp 2 weights", LS_F32, 1, 512, 256, 128, "TN"},
    {"mlp 2 inputs", LS_F32, 1, 128, 512, 256, "NT"},
    {"recurrent", LS_F32, 1, 32, 64, 64},
    {"outer 784 x 512", LS_F32, 128, 784, 512, 1},
    {"512 f64", LS_F64, 1, 512, 512, 512},
    {"1024 f64", LS_F64, 1, 1024, 1024, 1024},
    {"1024 f64 NT", LS_F64, 1, 1024, 1024, 1024, "NT"},
    {"1024 f64 TN", LS_F64, 1, 1024, 1024, 1024, "TN"},
    {"512 i32", LS_I32, 1, 512, 512, 512},
    {"512 i64", LS_I64, 1, 512, 512, 512},
    {"tiny 4 bf16", LS_BF16, 1, 4, 4, 4},
    {"layer bf16", LS_BF16, 1, 16, 64, 100},
    {"dots bf16", LS_BF16, 100, 1, 1, 150},
    {"1000 of 8 bf16", LS_BF16, 1000, 8, 8, 8},
    {"32 bf16", LS_BF16, 1, 32, 32, 32},
    {"48 bf16", LS_BF16, 1, 48, 48, 48},
    {"64 bf16", LS_BF16, 1, 64, 64, 64},
    {"128 bf16", LS_BF16, 1, 128, 128, 128},
    {"64 of 128 bf16", LS_BF16, 64, 128, 128, 128},
    {"matrix vector bf16", LS_BF16, 1, 1024, 1, 1024},
    {"vector matrix bf16", LS_BF16, 1, 1, 1024, 1024},
    {"64x1024x1024 bf16", LS_BF16, 1, 64, 1024, 1024},
    {"512 bf16", LS_BF16, 1, 512, 512, 512},
    {"1024 bf16", LS_BF16, 1, 1024, 1024, 1024},
    {"1024 bf16 NT", LS_BF16, 1, 1024, 1024, 1024, "NT"},
    {"1024 bf16 TN", LS_BF16, 1, 1024, 1024, 1024, "TN"},
};

}  // namespace

int main(int count, char **arguments) {
  if (count > 1) lockstep::set_threads(std::atoi(arguments[1]));
  for (const Case &c : kCases) {
    if (count < 3 || std::strstr(c.name, arguments[2]) != nullptr) time(c);
  }
}
