// The operands of linear algebra steps by kind: what each is called, its extents and its dtype.
#pragma once

#include <cstdint>
#include <vector>

#include "lockstep/lockstep.h"

namespace lockstep {

struct LinalgOperand {
  const char *name;
  int32_t dtype;
  int64_t rows;
  int64_t columns;
  bool written;
  const ls_matrix *matrix;
};

// In the order of ls_linalg::operands. The kind must be valid.
std::vector<LinalgOperand> linalg_operands(const ls_linalg &linalg);

// "cholesky", or nullptr if there is no such kind.
const char *linalg_name(int32_t kind);

}  // namespace lockstep
