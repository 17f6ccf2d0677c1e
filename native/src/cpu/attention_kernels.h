// What the attention kernels of one instruction set offer (cpu/isa/attention_*.cpp), a table for each dtype.
#pragma once

#include <cstdint>

#include "lockstep/lockstep.h"

namespace lockstep {

enum class AttentionMask { kNone, kAdd, kKeep };

struct AttentionShape {
  int64_t queries, keys, dimension, value_dimension;
  double scale;
  bool causal;
  AttentionMask mask;
  // Of the gradient:
  bool uniform_ct;  // all columns of the cotangent are one in memory
  bool wants_dk, wants_dv;

  // Keys after this one are hidden from the queries before `end`, and from their softmax too.
  int64_t keys_seen(int64_t end) const {
    // Under a mask a row may see nothing; it is then spread over all keys.
    return causal && mask == AttentionMask::kNone && end < keys ? end : keys;
  }
};

// A matrix of one batch entry; strides in elements. No data: not given, or not wanted.
struct AttentionMatrix {
  char *data;
  int64_t row, column;
};

struct AttentionOperands {
  AttentionMatrix q, k, v, mask;
  AttentionMatrix to;  // of the forward kernel
  AttentionMatrix ct, dq;
};

// Queries `first` .. `first + count - 1`.
struct AttentionRows {
  int64_t first, count;
};

struct AttentionKernels {
  // A piece has at most this many rows.
  int64_t forward_rows;
  int64_t (*forward_scratch)(const AttentionShape &shape);  // bytes
  void (*forward)(const AttentionShape &shape, const AttentionOperands &operands, AttentionRows rows, void *scratch);

  // Writes the rows of dq, and what they add to dk and dv: sums of keys x (dimension + value columns) elements.
  int64_t (*gradient_scratch)(const AttentionShape &shape, int64_t rows);  // bytes
  int64_t (*gradient_sums)(const AttentionShape &shape);                   // elements
  void (*gradient)(const AttentionShape &shape, const AttentionOperands &operands, AttentionRows rows, void *sums,
                   void *scratch);
  // dk, dv = the total of `parts` sums, which stand so many bytes apart; the first is overwritten.
  void (*gradient_finish)(const AttentionShape &shape, const AttentionMatrix &dk, const AttentionMatrix &dv,
                          int64_t parts, int64_t part_bytes, void *sums);
};

#define LS_ATTENTION_KERNELS(isa)                   \
  namespace isa {                                   \
  const AttentionKernels &attention_kernels_f32();  \
  const AttentionKernels &attention_kernels_f64();  \
  const AttentionKernels &attention_kernels_bf16(); \
  }
LS_ATTENTION_KERNELS(v2)
LS_ATTENTION_KERNELS(v3)
LS_ATTENTION_KERNELS(v4)
#undef LS_ATTENTION_KERNELS

namespace v4 {
const AttentionKernels &attention_kernels_bf16_tiles();  // for AMX
}

}  // namespace lockstep
