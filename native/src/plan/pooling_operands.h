// The operands of pooling steps by kind.
#pragma once

#include <vector>

#include "lockstep/lockstep.h"

namespace lockstep {

struct PoolingRole {
  const char *name;
  const ls_operand *operand;
  const int64_t *extents;
  bool written;
};

// Those that are read, then the one that is written. The kind must be valid.
inline std::vector<PoolingRole> pooling_operands(const ls_pooling &p) {
  switch (p.kind) {
    case LS_POOLING_TAKE:
      return {{"x", &p.x, p.x_extents, false}, {"t", &p.t, p.x_extents, false}, {"y", &p.y, p.y_extents, true}};
    case LS_POOLING_PUT:
      return {{"x", &p.x, p.x_extents, false}, {"y", &p.y, p.y_extents, false}, {"t", &p.t, p.x_extents, true}};
    case LS_POOLING_SPREAD:
      return {{"y", &p.y, p.y_extents, false}, {"x", &p.x, p.x_extents, true}};
    default:
      return {{"x", &p.x, p.x_extents, false}, {"y", &p.y, p.y_extents, true}};
  }
}

}  // namespace lockstep
