#include "cpu/indexed.h"

#include <cstdlib>
#include <cstring>
#include <numeric>
#include <string>

#include "plan/dtype.h"

namespace lockstep {
namespace {

// One dimension's step of every operand.
struct Dimension {
  int64_t extent;
  int64_t plain;
  int64_t indexed;
  int64_t indices[LS_MAX_RANK];
};

IndexSource index_source(const Indexing &indexing, int32_t j, int64_t element_bytes) {
  const ls_operand &operand = indexing.indices[j];
  IndexSource source{};
  source.slot = operand.slot;
  source.narrow = operand.dtype == LS_I32;
  source.offset = operand.offset;
  source.extent = indexing.index_extents[j];
  source.step = source.extent > 1 ? indexing.index_strides[j] * element_bytes : 0;
  return source;
}

int64_t index_stride(const ls_operand &operand, int32_t d) {
  if (operand.slot == LS_SLOT_CONSTANT) return 0;
  return operand.slot == LS_SLOT_INDEX ? operand.strides[d] : operand.strides[d] * dtype_size(operand.dtype);
}

bool joins(const Dimension &outer, const Dimension &inner, int32_t n_indices) {
  bool joined = outer.plain == inner.plain * inner.extent && outer.indexed == inner.indexed * inner.extent;
  for (int32_t j = 0; j < n_indices; ++j) {
    int64_t past_end;  // of a virtual index, whose values may reach the ends of 64 bits
    joined &= !__builtin_mul_overflow(inner.indices[j], inner.extent, &past_end) && outer.indices[j] == past_end;
  }
  return joined;
}

std::vector<Dimension> dimensions_of(const Indexing &indexing, int64_t element_bytes) {
  std::vector<Dimension> dimensions;
  for (int32_t d = 0; d < indexing.rank; ++d) {
    if (indexing.extents[d] == 1) continue;
    Dimension dimension{};
    dimension.extent = indexing.extents[d];
    dimension.plain = indexing.plain.slot < 0 ? 0 : indexing.plain.strides[d] * element_bytes;
    dimension.indexed = indexing.indexed.strides[d] * element_bytes;
    for (int32_t j = 0; j < indexing.n_indices; ++j) dimension.indices[j] = index_stride(indexing.indices[j], d);
    if (!dimensions.empty() && joins(dimensions.back(), dimension, indexing.n_indices)) {
      dimension.extent *= dimensions.back().extent;
      dimensions.back() = dimension;
    } else {
      dimensions.push_back(dimension);
    }
  }
  return dimensions;
}

template <typename Value>
void add_index(const IndexSource &source, bool clamp, PointBlock &block, Value &&value) {
  if (clamp) {
    for (int64_t i = 0; i < block.count; ++i) {
      block.indexed[i] += std::clamp<int64_t>(value(i), 0, source.extent - 1) * source.step;
    }
    return;
  }
  uint8_t any = 0;
  for (int64_t i = 0; i < block.count; ++i) {
    int64_t index = value(i);
    bool outside = static_cast<uint64_t>(index) >= static_cast<uint64_t>(source.extent);
    block.indexed[i] += outside ? 0 : index * source.step;
    block.outside[i] |= static_cast<uint8_t>(outside);
    any |= static_cast<uint8_t>(outside);
  }
  block.any_outside |= any != 0;
}

template <typename Index>
void add_stored_index(const IndexSource &source, bool clamp, PointBlock &block, const char *address, int64_t stride) {
  auto load = [](const char *from) {
    Index index;
    std::memcpy(&index, from, sizeof index);
    return static_cast<int64_t>(index);
  };
  if (stride == static_cast<int64_t>(sizeof(Index))) {
    add_index(source, clamp, block, [=](int64_t i) { return load(address + i * static_cast<int64_t>(sizeof(Index))); });
  } else {
    add_index(source, clamp, block, [=](int64_t i) { return load(address + i * stride); });
  }
}

}  // namespace

IndexedLayout indexed_layout(const Indexing &indexing) {
  IndexedLayout layout;
  layout.element_bytes = dtype_size(indexing.indexed.dtype);
  layout.clamp = indexing.bounds == LS_BOUNDS_CLAMP;
  layout.plain_offset = indexing.plain.slot < 0 ? 0 : indexing.plain.offset;
  layout.indexed_offset = indexing.indexed.offset;
  // Without elements, the other extents and the strides may be anything.
  if (std::count(indexing.extents, indexing.extents + indexing.rank, 0) > 0) return layout;
  if (std::count(indexing.index_extents, indexing.index_extents + indexing.n_indices, 0) > 0) return layout;

  std::vector<Dimension> dimensions = dimensions_of(indexing, layout.element_bytes);
  layout.elements = 1;
  for (const Dimension &dimension : dimensions) layout.elements *= dimension.extent;
  if (!dimensions.empty()) {
    const Dimension &last = dimensions.back();
    if (std::count(last.indices, last.indices + indexing.n_indices, 0) == indexing.n_indices) {
      layout.row = last.extent;
      layout.row_plain_stride = last.plain;
      layout.row_indexed_stride = last.indexed;
      dimensions.pop_back();
    }
  }
  layout.points = layout.elements / layout.row;
  layout.rank = static_cast<int32_t>(dimensions.size());
  for (int32_t j = 0; j < indexing.n_indices; ++j) {
    layout.indices.push_back(index_source(indexing, j, layout.element_bytes));
    for (int32_t d = 0; d < layout.rank; ++d) layout.indices[j].strides[d] = dimensions[d].indices[j];
  }
  for (int32_t d = 0; d < layout.rank; ++d) {
    layout.extents[d] = dimensions[d].extent;
    layout.plain_strides[d] = dimensions[d].plain;
    layout.indexed_strides[d] = dimensions[d].indexed;
  }
  return layout;
}

// Take the strides' absolute values s, which only shifts and mirrors the elements. An element's offset is then
// high + i * s + low with the index i of this dimension, low the part of smaller or equal strides, and high a multiple
// of the larger strides' greatest common divisor g. When low < s and i * s + low < g always, the offset tells i.
bool disjoint_along(const IndexedLayout &layout, int32_t dimension) {
  struct Term {
    int64_t stride;
    int64_t last;
  };
  std::vector<Term> terms;
  for (int32_t d = 0; d < layout.rank; ++d) terms.push_back({layout.indexed_strides[d], layout.extents[d] - 1});
  terms.push_back({layout.row_indexed_stride, layout.row - 1});
  for (const IndexSource &index : layout.indices) terms.push_back({index.step, index.extent - 1});

  Term along = terms[static_cast<size_t>(dimension)];
  int64_t stride = std::abs(along.stride);
  int64_t low = 0;
  int64_t divisor = 0;
  for (size_t i = 0; i < terms.size(); ++i) {
    if (static_cast<int32_t>(i) == dimension || terms[i].last == 0) continue;
    int64_t other = std::abs(terms[i].stride);
    if (other <= stride) {
      low += other * terms[i].last;
    } else {
      divisor = std::gcd(divisor, other);
    }
  }
  return low < stride && (divisor == 0 || along.last * stride + low < divisor);
}

void locate(const IndexedLayout &layout, void *const *slots, const int64_t *coordinates, PointBlock &block) {
  int32_t line = layout.rank - 1;
  auto start = [&](int64_t offset, const int64_t *strides) {
    for (int32_t d = 0; d <= line; ++d) offset += coordinates[d] * strides[d];
    return offset;
  };
  block.plain = start(layout.plain_offset, layout.plain_strides);
  block.plain_stride = line >= 0 ? layout.plain_strides[line] : 0;
  int64_t indexed = start(layout.indexed_offset, layout.indexed_strides);
  int64_t indexed_stride = line >= 0 ? layout.indexed_strides[line] : 0;
  for (int64_t i = 0; i < block.count; ++i) block.indexed[i] = indexed + i * indexed_stride;
  block.any_outside = false;
  if (!layout.clamp) std::memset(block.outside, 0, static_cast<size_t>(block.count));

  for (const IndexSource &source : layout.indices) {
    int64_t first = start(source.offset, source.strides);
    int64_t stride = line >= 0 ? source.strides[line] : 0;
    if (source.slot < 0) {
      add_index(source, layout.clamp, block, [&](int64_t i) {
        int64_t value = first + i * stride;
        return source.narrow ? static_cast<int32_t>(value) : value;
      });
      continue;
    }
    const char *address = static_cast<const char *>(slots[source.slot]) + first;
    if (source.narrow) {
      add_stored_index<int32_t>(source, layout.clamp, block, address, stride);
    } else {
      add_stored_index<int64_t>(source, layout.clamp, block, address, stride);
    }
  }
}

std::string indexing_text(const IndexedLayout &layout, const char *outside) {
  size_t n = layout.indices.size();
  std::string text = std::to_string(n) + (n == 1 ? " index, " : " indices, ") + (layout.clamp ? "clamped" : outside);
  text += ", " + std::to_string(layout.points);
  if (layout.row == 1) return text + " elements";
  return text + " rows of " + std::to_string(layout.row) + (layout.contiguous_rows() ? " contiguous" : " strided") +
         " elements";
}

}  // namespace lockstep
