#include <algorithm>
#include <span>

#include "cpu/copy.h"
#include "plan/dtype.h"

namespace lockstep {
namespace {

struct Dimension {
  int64_t extent;
  int64_t to;
  int64_t from;
};

// Inner and outer are one dimension when stepping past the inner one's end is a step of the outer one.
bool joins(const Dimension &outer, const Dimension &inner) {
  return outer.to == inner.to * inner.extent && outer.from == inner.from * inner.extent;
}

}  // namespace

CopyLayout copy_layout(const ls_copy &copy) {
  CopyLayout layout;
  layout.element_bytes = dtype_size(copy.to.dtype);
  layout.to_offset = copy.to.offset;
  layout.from_offset = copy.from.offset;
  // Without elements, the other extents and the strides may be anything.
  if (std::count(copy.extents, copy.extents + copy.rank, 0) > 0) return layout;
  layout.elements = 1;

  Dimension dimensions[LS_MAX_RANK];
  int32_t count = 0;
  for (int32_t d = 0; d < copy.rank; ++d) {
    layout.elements *= copy.extents[d];
    if (copy.extents[d] == 1) continue;
    dimensions[count++] = {copy.extents[d], copy.to.strides[d] * layout.element_bytes,
                           copy.from.strides[d] * layout.element_bytes};
  }

  for (Dimension &dimension : std::span(dimensions, count)) {
    if (dimension.to >= 0) continue;
    layout.to_offset += (dimension.extent - 1) * dimension.to;
    layout.from_offset += (dimension.extent - 1) * dimension.from;
    dimension.to = -dimension.to;
    dimension.from = -dimension.from;
  }
  std::stable_sort(dimensions, dimensions + count, [](const Dimension &a, const Dimension &b) { return a.to > b.to; });

  for (int32_t d = 0; d < count; ++d) {
    Dimension dimension = dimensions[d];
    while (d + 1 < count && joins(dimension, dimensions[d + 1])) {
      ++d;
      dimension = {dimension.extent * dimensions[d].extent, dimensions[d].to, dimensions[d].from};
    }
    layout.extents[layout.rank] = dimension.extent;
    layout.to_strides[layout.rank] = dimension.to;
    layout.from_strides[layout.rank] = dimension.from;
    ++layout.rank;
  }
  return layout;
}

}  // namespace lockstep
