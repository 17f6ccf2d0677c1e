// The checks that descriptors share. `what` starts every error text ("loop: input 2").
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "lockstep/lockstep.h"
#include "plan/reach.h"
#include "plan/validate.h"

namespace lockstep {

void require_rank(const std::string &what, int32_t rank, int32_t most);
void require_dtype(const std::string &what, int32_t dtype);
// Not bf16.
void require_computed_dtype(const std::string &what, int32_t dtype);
void require_array(const std::string &what, int32_t count, const void *array);

View view_of(std::string what, const ls_operand &operand, int32_t rank, const int64_t *extents);

// A readable view of memory, or a virtual operand.
void require_source(const View &view, const std::vector<Slot> &slots);

// For steps that convert nothing.
void require_one_dtype(const std::string &what, const ls_operand &from, const ls_operand &to);

}  // namespace lockstep
