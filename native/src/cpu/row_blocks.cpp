#include "cpu/row_blocks.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <string>

#include "cpu/loop_part.h"
#include "cpu/loop_program.h"
#include "cpu/row_values.h"
#include "plan/dtype.h"
#include "threads/pool.h"

namespace lockstep {
namespace {

constexpr size_t kMostPlaces = 64;  // of one loop
constexpr int32_t kBlockMemory = -1;

int64_t divide_up(int64_t a, int64_t b) { return (a + b - 1) / b; }

// Where an operand of a part begins. Operands in one place are one slot of the part, so that it sees what is written
// over what is read.
struct Place {
  int32_t slot;  // or kBlockMemory
  int64_t offset;
  std::array<int64_t, LS_MAX_RANK> steps;  // bytes a row

  bool operator==(const Place &) const = default;
};

struct PartLoop {
  bool past_caches = false;
  std::vector<Place> places;
  std::unique_ptr<Step> full;
  std::unique_ptr<Step> last;  // the block at the end of the last row dimension, if that is shorter
};

// A loop's describe(), which ends with how the whole loop would store its results.
std::string without_stores(std::string text) {
  return text.substr(0, text.size() - (text.ends_with(kPastCaches) ? std::string(kPastCaches).size() : 0));
}

class BlockSteps final : public RowBlocks {
 public:
  BlockSteps(const Rows &rows, int64_t rows_per_block)
      : rows_(rows),
        blocks_in_line_(divide_up(rows.extents.back(), rows_per_block)),
        rows_per_block_(divide_up(rows.extents.back(), blocks_in_line_)),
        last_rows_(rows.extents.back() - (blocks_in_line_ - 1) * rows_per_block_) {
    blocks_ = blocks_in_line_;
    for (int d = 0; d + 1 < rows_.rank(); ++d) blocks_ *= rows_.extents[d];
    workers_ = std::min<int64_t>(threads(), blocks_);
  }

  // Returns whether all loops have parts.
  bool prepare(const std::vector<RowLoop> &loops, int32_t workspace,
               const std::function<bool(const ByteRange &)> &is_read_later) {
    std::vector<std::vector<RowAccess>> accesses;
    for (const RowLoop &loop : loops) accesses.push_back(row_accesses(loop.loop->descriptor(), rows_));
    const RowValues values = values_of_blocks(accesses, rows_, rows_per_block_, is_read_later);
    worker_bytes_ = values.bytes;
    for (size_t i = 0; i < loops.size(); ++i) {
      if (!prepare_part(i, loops[i], values, accesses, workspace)) return false;
    }
    return true;
  }

  void own(std::vector<std::unique_ptr<Step>> whole) override { whole_ = std::move(whole); }

  void run(void *const *slots, void *scratch) const override {
    std::atomic<int64_t> next = 0;
    parallel_chunks(workers_, [&](int64_t worker) {
      char *own = static_cast<char *>(scratch) + worker * worker_bytes_;
      for (int64_t block = next++; block < blocks_; block = next++) run_block(block, slots, own);
    });
  }

  int64_t scratch_bytes() const override { return workers_ * worker_bytes_; }

  // A line a loop, as if each ran by itself.
  std::string describe() const override {
    std::string text;
    for (size_t i = 0; i < whole_.size(); ++i) {
      if (i > 0) text += '\n';
      text += without_stores(whole_[i]->describe()) + (parts_[i].past_caches ? kPastCaches : "") + "; loop " +
              std::to_string(i + 1) + " of " + std::to_string(whole_.size()) + " that run together, " +
              count_text(rows_per_block_, "row") + " at a time";
    }
    return text;
  }

 private:
  bool prepare_part(size_t number, const RowLoop &of, const RowValues &values,
                    const std::vector<std::vector<RowAccess>> &accesses, int32_t workspace) {
    PartLoop part;
    LoopCopy loop = *of.loop;
    const ls_loop whole = of.loop->descriptor();
    std::vector<bool> past_caches;
    for (int32_t i = 0; i < whole.n_results; ++i) {
      const RowAccess access = row_access(whole, whole.results[i], rows_);
      past_caches.push_back(is_large(whole, whole.results[i].to) && access.slot != workspace &&
                            is_last_use(number, access, values, accesses));
      move(part, number, access, loop.results[i].to, values);
    }
    for (int32_t i = 0; i < whole.n_inputs; ++i) {
      if (whole.inputs[i].slot >= 0) {
        move(part, number, row_access(whole, whole.inputs[i], rows_), loop.inputs[i], values);
      }
    }
    if (part.places.size() > kMostPlaces) return false;
    part.past_caches = std::ranges::count(past_caches, true) > 0;
    std::fill_n(loop.extents(), rows_.rank(), 1);
    int64_t &rows = loop.extents()[rows_.rank() - 1];
    rows = rows_per_block_;
    part.full = make_loop_part(loop.descriptor(), *of.whole, past_caches);
    if (part.full == nullptr) return false;
    if (last_rows_ != rows_per_block_) {
      rows = last_rows_;
      part.last = make_loop_part(loop.descriptor(), *of.whole, past_caches);
      if (part.last == nullptr) return false;
    }
    parts_.push_back(std::move(part));
    return true;
  }

  // Whether a result is written to its own memory, over nothing that the loop reads there and for no later loop.
  bool is_last_use(size_t number, const RowAccess &result, const RowValues &values,
                   const std::vector<std::vector<RowAccess>> &accesses) const {
    auto held = [&](const RowAccess &use, size_t loop) {
      return std::ranges::any_of(values.values, [&](const RowValue &value) { return value.holds(loop, use, rows_); });
    };
    if (held(result, number)) return false;
    for (size_t loop = number; loop < accesses.size(); ++loop) {
      for (const RowAccess &use : accesses[loop]) {
        if (!use.written && !are_apart(result, use, rows_) && !held(use, loop)) return false;
      }
    }
    return true;
  }

  void move(PartLoop &part, size_t number, const RowAccess &access, ls_operand &operand, const RowValues &values) {
    Place place = {operand.slot, operand.offset, access.steps};
    for (const RowValue &value : values.values) {
      if (value.holds(number, access, rows_)) {
        place = {kBlockMemory, value.offset + operand.offset - value.access.first, {}};
      }
    }
    auto known = std::ranges::find(part.places, place);
    operand.slot = static_cast<int32_t>(known - part.places.begin());
    operand.offset = 0;
    if (known == part.places.end()) part.places.push_back(place);
  }

  void run_block(int64_t block, void *const *slots, char *own) const {
    const int64_t in_line = block % blocks_in_line_;
    int64_t row[LS_MAX_RANK];
    row[rows_.rank() - 1] = in_line * rows_per_block_;
    int64_t rest = block / blocks_in_line_;
    for (int d = rows_.rank() - 2; d >= 0; --d) {
      row[d] = rest % rows_.extents[d];
      rest /= rows_.extents[d];
    }
    for (const PartLoop &part : parts_) {
      void *addresses[kMostPlaces];
      for (size_t i = 0; i < part.places.size(); ++i) {
        const Place &place = part.places[i];
        int64_t offset = place.offset;
        for (int d = 0; d < rows_.rank(); ++d) offset += row[d] * place.steps[d];
        addresses[i] = (place.slot == kBlockMemory ? own : static_cast<char *>(slots[place.slot])) + offset;
      }
      const bool last = part.last != nullptr && in_line + 1 == blocks_in_line_;
      (last ? part.last : part.full)->run(addresses, nullptr);
    }
  }

  Rows rows_;
  int64_t blocks_in_line_;
  int64_t rows_per_block_;
  int64_t last_rows_;
  int64_t blocks_;
  int64_t workers_;
  int64_t worker_bytes_ = 0;
  std::vector<PartLoop> parts_;
  std::vector<std::unique_ptr<Step>> whole_;
};

}  // namespace

std::unique_ptr<RowBlocks> make_row_blocks(const std::vector<RowLoop> &loops, const Rows &rows, int64_t rows_per_block,
                                           int32_t workspace,
                                           const std::function<bool(const ByteRange &)> &is_read_later) {
  auto step = std::make_unique<BlockSteps>(rows, rows_per_block);
  return step->prepare(loops, workspace, is_read_later) ? std::move(step) : nullptr;
}

}  // namespace lockstep
