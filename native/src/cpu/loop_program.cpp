#include "cpu/loop_program.h"

#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <map>
#include <string>

#include "abi/error.h"
#include "cpu/loop_fusion.h"

namespace lockstep {
namespace {

constexpr int64_t kLine = 64;
constexpr int64_t kLongestTile = 1024;
constexpr int64_t kShortestTile = 128;
constexpr int64_t kStreamFrom = 8 << 20;  // bytes of a result, well beyond a core's own caches
constexpr int kEnd = 1 << 30;             // a time after all calls

int64_t whole_lines(int64_t bytes) { return (bytes + kLine - 1) / kLine * kLine; }

int64_t half_of_l1() {
  static const int64_t bytes = [] {
    int64_t l1 = sysconf(_SC_LEVEL1_DCACHE_SIZE);
    return (l1 > 0 ? l1 : 32768) / 2;
  }();
  return bytes;
}

// Where a register's elements are.
enum class Place { memory, constant, cell, tile, kept_tile };

struct Register {
  Rate rate = Rate::element;
  int32_t dtype = LS_F32;
  Place place = Place::tile;
  int first_use = kEnd;
  int last_use = -1;
};

class Lowering {
 public:
  Lowering(const ls_loop &loop, const LoopKernels &kernels, const PastCaches &past_caches, LoopLayout layout)
      : loop_(loop), kernels_(kernels), past_caches_(past_caches) {
    program_.layout = std::move(layout);
  }

  LoopProgram lower() {
    number_values();
    for (int i = 0; i < loop_.n_inputs; ++i) lower_input(i);
    for (const LoopInstruction &instruction : instructions_) lower_instruction(instruction);
    find_uses();
    for (int i = 0; i < loop_.n_results; ++i) registers_[loop_.results[i].value].last_use = kEnd;
    for (int i = 0; i < loop_.n_results; ++i) lower_result(i);
    lay_out_frame();
    program_.registers = static_cast<int32_t>(registers_.size());
    return std::move(program_);
  }

 private:
  const LoopLayout &layout() const { return program_.layout; }

  Rate rate_of(const LoopOperand &operand) const {
    if (operand.is_memory() && layout().dimensions.empty()) return Rate::element;
    if (operand.slot == LS_SLOT_CONSTANT || is_uniform(operand)) return Rate::once;
    return layout().is_splat(operand) ? Rate::tile : Rate::element;
  }

  static bool is_uniform(const LoopOperand &operand) {
    return std::all_of(operand.strides.begin(), operand.strides.end(), [](int64_t stride) { return stride == 0; });
  }

  void number_values() {
    std::vector<Rate> rates;
    std::vector<int> uses(loop_.n_inputs + loop_.n_instructions, 0);
    for (int i = 0; i < loop_.n_inputs; ++i) {
      rates.push_back(rate_of(layout().inputs[i]));
      registers_.push_back({rates[i], layout().inputs[i].dtype, Place::memory, kEnd, -1});
    }
    for (int i = 0; i < loop_.n_instructions; ++i) {
      const ls_instruction &from = loop_.instructions[i];
      int32_t value = loop_.n_inputs + i;
      instructions_.push_back({from.op, from.dtype, from.result, {from.a, from.b, from.c}, value});
      Rate rate = Rate::once;
      for (int32_t operand : {from.a, from.b, from.c}) {
        if (operand < 0) continue;
        rate = std::max(rate, rates[operand]);
        ++uses[operand];
      }
      rates.push_back(rate);
      registers_.push_back({rate, from.result, rate == Rate::element ? Place::tile : Place::cell, kEnd, -1});
    }
    only_reduced_.assign(rates.size(), true);
    for (int i = 0; i < loop_.n_results; ++i) {
      ++uses[loop_.results[i].value];
      if (loop_.results[i].reduce == LS_REDUCE_NONE) only_reduced_[loop_.results[i].value] = false;
    }
    fuse_instructions(instructions_, rates, uses);
    for (const LoopInstruction &instruction : instructions_) {
      for (int32_t operand : instruction.operands) {
        if (operand >= 0) only_reduced_[operand] = false;
      }
    }
  }

  const int64_t *steps_of(const LoopOperand &operand, int64_t unit, bool *moves) {
    std::vector<int64_t> steps;
    *moves = false;
    for (size_t d = 0; d < layout().dimensions.size(); ++d) {
      const LoopDimension &dimension = layout().dimensions[d];
      steps.push_back(dimension.tiles > 1 ? operand.strides[d] * dimension.box * unit : 0);
      *moves = *moves || steps.back() != 0;
    }
    program_.step_lists.push_back(std::move(steps));
    return program_.step_lists.back().data();
  }

  TilePointer pointer_to(const LoopOperand &operand, int32_t reg, bool *moves) {
    const int64_t *steps = steps_of(operand, dtype_bytes(operand.dtype), moves);
    return {operand.slot, reg, operand.offset, steps};
  }

  void point_into_memory(const LoopOperand &operand, int32_t reg) {
    bool moves;
    TilePointer pointer = pointer_to(operand, reg, &moves);
    (moves ? program_.moving : program_.fixed).push_back(pointer);
    if (moves && layout().is_contiguous(operand)) program_.streams.push_back({reg, dtype_bytes(operand.dtype)});
    registers_[reg].place = Place::memory;
  }

  TileCopy copy_of(const LoopOperand &operand, int32_t reg) {
    bool moves;
    TileCopy copy = {pointer_to(operand, reg, &moves), {}, dtype_bytes(operand.dtype)};
    BoxView view = layout().box_view(operand);
    std::copy(std::begin(view.strides), std::end(view.strides), copy.strides);
    return copy;
  }

  void lower_input(int32_t reg) {
    const LoopOperand &operand = layout().inputs[reg];
    Rate rate = registers_[reg].rate;
    if (operand.slot == LS_SLOT_CONSTANT) return add_constant(reg, operand.offset);
    if (operand.slot == LS_SLOT_INDEX) return lower_index(reg, operand);
    bool in_place = layout().is_contiguous(operand) || row_stride_in_place(reg) != 0;
    if (rate != Rate::element || (in_place && !is_overwritten_before_stored(reg))) {
      return point_into_memory(operand, reg);
    }
    bool same = layout().is_same_in_all_tiles(operand);
    registers_[reg].place = same ? Place::kept_tile : Place::tile;
    registers_[reg].first_use = -1;
    registers_[reg].last_use = 0;
    (same ? program_.gathers_once : program_.gathers).push_back(copy_of(operand, reg));
  }

  // A result that is this input itself is stored after an output over the same memory may have been written.
  bool is_overwritten_before_stored(int32_t reg) const {
    const LoopOperand &operand = layout().inputs[reg];
    bool stored = false;
    bool overwritten = false;
    for (int i = 0; i < loop_.n_results; ++i) {
      const LoopOperand &to = layout().results[i];
      stored = stored || loop_.results[i].value == reg;
      overwritten = overwritten || (to.slot == operand.slot && to.offset == operand.offset);
    }
    return stored && overwritten;
  }

  void add_constant(int32_t reg, int64_t bits) {
    registers_[reg].place = Place::constant;
    program_.constants.push_back({reg, bits});
  }

  void lower_index(int32_t reg, const LoopOperand &operand) {
    if (registers_[reg].rate == Rate::once) {
      int64_t bits = 0;
      kernels_.index(&bits, operand.offset, {{1, 1, 1, 1}, {0, 0, 0, 0}}, operand.dtype);
      return add_constant(reg, bits);
    }
    bool moves;
    TileIndex index = {
        reg, operand.dtype, operand.offset, steps_of(operand, 1, &moves), {}, registers_[reg].rate != Rate::element};
    BoxView view = layout().box_view(operand);
    std::copy(std::begin(view.strides), std::end(view.strides), index.strides);
    program_.indices.push_back(index);
    registers_[reg].place = registers_[reg].rate == Rate::element ? Place::tile : Place::cell;
    registers_[reg].first_use = -1;
    registers_[reg].last_use = 0;
  }

  // Not 0 for an input that reductions alone read and can read where it is, although its rows are apart.
  int64_t row_stride_in_place(int32_t reg) const {
    size_t rank = layout().dimensions.size();
    if (reg >= loop_.n_inputs || !only_reduced_[reg] || rank < 2) return 0;
    const LoopOperand &operand = layout().inputs[reg];
    const LoopDimension &rows = layout().dimensions[rank - 2];
    if (!operand.is_memory() || operand.strides[rank - 1] != 1 || layout().dimensions[rank - 1].box == 1) return 0;
    if (rows.reduced == layout().dimensions[rank - 1].reduced) return 0;
    for (size_t d = 0; d + 2 < rank; ++d) {
      if (layout().dimensions[d].box > 1) return 0;
    }
    return operand.strides[rank - 2];
  }

  std::vector<TileCall> &calls_at(Rate rate) { return rate == Rate::once ? program_.calls_once : program_.calls; }

  // The register of a tile that repeats a single value.
  int32_t filled(int32_t value) {
    auto known = fills_.find(value);
    if (known != fills_.end()) return known->second;
    Rate rate = registers_[value].rate;
    int32_t reg = static_cast<int32_t>(registers_.size());
    int32_t dtype = registers_[value].dtype;
    registers_.push_back({Rate::element, dtype, rate == Rate::once ? Place::kept_tile : Place::tile, kEnd, -1});
    calls_at(rate).push_back({kernels_.find(kFill, dtype, dtype, 0), reg, value, value, value, false});
    fills_[value] = reg;
    return reg;
  }

  bool is_splat(int32_t value) const { return value >= 0 && registers_[value].rate != Rate::element; }

  void lower_instruction(LoopInstruction instruction) {
    int32_t *operands = instruction.operands;
    Rate rate = registers_[instruction.value].rate;
    bool multiplies_first = instruction.op >= kMultiplyAdd && instruction.op <= kNegatedMultiply;
    if (multiplies_first && is_splat(operands[1])) std::swap(operands[0], operands[1]);
    unsigned splat = 0;
    if (rate == Rate::element) {
      for (int i = 0; i < 3; ++i) splat |= is_splat(operands[i]) ? 1u << i : 0u;
    }
    TileKernel kernel = kernels_.find(instruction.op, instruction.dtype, instruction.result, splat);
    if (kernel == nullptr && splat != 0) {
      for (int i = 0; i < 3; ++i) {
        if (is_splat(operands[i])) operands[i] = filled(operands[i]);
      }
      kernel = kernels_.find(instruction.op, instruction.dtype, instruction.result, 0);
    }
    if (kernel == nullptr) {
      throw Error(LS_UNSUPPORTED, "loop: expected an op that the CPU has a kernel for; op " +
                                      std::to_string(instruction.op) + ", dtype " + std::to_string(instruction.dtype));
    }
    int32_t unused = operands[0];
    calls_at(rate).push_back({kernel, instruction.value, operands[0], operands[1] < 0 ? unused : operands[1],
                              operands[2] < 0 ? unused : operands[2], rate != Rate::element});
  }

  void find_uses() {
    for (size_t time = 0; time < program_.calls.size(); ++time) {
      const TileCall &call = program_.calls[time];
      registers_[call.out].first_use = static_cast<int>(time);
      for (int32_t reg : {call.a, call.b, call.c}) registers_[reg].last_use = static_cast<int>(time);
    }
  }

  // An output may lie exactly over an input. It may then be written where it is only after the input's last use.
  bool may_write_in_place(const LoopOperand &to, int32_t reg) const {
    for (int i = 0; i < loop_.n_inputs; ++i) {
      const LoopOperand &input = layout().inputs[i];
      if (input.slot != to.slot || registers_[i].place != Place::memory || input.offset != to.offset) continue;
      if (registers_[i].last_use > registers_[reg].first_use) return false;
    }
    return true;
  }

  // Large, not read again by the plan, and not over an input, whose lines are in the cache already.
  bool is_streamed(int i) const {
    const ls_operand &to = loop_.results[i].to;
    if (!layout().is_contiguous(layout().results[i])) return false;
    if (past_caches_.results != nullptr) return (*past_caches_.results)[i];
    for (const LoopOperand &input : layout().inputs) {
      if (input.slot == to.slot && input.offset == to.offset) return false;
    }
    return to.slot != past_caches_.workspace && is_large(loop_, to);
  }

  void lower_result(int i) {
    const LoopOperand &to = layout().results[i];
    int32_t reg = loop_.results[i].value;
    int32_t reduce = loop_.results[i].reduce;
    if (is_splat(reg)) {
      bool once = registers_[reg].rate == Rate::once;
      int32_t value = reg;
      reg = filled(value);
      if (!once && registers_[reg].first_use == kEnd) {
        registers_[reg].first_use = static_cast<int>(program_.calls.size()) - 1;
        registers_[value].last_use = registers_[reg].first_use;
      }
    }
    if (reduce != LS_REDUCE_NONE) {
      lower_reduction(to, reg, reduce);
    } else if (is_streamed(i)) {
      program_.streamed.push_back(copy_of(to, reg));
    } else if (registers_[reg].place == Place::tile && registers_[reg].first_use >= 0 && layout().is_contiguous(to) &&
               may_write_in_place(to, reg)) {
      point_into_memory(to, reg);
    } else {
      program_.stores.push_back(copy_of(to, reg));
    }
    if (registers_[reg].place != Place::memory) registers_[reg].last_use = kEnd;
  }

  void lower_reduction(const LoopOperand &to, int32_t reg, int32_t reduce) {
    int64_t kept = layout().box_elements(false);
    int64_t values = program_.accumulator_bytes;
    int64_t errors = values + whole_lines(kept * kAccumulatorBytes);
    program_.accumulator_bytes = errors + whole_lines(kept * kAccumulatorBytes);
    program_.reductions.push_back(
        {kernels_.find_reduce(reduce, to.dtype), reg, row_stride_in_place(reg), copy_of(to, reg), values, errors});
  }

  void lay_out_frame() {
    int64_t elements = layout().box_elements(false) * layout().box_elements(true);
    int64_t widest = 1;
    for (const Register &reg : registers_) {
      if (reg.place == Place::tile || reg.place == Place::kept_tile) widest = std::max(widest, dtype_bytes(reg.dtype));
    }
    // An odd number of cache lines, so that the same element of different tiles is in different cache sets.
    int64_t tile_bytes = (whole_lines(elements * widest) / kLine | 1) * kLine;
    int64_t end = whole_lines(static_cast<int64_t>(registers_.size() * sizeof(void *)));
    std::vector<int> tile_of(registers_.size(), -1);
    allocate_tiles(tile_of);
    int64_t cells = end;
    for (const Register &reg : registers_) end += reg.place == Place::cell ? 8 : 0;
    end = whole_lines(end);
    for (size_t i = 0; i < registers_.size(); ++i) {
      int32_t reg = static_cast<int32_t>(i);
      if (tile_of[i] >= 0) program_.frame_registers.push_back({reg, end + tile_of[i] * tile_bytes});
      if (registers_[i].place == Place::cell) {
        program_.frame_registers.push_back({reg, cells});
        cells += 8;
      }
    }
    program_.finished = end + program_.live_tiles * tile_bytes;
    program_.frame_bytes = program_.finished;
    if (!program_.reductions.empty()) {
      program_.frame_bytes += whole_lines(layout().box_elements(false) * kAccumulatorBytes);
    }
  }

  // Tiles are given out in the order of first use and taken back after the last.
  void allocate_tiles(std::vector<int> &tile_of) {
    std::vector<int> order;
    for (size_t i = 0; i < registers_.size(); ++i) {
      const Register &reg = registers_[i];
      if (reg.place == Place::kept_tile) tile_of[i] = program_.live_tiles++;
      if (reg.place == Place::tile && reg.first_use != kEnd) order.push_back(static_cast<int>(i));
    }
    std::stable_sort(order.begin(), order.end(),
                     [&](int a, int b) { return registers_[a].first_use < registers_[b].first_use; });
    std::vector<int> owner;  // of tile kept + i: a register
    int kept = program_.live_tiles;
    for (int reg : order) {
      auto free_for = [&](int other) {
        const Register &last = registers_[other];
        if (last.last_use < registers_[reg].first_use) return true;
        // The same call may read and write one tile if its elements have one size.
        return last.last_use == registers_[reg].first_use &&
               dtype_bytes(last.dtype) == dtype_bytes(registers_[reg].dtype);
      };
      auto found = std::find_if(owner.begin(), owner.end(), free_for);
      if (found == owner.end()) found = owner.insert(owner.end(), reg);
      *found = reg;
      tile_of[reg] = kept + static_cast<int>(found - owner.begin());
    }
    program_.live_tiles = kept + static_cast<int>(owner.size());
  }

  const ls_loop &loop_;
  const LoopKernels &kernels_;
  const PastCaches &past_caches_;
  LoopProgram program_;
  std::vector<Register> registers_;
  std::vector<LoopInstruction> instructions_;
  std::vector<bool> only_reduced_;
  std::map<int32_t, int32_t> fills_;
};

bool only_reduces(const ls_loop &loop) {
  if (loop.n_instructions > 0) return false;
  return std::all_of(loop.results, loop.results + loop.n_results,
                     [](const ls_result &result) { return result.reduce != LS_REDUCE_NONE; });
}

int64_t widest_value(const ls_loop &loop) {
  int64_t widest = 1;
  for (int i = 0; i < loop.n_inputs; ++i) widest = std::max(widest, dtype_bytes(loop.inputs[i].dtype));
  for (int i = 0; i < loop.n_instructions; ++i) widest = std::max(widest, dtype_bytes(loop.instructions[i].result));
  return widest;
}

}  // namespace

bool is_large(const ls_loop &loop, const ls_operand &to) {
  int64_t bytes = dtype_bytes(to.dtype);
  for (int d = 0; d < loop.rank; ++d) {
    if (to.strides[d] != 0) bytes *= loop.extents[d];
  }
  return bytes >= kStreamFrom;
}

LoopProgram make_loop_program(const ls_loop &loop, const LoopKernels &kernels, const PastCaches &past_caches) {
  int64_t elements = kLongestTile;
  for (;;) {
    LoopLayout layout = make_loop_layout(loop, elements, only_reduces(loop));
    if (layout.empty) {
      LoopProgram nothing;
      nothing.layout = std::move(layout);
      return nothing;
    }
    LoopProgram program = Lowering(loop, kernels, past_caches, std::move(layout)).lower();
    program.tile_elements = program.layout.box_elements(false) * program.layout.box_elements(true);
    int64_t fitting = half_of_l1() / (widest_value(loop) * std::max(1, program.live_tiles)) / 16 * 16;
    fitting = std::max(fitting, kShortestTile);
    if (fitting >= elements || program.tile_elements <= fitting || program.live_tiles == 0) return program;
    elements = fitting;
  }
}

}  // namespace lockstep
