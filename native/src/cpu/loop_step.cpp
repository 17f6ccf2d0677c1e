#include <algorithm>
#include <cstdio>
#include <cstring>
#include <vector>

#include "cpu/isa.h"
#include "cpu/loop_cost.h"
#include "cpu/loop_part.h"
#include "cpu/loop_program.h"
#include "plan/dtype.h"
#include "plan/step.h"
#include "threads/pool.h"

namespace lockstep {
namespace {

constexpr double kParallelFrom = 20e3;  // nanoseconds of one thread
constexpr double kChunk = 8e3;
constexpr int64_t kMostChunks = 256;
constexpr int64_t kMostPartialSums = 64;  // of one kept element: they are combined by one thread
constexpr int64_t kStackFrame = 96 << 10;

int64_t divide_up(int64_t a, int64_t b) { return (a + b - 1) / b; }

// One chunk's view of a run.
struct Chunk {
  void *const *slots;
  char *frame;
  void **registers;
  int64_t coordinates[LS_MAX_RANK];
  int64_t extents[kBoxRank];
  int64_t kept;  // of the tile's elements
  int64_t reduced;
};

class LoopStep final : public Step {
 public:
  // whole: cut into chunks for several threads. Otherwise one thread runs all of it.
  LoopStep(const ls_loop &loop, const LoopKernels &kernels, const PastCaches &past_caches, bool whole)
      : kernels_(kernels), program_(make_loop_program(loop, kernels, past_caches)), cost_(loop_cost(loop, program_)) {
    const LoopLayout &layout = program_.layout;
    n_inputs_ = loop.n_inputs;
    n_results_ = loop.n_results;
    n_instructions_ = loop.n_instructions;
    dtype_ = loop.n_results > 0 ? loop.results[0].to.dtype : LS_F32;
    if (layout.empty) return;
    rank_ = static_cast<int>(layout.dimensions.size());
    kept_tiles_ = layout.tiles(false);
    reduced_tiles_ = layout.nothing_reduced ? 0 : layout.tiles(true);
    prefetches_ = program_.calls.size() >= 2;
    frame_bytes_ = program_.frame_bytes + program_.accumulator_bytes;
    if (frame_bytes_ > kStackFrame) {
      scratch_bytes_ = frame_bytes_;
    } else if (whole) {
      split();
    }
  }

  // Whether this loop, a part of another one, gives that one's results bit by bit: elements always do, sums if they are
  // added up along the same tiles.
  bool adds_up_as(const LoopStep &whole) const {
    if (program_.reductions.empty()) return true;
    const LoopLayout &ours = program_.layout;
    const LoopLayout &theirs = whole.program_.layout;
    if (whole.parts_ > 1 || ours.kept_inside || theirs.kept_inside) return false;
    return std::ranges::equal(reduced(ours), reduced(theirs), [](const LoopDimension &a, const LoopDimension &b) {
      return a.extent == b.extent && a.box == b.box;
    });
  }

  void run(void *const *slots, void *scratch) const override {
    if (program_.layout.empty) return;
    if (chunks_ == 1) {
      run_chunk(slots, scratch, 0);
      return;
    }
    parallel_chunks(chunks_, [&](int64_t chunk) { run_chunk(slots, scratch, chunk); });
    if (parts_ > 1) combine_parts(slots, static_cast<char *>(scratch));
  }

  int64_t scratch_bytes() const override { return scratch_bytes_; }

  std::string describe() const override;

 private:
  static std::vector<LoopDimension> reduced(const LoopLayout &layout) {
    std::vector<LoopDimension> dimensions;
    for (const LoopDimension &dimension : layout.dimensions) {
      if (dimension.reduced) dimensions.push_back(dimension);
    }
    return dimensions;
  }

  void split() {
    if (cost_.nanoseconds < kParallelFrom) return;
    int64_t wanted = std::clamp<int64_t>(static_cast<int64_t>(cost_.nanoseconds / kChunk), 4, kMostChunks);
    kept_per_chunk_ = divide_up(kept_tiles_, std::min(wanted, kept_tiles_));
    chunks_ = divide_up(kept_tiles_, kept_per_chunk_);
    if (program_.reductions.empty() || kept_tiles_ * 2 > wanted || reduced_tiles_ < 2) return;
    int64_t parts = std::min({divide_up(wanted, kept_tiles_), reduced_tiles_, kMostPartialSums});
    reduced_per_part_ = divide_up(reduced_tiles_, parts);
    parts_ = divide_up(reduced_tiles_, reduced_per_part_);
    kept_per_chunk_ = 1;
    chunks_ = kept_tiles_ * parts_;
    if (parts_ > 1) scratch_bytes_ = chunks_ * program_.accumulator_bytes;
  }

  void run_chunk(void *const *slots, void *scratch, int64_t index) const {
    alignas(64) char stack[kStackFrame];
    Chunk chunk;
    chunk.slots = slots;
    chunk.frame = frame_bytes_ <= kStackFrame ? stack : static_cast<char *>(scratch);
    chunk.registers = reinterpret_cast<void **>(chunk.frame);
    start_chunk(chunk);
    int64_t group = index / parts_;
    int64_t part = index % parts_;
    int64_t first = group * kept_per_chunk_;
    int64_t last = std::min(first + kept_per_chunk_, kept_tiles_);
    char *accumulators = parts_ > 1 ? static_cast<char *>(scratch) + index * program_.accumulator_bytes
                                    : chunk.frame + program_.frame_bytes;
    locate(chunk, first, false);
    for (int64_t tile = first; tile < last; ++tile) {
      run_kept_tile(chunk, accumulators, part);
      if (tile + 1 < last) advance(chunk, false);
    }
    if (!program_.streamed.empty()) __builtin_ia32_sfence();
  }

  void run_kept_tile(Chunk &chunk, char *accumulators, int64_t part) const {
    int64_t first = part * reduced_per_part_;
    int64_t last = parts_ > 1 ? std::min(first + reduced_per_part_, reduced_tiles_) : reduced_tiles_;
    locate(chunk, first, true);
    measure(chunk);
    for (const TileReduction &reduction : program_.reductions) {
      reduction.kernels->start(at(accumulators, reduction), chunk.kept);
    }
    for (int64_t tile = first; tile < last; ++tile) {
      run_tile(chunk, accumulators);
      if (tile + 1 == last) break;
      advance(chunk, true);
      measure(chunk);
    }
    if (parts_ == 1) finish(chunk, accumulators);
  }

  static Accumulators at(char *accumulators, const TileReduction &reduction) {
    return {accumulators + reduction.values, reinterpret_cast<double *>(accumulators + reduction.errors)};
  }

  // Sets the coordinates of kept or reduced dimensions to those of the group's tile `index`.
  void locate(Chunk &chunk, int64_t index, bool reduced) const {
    for (int d = rank_ - 1; d >= 0; --d) {
      const LoopDimension &dimension = program_.layout.dimensions[d];
      if (dimension.reduced != reduced) continue;
      if (index == 0) {
        chunk.coordinates[d] = 0;
        continue;
      }
      chunk.coordinates[d] = index % dimension.tiles;
      index /= dimension.tiles;
    }
  }

  void advance(Chunk &chunk, bool reduced) const {
    for (int d = rank_ - 1; d >= 0; --d) {
      const LoopDimension &dimension = program_.layout.dimensions[d];
      if (dimension.reduced != reduced) continue;
      if (++chunk.coordinates[d] < dimension.tiles) return;
      chunk.coordinates[d] = 0;
    }
  }

  // The extents of the tile at the coordinates.
  void measure(Chunk &chunk) const {
    chunk.kept = 1;
    chunk.reduced = 1;
    for (int i = 0; i < kBoxRank; ++i) {
      int d = rank_ - kBoxRank + i;
      if (d < 0) {
        chunk.extents[i] = 1;
        continue;
      }
      const LoopDimension &dimension = program_.layout.dimensions[d];
      int64_t extent = std::min(dimension.box, dimension.extent - chunk.coordinates[d] * dimension.box);
      chunk.extents[i] = extent;
      (dimension.reduced ? chunk.reduced : chunk.kept) *= extent;
    }
  }

  char *address(const Chunk &chunk, const TilePointer &pointer) const {
    int64_t offset = pointer.offset;
    for (int d = 0; d < rank_; ++d) offset += chunk.coordinates[d] * pointer.steps[d];
    return static_cast<char *>(chunk.slots[pointer.slot]) + offset;
  }

  static BoxView box(const int64_t *extents, const int64_t *strides) {
    BoxView view;
    std::memcpy(view.extents, extents, sizeof view.extents);
    std::memcpy(view.strides, strides, sizeof view.strides);
    return view;
  }

  static void call(const Chunk &chunk, const TileCall &call, int64_t elements) {
    void **registers = chunk.registers;
    call.kernel(registers[call.out], registers[call.a], registers[call.b], registers[call.c],
                call.single ? 1 : elements);
  }

  void start_chunk(Chunk &chunk) const {
    for (const FrameRegister &reg : program_.frame_registers) chunk.registers[reg.reg] = chunk.frame + reg.offset;
    for (const ConstantRegister &reg : program_.constants) {
      chunk.registers[reg.reg] = const_cast<int64_t *>(&reg.bits);
    }
    for (const TilePointer &pointer : program_.fixed) {
      chunk.registers[pointer.reg] = static_cast<char *>(chunk.slots[pointer.slot]) + pointer.offset;
    }
    if (reduced_tiles_ == 0 || (program_.gathers_once.empty() && program_.calls_once.empty())) return;
    std::memset(chunk.coordinates, 0, sizeof chunk.coordinates);
    measure(chunk);
    for (const TileCopy &copy : program_.gathers_once) {
      kernels_.gather(chunk.registers[copy.memory.reg], address(chunk, copy.memory), box(chunk.extents, copy.strides),
                      copy.element_bytes);
    }
    for (const TileCall &once : program_.calls_once) call(chunk, once, chunk.kept * chunk.reduced);
  }

  // Asks for a part of the next tile's memory, so that it arrives while this tile is computed.
  void prefetch(const Chunk &chunk, int64_t elements, int64_t part) const {
    int64_t parts = static_cast<int64_t>(program_.calls.size());
    for (const TileStream &stream : program_.streams) {
      int64_t bytes = elements * stream.element_bytes;
      const char *next = static_cast<const char *>(chunk.registers[stream.reg]) + bytes;
      int64_t last = bytes * (part + 1) / parts;
      for (int64_t at = bytes * part / parts; at < last; at += 64) __builtin_prefetch(next + at);
    }
  }

  void run_tile(Chunk &chunk, char *accumulators) const {
    int64_t elements = chunk.kept * chunk.reduced;
    for (const TilePointer &pointer : program_.moving) chunk.registers[pointer.reg] = address(chunk, pointer);
    for (const TileCopy &copy : program_.gathers) {
      kernels_.gather(chunk.registers[copy.memory.reg], address(chunk, copy.memory), box(chunk.extents, copy.strides),
                      copy.element_bytes);
    }
    for (const TileIndex &index : program_.indices) {
      int64_t start = index.start;
      for (int d = 0; d < rank_; ++d) start += chunk.coordinates[d] * index.steps[d];
      static constexpr int64_t kOne[kBoxRank] = {1, 1, 1, 1};
      kernels_.index(chunk.registers[index.reg], start, box(index.single ? kOne : chunk.extents, index.strides),
                     index.dtype);
    }
    int64_t part = 0;
    for (const TileCall &tile_call : program_.calls) {
      if (prefetches_) prefetch(chunk, elements, part++);
      call(chunk, tile_call, elements);
    }
    for (const TileCopy &copy : program_.stores) {
      kernels_.scatter(address(chunk, copy.memory), chunk.registers[copy.memory.reg], box(chunk.extents, copy.strides),
                       copy.element_bytes);
    }
    for (const TileCopy &copy : program_.streamed) {
      kernels_.stream(address(chunk, copy.memory), chunk.registers[copy.memory.reg], elements * copy.element_bytes);
    }
    for (const TileReduction &reduction : program_.reductions) {
      const void *x = chunk.registers[reduction.reg];
      Accumulators into = at(accumulators, reduction);
      if (program_.layout.kept_inside) {
        int64_t row_stride = reduction.row_stride != 0 ? reduction.row_stride : chunk.kept;
        reduction.kernels->columns(into, x, row_stride, chunk.reduced, chunk.kept);
      } else {
        int64_t row_stride = reduction.row_stride != 0 ? reduction.row_stride : chunk.reduced;
        reduction.kernels->rows(into, x, row_stride, chunk.kept, chunk.reduced);
      }
    }
  }

  void finish(Chunk &chunk, char *accumulators) const {
    for (const TileReduction &reduction : program_.reductions) {
      char *to = address(chunk, reduction.to.memory);
      if (chunk.kept == 1) {
        reduction.kernels->finish(to, at(accumulators, reduction), 1);
        continue;
      }
      char *results = chunk.frame + program_.finished;
      reduction.kernels->finish(results, at(accumulators, reduction), chunk.kept);
      int64_t extents[kBoxRank];
      for (int i = 0; i < kBoxRank; ++i) {
        int d = rank_ - kBoxRank + i;
        extents[i] = d >= 0 && program_.layout.dimensions[d].reduced ? 1 : chunk.extents[i];
      }
      kernels_.scatter(to, results, box(extents, reduction.to.strides), reduction.to.element_bytes);
    }
  }

  void combine_parts(void *const *slots, char *scratch) const {
    alignas(64) char stack[kStackFrame];
    Chunk chunk;
    chunk.slots = slots;
    chunk.frame = stack;
    locate(chunk, 0, true);
    locate(chunk, 0, false);
    for (int64_t tile = 0; tile < kept_tiles_; ++tile) {
      measure(chunk);
      char *first = scratch + tile * parts_ * program_.accumulator_bytes;
      for (int64_t part = 1; part < parts_; ++part) {
        char *other = first + part * program_.accumulator_bytes;
        for (const TileReduction &reduction : program_.reductions) {
          reduction.kernels->combine(at(first, reduction), at(other, reduction), chunk.kept);
        }
      }
      finish(chunk, first);
      advance(chunk, false);
    }
  }

  const LoopKernels &kernels_;
  LoopProgram program_;
  LoopCost cost_;
  int rank_ = 0;
  bool prefetches_ = false;
  int32_t n_inputs_;
  int32_t n_results_;
  int32_t n_instructions_;
  int32_t dtype_;
  int64_t kept_tiles_ = 1;
  int64_t reduced_tiles_ = 1;
  int64_t kept_per_chunk_ = INT64_MAX / 2;
  int64_t parts_ = 1;
  int64_t reduced_per_part_ = 0;
  int64_t chunks_ = 1;
  int64_t frame_bytes_ = 0;
  int64_t scratch_bytes_ = 0;
};

const LoopKernels &loop_kernels() { return for_isa(v2::loop_kernels, v3::loop_kernels, v4::loop_kernels)(); }

std::string LoopStep::describe() const {
  const LoopLayout &layout = program_.layout;
  std::string shape;
  std::string over;
  for (const LoopDimension &dimension : layout.dimensions) {
    std::string &list = dimension.reduced ? over : shape;
    if (!list.empty()) list += ",";
    list += std::to_string(dimension.extent);
  }
  if (!over.empty()) over = " reducing [" + over + "]";
  char rest[220];
  std::snprintf(
      rest, sizeof rest, " %d op%s, tile %lld, %s, %lld chunk%s, %d input%s, %d result%s, %.1f MB, %.1f MFLOP%s",
      n_instructions_, n_instructions_ == 1 ? "" : "s", static_cast<long long>(program_.tile_elements), kernels_.name,
      static_cast<long long>(chunks_), chunks_ == 1 ? "" : "s", n_inputs_, n_inputs_ == 1 ? "" : "s", n_results_,
      n_results_ == 1 ? "" : "s", static_cast<double>(cost_.bytes) / 1e6, static_cast<double>(cost_.operations) / 1e6,
      program_.streamed.empty() ? "" : kPastCaches);
  return std::string("loop ") + dtype_name(dtype_) + "[" + shape + "]" + over + rest;
}

}  // namespace

std::unique_ptr<Step> make_loop_step(const ls_loop &loop, int32_t workspace) {
  return std::make_unique<LoopStep>(loop, loop_kernels(), PastCaches{workspace, nullptr}, true);
}

std::unique_ptr<Step> make_loop_part(const ls_loop &part, const Step &whole, const std::vector<bool> &past_caches) {
  auto step = std::make_unique<LoopStep>(part, loop_kernels(), PastCaches{-1, &past_caches}, false);
  bool fits = step->scratch_bytes() == 0 && step->adds_up_as(static_cast<const LoopStep &>(whole));
  return fits ? std::move(step) : nullptr;
}

}  // namespace lockstep
