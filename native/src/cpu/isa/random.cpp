// Threefry-2x32 with 20 rounds: Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as 1, 2, 3" (SC 2011).
#include "cpu/random_kernels.h"

namespace lockstep::LS_ISA {
namespace {

struct Words {
  uint32_t a;
  uint32_t b;
};

template <int kBits>
inline void round(Words &x) {
  x.a += x.b;
  x.b = (x.b << kBits) | (x.b >> (32 - kBits));
  x.b ^= x.a;
}

template <int kFirst, int kSecond, int kThird, int kFourth>
inline void four_rounds(Words &x) {
  round<kFirst>(x);
  round<kSecond>(x);
  round<kThird>(x);
  round<kFourth>(x);
}

inline Words threefry(uint32_t k0, uint32_t k1, uint32_t k2, Words x) {
  x.a += k0;
  x.b += k1;
  four_rounds<13, 15, 26, 6>(x);
  x.a += k1;
  x.b += k2 + 1;
  four_rounds<17, 29, 16, 24>(x);
  x.a += k2;
  x.b += k0 + 2;
  four_rounds<13, 15, 26, 6>(x);
  x.a += k0;
  x.b += k1 + 3;
  four_rounds<17, 29, 16, 24>(x);
  x.a += k1;
  x.b += k2 + 4;
  four_rounds<13, 15, 26, 6>(x);
  x.a += k2;
  x.b += k0 + 5;
  return x;
}

// Plain loops over j, which the compiler vectorises: a lane a pair.
template <typename Write>
inline void each_pair(const CounterPairs &pairs, Write &&write) {
  uint32_t k0 = pairs.key[0];
  uint32_t k1 = pairs.key[1];
  uint32_t k2 = k0 ^ k1 ^ 0x1BD11BDAu;
  uint32_t first = pairs.first;
  uint32_t step = pairs.first_step;
  uint32_t second = pairs.second;
  for (int64_t done = 0; done < pairs.n;) {
    // 32-bit loop counters keep all lanes 32 bits wide.
    uint32_t n = pairs.n - done < (1 << 20) ? static_cast<uint32_t>(pairs.n - done) : 1u << 20;
    for (uint32_t j = 0; j < n; ++j) {
      write(done + j, threefry(k0, k1, k2, {first + j * step, second + j}));
    }
    done += n;
    first += n * step;
    second += n;
  }
}

void combine(const CounterPairs &pairs, uint32_t *to) {
  each_pair(pairs, [=](int64_t j, Words x) { to[j] = x.a ^ x.b; });
}

void join(const CounterPairs &pairs, uint64_t *to) {
  each_pair(pairs, [=](int64_t j, Words x) { to[j] = (static_cast<uint64_t>(x.a) << 32) | x.b; });
}

void split(const CounterPairs &pairs, uint32_t *__restrict first, uint32_t *__restrict second) {
  each_pair(pairs, [=](int64_t j, Words x) {
    first[j] = x.a;
    second[j] = x.b;
  });
}

// A lane a key.
void lanes(KeyLanes &lanes) {
  for (int i = 0; i < KeyLanes::kMost; ++i) {
    uint32_t k0 = lanes.key0[i];
    uint32_t k1 = lanes.key1[i];
    Words x = threefry(k0, k1, k0 ^ k1 ^ 0x1BD11BDAu, {lanes.first[i], lanes.second[i]});
    lanes.first[i] = x.a;
    lanes.second[i] = x.b;
  }
}

}  // namespace

const RandomKernels &random_kernels() {
  static constexpr RandomKernels kernels{combine, join, split, lanes};
  return kernels;
}

}  // namespace lockstep::LS_ISA
