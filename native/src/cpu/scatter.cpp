// Scatters in row-major order of the points. Chunks run in parallel only where no two of them touch one element, so
// that the order at equal indices holds.
#include <algorithm>
#include <cstring>
#include <type_traits>
#include <utility>

#include "cpu/indexed.h"
#include "plan/dtype.h"
#include "plan/step.h"
#include "threads/pool.h"

namespace lockstep {
namespace {

constexpr double kParallelFrom = 50e3;  // nanoseconds of one thread
constexpr double kChunk = 12e3;
constexpr int64_t kMostChunks = 256;
constexpr int64_t kRowPieceBytes = 256;  // at least

int64_t divide_up(int64_t a, int64_t b) { return (a + b - 1) / b; }

template <typename T, ls_scatter_mode kMode>
T combine(T a, T b) {
  if constexpr (kMode == LS_SCATTER_SET) {
    return b;
  } else if constexpr (std::is_same_v<T, uint8_t>) {
    return kMode == LS_SCATTER_ADD || kMode == LS_SCATTER_MAX ? a | b : a & b;
  } else if constexpr (kMode == LS_SCATTER_MAX) {
    return a > b || a != a ? a : b;
  } else if constexpr (kMode == LS_SCATTER_MIN) {
    return a < b || a != a ? a : b;
  } else if constexpr (std::is_integral_v<T>) {
    using Unsigned = std::make_unsigned_t<T>;
    Unsigned x = static_cast<Unsigned>(a);
    Unsigned y = static_cast<Unsigned>(b);
    return static_cast<T>(kMode == LS_SCATTER_ADD ? x + y : x * y);
  } else {
    return kMode == LS_SCATTER_ADD ? a + b : a * b;
  }
}

struct Rows {
  char *to;
  const char *from;
  int64_t count;
  int64_t to_stride;
  int64_t from_stride;
};

template <typename T>
T &at(char *address) {
  return *reinterpret_cast<T *>(address);
}

template <typename T>
const T &at(const char *address) {
  return *reinterpret_cast<const T *>(address);
}

template <typename T, ls_scatter_mode kMode>
void scatter_contiguous_row(T *to, const T *from, int64_t count) {
  if constexpr (kMode == LS_SCATTER_SET) {
    std::memcpy(to, from, static_cast<size_t>(count) * sizeof(T));
  } else {
    for (int64_t c = 0; c < count; ++c) to[c] = combine<T, kMode>(to[c], from[c]);
  }
}

template <typename T, ls_scatter_mode kMode>
void scatter(const PointBlock &block, const Rows &rows, bool contiguous) {
  for (int64_t i = 0; i < block.count; ++i) {
    if (block.any_outside && block.outside[i] != 0) continue;
    char *to = rows.to + block.indexed[i];
    const char *from = rows.from + block.plain + i * block.plain_stride;
    if (rows.count == 1) {
      at<T>(to) = combine<T, kMode>(at<T>(to), at<T>(from));
    } else if (contiguous) {
      scatter_contiguous_row<T, kMode>(&at<T>(to), &at<T>(from), rows.count);
    } else {
      for (int64_t c = 0; c < rows.count; ++c) {
        T &element = at<T>(to + c * rows.to_stride);
        element = combine<T, kMode>(element, at<T>(from + c * rows.from_stride));
      }
    }
  }
}

using Kernel = void (*)(const PointBlock &block, const Rows &rows, bool contiguous);

template <typename T>
Kernel kernel_for(int32_t mode) {
  constexpr Kernel kernels[] = {scatter<T, LS_SCATTER_SET>, scatter<T, LS_SCATTER_ADD>, scatter<T, LS_SCATTER_MUL>,
                                scatter<T, LS_SCATTER_MIN>, scatter<T, LS_SCATTER_MAX>};
  return kernels[mode];
}

Kernel choose_kernel(int32_t dtype, int32_t mode) {
  switch (dtype) {
    case LS_BOOL:
      return kernel_for<uint8_t>(mode);
    case LS_I32:
      return kernel_for<int32_t>(mode);
    case LS_I64:
      return kernel_for<int64_t>(mode);
    case LS_F32:
      return kernel_for<float>(mode);
    case LS_BF16:
      return scatter<uint16_t, LS_SCATTER_SET>;
    default:
      return kernel_for<double>(mode);
  }
}

const char *mode_name(int32_t mode) {
  constexpr const char *names[] = {"set", "add", "mul", "min", "max"};
  return names[mode];
}

class ScatterStep final : public Step {
 public:
  ScatterStep(const ls_scatter &scatter, IndexedLayout layout)
      : layout_(std::move(layout)),
        kernel_(choose_kernel(scatter.to.dtype, scatter.mode)),
        to_slot_(scatter.to.slot),
        from_slot_(scatter.from.slot),
        constant_(scatter.from.offset),
        contiguous_(layout_.contiguous_rows()),
        name_("scatter " + shape_text(scatter.to.dtype, scatter.extents, scatter.rank) + ": " +
              mode_name(scatter.mode)) {
    double nanoseconds = static_cast<double>(layout_.points) * (2.0 + static_cast<double>(layout_.indices.size())) +
                         (contiguous_ ? 0.3 : 1.0) * static_cast<double>(layout_.elements);
    if (nanoseconds >= kParallelFrom) split(nanoseconds);
  }

  void run(void *const *slots, void *) const override {
    if (layout_.elements == 0) return;
    int64_t chunks = chunk_count();
    if (chunks == 1) return run_chunk(slots, 0);
    parallel_chunks(chunks, [&](int64_t chunk) { run_chunk(slots, chunk); });
  }

  std::string describe() const override {
    int64_t chunks = layout_.elements == 0 ? 0 : chunk_count();
    return name_ + ", " + indexing_text(layout_, "dropped outside") + ", " +
           std::to_string(layout_.elements * layout_.element_bytes) + " bytes, " + count_text(chunks, "chunk");
  }

 private:
  // The dimensions that keep chunks apart become the outermost ones.
  void split(double nanoseconds) {
    int64_t wanted = std::clamp<int64_t>(static_cast<int64_t>(nanoseconds / kChunk), 4, kMostChunks);
    if (layout_.row > 1 && disjoint_along(layout_, layout_.rank)) {
      row_pieces_ = std::min(wanted, divide_up(layout_.row * layout_.element_bytes, kRowPieceBytes));
    }
    int32_t order[LS_MAX_RANK];
    int32_t batch_rank = 0;
    bool disjoint[LS_MAX_RANK];
    for (int32_t d = 0; d < layout_.rank; ++d) {
      disjoint[d] = disjoint_along(layout_, d);
      if (!disjoint[d]) continue;
      order[batch_rank++] = d;
      batches_ *= layout_.extents[d];
    }
    if (batches_ >= std::min(wanted, int64_t{8})) row_pieces_ = 1;
    int32_t rank = batch_rank;
    for (int32_t d = 0; d < layout_.rank; ++d) {
      if (!disjoint[d]) order[rank++] = d;
    }
    reorder(order);
    batches_per_chunk_ = divide_up(batches_, std::min(wanted, batches_));
  }

  void reorder(const int32_t *order) {
    auto apply = [&](int64_t *numbers) {
      int64_t before[LS_MAX_RANK];
      std::copy_n(numbers, layout_.rank, before);
      for (int32_t d = 0; d < layout_.rank; ++d) numbers[d] = before[order[d]];
    };
    apply(layout_.extents);
    apply(layout_.plain_strides);
    apply(layout_.indexed_strides);
    for (IndexSource &index : layout_.indices) apply(index.strides);
  }

  int64_t chunk_count() const { return divide_up(batches_, batches_per_chunk_) * row_pieces_; }

  void run_chunk(void *const *slots, int64_t chunk) const {
    int64_t points_per_batch = layout_.points / batches_;
    int64_t first = chunk / row_pieces_ * batches_per_chunk_;
    int64_t last = std::min(first + batches_per_chunk_, batches_);
    int64_t row_piece = divide_up(layout_.row, row_pieces_);
    int64_t row_first = std::min(chunk % row_pieces_ * row_piece, layout_.row);
    const char *from =
        from_slot_ < 0 ? reinterpret_cast<const char *>(&constant_) : static_cast<const char *>(slots[from_slot_]);
    Rows rows{static_cast<char *>(slots[to_slot_]) + row_first * layout_.row_indexed_stride,
              from + row_first * layout_.row_plain_stride, std::min(row_piece, layout_.row - row_first),
              layout_.row_indexed_stride, layout_.row_plain_stride};
    for_each_block(layout_, slots, first * points_per_batch, last * points_per_batch,
                   [&](const PointBlock &block) { kernel_(block, rows, contiguous_); });
  }

  IndexedLayout layout_;
  Kernel kernel_;
  int32_t to_slot_;
  int32_t from_slot_;
  int64_t constant_;
  bool contiguous_;
  std::string name_;
  int64_t batches_ = 1;
  int64_t batches_per_chunk_ = 1;
  int64_t row_pieces_ = 1;
};

}  // namespace

std::unique_ptr<Step> make_scatter_step(const ls_scatter &scatter) {
  Indexing indexing{scatter.rank,    scatter.extents,       scatter.from,          scatter.to,    scatter.n_indices,
                    scatter.indices, scatter.index_extents, scatter.index_strides, scatter.bounds};
  return std::make_unique<ScatterStep>(scatter, indexed_layout(indexing));
}

}  // namespace lockstep
