// Convolutions by oneDNN. Our pool shares them out, each part on one thread.
#include <algorithm>
#include <array>
#include <atomic>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cpu/convolution_part.h"
#include "cpu/convolution_split.h"
#include "cpu/epilogue.h"
#include "cpu/onednn.h"
#include "plan/dtype.h"
#include "plan/step.h"
#include "threads/pool.h"

namespace lockstep {
namespace {

constexpr int64_t kChunk = 1 << 14;  // elements added up at once

double product(const int64_t *extents, int32_t count) {
  double result = 1;
  for (int32_t d = 0; d < count; ++d) result *= static_cast<double>(extents[d]);
  return result;
}

double multiplications(const ls_convolution &c) {
  return product(c.y_extents, c.spatial_rank + 2) * product(c.w_extents + 1, c.spatial_rank + 1);
}

// Calls body(worker, part), possibly for several parts at the same time, and rethrows what it throws.
template <typename Body>
void for_each_part(int64_t workers, int64_t parts, Body &&body) {
  std::atomic<int64_t> next = 0;
  std::atomic_flag failed;
  std::exception_ptr failure;
  parallel_chunks(workers, [&](int64_t worker) {
    try {
      onednn::with_errors_of_lockstep("convolution", [&] {
        for (int64_t part = next++; part < parts; part = next++) body(worker, part);
      });
    } catch (...) {
      if (!failed.test_and_set()) failure = std::current_exception();
    }
  });
  if (failure) std::rethrow_exception(failure);
}

class ConvolutionStep final : public Step {
 public:
  explicit ConvolutionStep(const ls_convolution &c)
      : c_(c),
        split_(split_convolution(c, multiplications(c))),
        workers_(std::min<int64_t>(threads(), split_.parts())) {
    onednn::with_errors_of_lockstep("convolution", [this] { create(); });
    describe_all();
    if (c.epilogue != nullptr) prepare_epilogue(*c.epilogue);
    c_.epilogue = nullptr;
  }

  void run(void *const *slots, void *scratch) const override {
    char *const kernels = static_cast<char *>(scratch);
    char *const summands = kernels + kernels_bytes();
    char *const own = summands + summands_bytes();
    if (kernel_bytes_ > 0) {
      const int64_t inner_parts = split_.inner.parts();
      for_each_part(std::min(workers_, inner_parts), inner_parts, [&](int64_t, int64_t inner) {
        if (part(0, inner).kernel_bytes() == 0) return;  // oneDNN takes this part's kernel as it is
        part(0, inner).reorder_kernel(address(slots, 1, 0, inner), kernels + inner * kernel_bytes_);
      });
    }
    for_each_part(workers_, split_.parts(), [&](int64_t worker, int64_t number) {
      const int64_t outer = number / split_.inner.parts();
      const int64_t inner = number % split_.inner.parts();
      void *operands[3];
      for (int32_t i = 0; i < 3; ++i) operands[i] = address(slots, i, outer, inner);
      if (split_.sums) operands[convolution_result(c_)] = summands + outer * summand_bytes_;
      const bool prepared = kernel_bytes_ > 0 && part(outer, inner).takes_kernel_of(part(0, inner));
      part(outer, inner)
          .run(operands[0], operands[1], operands[2], prepared ? kernels + inner * kernel_bytes_ : nullptr,
               own + worker * worker_bytes_);
      if (epilogue_) run_epilogue(outer, inner, slots);
    });
    if (split_.sums) add_up(address(slots, convolution_result(c_), 0, 0), summands);
  }

  int64_t scratch_bytes() const override { return kernels_bytes() + summands_bytes() + workers_ * worker_bytes_; }
  std::string describe() const override { return description_; }

 private:
  const ConvolutionPart &part(int64_t outer, int64_t inner) const {
    return parts_[kind_of(outer)][inner == split_.inner.parts() - 1];
  }

  // Parts along the outer axis that are not rows differ in size only, the last from the others.
  size_t kind_of(int64_t outer) const {
    return static_cast<size_t>(split_.outer.is_rows() ? outer : outer == split_.outer.parts() - 1 ? 1 : 0);
  }

  int64_t kernels_bytes() const { return kernel_bytes_ * split_.inner.parts(); }
  int64_t summands_bytes() const { return summand_bytes_ * split_.outer.parts(); }

  void create() {
    ls_convolution c = c_;
    if (split_.sums) {
      c = with_dense_result();
      create_sum(c);
    }
    parts_.resize(split_.outer.is_rows() ? static_cast<size_t>(split_.outer.parts()) : 2);
    for (int64_t outer = 0; outer < split_.outer.parts(); ++outer) {
      if (!split_.outer.is_rows() && outer > 0) outer = split_.outer.parts() - 1;
      const ls_convolution row = part_of(c, split_.outer, outer);
      for (const bool last_inner : {false, true}) {
        ConvolutionPart &part = parts_[kind_of(outer)][last_inner];
        part = ConvolutionPart(part_of(row, split_.inner, last_inner ? split_.inner.parts() - 1 : 0));
        worker_bytes_ = std::max(worker_bytes_, part.scratch_bytes());
      }
    }
    if (c.kind != LS_CONVOLUTION_KERNEL && !split_.sums && split_.outer.parts() > 1) {
      kernel_bytes_ = std::max(part(0, 0).kernel_bytes(), part(0, split_.inner.parts() - 1).kernel_bytes());
    }
  }

  ls_convolution with_dense_result() const {
    ls_convolution c = c_;
    ls_operand &result = c.kind == LS_CONVOLUTION_INPUT ? c.x : c.w;
    result.dtype = LS_F32;
    int64_t stride = 1;
    for (int32_t d = c.spatial_rank + 2; d-- > 0;) {
      result.strides[d] = stride;
      stride *= convolution_extents(c, convolution_result(c))[d];
    }
    return c;
  }

  void create_sum(const ls_convolution &dense) {
    const auto describe = [](const ls_convolution &c) {
      const int32_t result = convolution_result(c);
      return describe_operand(convolution_operand(c, result), convolution_extents(c, result), c.spatial_rank + 2,
                              result == 1 ? c.groups : 1);
    };
    sum_ = describe(dense);
    result_ = describe(c_);
    finish_ = dnnl::reorder({onednn::engine(), sum_, onednn::engine(), result_});
    summand_bytes_ = static_cast<int64_t>((sum_.get_size() + 63) / 64 * 64);
  }

  void add_up(void *result, char *summands) const {
    auto *const sum = reinterpret_cast<float *>(summands);
    const auto elements = static_cast<int64_t>(sum_.get_size() / sizeof(float));
    parallel_chunks((elements + kChunk - 1) / kChunk, [&](int64_t chunk) {
      const int64_t end = std::min((chunk + 1) * kChunk, elements);
      for (int64_t part = 1; part < split_.outer.parts(); ++part) {
        const auto *const summand = reinterpret_cast<const float *>(summands + part * summand_bytes_);
        for (int64_t i = chunk * kChunk; i < end; ++i) sum[i] += summand[i];
      }
    });
    onednn::with_errors_of_lockstep("convolution", [&] {
      dnnl::stream stream(onednn::engine());
      dnnl::memory from(sum_, onednn::engine(), sum);
      dnnl::memory to(result_, onednn::engine(), result);
      finish_.execute(stream, from, to);
      stream.wait();
    });
  }

  void prepare_epilogue(const ls_loop &loop) {
    epilogue_.emplace(loop);
    for (const int64_t outer : {int64_t{0}, split_.outer.parts() - 1}) {
      for (const int64_t inner : {int64_t{0}, split_.inner.parts() - 1}) {
        epilogue_->prepare(part_of(part_of(c_, split_.outer, outer), split_.inner, inner).y_extents);
      }
    }
    description_ += Epilogue::describe(loop);
  }

  void run_epilogue(int64_t outer, int64_t inner, void *const *slots) const {
    const ls_convolution c = part_of(part_of(c_, split_.outer, outer), split_.inner, inner);
    int64_t first[LS_MAX_RANK] = {};
    first[split_.outer.dimension[2]] = index_of(c_, split_.outer, outer, 2);
    first[split_.inner.dimension[2]] = index_of(c_, split_.inner, inner, 2);
    epilogue_->run(first, c.y_extents, slots);
  }

  char *address(void *const *slots, int32_t operand, int64_t outer, int64_t inner) const {
    const ls_operand &o = convolution_operand(c_, operand);
    const int64_t moved = first_of(c_, split_.outer, outer, operand) + first_of(c_, split_.inner, inner, operand);
    return static_cast<char *>(slots[o.slot]) + o.offset + moved * dtype_size(o.dtype);
  }

  void describe_all() {
    constexpr const char *kinds[] = {"forward", "gradient of the input", "gradient of the kernel"};
    const auto text = [this](const char *name, int32_t operand) {
      return name +
             shape_text(convolution_operand(c_, operand).dtype, convolution_extents(c_, operand), c_.spatial_rank + 2);
    };
    description_ = "convolution" + text(" x ", 0) + text(", w ", 1) + text(", y ", 2) + ": " + kinds[c_.kind] + ", " +
                   count_text(c_.groups, "group") + ", " +
                   std::to_string(static_cast<int64_t>(2 * multiplications(c_))) + " FLOPs; oneDNN, " +
                   part(0, 0).implementation() + ", " + count_text(split_.parts(), "part");
    if (split_.sums) description_ += " added up";
    if (kernel_bytes_ > 0) description_ += ", kernel reordered once";
  }

  ls_convolution c_;
  ConvolutionSplit split_;
  int64_t workers_;
  int64_t kernel_bytes_ = 0;  // of a kernel that parts share; 0: each reorders its own
  int64_t summand_bytes_ = 0;
  int64_t worker_bytes_ = 0;
  std::vector<std::array<ConvolutionPart, 2>> parts_;  // [kind_of(outer)][the last along the inner axis]
  dnnl::memory::desc sum_, result_;
  dnnl::reorder finish_;
  std::optional<Epilogue> epilogue_;
  std::string description_;
};

}  // namespace

std::unique_ptr<Step> make_convolution_step(const ls_convolution &convolution) {
  const ls_loop *const epilogue = convolution.epilogue;
  if (epilogue == nullptr || fits_a_part(*epilogue)) return std::make_unique<ConvolutionStep>(convolution);
  ls_convolution plain = convolution;
  plain.epilogue = nullptr;
  return make_step_then_loop(std::make_unique<ConvolutionStep>(plain), *epilogue, "it has too many values");
}

}  // namespace lockstep
