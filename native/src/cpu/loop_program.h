// A loop, lowered to calls of tile kernels on numbered registers. A register is the address of one value's tile: in an
// operand's own memory where its elements lie as the tile's do, otherwise in the frame, which each chunk of a run has
// for itself.
#pragma once

#include <cstdint>
#include <vector>

#include "cpu/loop_kernels.h"
#include "cpu/loop_layout.h"

namespace lockstep {

// Memory that a register follows from tile to tile. `steps` are bytes a tile, one a dimension.
struct TilePointer {
  int32_t slot;
  int32_t reg;
  int64_t offset;
  const int64_t *steps;
};

// A copy between a register's tile and memory.
struct TileCopy {
  TilePointer memory;
  int64_t strides[kBoxRank];
  int64_t element_bytes;
};

// A register filled with start + sum(index * strides); `steps` are in elements.
struct TileIndex {
  int32_t reg;
  int32_t dtype;
  int64_t start;
  const int64_t *steps;
  int64_t strides[kBoxRank];
  bool single;  // one element, whatever the tile's size
};

struct TileCall {
  TileKernel kernel;
  int32_t out;
  int32_t a;
  int32_t b;
  int32_t c;
  bool single;
};

struct TileReduction {
  const ReduceKernels *kernels;
  int32_t reg;
  int64_t row_stride;  // 0: the tile's own
  TileCopy to;         // to.memory.reg is unused
  int64_t values;      // offsets of the accumulators
  int64_t errors;
};

// A register whose next tile follows in memory.
struct TileStream {
  int32_t reg;
  int64_t element_bytes;
};

// A register that points into the frame, or at a constant.
struct FrameRegister {
  int32_t reg;
  int64_t offset;
};
struct ConstantRegister {
  int32_t reg;
  int64_t bits;
};

struct LoopProgram {
  LoopLayout layout;
  int64_t tile_elements = 0;

  int32_t registers = 0;
  std::vector<ConstantRegister> constants;
  std::vector<FrameRegister> frame_registers;
  std::vector<TilePointer> fixed;      // set once a chunk
  std::vector<TilePointer> moving;     // set for each tile
  std::vector<TileCopy> gathers_once;  // of whole boxes
  std::vector<TileCall> calls_once;
  std::vector<TileCopy> gathers;
  std::vector<TileIndex> indices;
  std::vector<TileCall> calls;
  std::vector<TileCopy> stores;
  std::vector<TileCopy> streamed;  // contiguous stores past the caches
  std::vector<TileReduction> reductions;
  std::vector<TileStream> streams;

  int64_t frame_bytes = 0;        // register addresses first, then their tiles
  int64_t accumulator_bytes = 0;  // of one kept tile
  int64_t finished = 0;           // the frame's offset of a buffer for a kept tile's results
  int live_tiles = 0;

  std::vector<std::vector<int64_t>> step_lists;  // what `steps` above points into
};

// Which results are stored past the caches: large ones outside of the workspace (see make_loop_step), or for a part of
// a loop, whose own size tells nothing, those that are named.
struct PastCaches {
  int32_t workspace = -1;
  const std::vector<bool> *results = nullptr;  // one a result of the loop
};

LoopProgram make_loop_program(const ls_loop &loop, const LoopKernels &kernels, const PastCaches &past_caches);

// What describe() tells of loops that store some result past the caches.
inline constexpr const char *kPastCaches = ", past the caches";

// Whether a result of a whole loop takes more memory than stays in a core's own caches.
bool is_large(const ls_loop &loop, const ls_operand &to);

}  // namespace lockstep
