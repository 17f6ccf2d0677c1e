// Times attention and its gradient: attention_bench [threads]. Prints the median of a run, GFLOP/s and the step. With
// one thread it is processor time, which a busy machine disturbs least.
#include <time.h>

#include <algorithm>
#include <bit>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <random>
#include <vector>

#include "plan/step.h"
#include "threads/pool.h"

namespace {

using Clock = std::chrono::steady_clock;

double milliseconds() {
  timespec now;
  clock_gettime(lockstep::threads() == 1 ? CLOCK_THREAD_CPUTIME_ID : CLOCK_MONOTONIC, &now);
  return static_cast<double>(now.tv_sec) * 1e3 + static_cast<double>(now.tv_nsec) * 1e-6;
}

double milliseconds_of(const lockstep::Step &step, void *const *slots) {
  void *scratch = std::aligned_alloc(64, (step.scratch_bytes() + 64) / 64 * 64);
  for (int i = 0; i < 3; ++i) step.run(slots, scratch);
  std::vector<double> samples;
  for (const auto start = Clock::now(); samples.size() < 9 || Clock::now() - start < std::chrono::milliseconds(300);) {
    const double sample = milliseconds();
    step.run(slots, scratch);
    samples.push_back(milliseconds() - sample);
  }
  std::free(scratch);
  std::sort(samples.begin(), samples.end());
  return samples[samples.size() / 2];
}

void print(const lockstep::Step &step, void *const *slots, double flops) {
  const double median = milliseconds_of(step, slots);
  std::printf("%9.3f ms %7.1f GFLOP/s  %s\n", median, flops / median / 1e6, step.describe().c_str());
}

void measure(int32_t dtype, int64_t batch, int64_t length, int64_t dimension, bool causal) {
  const int64_t elements = batch * length * dimension;
  std::vector<std::vector<double>> slots(8, std::vector<double>(elements));
  std::mt19937 random(1);
  std::normal_distribution<float> normal;
  void *addresses[8];
  for (int i = 0; i < 8; ++i) {
    addresses[i] = slots[i].data();
    for (int64_t j = 0; i < 4 && j < elements; ++j) {
      if (dtype == LS_BF16) {
        static_cast<uint16_t *>(addresses[i])[j] = std::bit_cast<uint32_t>(normal(random)) >> 16;
      } else if (dtype == LS_F32) {
        static_cast<float *>(addresses[i])[j] = normal(random);
      } else {
        static_cast<double *>(addresses[i])[j] = normal(random);
      }
    }
  }
  auto matrix = [&](int32_t slot) { return ls_matrix{slot, 0, dimension, 1, {length * dimension}}; };
  ls_attention attention = {};
  attention.dtype = dtype;
  attention.causal = causal ? 1 : 0;
  attention.batch_rank = 1;
  attention.batch[0] = batch;
  attention.queries = attention.keys = length;
  attention.dimension = attention.value_dimension = dimension;
  attention.scale = 0.125;
  attention.q = matrix(0);
  attention.k = matrix(1);
  attention.v = matrix(2);
  attention.mask.slot = LS_SLOT_NONE;
  attention.to = matrix(4);
  const double product = 2.0 * batch * length * length * dimension;
  print(*lockstep::make_attention_step(attention), addresses, 2 * product);
  ls_attention_gradient gradient = {attention, matrix(3), matrix(5), matrix(6), matrix(7)};
  print(*lockstep::make_attention_gradient_step(gradient), addresses, 5 * product);
  gradient.ct.column_stride = 0;
  print(*lockstep::make_attention_gradient_step(gradient), addresses, 5 * product);
}

}  // namespace

int main(int count, char **arguments) {
  if (count > 1) lockstep::set_threads(std::atoi(arguments[1]));
  measure(LS_F32, 32, 64, 64, false);
  measure(LS_F32, 64, 256, 64, false);
  measure(LS_F32, 16, 512, 64, false);
  measure(LS_F32, 2, 2048, 128, true);
  measure(LS_F32, 8, 1024, 64, false);
  measure(LS_BF16, 8, 1024, 64, false);
  measure(LS_BF16, 64, 256, 64, false);
  measure(LS_F32, 8, 2048, 64, false);
  measure(LS_BF16, 8, 2048, 64, false);
  measure(LS_F32, 1, 4096, 128, false);
  measure(LS_BF16, 1, 4096, 128, false);
  measure(LS_F64, 64, 256, 64, false);
}
