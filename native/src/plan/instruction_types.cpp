#include "plan/instruction_types.h"

#include <string>

#include "plan/dtype.h"
#include "plan/reach.h"

namespace lockstep {
namespace {

enum class Domain { ARITHMETIC, FLOATING, BITWISE, SHIFT, COMPARISON, CLASSIFY, SELECT, CONVERT };

struct Signature {
  const char *name;
  int arity;
  Domain domain;
};

constexpr Signature kSignatures[] = {
#define LS_ELEMENTWISE(name, arity, domain) {#name, arity, Domain::domain},
#include "lockstep/elementwise.def"
#undef LS_ELEMENTWISE
};

bool floating(int32_t dtype) { return dtype == LS_F32 || dtype == LS_F64; }
bool integer(int32_t dtype) { return dtype == LS_I32 || dtype == LS_I64; }
bool number(int32_t dtype) { return integer(dtype) || floating(dtype); }

bool takes(int32_t op, Domain domain, int32_t dtype) {
  switch (domain) {
    case Domain::ARITHMETIC:
      return number(dtype) || (dtype == LS_BOOL && (op == LS_OP_MAX || op == LS_OP_MIN));
    case Domain::FLOATING:
    case Domain::CLASSIFY:
      return floating(dtype);
    case Domain::BITWISE:
      return integer(dtype) || dtype == LS_BOOL;
    case Domain::SHIFT:
      return integer(dtype);
    case Domain::COMPARISON:
      return number(dtype) || dtype == LS_BOOL;
    case Domain::SELECT:
    case Domain::CONVERT:
      return true;
  }
  return false;
}

bool gives(Domain domain, int32_t dtype, int32_t result) {
  switch (domain) {
    case Domain::COMPARISON:
    case Domain::CLASSIFY:
      return result == LS_BOOL;
    case Domain::CONVERT:
      return true;
    default:
      return result == dtype;
  }
}

}  // namespace

void require_typed(int32_t number, const ls_instruction &instruction, const std::vector<int32_t> &values) {
  std::string what = "loop: instruction " + std::to_string(number);
  if (instruction.op < 0 || instruction.op >= LS_OP_COUNT) {
    invalid(what + ": expected an op from 0 to " + std::to_string(LS_OP_COUNT - 1) + ", got " +
            std::to_string(instruction.op));
  }
  const Signature &signature = kSignatures[instruction.op];
  what += std::string(", ") + signature.name;
  if (!is_dtype(instruction.dtype) || !is_dtype(instruction.result)) {
    invalid(what + ": expected dtypes from 0 to 5, got " + std::to_string(instruction.dtype) + " and result " +
            std::to_string(instruction.result));
  }
  if (!takes(instruction.op, signature.domain, instruction.dtype)) {
    invalid(what + ": is not defined for " + dtype_name(instruction.dtype) +
            (instruction.dtype == LS_BF16 ? ". Add a CAST to f32." : ""));
  }
  if (!gives(signature.domain, instruction.dtype, instruction.result)) {
    invalid(what + ": of " + dtype_name(instruction.dtype) + " cannot give " + dtype_name(instruction.result));
  }
  const int32_t operands[] = {instruction.a, instruction.b, instruction.c};
  for (int i = 0; i < 3; ++i) {
    std::string operand = what + ": operand " + "abc"[i];
    if (i >= signature.arity) {
      if (operands[i] != -1) {
        invalid(operand + ": expected -1, since the op has " + std::to_string(signature.arity) + " operands; got " +
                std::to_string(operands[i]));
      }
      continue;
    }
    if (operands[i] < 0 || operands[i] >= static_cast<int64_t>(values.size())) {
      invalid(operand + ": expected one of the " + std::to_string(values.size()) + " values before it, got " +
              std::to_string(operands[i]));
    }
    int32_t expected = signature.domain == Domain::SELECT && i == 0 ? LS_BOOL : instruction.dtype;
    int32_t actual = values[operands[i]];
    if (actual != expected) {
      invalid(operand + ": expected " + dtype_name(expected) + ", got value " + std::to_string(operands[i]) +
              ", which is " + dtype_name(actual));
    }
  }
}

}  // namespace lockstep
