// Steps of attention. A piece is a block of queries of one batch entry, or for the gradient, whose sums over queries
// are dk and dv, all queries of an entry, or a part of them if there are few entries.
#include <algorithm>
#include <atomic>
#include <string>

#include "cpu/attention_kernels.h"
#include "cpu/isa.h"
#include "cpu/onednn_bf16.h"
#include "plan/dtype.h"
#include "plan/step.h"
#include "threads/pool.h"

namespace lockstep {

namespace {

// Fewer queries or keys leave tiles half empty.
constexpr int64_t kFewestForTiles = 32;

bool by_tiles(const ls_attention &of) {
  return of.dtype == LS_BF16 && of.queries >= kFewestForTiles && of.keys >= kFewestForTiles &&
         onednn::bf16_products() == onednn::Bf16::kTiles;
}

const AttentionKernels &kernels_for(const ls_attention &of) {
  if (by_tiles(of)) return v4::attention_kernels_bf16_tiles();
  if (of.dtype == LS_F32)
    return for_isa(v2::attention_kernels_f32, v3::attention_kernels_f32, v4::attention_kernels_f32)();
  if (of.dtype == LS_BF16)
    return for_isa(v2::attention_kernels_bf16, v3::attention_kernels_bf16, v4::attention_kernels_bf16)();
  return for_isa(v2::attention_kernels_f64, v3::attention_kernels_f64, v4::attention_kernels_f64)();
}

constexpr double kParallelFrom = 2e6;  // multiplications of about 50 us of one thread
constexpr int64_t kFewestPieces = 8;
constexpr int64_t kFewestRows = 64;  // of a part
constexpr int64_t kAlignment = 64;

int64_t divide_up(int64_t a, int64_t b) { return (a + b - 1) / b; }
int64_t aligned(int64_t bytes) { return divide_up(bytes, kAlignment) * kAlignment; }

AttentionShape shape_of(const ls_attention &of) {
  AttentionMask mask = of.mask.slot == LS_SLOT_NONE ? AttentionMask::kNone
                       : of.mask_dtype == LS_BOOL   ? AttentionMask::kKeep
                                                    : AttentionMask::kAdd;
  return {of.queries, of.keys, of.dimension, of.value_dimension, of.scale, of.causal != 0, mask, false, false, false};
}

int64_t entries_of(const ls_attention &of) {
  int64_t entries = 1;
  for (int32_t d = 0; d < of.batch_rank; ++d) entries *= of.batch[d];
  return entries;
}

double multiplications(const ls_attention &of) {
  return static_cast<double>(entries_of(of)) * static_cast<double>(of.queries) * static_cast<double>(of.keys) *
         static_cast<double>(of.dimension + of.value_dimension);
}

// "f32 batch [8, 12], 128 queries, 256 keys, 64 -> 32, causal, bool mask"
std::string text_of(const ls_attention &of) {
  std::string text = std::string(dtype_name(of.dtype)) + (of.dtype == LS_BF16 ? " in f32" : "") + " batch [" +
                     list_text(of.batch, of.batch_rank) + "], " + std::to_string(of.queries) + " queries, " +
                     std::to_string(of.keys) + " keys, " + std::to_string(of.dimension) + " -> " +
                     std::to_string(of.value_dimension);
  if (of.causal != 0) text += ", causal";
  if (of.mask.slot != LS_SLOT_NONE) text += std::string(", ") + dtype_name(of.mask_dtype) + " mask";
  return text;
}

// Calls body(worker, piece) for all pieces; no two calls at a time have the same worker.
template <typename Body>
void for_each_piece(int64_t pieces, int64_t workers, Body &&body) {
  std::atomic<int64_t> next = 0;
  parallel_chunks(workers, [&](int64_t worker) {
    for (int64_t piece = next++; piece < pieces; piece = next++) body(worker, piece);
  });
}

class Entries {
 public:
  explicit Entries(const ls_attention &of) : of_(of) {}

  AttentionMatrix at(const ls_matrix &matrix, int32_t dtype, void *const *slots, int64_t entry) const {
    if (matrix.slot == LS_SLOT_NONE) return {nullptr, 0, 0};
    int64_t element = 0;
    for (int32_t d = of_.batch_rank - 1; d >= 0; --d) {
      element += entry % of_.batch[d] * matrix.batch_strides[d];
      entry /= of_.batch[d];
    }
    char *data = static_cast<char *>(slots[matrix.slot]) + matrix.offset + element * dtype_size(dtype);
    return {data, matrix.row_stride, matrix.column_stride};
  }

  AttentionOperands operands(void *const *slots, int64_t entry) const {
    return {at(of_.q, of_.dtype, slots, entry),
            at(of_.k, of_.dtype, slots, entry),
            at(of_.v, of_.dtype, slots, entry),
            at(of_.mask, of_.mask_dtype, slots, entry),
            {},
            {},
            {}};
  }

 private:
  const ls_attention &of_;
};

class AttentionStep final : public Step {
 public:
  explicit AttentionStep(const ls_attention &attention)
      : of_(attention), kernels_(kernels_for(attention)), shape_(shape_of(attention)), entries_(of_) {
    if (of_.queries == 0 || of_.value_dimension == 0) return;
    blocks_ = divide_up(of_.queries, kernels_.forward_rows);
    rows_ = divide_up(of_.queries, blocks_);
    pieces_ = entries_of(of_) * blocks_;
    workers_ =
        multiplications(of_) < kParallelFrom ? std::min<int64_t>(1, pieces_) : std::min<int64_t>(threads(), pieces_);
    worker_bytes_ = aligned(kernels_.forward_scratch(shape_));
  }

  void run(void *const *slots, void *scratch) const override {
    for_each_piece(pieces_, workers_, [&](int64_t worker, int64_t piece) {
      const int64_t entry = piece / blocks_;
      const int64_t first = piece % blocks_ * rows_;
      AttentionOperands operands = entries_.operands(slots, entry);
      operands.to = entries_.at(of_.to, of_.dtype, slots, entry);
      kernels_.forward(shape_, operands, {first, std::min(rows_, of_.queries - first)},
                       static_cast<char *>(scratch) + worker * worker_bytes_);
    });
  }

  int64_t scratch_bytes() const override { return workers_ * worker_bytes_; }

  std::string describe() const override {
    return "attention " + text_of(of_) + ": " + count_text(pieces_, "piece") + " of at most " +
           count_text(rows_, "row") + ", streamed over keys" + (by_tiles(of_) ? ", products by AMX" : "");
  }

 private:
  const ls_attention of_;
  const AttentionKernels &kernels_;
  const AttentionShape shape_;
  const Entries entries_;
  int64_t blocks_ = 1;  // of queries in an entry
  int64_t rows_ = 0;
  int64_t pieces_ = 0;
  int64_t workers_ = 0;
  int64_t worker_bytes_ = 0;
};

class AttentionGradientStep final : public Step {
 public:
  explicit AttentionGradientStep(const ls_attention_gradient &gradient)
      : gradient_(gradient), kernels_(kernels_for(of())), shape_(shape_of(of())), entries_(gradient_.of) {
    shape_.uniform_ct = of().value_dimension > 1 && gradient.ct.column_stride == 0;
    shape_.wants_dk = gradient.dk.slot != LS_SLOT_NONE;
    shape_.wants_dv = gradient.dv.slot != LS_SLOT_NONE;
    const int64_t entries = entries_of(of());
    if (entries == 0) return;
    const int64_t wanted = divide_up(kFewestPieces, entries);
    parts_ = std::max<int64_t>(1, std::min(wanted, of().queries / kFewestRows));
    rows_ = std::max<int64_t>(1, divide_up(of().queries, parts_));
    parts_ = std::max<int64_t>(1, divide_up(of().queries, rows_));
    pieces_ = entries * parts_;
    workers_ = multiplications(of()) < kParallelFrom ? 1 : std::min<int64_t>(threads(), pieces_);
    worker_bytes_ = aligned(kernels_.gradient_scratch(shape_, rows_));
    sums_bytes_ = aligned(kernels_.gradient_sums(shape_) * dtype_size(of().dtype == LS_BF16 ? LS_F32 : of().dtype));
  }

  void run(void *const *slots, void *scratch) const override {
    char *workers = static_cast<char *>(scratch);
    char *sums = workers + workers_ * worker_bytes_;
    for_each_piece(pieces_, workers_, [&](int64_t worker, int64_t piece) {
      const int64_t entry = piece / parts_;
      const int64_t first = piece % parts_ * rows_;
      AttentionOperands operands = entries_.operands(slots, entry);
      operands.ct = entries_.at(gradient_.ct, of().dtype, slots, entry);
      operands.dq = entries_.at(gradient_.dq, of().dtype, slots, entry);
      void *own_sums = sums + (parts_ == 1 ? worker : piece) * sums_bytes_;
      kernels_.gradient(shape_, operands, {first, std::min(rows_, of().queries - first)}, own_sums,
                        workers + worker * worker_bytes_);
      if (parts_ == 1) finish(slots, entry, own_sums);
    });
    if (parts_ == 1) return;
    parallel_chunks(pieces_ / parts_,
                    [&](int64_t entry) { finish(slots, entry, sums + entry * parts_ * sums_bytes_); });
  }

  int64_t scratch_bytes() const override {
    return workers_ * worker_bytes_ + (parts_ == 1 ? workers_ : pieces_) * sums_bytes_;
  }

  std::string describe() const override {
    std::string text = "attention gradient " + text_of(of()) + ": ";
    if (gradient_.dq.slot != LS_SLOT_NONE) text += "dq, ";
    if (shape_.wants_dk) text += "dk, ";
    if (shape_.wants_dv) text += "dv, ";
    if (shape_.uniform_ct) text += "columns of ct equal, ";
    return text + count_text(pieces_, "piece") + " of at most " + count_text(rows_, "row");
  }

 private:
  const ls_attention &of() const { return gradient_.of; }

  void finish(void *const *slots, int64_t entry, void *sums) const {
    kernels_.gradient_finish(shape_, entries_.at(gradient_.dk, of().dtype, slots, entry),
                             entries_.at(gradient_.dv, of().dtype, slots, entry), parts_, sums_bytes_, sums);
  }

  const ls_attention_gradient gradient_;
  const AttentionKernels &kernels_;
  AttentionShape shape_;
  const Entries entries_;
  int64_t parts_ = 1;  // of the queries of an entry
  int64_t rows_ = 1;
  int64_t pieces_ = 0;
  int64_t workers_ = 0;
  int64_t worker_bytes_ = 0;
  int64_t sums_bytes_ = 0;
};

}  // namespace

std::unique_ptr<Step> make_attention_step(const ls_attention &attention) {
  return std::make_unique<AttentionStep>(attention);
}

std::unique_ptr<Step> make_attention_gradient_step(const ls_attention_gradient &gradient) {
  return std::make_unique<AttentionGradientStep>(gradient);
}

}  // namespace lockstep
