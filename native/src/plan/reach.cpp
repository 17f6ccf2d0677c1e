#include "plan/reach.h"

#include "abi/error.h"
#include "plan/dtype.h"

namespace lockstep {
namespace {

struct Range {
  int64_t lowest = 0;
  int64_t highest = 0;
  bool overflow = false;
};

// The lowest and highest of start + sum(index[d] * strides[d]) * unit.
Range range_of(const View &view, int64_t unit) {
  Range range{view.offset, view.offset, false};
  for (int32_t d = 0; d < view.rank; ++d) {
    if (view.extents[d] <= 1) continue;
    int64_t step;
    int64_t span;
    range.overflow |= __builtin_mul_overflow(view.strides[d], unit, &step);
    range.overflow |= __builtin_mul_overflow(view.extents[d] - 1, step, &span);
    if (range.overflow) return range;
    int64_t &end = span < 0 ? range.lowest : range.highest;
    range.overflow |= __builtin_add_overflow(end, span, &end);
    if (range.overflow) return range;
  }
  return range;
}

bool empty(const View &view) {
  for (int32_t d = 0; d < view.rank; ++d) {
    if (view.extents[d] == 0) return true;
  }
  return false;
}

std::string view_text(const View &view) {
  return shape_text(view.dtype, view.extents, view.rank) + " at byte " + std::to_string(view.offset) +
         " with strides (" + list_text(view.strides, view.rank) + ")";
}

}  // namespace

void invalid(const std::string &text) { throw Error(LS_INVALID_ARGUMENT, text); }

int64_t count_elements(const std::string &what, const int64_t *extents, int32_t rank) {
  int64_t product = 1;
  bool overflow = false;
  bool none = false;
  for (int32_t d = 0; d < rank; ++d) {
    if (extents[d] < 0) {
      invalid(what + ": expected extents of 0 or more, got (" + list_text(extents, rank) + ")");
    }
    none |= extents[d] == 0;
    overflow |= __builtin_mul_overflow(product, extents[d], &product);
  }
  if (none) return 0;
  if (overflow) invalid(what + ": extents (" + list_text(extents, rank) + ") have more than 2^63 elements");
  return product;
}

void require_readable(const View &view, const std::vector<Slot> &slots) {
  if (view.slot < 0 || view.slot >= static_cast<int64_t>(slots.size())) {
    invalid(view.what + ": expected a slot from 0 to " + std::to_string(slots.size() - 1) + ", got " +
            std::to_string(view.slot));
  }
  if (empty(view)) return;
  int64_t size = dtype_size(view.dtype);
  int64_t bytes = slots[view.slot].bytes;
  Range range = range_of(view, size);
  if (range.overflow || range.lowest < 0 || range.highest > bytes - size) {
    std::string reach = range.overflow ? "beyond 64 bits"
                                       : "bytes " + std::to_string(range.lowest) + " to " +
                                             std::to_string(static_cast<__int128>(range.highest) + size > INT64_MAX
                                                                ? INT64_MAX
                                                                : range.highest + size);
    invalid(view.what + ": " + view_text(view) + " reaches " + reach + " of slot " + std::to_string(view.slot) +
            ", which has " + std::to_string(bytes) + " bytes");
  }
  if (view.offset % size != 0) {
    invalid(view.what + ": expected an offset that is a multiple of " + std::to_string(size) + " bytes for " +
            dtype_name(view.dtype) + ", got " + std::to_string(view.offset));
  }
}

void require_updatable(const View &view, const std::vector<Slot> &slots) {
  require_readable(view, slots);
  if (!slots[view.slot].writable) {
    invalid(view.what + ": slot " + std::to_string(view.slot) +
            " is an input, which a plan only reads. Write to an output or the workspace.");
  }
}

void require_writable(const View &view, const std::vector<Slot> &slots) {
  require_updatable(view, slots);
  if (empty(view)) return;
  for (int32_t d = 0; d < view.rank; ++d) {
    if (view.extents[d] > 1 && view.strides[d] == 0) {
      invalid(view.what + ": " + view_text(view) + " writes one element " + std::to_string(view.extents[d]) +
              " times along dimension " + std::to_string(d));
    }
  }
}

void require_index_range(const View &view) {
  if (empty(view)) return;
  if (range_of(view, 1).overflow) {
    invalid(view.what + ": index values from " + view_text(view) + " do not fit into 64 bits");
  }
}

}  // namespace lockstep
