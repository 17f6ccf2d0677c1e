#include "cpu/loop_fusion.h"

#include <algorithm>

namespace lockstep {
namespace {

bool is_floating(int32_t dtype) { return dtype == LS_F32 || dtype == LS_F64; }

class Fusion {
 public:
  Fusion(std::vector<LoopInstruction> &instructions, const std::vector<Rate> &rates, std::vector<int> &uses)
      : instructions_(instructions), rates_(rates), uses_(uses), producer_(rates.size(), -1) {}

  void run() {
    for (size_t i = 0; i < instructions_.size(); ++i) {
      LoopInstruction &instruction = instructions_[i];
      producer_[instruction.value] = static_cast<int>(i);
      if (instruction.op == LS_OP_CAST) fold_rounding(instruction);
      if (!is_floating(instruction.dtype) || rates_[instruction.value] != Rate::element) continue;
      if (instruction.op == LS_OP_NEG) fold_into_negation(instruction);
      if (instruction.op == LS_OP_MUL) fold_negated_factor(instruction);
      if (instruction.op == LS_OP_ADD || instruction.op == LS_OP_SUB) {
        fold_negated_term(instruction);
        fold_product(instruction);
      }
    }
    std::erase_if(instructions_, [](const LoopInstruction &instruction) { return instruction.op < 0; });
  }

 private:
  // The instruction behind a value that nothing else uses, or nullptr.
  LoopInstruction *only_use(int32_t value) {
    if (uses_[value] != 1 || producer_[value] < 0 || rates_[value] != Rate::element) return nullptr;
    return &instructions_[producer_[value]];
  }

  LoopInstruction *product(int32_t value) {
    LoopInstruction *found = only_use(value);
    return found && (found->op == LS_OP_MUL || found->op == LS_OP_SQUARE) ? found : nullptr;
  }

  LoopInstruction *negation(int32_t value) {
    LoopInstruction *found = only_use(value);
    return found && found->op == LS_OP_NEG ? found : nullptr;
  }

  void become(LoopInstruction &instruction, int32_t op, int32_t a, int32_t b, int32_t c = -1) {
    instruction.op = op;
    instruction.operands[0] = a;
    instruction.operands[1] = b;
    instruction.operands[2] = c;
  }

  void become_product(LoopInstruction &instruction, LoopInstruction &inner, int32_t op, int32_t c = -1) {
    int32_t a = inner.operands[0];
    bool square = inner.op == LS_OP_SQUARE;
    if (square) ++uses_[a];
    become(instruction, op, a, square ? a : inner.operands[1], c);
    inner.op = -1;
  }

  // What is computed on bf16 op by op is rounded between two ops without being stored.
  void fold_rounding(LoopInstruction &instruction) {
    if (instruction.dtype != LS_BF16 || instruction.result != LS_F32) return;
    LoopInstruction *inner = only_use(instruction.operands[0]);
    if (inner == nullptr || inner->op != LS_OP_CAST || inner->dtype != LS_F32) return;
    become(instruction, kRoundToBf16, inner->operands[0], -1);
    instruction.dtype = LS_F32;
    inner->op = -1;
  }

  void fold_into_negation(LoopInstruction &instruction) {
    if (LoopInstruction *inner = product(instruction.operands[0]))
      become_product(instruction, *inner, kNegatedMultiply);
  }

  void fold_negated_factor(LoopInstruction &instruction) {
    for (int side = 0; side < 2; ++side) {
      if (LoopInstruction *inner = negation(instruction.operands[side])) {
        become(instruction, kNegatedMultiply, inner->operands[0], instruction.operands[1 - side]);
        inner->op = -1;
        return;
      }
    }
  }

  void fold_negated_term(LoopInstruction &instruction) {
    int32_t a = instruction.operands[0];
    int32_t b = instruction.operands[1];
    if (LoopInstruction *inner = negation(b)) {
      become(instruction, instruction.op == LS_OP_ADD ? LS_OP_SUB : LS_OP_ADD, a, inner->operands[0]);
      inner->op = -1;
    } else if (LoopInstruction *first = instruction.op == LS_OP_ADD ? negation(a) : nullptr) {
      become(instruction, LS_OP_SUB, b, first->operands[0]);
      first->op = -1;
    }
  }

  void fold_product(LoopInstruction &instruction) {
    int32_t a = instruction.operands[0];
    int32_t b = instruction.operands[1];
    bool add = instruction.op == LS_OP_ADD;
    if (LoopInstruction *inner = product(a)) {
      become_product(instruction, *inner, add ? kMultiplyAdd : kMultiplySubtract, b);
    } else if (LoopInstruction *second = product(b)) {
      become_product(instruction, *second, add ? kMultiplyAdd : kSubtractMultiply, a);
    }
  }

  std::vector<LoopInstruction> &instructions_;
  const std::vector<Rate> &rates_;
  std::vector<int> &uses_;
  std::vector<int> producer_;
};

}  // namespace

void fuse_instructions(std::vector<LoopInstruction> &instructions, const std::vector<Rate> &rates,
                       std::vector<int> &uses) {
  Fusion(instructions, rates, uses).run();
}

}  // namespace lockstep
