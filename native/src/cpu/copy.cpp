#include "cpu/copy.h"

#include <algorithm>
#include <cstring>

#include "plan/dtype.h"
#include "plan/step.h"
#include "threads/pool.h"

namespace lockstep {
namespace {

constexpr int64_t kParallelBytes = int64_t{256} << 10;
constexpr int64_t kChunkBytes = int64_t{64} << 10;
constexpr int64_t kContiguousChunkBytes = int64_t{256} << 10;
constexpr int64_t kTransposeBlock = 128;  // elements; whole tiles of every element size
constexpr int64_t kStreamedBytes = int64_t{8} << 20;
constexpr int64_t kStreamedRows = 1024;  // long runs along the source's lines, a cache line of the destination wide

int64_t pieces(int64_t whole, int64_t piece) { return (whole + piece - 1) / piece; }

// Blocks of two dimensions, counted through all the others.
class CopyStep final : public Step {
 public:
  CopyStep(const ls_copy &copy, const CopyLayout &layout)
      : to_slot_(copy.to.slot),
        from_slot_(copy.from.slot),
        element_bytes_(layout.element_bytes),
        bytes_(layout.elements * layout.element_bytes),
        to_offset_(layout.to_offset),
        from_offset_(layout.from_offset),
        shape_(shape_text(copy.to.dtype, copy.extents, copy.rank)) {
    choose_rows_and_columns(layout);
    kernel_ = choose_copy_kernel(element_bytes_, block_);
    if (kernel_ == CopyKernel::kTranspose && bytes_ >= kStreamedBytes) kernel_ = CopyKernel::kTransposeStreamed;
    choose_block_size();
    row_blocks_ = pieces(block_.rows, row_block_);
    column_blocks_ = pieces(block_.columns, column_block_);
    units_ = bytes_ == 0 ? 0 : row_blocks_ * column_blocks_;
    for (int32_t d = 0; d < outer_rank_; ++d) units_ *= outer_extents_[d];
    int64_t unit_bytes = std::max(row_block_ * column_block_ * element_bytes_, int64_t{1});
    units_per_chunk_ = pieces(kChunkBytes, unit_bytes);
  }

  void run(void *const *slots, void *) const override {
    if (units_ == 0) return;
    CopyBlock start = block_;
    start.to = static_cast<char *>(slots[to_slot_]) + to_offset_;
    start.from = static_cast<const char *>(slots[from_slot_]) + from_offset_;
    if (units_ == 1) return copy_block(kernel_, element_bytes_, start);
    if (!parallel()) return copy_units(start, 0, units_);
    parallel_chunks(pieces(units_, units_per_chunk_), [&](int64_t chunk) {
      int64_t first = chunk * units_per_chunk_;
      copy_units(start, first, std::min(first + units_per_chunk_, units_));
    });
  }

  std::string describe() const override {
    std::string text = "copy " + shape_ + ": " + copy_kernel_name(kernel_) + ", " + std::to_string(bytes_) + " bytes";
    if (units_ > 0) {
      text += " in blocks of " + std::to_string(std::min(row_block_, block_.rows)) + " x " +
              std::to_string(std::min(column_block_, block_.columns));
    }
    return text + (parallel() ? ", parallel" : ", one thread: less than 256 KB");
  }

 private:
  bool parallel() const { return bytes_ >= kParallelBytes; }

  void choose_rows_and_columns(const CopyLayout &layout) {
    int32_t column = layout.rank - 1;
    int32_t row = layout.rank - 2;
    block_ = {nullptr, nullptr, 1, 1, 0, element_bytes_, 0, element_bytes_};
    if (column >= 0) {
      block_.columns = layout.extents[column];
      block_.to_column_stride = layout.to_strides[column];
      block_.from_column_stride = layout.from_strides[column];
    }
    if (block_.from_column_stride != element_bytes_ && block_.from_column_stride != 0) {
      for (int32_t d = 0; d < column; ++d) {
        if (layout.from_strides[d] == element_bytes_) row = d;
      }
    }
    if (row >= 0) {
      block_.rows = layout.extents[row];
      block_.to_row_stride = layout.to_strides[row];
      block_.from_row_stride = layout.from_strides[row];
    }
    for (int32_t d = 0; d < column; ++d) {
      if (d == row) continue;
      outer_extents_[outer_rank_] = layout.extents[d];
      outer_to_strides_[outer_rank_] = layout.to_strides[d];
      outer_from_strides_[outer_rank_] = layout.from_strides[d];
      ++outer_rank_;
    }
  }

  void choose_block_size() {
    row_block_ = std::max(block_.rows, int64_t{1});
    column_block_ = std::max(block_.columns, int64_t{1});
    if (!parallel()) return;
    if (kernel_ == CopyKernel::kTranspose) {
      row_block_ = kTransposeBlock;
      column_block_ = kTransposeBlock;
      return;
    }
    if (kernel_ == CopyKernel::kTransposeStreamed) {
      row_block_ = kStreamedRows;
      column_block_ = 64 / element_bytes_;
      return;
    }
    int64_t elements = (kernel_ == CopyKernel::kRows ? kContiguousChunkBytes : kChunkBytes) / element_bytes_;
    column_block_ = std::min(column_block_, elements);
    row_block_ = std::min(row_block_, std::max(elements / column_block_, int64_t{1}));
  }

  // Units are numbered with the column blocks fastest, then the row blocks, then the outer dimensions.
  void copy_units(const CopyBlock &start, int64_t first, int64_t last) const {
    int64_t column_block = first % column_blocks_;
    int64_t rest = first / column_blocks_;
    int64_t row_block = rest % row_blocks_;
    rest /= row_blocks_;
    int64_t index[LS_MAX_RANK];
    int64_t to = 0;
    int64_t from = 0;
    for (int32_t d = outer_rank_ - 1; d >= 0; --d) {
      index[d] = rest % outer_extents_[d];
      rest /= outer_extents_[d];
      to += index[d] * outer_to_strides_[d];
      from += index[d] * outer_from_strides_[d];
    }
    for (int64_t unit = first; unit < last; ++unit) {
      int64_t row = row_block * row_block_;
      int64_t column = column_block * column_block_;
      CopyBlock block = start;
      block.to += to + row * block.to_row_stride + column * block.to_column_stride;
      block.from += from + row * block.from_row_stride + column * block.from_column_stride;
      block.rows = std::min(row_block_, block_.rows - row);
      block.columns = std::min(column_block_, block_.columns - column);
      copy_block(kernel_, element_bytes_, block);

      if (++column_block < column_blocks_) continue;
      column_block = 0;
      if (++row_block < row_blocks_) continue;
      row_block = 0;
      for (int32_t d = outer_rank_ - 1; d >= 0; --d) {
        to += outer_to_strides_[d];
        from += outer_from_strides_[d];
        if (++index[d] < outer_extents_[d]) break;
        to -= outer_extents_[d] * outer_to_strides_[d];
        from -= outer_extents_[d] * outer_from_strides_[d];
        index[d] = 0;
      }
    }
  }

  int32_t to_slot_;
  int32_t from_slot_;
  int64_t element_bytes_;
  int64_t bytes_;
  int64_t to_offset_;
  int64_t from_offset_;
  std::string shape_;
  CopyKernel kernel_;
  CopyBlock block_;
  int32_t outer_rank_ = 0;
  int64_t outer_extents_[LS_MAX_RANK];
  int64_t outer_to_strides_[LS_MAX_RANK];
  int64_t outer_from_strides_[LS_MAX_RANK];
  int64_t row_block_;
  int64_t column_block_;
  int64_t row_blocks_;
  int64_t column_blocks_;
  int64_t units_;
  int64_t units_per_chunk_;
};

// A source that is no memory: a loop without instructions stores it.
std::unique_ptr<Step> make_generated_copy(const ls_copy &copy) {
  ls_result result{};
  result.to = copy.to;
  result.value = 0;
  result.reduce = LS_REDUCE_NONE;
  ls_loop loop{};
  loop.rank = copy.rank;
  loop.n_inputs = 1;
  loop.n_results = 1;
  std::copy_n(copy.extents, LS_MAX_RANK, loop.extents);
  loop.inputs = &copy.from;
  loop.results = &result;
  return make_loop_step(loop);
}

}  // namespace

std::unique_ptr<Step> make_copy_step(const ls_copy &copy) {
  if (copy.from.slot < 0) return make_generated_copy(copy);
  return std::make_unique<CopyStep>(copy, copy_layout(copy));
}

void copy_bytes(void *to, const void *from, int64_t bytes) {
  if (bytes < kParallelBytes) {
    std::memcpy(to, from, static_cast<size_t>(bytes));
    return;
  }
  parallel_chunks(pieces(bytes, kContiguousChunkBytes), [&](int64_t chunk) {
    int64_t first = chunk * kContiguousChunkBytes;
    std::memcpy(static_cast<char *>(to) + first, static_cast<const char *>(from) + first,
                static_cast<size_t>(std::min(kContiguousChunkBytes, bytes - first)));
  });
}

}  // namespace lockstep
