// The functions that draws are made of: known values of JAX 0.10.2 (jax.lax.exp and so on, compiled for a CPU, of
// vectors), how far they are from exact ones, and what they give at the ends of their domains.
#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "cpu/isa.h"
#include "loop_reference.h"

namespace lockstep::test {
namespace {

template <typename T>
constexpr int32_t kDtype = sizeof(T) == 4 ? static_cast<int32_t>(LS_F32) : static_cast<int32_t>(LS_F64);

template <typename T>
Array array_of(const std::vector<T> &values) {
  Array array(kDtype<T>, static_cast<int64_t>(values.size()));
  std::memcpy(array.bytes.data(), values.data(), array.bytes.size());
  return array;
}

// An operand of one element is the same for all.
template <typename T>
std::vector<T> results_of(int32_t op, const std::vector<std::vector<T>> &operands) {
  size_t n = 0;
  for (const std::vector<T> &operand : operands) n = std::max(n, operand.size());
  LoopCase loop;
  loop.extents = {static_cast<int64_t>(n)};
  int values[3] = {-1, -1, -1};
  for (size_t i = 0; i < operands.size(); ++i) {
    values[i] = loop.input(loop.slot(array_of(operands[i])), {operands[i].size() == n ? 1 : 0});
  }
  int result = loop.op(op, kDtype<T>, values[0], values[1], values[2]);
  loop.store(result, loop.slot(Array(kDtype<T>, static_cast<int64_t>(n))), {1});
  loop.run();
  std::vector<T> out(n);
  std::memcpy(out.data(), loop.slots.back().bytes.data(), loop.slots.back().bytes.size());
  return out;
}

template <typename T>
std::vector<T> uniform(T low, T high, int n) {
  std::mt19937_64 generator(41);
  std::uniform_real_distribution<T> distribution(low, high);
  std::vector<T> values(static_cast<size_t>(n));
  for (T &value : values) value = distribution(generator);
  return values;
}

template <typename T>
struct Known {
  int32_t op;
  std::vector<T> x;
  std::vector<T> y;
};

const std::vector<Known<float>> kKnownF32 = {
    {LS_OP_XLA_EXP,
     {-80.0999985f, -3.70000005f, -0.300000012f, 1.89999998f, 77.6999969f},
     {1.63309958e-35f, 0.0247235261f, 0.740818202f, 6.68589401f, 5.55494706e+33f}},
    {LS_OP_XLA_LOG,
     {1.3e-38f, 0.00310000009f, 0.689999998f, 0.707199991f, 1.10000002f, 5000000.0f},
     {-87.2358704f, -5.77635336f, -0.371063679f, -0.346441776f, 0.0953102037f, 15.4249487f}},
    {LS_OP_XLA_LOG1P,
     {-0.999899983f, -0.409999996f, -0.00730000017f, 0.300000012f, 0.419999987f},
     {-9.21017456f, -0.527632713f, -0.0073267757f, 0.262364268f, 0.350656837f}},
    {LS_OP_XLA_ERF,
     {-4.0999999f, -1.29999995f, 0.00200000009f, 0.699999988f, 3.79999995f},
     {-1.0f, -0.934008002f, 0.00225675502f, 0.677801132f, 0.999999881f}},
    {LS_OP_XLA_ERF_INV,
     {-0.999999881f, -0.992999971f, -0.310000002f, 0.00200000009f, 0.620000005f, 0.800000012f, 0.99000001f},
     {-3.74392128f, -1.90695596f, -0.282033145f, 0.00177245564f, 0.620766401f, 0.906193912f, 1.82138669f}},
};
const std::vector<Known<double>> kKnownF64 = {
    {LS_OP_XLA_EXP,
     {-80.099999999999994, -3.7000000000000002, -0.29999999999999999, 1.8999999999999999, 77.700000000000003},
     {1.6330970697166729e-35, 0.024723526470339388, 0.74081822068171788, 6.6858944422792685, 5.5549639376397865e+33}},
    {LS_OP_XLA_LOG,
     {1.3000000000000001e-38, 0.0030999999999999999, 0.68999999999999995, 0.70720000000000005, 5000000},
     {-87.235869269306249, -5.7763531674910364, -0.37106368139083207, -0.34644176765870333, 15.424948470398375}},
    {LS_OP_XLA_LOG1P,
     {-0.99990000000000001, -0.40999999999999998, -0.0073000000000000001, 0.29999999999999999, 0.41999999999999998},
     {-9.2103403719762937, -0.52763274208236099, -0.007326775386460883, 0.26236426446749106, 0.35065687161316933}},
    {LS_OP_XLA_ERF,
     {-4.0999999999999996, -1.3, 0.002, 0.69999999999999996, 3.7999999999999998},
     {-0.99999999329997236, -0.93400794494065242, 0.0022567553251835238, 0.67780119383741844, 0.99999992299607254}},
    {LS_OP_XLA_ERF_INV,
     {-0.99999990000000005, -0.99299999999999999, -0.31, 0.002, 0.62, 0.80000000000000004, 0.98999999999999999},
     {-3.7665625816333361, -1.9069568646709447, -0.2820331216263019, 0.0017724557070189302, 0.62076642340926957,
      0.90619380243682335, 1.8213863677184494}},
};

// Without an FMA instruction other results are rounded, here as in JAX.
double allowed() { return isa() == Isa::v2 ? 8 : 0; }

template <typename T>
void check_known(const std::vector<Known<T>> &table) {
  for (const Known<T> &known : table) {
    for (size_t n : {size_t{1}, known.x.size(), size_t{13}, size_t{207}}) {
      std::vector<T> x(n);
      for (size_t i = 0; i < n; ++i) x[i] = known.x[i % known.x.size()];
      std::vector<T> y = results_of<T>(known.op, {x});
      for (size_t i = 0; i < n; ++i) {
        EXPECT_LE(ulp_distance(y[i], known.y[i % known.y.size()], kDtype<T>), allowed())
            << op_name(known.op) << " of " << x[i] << " gives " << y[i];
      }
    }
  }
}

TEST(Draw, FunctionsGiveTheKnownValues) {
  check_known(kKnownF32);
  check_known(kKnownF64);
}

template <typename T>
void check_near(int32_t op, T low, T high, double limit, long double (*exact)(long double)) {
  std::vector<T> x = uniform(low, high, 20011);
  std::vector<T> y = results_of<T>(op, {x});
  double worst = 0;
  for (size_t i = 0; i < x.size(); ++i) worst = std::max(worst, ulp_distance(y[i], exact(x[i]), kDtype<T>));
  EXPECT_LE(worst, limit) << op_name(op) << " of " << (sizeof(T) == 4 ? "f32" : "f64");
}

TEST(Draw, FunctionsAreNearTheExactOnes) {
  check_near<float>(LS_OP_XLA_EXP, -80, 80, 4, expl);
  check_near<double>(LS_OP_XLA_EXP, -700, 700, 4, expl);
  check_near<float>(LS_OP_XLA_LOG, 0, 3, 4, logl);
  check_near<double>(LS_OP_XLA_LOG, 0, 3, 1, logl);
  check_near<float>(LS_OP_XLA_LOG1P, -1, 1, 8, log1pl);
  check_near<double>(LS_OP_XLA_LOG1P, -1, 1, 200, log1pl);
  check_near<float>(LS_OP_XLA_ERF, -4, 4, 8, erfl);
  check_near<double>(LS_OP_XLA_ERF, -4, 4, 1, erfl);
  check_near<float>(LS_OP_XLA_TAN, -1.57f, 1.57f, 1, tanl);
  check_near<double>(LS_OP_XLA_TAN, -1.57, 1.57, 1, tanl);
}

template <typename T>
void check_ends() {
  T infinity = std::numeric_limits<T>::infinity();
  T nan = std::numeric_limits<T>::quiet_NaN();
  EXPECT_EQ(results_of<T>(LS_OP_XLA_LOG, {{0, 1, infinity}}), (std::vector<T>{-infinity, 0, infinity}));
  EXPECT_EQ(results_of<T>(LS_OP_XLA_LOG1P, {{-1, 0}}), (std::vector<T>{-infinity, 0}));
  EXPECT_EQ(results_of<T>(LS_OP_XLA_ERF_INV, {{-1, 0, 1}}), (std::vector<T>{-infinity, 0, infinity}));
  EXPECT_EQ(results_of<T>(LS_OP_XLA_ERF, {{-infinity, 0, infinity}}), (std::vector<T>{-1, 0, 1}));
  EXPECT_EQ(results_of<T>(LS_OP_XLA_EXP, {{-infinity, 0}}), (std::vector<T>{0, 1}));
  for (int32_t op : {LS_OP_XLA_EXP, LS_OP_XLA_LOG, LS_OP_XLA_LOG1P, LS_OP_XLA_TAN, LS_OP_XLA_ERF, LS_OP_XLA_ERF_INV}) {
    EXPECT_TRUE(std::isnan(results_of<T>(op, {{nan}})[0])) << op_name(op);
  }
  EXPECT_TRUE(std::isnan(results_of<T>(LS_OP_XLA_LOG, {{-1}})[0]));
}

TEST(Draw, FunctionsAtTheEndsOfTheirDomains) {
  check_ends<float>();
  check_ends<double>();
}

template <typename T>
void check_power() {
  std::vector<T> x = uniform<T>(0, 1, 207);
  std::vector<T> y = uniform<T>(0, 50, 207);
  std::vector<T> z = results_of<T>(LS_OP_XLA_POW, {x, y});
  std::vector<T> by_one = results_of<T>(LS_OP_XLA_POW, {x, {T{3.3}}});
  for (size_t i = 0; i < x.size(); ++i) {
    EXPECT_EQ(z[i], std::pow(x[i], y[i]));
    EXPECT_EQ(by_one[i], std::pow(x[i], T{3.3}));
  }
  std::vector<T> half = {T{0.5}};
  std::vector<T> beyond = {T{std::numeric_limits<T>::max_exponent + 1}};
  EXPECT_EQ(results_of<T>(LS_OP_XLA_POW, {half, beyond})[0], 0) << "denormal";
}

TEST(Draw, PowersAreTheCLibrarys) {
  check_power<float>();
  check_power<double>();
}

template <typename T>
void check_fused() {
  std::vector<T> values[3] = {uniform<T>(-1, 1, 702), uniform<T>(-3, 3, 702), uniform<T>(-2, 2, 702)};
  for (unsigned splat = 0; splat < 7; ++splat) {
    std::vector<std::vector<T>> operands;
    for (unsigned i = 0; i < 3; ++i) operands.push_back(splat >> i & 1 ? std::vector<T>{values[i][5]} : values[i]);
    std::vector<T> sums = results_of<T>(LS_OP_FUSED_MULTIPLY_ADD, operands);
    for (size_t i = 0; i < sums.size(); ++i) {
      auto at = [&](size_t operand) { return operands[operand][operands[operand].size() == 1 ? 0 : i]; };
      volatile T product = at(0) * at(1);
      T want = isa() == Isa::v2 ? product + at(2) : std::fma(at(0), at(1), at(2));
      EXPECT_EQ(sums[i], want) << "splat " << splat << ", element " << i;
    }
  }
}

TEST(Draw, FusedMultiplyAddRoundsOnce) {
  check_fused<float>();
  check_fused<double>();
}

}  // namespace
}  // namespace lockstep::test
