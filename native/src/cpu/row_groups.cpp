#include "cpu/row_groups.h"

#include <unistd.h>

#include <algorithm>

#include "cpu/row_access.h"
#include "cpu/row_blocks.h"

namespace lockstep {
namespace {

constexpr int64_t kFewestBytes = 1 << 20;  // that a group touches: less stays in the caches from loop to loop
constexpr size_t kMostLoops = 32;

int64_t second_level_cache() {
  static const int64_t bytes = [] {
    int64_t l2 = sysconf(_SC_LEVEL2_CACHE_SIZE);
    return std::clamp<int64_t>(l2, 256 << 10, 4 << 20);
  }();
  return bytes;
}

// What loops touch in one row, each byte counted once.
int64_t bytes_of_row(const std::vector<RowAccess> &accesses) {
  int64_t bytes = 0;
  for (auto i = accesses.begin(); i != accesses.end(); ++i) {
    const bool again = std::any_of(accesses.begin(), i, [&](const RowAccess &other) {
      return other.slot == i->slot && other.first == i->first && other.steps == i->steps;
    });
    if (!again) bytes += i->span;
  }
  return bytes;
}

bool counts_rows(const ls_loop &loop, const Rows &rows) {
  return std::any_of(loop.inputs, loop.inputs + loop.n_inputs, [&](const ls_operand &input) {
    if (input.slot != LS_SLOT_INDEX) return false;
    for (int d = 0; d < rows.rank(); ++d) {
      if (rows.extents[d] > 1 && input.strides[d] != 0) return true;
    }
    return false;
  });
}

class Group {
 public:
  Group(const std::vector<PlanLoop> &loops, size_t first) : loops_(loops), first_(first), end_(first) {
    const ls_loop loop = loops[first].loop.descriptor();
    common_.assign(loop.extents, loop.extents + kept_rank(loop));
    if (!grow()) end_ = first_;
  }

  size_t size() const { return end_ - first_; }

  // Takes in the next loop if that keeps to its rows and shares memory with the group.
  bool grow() {
    if (size() == kMostLoops || end_ == loops_.size()) return false;
    if (size() > 0 && loops_[end_].step != loops_[end_ - 1].step + 1) return false;
    const ls_loop next = loops_[end_].loop.descriptor();
    if (std::any_of(next.extents, next.extents + next.rank, [](int64_t extent) { return extent == 0; })) return false;
    std::vector<int64_t> common;
    for (int32_t d = 0; d < std::min<int32_t>(kept_rank(next), static_cast<int32_t>(common_.size())); ++d) {
      if (next.extents[d] != common_[d]) break;
      common.push_back(common_[d]);
    }
    for (size_t rank = std::max<size_t>(1, rows_.extents.size()); rank <= common.size(); ++rank) {
      Rows rows = {{common.begin(), common.begin() + static_cast<ptrdiff_t>(rank)}};
      if (!fits(rows, end_ + 1)) continue;
      rows_ = rows;
      common_ = common;
      ++end_;
      return true;
    }
    return false;
  }

  bool is_worthwhile() const {
    int64_t rows = 1;
    for (int64_t extent : rows_.extents) rows *= extent;
    return size() >= 2 && rows >= 2 && bytes_of_row(accesses(rows_, end_)) >= kFewestBytes / rows;
  }

  const Rows &rows() const { return rows_; }

  int64_t rows_per_block() const {
    const int64_t bytes = bytes_of_row(accesses(rows_, end_));
    return std::clamp<int64_t>(second_level_cache() / 4 / bytes, 1, rows_.extents.back());
  }

 private:
  std::vector<RowAccess> accesses(const Rows &rows, size_t end) const {
    std::vector<RowAccess> all;
    for (size_t i = first_; i < end; ++i) {
      const std::vector<RowAccess> more = row_accesses(loops_[i].loop.descriptor(), rows);
      all.insert(all.end(), more.begin(), more.end());
    }
    return all;
  }

  bool fits(const Rows &rows, size_t end) const {
    const std::vector<RowAccess> all = accesses(rows, end);
    if (bytes_of_row(all) > second_level_cache() / 2) return false;
    for (size_t i = first_; i < end; ++i) {
      if (counts_rows(loops_[i].loop.descriptor(), rows)) return false;
    }
    for (const RowAccess &a : all) {
      if (!a.written) continue;
      for (const RowAccess &b : all) {
        if (!keep_to_their_rows(a, b, rows)) return false;
      }
    }
    return true;
  }

  const std::vector<PlanLoop> &loops_;
  size_t first_;
  size_t end_;
  std::vector<int64_t> common_;
  Rows rows_;
};

}  // namespace

void join_row_loops(std::vector<std::unique_ptr<Step>> &steps, const std::vector<PlanLoop> &loops, int32_t workspace) {
  for (size_t first = 0; first < loops.size();) {
    Group group(loops, first);
    while (group.grow()) {
    }
    if (group.is_worthwhile()) {
      std::vector<RowLoop> members;
      for (size_t i = first; i < first + group.size(); ++i) members.push_back({loops[i].loop, &steps[loops[i].step]});
      if (auto together = make_row_blocks(members, group.rows(), group.rows_per_block(), workspace)) {
        steps[loops[first].step] = std::move(together);
      }
    }
    first += std::max<size_t>(1, group.size());
  }
  std::erase(steps, nullptr);
}

}  // namespace lockstep
