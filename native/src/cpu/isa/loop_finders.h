// The families of kernels that together make up LoopKernels::find. Each returns nullptr for an op that is not its own.
#pragma once

#include "cpu/loop_kernels.h"

namespace lockstep::LS_ISA {

TileKernel find_arithmetic(int32_t op, int32_t dtype, unsigned splat);
TileKernel find_logic(int32_t op, int32_t dtype, unsigned splat);  // bits, comparisons, WHERE, kFill
TileKernel find_unary(int32_t op, int32_t dtype, unsigned splat);
TileKernel find_math(int32_t op, int32_t dtype, unsigned splat);
TileKernel find_draw(int32_t op, int32_t dtype, unsigned splat);  // what draws of random numbers are made of
TileKernel find_cast(int32_t from, int32_t to);

void gather(void *tile, const void *memory, const BoxView &box, int64_t element_bytes);
void scatter(void *memory, const void *tile, const BoxView &box, int64_t element_bytes);
void stream(void *memory, const void *tile, int64_t bytes);
void index_tile(void *tile, int64_t start, const BoxView &box, int32_t dtype);
const ReduceKernels *find_reduce(int32_t reduce, int32_t dtype);

}  // namespace lockstep::LS_ISA
