// Everything that can be wrong with a step, checked when it is added: afterwards a kernel may trust its descriptor.
// Each function throws Error (LS_INVALID_ARGUMENT).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "lockstep/lockstep.h"

namespace lockstep {

struct View;
struct Slot {
  int64_t bytes;
  bool writable;
  uint8_t alignment_mask = 0;  // the largest element size that a step uses there, less one
};

void validate_loop(const ls_loop &loop, const std::vector<Slot> &slots);
// An epilogue of a step whose result has these extents.
void validate_epilogue(const std::string &step, const ls_loop &epilogue, const View &result,
                       const std::vector<Slot> &slots);
void validate_matmul(const ls_matmul &matmul, const std::vector<Slot> &slots);
void validate_copy(const ls_copy &copy, const std::vector<Slot> &slots);
void validate_gather(const ls_gather &gather, const std::vector<Slot> &slots);
void validate_scatter(const ls_scatter &scatter, const std::vector<Slot> &slots);
void validate_sort(const ls_sort &sort, const std::vector<Slot> &slots);
void validate_cumulative(const ls_cumulative &cumulative, const std::vector<Slot> &slots);
void validate_linalg(const ls_linalg &linalg, const std::vector<Slot> &slots);
void validate_attention(const ls_attention &attention, const std::vector<Slot> &slots);
void validate_attention_gradient(const ls_attention_gradient &gradient, const std::vector<Slot> &slots);
void validate_convolution(const ls_convolution &convolution, const std::vector<Slot> &slots);
void validate_pooling(const ls_pooling &pooling, const std::vector<Slot> &slots);

}  // namespace lockstep
