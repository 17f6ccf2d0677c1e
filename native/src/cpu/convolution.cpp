// Convolutions by oneDNN. Our pool shares out examples (or output channels, where the kernel is the result), each part
// on one thread. The layouts are those that oneDNN asks for: operands are reordered into scratch memory and back.
#include <algorithm>
#include <atomic>
#include <exception>
#include <memory>
#include <string>
#include <vector>

#include "cpu/onednn.h"
#include "plan/dtype.h"
#include "plan/step.h"
#include "threads/pool.h"

namespace lockstep {
namespace {

using Dims = dnnl::memory::dims;
using Desc = dnnl::memory::desc;

constexpr int64_t kMostParts = 16;
constexpr int64_t kMostKernelParts = 8;  // each reorders the input anew
constexpr int64_t kLeastChannels = 32;
constexpr int64_t kVector = 16;
constexpr double kParallelFrom = 2e6;  // multiplications: about 50 us of one thread

int64_t ceiling(int64_t value, int64_t divisor) { return (value + divisor - 1) / divisor; }

int64_t aligned(size_t bytes) { return static_cast<int64_t>((bytes + 63) / 64 * 64); }

// An operand as the caller has it and as oneDNN wants it.
struct Placed {
  Desc given, wanted;
  dnnl::reorder reorder;  // to wanted, or back if the operand is the result

  bool same() const { return given == wanted; }
  int64_t bytes() const { return same() ? 0 : aligned(wanted.get_size()); }

  void place(const Desc &desc, bool is_result) {
    wanted = desc;
    if (same()) return;
    const dnnl::engine &engine = onednn::engine();
    reorder =
        is_result ? dnnl::reorder({engine, wanted, engine, given}) : dnnl::reorder({engine, given, engine, wanted});
  }
};

// One part's computation; all but the last part have the same.
struct Part {
  Placed x, w, y;
  dnnl::primitive primitive;
  Desc scratchpad;
  std::string implementation;

  int64_t bytes() const { return x.bytes() + w.bytes() + y.bytes() + aligned(scratchpad.get_size()); }
};

Desc any(const Desc &given) { return {given.get_dims(), dnnl::memory::data_type::f32, dnnl::memory::format_tag::any}; }

class ConvolutionStep final : public Step {
 public:
  explicit ConvolutionStep(const ls_convolution &c)
      : c_(c), rank_(c.spatial_rank + 2), extent_(by_kernel() ? c.w_extents[0] : c.x_extents[0]) {
    int64_t multiplications = c.y_extents[0];
    for (int32_t d = 1; d < rank_; ++d) multiplications *= c.y_extents[d] * c.w_extents[d];
    const bool large = static_cast<double>(multiplications) >= kParallelFrom;
    size_ = extent_;
    if (large && !by_kernel()) size_ = ceiling(extent_, kMostParts);
    // A group's output channels stay together, and parts are whole vectors of them.
    if (large && by_kernel() && c.groups == 1) {
      size_ = std::max(kLeastChannels, ceiling(ceiling(extent_, kMostKernelParts), kVector) * kVector);
    }
    size_ = std::min(size_, extent_);
    parts_ = ceiling(extent_, size_);
    workers_ = std::min<int64_t>(threads(), parts_);
    onednn::with_errors_of_lockstep("convolution", [this] {
      create(size_, whole_);
      create(extent_ - (parts_ - 1) * size_, last_);
    });
    worker_bytes_ = std::max(whole_.bytes(), last_.bytes());
    constexpr const char *kinds[] = {"forward", "gradient of the input", "gradient of the kernel"};
    description_ = "convolution x " + shape_text(LS_F32, c.x_extents, rank_) + ", w " +
                   shape_text(LS_F32, c.w_extents, rank_) + ", y " + shape_text(LS_F32, c.y_extents, rank_) + ": " +
                   kinds[c.kind] + ", " + count_text(c.groups, "group") + ", " + std::to_string(2 * multiplications) +
                   " FLOPs; oneDNN, " + whole_.implementation + ", " + count_text(parts_, "part");
  }

  void run(void *const *slots, void *scratch) const override {
    std::atomic<int64_t> next = 0;
    std::atomic_flag failed;
    std::exception_ptr failure;
    parallel_chunks(workers_, [&](int64_t worker) {
      try {
        onednn::with_errors_of_lockstep("convolution", [&] {
          for (int64_t part = next++; part < parts_; part = next++) {
            run_part(part, slots, static_cast<char *>(scratch) + worker * worker_bytes_);
          }
        });
      } catch (...) {
        if (!failed.test_and_set()) failure = std::current_exception();
      }
    });
    if (failure) std::rethrow_exception(failure);
  }

  int64_t scratch_bytes() const override { return workers_ * worker_bytes_; }
  std::string describe() const override { return description_; }

 private:
  bool by_kernel() const { return c_.kind == LS_CONVOLUTION_KERNEL; }

  Desc given(const ls_operand &operand, const int64_t *extents, int32_t split_dimension, int64_t size) const {
    Dims dims(extents, extents + rank_);
    Dims strides(operand.strides, operand.strides + rank_);
    if (split_dimension >= 0) dims[static_cast<size_t>(split_dimension)] = size;
    if (&operand == &c_.w && c_.groups > 1) {
      dims[0] /= c_.groups;
      dims.insert(dims.begin(), c_.groups);
      strides.insert(strides.begin(), strides[0] * dims[1]);
    }
    return {dims, dnnl::memory::data_type::f32, strides};
  }

  void create(int64_t size, Part &part) const {
    part.x.given = given(c_.x, c_.x_extents, by_kernel() ? -1 : 0, size);
    part.w.given = given(c_.w, c_.w_extents, by_kernel() ? 0 : -1, size);
    part.y.given = given(c_.y, c_.y_extents, by_kernel() ? 1 : 0, size);
    const auto n = static_cast<size_t>(c_.spatial_rank);
    Dims strides(c_.strides, c_.strides + n);
    Dims low(c_.low, c_.low + n);
    Dims gaps(n);
    Dims high(n);
    for (size_t d = 0; d < n; ++d) {
      gaps[d] = c_.dilation[d] - 1;
      const int64_t reach = (c_.w_extents[d + 2] - 1) * c_.dilation[d] + 1;
      const int64_t needed = (c_.y_extents[d + 2] - 1) * c_.strides[d] + reach;
      high[d] = std::max<int64_t>(0, needed - c_.x_extents[d + 2] - low[d]);
    }
    dnnl::primitive_attr attributes;
    attributes.set_scratchpad_mode(dnnl::scratchpad_mode::user);
    attributes.set_fpmath_mode(dnnl::fpmath_mode::strict);
    const Desc x = any(part.x.given);
    const Desc w = any(part.w.given);
    const Desc y = any(part.y.given);
    const auto direct = dnnl::algorithm::convolution_direct;
    const dnnl::engine &engine = onednn::engine();
    const dnnl::convolution_forward::primitive_desc forward(engine, dnnl::prop_kind::forward_training, direct, x, w, y,
                                                            strides, gaps, low, high, attributes);
    const auto finish = [&part](const auto &descriptor, const Desc &src, const Desc &weights, const Desc &dst,
                                int32_t kind) {
      part.x.place(src, kind == LS_CONVOLUTION_INPUT);
      part.w.place(weights, kind == LS_CONVOLUTION_KERNEL);
      part.y.place(dst, kind == LS_CONVOLUTION_FORWARD);
      part.scratchpad = descriptor.scratchpad_desc();
      part.implementation = descriptor.impl_info_str();
    };
    if (c_.kind == LS_CONVOLUTION_FORWARD) {
      finish(forward, forward.src_desc(), forward.weights_desc(), forward.dst_desc(), c_.kind);
      part.primitive = dnnl::convolution_forward(forward);
    } else if (c_.kind == LS_CONVOLUTION_INPUT) {
      const dnnl::convolution_backward_data::primitive_desc data(engine, direct, x, w, y, strides, gaps, low, high,
                                                                 forward, attributes);
      finish(data, data.diff_src_desc(), data.weights_desc(), data.diff_dst_desc(), c_.kind);
      part.primitive = dnnl::convolution_backward_data(data);
    } else {
      const dnnl::convolution_backward_weights::primitive_desc kernel(engine, direct, x, w, y, strides, gaps, low, high,
                                                                      forward, attributes);
      finish(kernel, kernel.src_desc(), kernel.diff_weights_desc(), kernel.diff_dst_desc(), c_.kind);
      part.primitive = dnnl::convolution_backward_weights(kernel);
    }
  }

  static float *address(void *const *slots, const ls_operand &operand, int64_t moved) {
    return reinterpret_cast<float *>(static_cast<char *>(slots[operand.slot]) + operand.offset) + moved;
  }

  void run_part(int64_t number, void *const *slots, char *scratch) const {
    const Part &part = number == parts_ - 1 ? last_ : whole_;
    const int64_t first = number * size_;
    const dnnl::engine &engine = onednn::engine();
    dnnl::stream stream(engine);
    const auto take = [&scratch](int64_t bytes) {
      char *const block = scratch;
      scratch += bytes;
      return block;
    };
    const auto prepare = [&](const Placed &placed, float *at, bool is_result, dnnl::memory &user) {
      user = dnnl::memory(placed.given, engine, at);
      if (placed.same()) return user;
      dnnl::memory inside(placed.wanted, engine, take(placed.bytes()));
      if (!is_result) placed.reorder.execute(stream, user, inside);
      return inside;
    };
    dnnl::memory users[3];
    const int64_t x_moved = by_kernel() ? 0 : first * c_.x.strides[0];
    const int64_t w_moved = by_kernel() ? first * c_.w.strides[0] : 0;
    const int64_t y_moved = first * c_.y.strides[by_kernel() ? 1 : 0];
    dnnl::memory x = prepare(part.x, address(slots, c_.x, x_moved), c_.kind == LS_CONVOLUTION_INPUT, users[0]);
    dnnl::memory w = prepare(part.w, address(slots, c_.w, w_moved), c_.kind == LS_CONVOLUTION_KERNEL, users[1]);
    dnnl::memory y = prepare(part.y, address(slots, c_.y, y_moved), c_.kind == LS_CONVOLUTION_FORWARD, users[2]);
    const dnnl::memory pad(part.scratchpad, engine, take(aligned(part.scratchpad.get_size())));
    if (c_.kind == LS_CONVOLUTION_FORWARD) {
      part.primitive.execute(stream,
                             {{DNNL_ARG_SRC, x}, {DNNL_ARG_WEIGHTS, w}, {DNNL_ARG_DST, y}, {DNNL_ARG_SCRATCHPAD, pad}});
      if (!part.y.same()) part.y.reorder.execute(stream, y, users[2]);
    } else if (c_.kind == LS_CONVOLUTION_INPUT) {
      part.primitive.execute(
          stream, {{DNNL_ARG_DIFF_SRC, x}, {DNNL_ARG_WEIGHTS, w}, {DNNL_ARG_DIFF_DST, y}, {DNNL_ARG_SCRATCHPAD, pad}});
      if (!part.x.same()) part.x.reorder.execute(stream, x, users[0]);
    } else {
      part.primitive.execute(
          stream, {{DNNL_ARG_SRC, x}, {DNNL_ARG_DIFF_WEIGHTS, w}, {DNNL_ARG_DIFF_DST, y}, {DNNL_ARG_SCRATCHPAD, pad}});
      if (!part.w.same()) part.w.reorder.execute(stream, w, users[1]);
    }
    stream.wait();
  }

  ls_convolution c_;
  int32_t rank_;
  int64_t extent_;  // of what is shared out
  int64_t size_ = 1;
  int64_t parts_ = 1;
  int64_t workers_ = 1;
  int64_t worker_bytes_ = 0;
  Part whole_, last_;
  std::string description_;
};

}  // namespace

std::unique_ptr<Step> make_convolution_step(const ls_convolution &convolution) {
  return std::make_unique<ConvolutionStep>(convolution);
}

}  // namespace lockstep
