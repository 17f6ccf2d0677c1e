// Loops run by plain recursion over their indices, one element at a time, in long double: what the fused kernels are
// compared with. Also the arrays and builders that loop tests share.
#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

#include "lockstep/lockstep.h"

namespace lockstep::test {

int64_t bytes_of(int32_t dtype);
bool is_floating(int32_t dtype);
const char *op_name(int32_t op);

// The dtypes an op takes, by its domain in elementwise.def; for SELECT those of the branches.
std::vector<int32_t> operand_dtypes(int32_t op);
int32_t result_dtype(int32_t op, int32_t dtype);
int arity(int32_t op);
bool is_of_draws(int32_t op);  // tested in draw_test.cpp

struct Scalar {
  bool floating = false;
  long double real = 0;
  int64_t integer = 0;

  static Scalar of(long double x) { return {true, x, 0}; }
  static Scalar of_integer(int64_t x) { return {false, 0, x}; }
};

struct Array {
  int32_t dtype = LS_F32;
  std::vector<unsigned char> bytes;

  Array() = default;
  Array(int32_t type, int64_t elements) : dtype(type), bytes(static_cast<size_t>(elements * bytes_of(type))) {}
  int64_t size() const { return static_cast<int64_t>(bytes.size()) / bytes_of(dtype); }
  Scalar get(int64_t i) const;
  void set(int64_t i, Scalar x);
};

// Rounded to the dtype: as get(set(x)).
Scalar rounded(Scalar x, int32_t dtype);
Scalar evaluate(const ls_instruction &instruction, Scalar a, Scalar b, Scalar c);

// |got - want| in units of the last place of want; 0 for equal values, NaN included.
double ulp_distance(long double got, long double want, int32_t dtype);

// A loop and the memory it runs on. Slots are numbered in the order in which arrays are added.
struct LoopCase {
  std::vector<int64_t> extents;
  int reduce_rank = 0;
  std::vector<Array> slots;
  std::vector<ls_operand> inputs;
  std::vector<ls_instruction> instructions;
  std::vector<ls_result> results;

  int slot(Array array);
  // Returns the value's number. Inputs come before instructions. Strides in elements, offset too.
  int input(int slot, std::vector<int64_t> strides, int64_t offset = 0);
  int constant(int32_t dtype, Scalar value);
  int index(int32_t dtype, int64_t start, std::vector<int64_t> strides);
  int op(int32_t op, int32_t dtype, int a, int b = -1, int c = -1, int32_t result = -1);
  void store(int value, int slot, std::vector<int64_t> strides, int64_t offset = 0);
  void reduce(int32_t kind, int value, int slot, std::vector<int64_t> strides);

  int64_t elements() const;
  int32_t dtype_of(int value) const;
  ls_loop descriptor() const;
  // By make_loop_step, on the slots themselves; returns describe().
  std::string run();
  // By plain recursion.
  void run_reference();

  // Both ways; fails the test where a result's element is further than `ulp` from the reference.
  void check(double ulp, const std::string &what);
};

std::vector<int64_t> row_major(const std::vector<int64_t> &extents);

}  // namespace lockstep::test
