// Pooling steps: an image is cut into tiles whose rows fit the cache, which threads take from a counter. A tile of a
// transpose looks at all windows that hold its elements, so that no two threads add to one element.
#include <algorithm>
#include <atomic>
#include <string>
#include <vector>

#include "cpu/isa.h"
#include "cpu/pooling_kernels.h"
#include "plan/dtype.h"
#include "plan/pooling_operands.h"
#include "plan/step.h"
#include "threads/pool.h"

namespace lockstep {
namespace {

constexpr int64_t kTileBytes = 192 << 10;
constexpr int64_t kPixelTileBytes = 512 << 10;  // pixels are better whole
constexpr int64_t kFewestPixelBytes = 128;
constexpr int64_t kPixelBytes = 256;
constexpr int64_t kFewestColumns = 256;
constexpr int64_t kFewColumns = 16;
constexpr int64_t kMostShort = 8;   // elements of a window along an axis
constexpr int64_t kMostPhases = 2;  // that lines are taken apart into
constexpr int64_t kLongWindow = 32;
constexpr int64_t kReaches = 2;         // in a row of a tile
constexpr double kParallelFrom = 30e3;  // elements
constexpr int64_t kTilesPerThread = 4;

int64_t divide_up(int64_t a, int64_t b) { return (a + b - 1) / b; }

const PoolingKernels &kernels_of(int32_t dtype) {
  switch (dtype) {
    case LS_F32:
      return for_isa(v2::pooling_kernels_f32, v3::pooling_kernels_f32, v4::pooling_kernels_f32)();
    case LS_F64:
      return for_isa(v2::pooling_kernels_f64, v3::pooling_kernels_f64, v4::pooling_kernels_f64)();
    case LS_I32:
      return for_isa(v2::pooling_kernels_i32, v3::pooling_kernels_i32, v4::pooling_kernels_i32)();
    default:
      return for_isa(v2::pooling_kernels_i64, v3::pooling_kernels_i64, v4::pooling_kernels_i64)();
  }
}

const char *name_of(const ls_pooling &p) {
  switch (p.kind) {
    case LS_POOLING_EXTREME:
      return p.least != 0 ? "min" : "max";
    case LS_POOLING_MEAN:
      return "mean";
    case LS_POOLING_TAKE:
      return p.least != 0 ? "take min" : "take max";
    case LS_POOLING_PUT:
      return p.least != 0 ? "put min" : "put max";
    default:
      return "spread mean";
  }
}

bool writes_windows(int32_t kind) { return kind != LS_POOLING_PUT && kind != LS_POOLING_SPREAD; }

bool has_windows(const ls_pooling &p, int32_t i) {
  const int32_t d = p.first_spatial + i;
  return p.window[i] != 1 || p.strides[i] != 1 || p.low[i] != 0 || p.x_extents[d] != p.y_extents[d];
}

// How many dimensions from first_spatial on have windows. Where those along the last of them are long, the dimensions
// after it are as channels, and it becomes the columns of rows: only along columns do long windows cost little.
int32_t pooled_rank(const ls_pooling &p) {
  int32_t rank = p.spatial_rank;
  while (rank > 1 && !has_windows(p, rank - 1)) --rank;
  return p.window[rank - 1] / p.strides[rank - 1] >= kLongWindow ? rank : p.spatial_rank;
}

// Pooled dimensions stand last.
PoolingShape shape_of(const ls_pooling &p) {
  PoolingShape shape{{1, 1, 1},           {1, 1, 1}, {1, 1, 1},    {1, 1, 1},
                     {1, 1, 1},           {0, 0, 0}, p.least != 0, p.count_padding != 0,
                     PoolingRows::kPhases};
  const int32_t rank = pooled_rank(p);
  for (int32_t i = 0; i < rank; ++i) {
    const int32_t axis = kPoolingAxes - rank + i;
    shape.x[axis] = p.x_extents[p.first_spatial + i];
    shape.y[axis] = p.y_extents[p.first_spatial + i];
    shape.window[axis] = p.window[i];
    shape.stride[axis] = p.strides[i];
    shape.dilation[axis] = p.dilation[i];
    shape.low[axis] = p.low[i];
  }
  return shape;
}

// Whether windows are short along all axes, and none is of padding alone.
bool has_short_windows(const PoolingShape &shape) {
  for (int axis = 0; axis < kPoolingAxes; ++axis) {
    if (shape.window[axis] > kMostShort || shape.dilation[axis] != 1) return false;
    if (shape.x[axis] == 0 || shape.y[axis] == 0 || shape.low[axis] >= shape.window[axis]) return false;
    if ((shape.y[axis] - 1) * shape.stride[axis] - shape.low[axis] >= shape.x[axis]) return false;
  }
  return true;
}

class PoolingStep final : public Step {
 public:
  explicit PoolingStep(const ls_pooling &pooling)
      : of_(pooling),
        kernel_(kernels_of(pooling.y.dtype).of_kind[pooling.kind]),
        pooled_rank_(pooled_rank(pooling)),
        shape_(shape_of(pooling)),
        written_(writes_windows(pooling.kind) ? shape_.y : shape_.x),
        roles_(pooling_operands(of_)) {
    int64_t elements = 1;
    const PoolingRole &result = roles_.back();
    for (int32_t d = 0; d < of_.rank; ++d) elements *= result.extents[d];
    if (elements == 0) return;
    choose_pixel(*result.operand);
    shape_.rows = rows_of(*result.operand);
    std::copy(written_, written_ + kPoolingAxes, tile_);
    const int64_t most = shape_.rows == PoolingRows::kPixels ? kPixelTileBytes : kTileBytes;
    while (tile_bytes() > most && halve()) {
    }
    int64_t read = 1;
    for (int32_t d = 0; d < of_.rank; ++d) read *= of_.x_extents[d];
    if (static_cast<double>(std::max(elements, read)) >= kParallelFrom) {
      while (count_pieces() < kTilesPerThread * threads() && halve()) {
      }
      workers_ = std::min<int64_t>(threads(), count_pieces());
    }
    pieces_ = count_pieces();
    worker_bytes_ = (tile_bytes() + 63) / 64 * 64;
  }

  void run(void *const *slots, void *scratch) const override {
    if (pieces_ == 0) return;
    std::atomic<int64_t> next = 0;
    parallel_chunks(workers_, [&](int64_t worker) {
      char *own = static_cast<char *>(scratch) + worker * worker_bytes_;
      for (int64_t piece = next++; piece < pieces_; piece = next++) run_piece(slots, piece, own);
    });
  }

  int64_t scratch_bytes() const override { return pieces_ == 0 ? 0 : workers_ * worker_bytes_; }

  std::string describe() const override {
    const bool forward = writes_windows(of_.kind);
    std::string text = std::string("pooling ") + name_of(of_) + " " +
                       shape_text(of_.y.dtype, forward ? of_.x_extents : of_.y_extents, of_.rank) + " -> [" +
                       list_text(forward ? of_.y_extents : of_.x_extents, of_.rank) + "], windows (" +
                       list_text(of_.window, of_.spatial_rank) + ")";
    if (pieces_ == 0) return text + ", no elements";
    return text + ", " + count_text(pieces_, "tile") + " of at most [" + list_text(tile_, kPoolingAxes) +
           "], pixels of " + count_text(pixel_, "channel");
  }

 private:
  bool pooled(int32_t d) const { return d >= of_.first_spatial && d < of_.first_spatial + pooled_rank_; }

  // Channels that are neighbours in memory become lanes. Where rows are short, so do any others.
  void choose_pixel(const ls_operand &result) {
    const ls_operand &read = of_.kind == LS_POOLING_SPREAD ? of_.y : of_.x;
    const int64_t lanes = 64 / dtype_size(of_.y.dtype);
    const bool short_rows = shape_.y[2] < kFewColumns && rows_of(result) == PoolingRows::kPhases;
    int64_t best = 0;
    for (int32_t d = of_.rank - 1; d >= 0; --d) {
      const int64_t extent = of_.x_extents[d];
      if (pooled(d) || extent < lanes / 2) continue;
      const bool neighbours = read.strides[d] == 1 || result.strides[d] == 1;
      const int64_t score = neighbours ? 2 : short_rows && extent >= lanes ? 1 : 0;
      if (score <= best) continue;
      best = score;
      pixel_axis_ = d;
    }
    if (pixel_axis_ >= 0) pixel_ = of_.x_extents[pixel_axis_];
  }

  // Of the operand that has the extents of x, and for PUT of the result, too.
  PoolingRows rows_of(const ls_operand &result) const {
    if (of_.kind == LS_POOLING_TAKE || !has_short_windows(shape_)) return PoolingRows::kPhases;
    const int32_t d = pixel_axis_ >= 0 ? pixel_axis_ : of_.first_spatial + pooled_rank_ - 1;
    const bool neighbours = of_.x.strides[d] == 1 && (of_.kind != LS_POOLING_PUT || result.strides[d] == 1);
    if (!neighbours) return PoolingRows::kPhases;
    if (pixel_axis_ >= 0) return PoolingRows::kPixels;
    return shape_.stride[2] <= kMostPhases ? PoolingRows::kLines : PoolingRows::kPhases;
  }

  int64_t tile_bytes() const { return kernel_.scratch(shape_, tile_, pixel_); }

  // Makes tiles smaller; false if they are small already.
  bool halve() {
    const int64_t pixel_bytes = pixel_ * dtype_size(of_.y.dtype);
    if (pixel_ > 1 && pixel_bytes > kPixelBytes) return halve(pixel_);
    if (tile_[0] > 1) return halve(tile_[0]);
    if (tile_[1] > 4) return halve(tile_[1]);
    if (pixel_ > 1 && pixel_bytes > kFewestPixelBytes) return halve(pixel_);
    if (tile_[1] > 1) return halve(tile_[1]);
    if (tile_[2] > fewest_columns()) return halve(tile_[2]);
    return false;
  }

  // Tiles look at what windows reach beyond them, too.
  int64_t fewest_columns() const {
    const int64_t reach = writes_windows(of_.kind) ? shape_.reach(2) / shape_.stride[2] : shape_.reach(2);
    return std::max(kFewestColumns, kReaches * reach);
  }

  static bool halve(int64_t &extent) {
    extent = divide_up(extent, 2);
    return true;
  }

  int64_t count_pieces() const {
    int64_t pieces = 1;
    for (int axis = 0; axis < kPoolingAxes; ++axis) pieces *= divide_up(written_[axis], tile_[axis]);
    for (int32_t d = 0; d < of_.rank; ++d) {
      if (!pooled(d)) pieces *= d == pixel_axis_ ? divide_up(of_.x_extents[d], pixel_) : of_.x_extents[d];
    }
    return pieces;
  }

  // Pieces are numbered with the last axes fastest, those of one image together.
  void run_piece(void *const *slots, int64_t piece, void *scratch) const {
    PoolingTile tile{};
    for (int axis = kPoolingAxes - 1; axis >= 0; --axis) {
      const int64_t tiles = divide_up(written_[axis], tile_[axis]);
      tile.first[axis] = piece % tiles * tile_[axis];
      tile.count[axis] = std::min(tile_[axis], written_[axis] - tile.first[axis]);
      piece /= tiles;
    }
    tile.pixel = 1;
    int64_t point[LS_MAX_RANK] = {};
    for (int32_t d = of_.rank - 1; d >= 0; --d) {
      if (pooled(d)) continue;
      const int64_t step = d == pixel_axis_ ? pixel_ : 1;
      const int64_t steps = divide_up(of_.x_extents[d], step);
      point[d] = piece % steps * step;
      piece /= steps;
      if (d == pixel_axis_) tile.pixel = std::min(step, of_.x_extents[d] - point[d]);
    }
    for (const PoolingRole &role : roles_) {
      PoolingOperand &operand = role.operand == &of_.x ? tile.x : role.operand == &of_.t ? tile.t : tile.y;
      operand = at(*role.operand, slots, point);
    }
    kernel_.run(shape_, tile, scratch);
  }

  PoolingOperand at(const ls_operand &operand, void *const *slots, const int64_t *point) const {
    int64_t element = 0;
    for (int32_t d = 0; d < of_.rank; ++d) element += point[d] * operand.strides[d];
    PoolingOperand result{
        static_cast<char *>(slots[operand.slot]) + operand.offset + element * dtype_size(operand.dtype), {}, 1};
    for (int32_t i = 0; i < pooled_rank_; ++i) {
      result.strides[kPoolingAxes - pooled_rank_ + i] = operand.strides[of_.first_spatial + i];
    }
    if (pixel_axis_ >= 0) result.pixel_stride = operand.strides[pixel_axis_];
    return result;
  }

  const ls_pooling of_;
  const PoolingKernel kernel_;
  const int32_t pooled_rank_;
  PoolingShape shape_;
  const int64_t *const written_;  // the extents of what is written
  const std::vector<PoolingRole> roles_;
  int32_t pixel_axis_ = -1;
  int64_t pixel_ = 1;
  int64_t tile_[kPoolingAxes] = {1, 1, 1};
  int64_t pieces_ = 0;
  int64_t workers_ = 1;
  int64_t worker_bytes_ = 0;
};

}  // namespace

std::unique_ptr<Step> make_pooling_step(const ls_pooling &pooling) { return std::make_unique<PoolingStep>(pooling); }

}  // namespace lockstep
