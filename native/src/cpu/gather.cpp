#include <algorithm>
#include <cstring>

#include "cpu/indexed.h"
#include "plan/dtype.h"
#include "plan/step.h"
#include "threads/pool.h"

namespace lockstep {
namespace {

constexpr double kParallelFrom = 50e3;  // nanoseconds of one thread
constexpr double kChunk = 12e3;
constexpr int64_t kMostChunks = 256;
constexpr int64_t kRowPieceBytes = int64_t{256} << 10;
constexpr int64_t kRowsAhead = 4;  // of random rows, whose first lines are fetched early
constexpr int64_t kBytesAhead = 512;

int64_t divide_up(int64_t a, int64_t b) { return (a + b - 1) / b; }

// How the rows of a block move, from their element `first` on.
struct Rows {
  char *to;
  const char *from;
  int64_t count;
  int64_t to_stride;
  int64_t from_stride;
  int64_t fill;
};

template <typename Element>
Element load(const char *address) {
  Element element;
  std::memcpy(&element, address, sizeof element);
  return element;
}

template <typename Element>
void store(char *address, Element element) {
  std::memcpy(address, &element, sizeof element);
}

template <typename Element>
Element fill_of(const Rows &rows) {
  return load<Element>(reinterpret_cast<const char *>(&rows.fill));
}

template <typename Element>
void gather_elements(const PointBlock &block, const Rows &rows) {
  char *to = rows.to + block.plain;
  if (!block.any_outside) {
    for (int64_t i = 0; i < block.count; ++i) {
      store(to + i * block.plain_stride, load<Element>(rows.from + block.indexed[i]));
    }
    return;
  }
  Element fill = fill_of<Element>(rows);
  for (int64_t i = 0; i < block.count; ++i) {
    Element element = load<Element>(rows.from + block.indexed[i]);
    store(to + i * block.plain_stride, block.outside[i] != 0 ? fill : element);
  }
}

template <typename Element>
void fill_row(const Rows &rows, char *to) {
  Element fill = fill_of<Element>(rows);
  for (int64_t c = 0; c < rows.count; ++c) store(to + c * rows.to_stride, fill);
}

template <typename Element>
void gather_contiguous_rows(const PointBlock &block, const Rows &rows) {
  size_t bytes = static_cast<size_t>(rows.count) * sizeof(Element);
  int64_t fetched = std::min(static_cast<int64_t>(bytes), kBytesAhead);
  for (int64_t i = 0; i < block.count; ++i) {
    if (i + kRowsAhead < block.count) {
      const char *ahead = rows.from + block.indexed[i + kRowsAhead];
      for (int64_t byte = 0; byte < fetched; byte += 64) __builtin_prefetch(ahead + byte);
    }
    char *to = rows.to + block.plain + i * block.plain_stride;
    if (block.any_outside && block.outside[i] != 0) {
      fill_row<Element>(rows, to);
    } else {
      std::memcpy(to, rows.from + block.indexed[i], bytes);
    }
  }
}

template <typename Element>
void gather_strided_rows(const PointBlock &block, const Rows &rows) {
  for (int64_t i = 0; i < block.count; ++i) {
    char *to = rows.to + block.plain + i * block.plain_stride;
    if (block.any_outside && block.outside[i] != 0) {
      fill_row<Element>(rows, to);
      continue;
    }
    const char *from = rows.from + block.indexed[i];
    for (int64_t c = 0; c < rows.count; ++c) store(to + c * rows.to_stride, load<Element>(from + c * rows.from_stride));
  }
}

using Kernel = void (*)(const PointBlock &block, const Rows &rows);

template <typename Element>
Kernel kernel_for(const IndexedLayout &layout) {
  if (layout.row == 1) return gather_elements<Element>;
  return layout.contiguous_rows() ? gather_contiguous_rows<Element> : gather_strided_rows<Element>;
}

Kernel choose_kernel(const IndexedLayout &layout) {
  switch (layout.element_bytes) {
    case 1:
      return kernel_for<uint8_t>(layout);
    case 2:
      return kernel_for<uint16_t>(layout);
    case 4:
      return kernel_for<uint32_t>(layout);
    default:
      return kernel_for<uint64_t>(layout);
  }
}

class GatherStep final : public Step {
 public:
  GatherStep(const ls_gather &gather, IndexedLayout layout)
      : layout_(std::move(layout)),
        kernel_(choose_kernel(layout_)),
        to_slot_(gather.to.slot),
        from_slot_(gather.from.slot),
        fill_(gather.fill),
        shape_(shape_text(gather.to.dtype, gather.extents, gather.rank)) {
    double nanoseconds = static_cast<double>(layout_.points) * (1.0 + static_cast<double>(layout_.indices.size())) +
                         0.1 * static_cast<double>(layout_.elements * layout_.element_bytes);
    points_per_chunk_ = std::max(layout_.points, int64_t{1});
    if (nanoseconds < kParallelFrom) return;
    int64_t wanted = std::clamp<int64_t>(static_cast<int64_t>(nanoseconds / kChunk), 4, kMostChunks);
    points_per_chunk_ = divide_up(layout_.points, std::min(wanted, layout_.points));
    row_pieces_ =
        std::min(divide_up(layout_.row * layout_.element_bytes, kRowPieceBytes), divide_up(wanted, layout_.points));
  }

  void run(void *const *slots, void *) const override {
    int64_t chunks = divide_up(layout_.points, points_per_chunk_) * row_pieces_;
    if (chunks == 1) return run_chunk(slots, 0);
    parallel_chunks(chunks, [&](int64_t chunk) { run_chunk(slots, chunk); });
  }

  std::string describe() const override {
    int64_t chunks = divide_up(layout_.points, points_per_chunk_) * row_pieces_;
    return "gather " + shape_ + ": " + indexing_text(layout_, "filled outside") + ", " +
           std::to_string(layout_.elements * layout_.element_bytes) + " bytes, " + count_text(chunks, "chunk");
  }

 private:
  void run_chunk(void *const *slots, int64_t chunk) const {
    int64_t first = chunk / row_pieces_ * points_per_chunk_;
    int64_t row_piece = divide_up(layout_.row, row_pieces_);
    int64_t row_first = std::min(chunk % row_pieces_ * row_piece, layout_.row);
    Rows rows{static_cast<char *>(slots[to_slot_]) + row_first * layout_.row_plain_stride,
              static_cast<const char *>(slots[from_slot_]) + row_first * layout_.row_indexed_stride,
              std::min(row_piece, layout_.row - row_first),
              layout_.row_plain_stride,
              layout_.row_indexed_stride,
              fill_};
    for_each_block(layout_, slots, first, std::min(first + points_per_chunk_, layout_.points),
                   [&](const PointBlock &block) { kernel_(block, rows); });
  }

  IndexedLayout layout_;
  Kernel kernel_;
  int32_t to_slot_;
  int32_t from_slot_;
  int64_t fill_;
  std::string shape_;
  int64_t points_per_chunk_;
  int64_t row_pieces_ = 1;
};

// Without indices it is a copy; with an index that no value satisfies, every element is the fill value.
std::unique_ptr<Step> make_plain_copy(const ls_gather &gather, bool fill) {
  ls_copy copy{};
  copy.rank = gather.rank;
  std::copy_n(gather.extents, gather.rank, copy.extents);
  copy.from = gather.from;
  copy.to = gather.to;
  if (fill) {
    copy.from = {};
    copy.from.slot = LS_SLOT_CONSTANT;
    copy.from.dtype = gather.to.dtype;
    copy.from.offset = gather.fill;
  }
  return make_copy_step(copy);
}

}  // namespace

std::unique_ptr<Step> make_gather_step(const ls_gather &gather) {
  bool all_outside = std::count(gather.index_extents, gather.index_extents + gather.n_indices, 0) > 0;
  if (all_outside || gather.n_indices == 0) return make_plain_copy(gather, all_outside);
  Indexing indexing{gather.rank,          gather.extents,       gather.to,
                    gather.from,          gather.n_indices,     gather.indices,
                    gather.index_extents, gather.index_strides, gather.bounds};
  return std::make_unique<GatherStep>(gather, indexed_layout(indexing));
}

}  // namespace lockstep
