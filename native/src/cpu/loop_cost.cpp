#include "cpu/loop_cost.h"

#include <algorithm>
#include <cstdlib>

namespace lockstep {
namespace {

constexpr double kNanosecondsPerByte = 0.05;
constexpr double kNanosecondsPerGathered = 0.5;

// Nanoseconds an element.
double cost_of(int32_t op, int32_t dtype) {
  bool integer = dtype == LS_I32 || dtype == LS_I64;
  double width = dtype == LS_F64 || dtype == LS_I64 ? 2.0 : 1.0;
  switch (op) {
    case LS_OP_LGAMMA:
    case LS_OP_DIGAMMA:
      return 20.0;
    case LS_OP_REM:
      return integer ? 1.0 * width : 10.0;
    case LS_OP_XLA_POW:
    case LS_OP_XLA_TAN:
      return 10.0;
    case LS_OP_XLA_LOG:
    case LS_OP_XLA_LOG1P:
    case LS_OP_XLA_ERF:
    case LS_OP_XLA_ERF_INV:
      return dtype == LS_F64 ? 5.0 : 1.0;
    case LS_OP_POW:
      return integer ? 5.0 : 2.0 * width;
    case LS_OP_DIV:
    case LS_OP_RECIPROCAL:
    case LS_OP_SQRT:
    case LS_OP_RSQRT:
      return dtype == LS_I64 ? 3.0 : 0.2 * width;
    case LS_OP_ATAN2:
    case LS_OP_HYPOT:
    case LS_OP_ERF:
    case LS_OP_ERFC:
    case LS_OP_ERF_INV:
    case LS_OP_TAN:
    case LS_OP_CBRT:
      return 0.8 * width;
    case LS_OP_XLA_EXP:
    case LS_OP_EXP:
    case LS_OP_EXP2:
    case LS_OP_EXPM1:
    case LS_OP_LOG:
    case LS_OP_LOG2:
    case LS_OP_LOG10:
    case LS_OP_LOG1P:
    case LS_OP_SIN:
    case LS_OP_COS:
    case LS_OP_ASIN:
    case LS_OP_ACOS:
    case LS_OP_ATAN:
    case LS_OP_SINH:
    case LS_OP_COSH:
    case LS_OP_TANH:
    case LS_OP_ASINH:
    case LS_OP_ACOSH:
    case LS_OP_ATANH:
    case LS_OP_SIGMOID:
      return 0.4 * width;
    default:
      return 0.05 * width;
  }
}

int64_t bytes_touched(const LoopLayout &layout, const LoopOperand &operand) {
  if (!operand.is_memory()) return 0;
  int64_t elements = 1;
  for (size_t d = 0; d < layout.dimensions.size(); ++d) {
    if (operand.strides[d] != 0) elements *= layout.dimensions[d].extent;
  }
  return elements * dtype_bytes(operand.dtype);
}

}  // namespace

double nanoseconds_of_element(const ls_loop &loop) {
  double sum = 0;
  for (int i = 0; i < loop.n_instructions; ++i) sum += cost_of(loop.instructions[i].op, loop.instructions[i].dtype);
  return sum;
}

LoopCost loop_cost(const ls_loop &loop, const LoopProgram &program) {
  const LoopLayout &layout = program.layout;
  LoopCost cost = {};
  if (layout.empty) return cost;
  for (const LoopOperand &operand : layout.inputs) cost.bytes += bytes_touched(layout, operand);
  for (const LoopOperand &operand : layout.results) cost.bytes += bytes_touched(layout, operand);
  double elements = static_cast<double>(layout.kept_elements) * static_cast<double>(layout.reduced_elements);
  double element = nanoseconds_of_element(loop);
  int64_t operations = loop.n_instructions;
  for (int i = 0; i < loop.n_results; ++i) {
    if (loop.results[i].reduce == LS_REDUCE_NONE) continue;
    ++operations;
    element += 0.05;
  }
  size_t copies = program.gathers.size() + program.stores.size() + program.indices.size();
  element += kNanosecondsPerGathered * static_cast<double>(copies);
  cost.operations = operations * layout.kept_elements * layout.reduced_elements;
  double memory = kNanosecondsPerByte * static_cast<double>(cost.bytes);
  cost.nanoseconds = std::max(element * elements, memory) + 0.2 * std::min(element * elements, memory);
  return cost;
}

}  // namespace lockstep
