#include "cpu/isa/loop_finders.h"

#define LS_NAME_OF(isa) #isa
#define LS_NAME(isa) LS_NAME_OF(isa)

namespace lockstep::LS_ISA {
namespace {

TileKernel find(int32_t op, int32_t dtype, int32_t result, unsigned splat) {
  if (op == LS_OP_CAST) return splat == 0 ? find_cast(dtype, result) : nullptr;
  if (TileKernel kernel = find_arithmetic(op, dtype, splat)) return kernel;
  if (TileKernel kernel = find_logic(op, dtype, splat)) return kernel;
  if (TileKernel kernel = find_unary(op, dtype, splat)) return kernel;
  if (TileKernel kernel = find_math(op, dtype, splat)) return kernel;
  return find_draw(op, dtype, splat);
}

}  // namespace

const LoopKernels &loop_kernels() {
  static constexpr LoopKernels kKernels = {LS_NAME(LS_ISA), find, gather, scatter, stream, index_tile, find_reduce};
  return kKernels;
}

}  // namespace lockstep::LS_ISA
