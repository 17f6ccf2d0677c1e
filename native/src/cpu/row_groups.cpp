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
  }

  size_t size() const { return end_ - first_; }
  const Rows &rows() const { return rows_; }
  int64_t rows_per_block() const {
    return std::clamp<int64_t>(second_level_cache() / 4 / bytes_of_row_, 1, rows_.extents.back());
  }

  // Takes in the next loop if all operands keep to their rows then.
  bool grow() {
    if (size() == kMostLoops || end_ == loops_.size()) return false;
    if (size() > 0 && loops_[end_].step != loops_[end_ - 1].step + 1) return false;
    const ls_loop next = loops_[end_].loop.descriptor();
    if (std::any_of(next.extents, next.extents + next.rank, [](int64_t extent) { return extent == 0; })) return false;
    const size_t most = std::min(common_.size(), static_cast<size_t>(kept_rank(next)));
    common_.resize(
        static_cast<size_t>(std::mismatch(next.extents, next.extents + most, common_.begin()).first - next.extents));
    if (size() > 0 && rows_.extents.size() <= common_.size() && take_in(end_)) {
      ++end_;
      return true;
    }
    // With more row dimensions less is in a row.
    for (size_t rank = rows_.extents.size() + 1; rank <= common_.size(); ++rank) {
      if (!start_with({{common_.begin(), common_.begin() + static_cast<ptrdiff_t>(rank)}})) continue;
      ++end_;
      return true;
    }
    return false;
  }

  bool is_worthwhile() const {
    if (size() < 2) return false;
    int64_t rows = 1;
    for (int64_t extent : rows_.extents) rows *= extent;
    return rows >= 2 && bytes_of_row_ >= kFewestBytes / rows;
  }

 private:
  // Takes in all loops up to the next, over these rows.
  bool start_with(Rows rows) {
    Group group(loops_, first_);
    group.rows_ = std::move(rows);
    for (size_t i = first_; i <= end_; ++i) {
      if (!group.take_in(i)) return false;
    }
    rows_ = std::move(group.rows_);
    accesses_ = std::move(group.accesses_);
    bytes_of_row_ = group.bytes_of_row_;
    return true;
  }

  bool take_in(size_t number) {
    const ls_loop loop = loops_[number].loop.descriptor();
    if (counts_rows(loop, rows_)) return false;
    std::vector<RowAccess> all = accesses_;
    int64_t bytes = bytes_of_row_;
    for (const RowAccess &access : row_accesses(loop, rows_)) {
      bool known = false;
      for (const RowAccess &other : all) {
        if ((access.written || other.written) && !keep_to_their_rows(access, other, rows_)) return false;
        known = known || (other.slot == access.slot && other.first == access.first && other.steps == access.steps);
      }
      if (access.written && !keep_to_their_rows(access, access, rows_)) return false;
      if (!known) bytes += access.span;
      all.push_back(access);
    }
    if (bytes > second_level_cache() / 2) return false;
    accesses_ = std::move(all);
    bytes_of_row_ = bytes;
    return true;
  }

  const std::vector<PlanLoop> &loops_;
  size_t first_;
  size_t end_;
  std::vector<int64_t> common_;  // the first extents that all loops have in common
  Rows rows_;
  std::vector<RowAccess> accesses_;
  int64_t bytes_of_row_ = 0;  // that the loops touch, each counted once
};

// Whether nothing but loops follows from loop `first` on to the end of the plan, and none of them touches the range.
bool only_loops_apart(const ByteRange &range, const std::vector<PlanLoop> &loops, size_t first, size_t steps) {
  if (steps - loops[first - 1].step - 1 != loops.size() - first) return false;
  return std::all_of(loops.begin() + static_cast<ptrdiff_t>(first), loops.end(), [&](const PlanLoop &loop) {
    const std::vector<RowAccess> all = row_accesses(loop.loop.descriptor(), {});
    return std::ranges::all_of(all, [&](const RowAccess &access) { return range_of(access, {}).is_apart(range); });
  });
}

struct Joined {
  size_t first;  // of the steps
  std::unique_ptr<RowBlocks> together;
  std::vector<std::unique_ptr<Step>> whole;  // with room for the steps
};

// Whether loops that follow one another may touch enough.
bool is_large(const std::vector<PlanLoop> &loops) {
  int64_t bytes = 0;
  for (const PlanLoop &loop : loops) {
    for (const RowAccess &access : row_accesses(loop.loop.descriptor(), {})) bytes += access.span;
  }
  return bytes >= kFewestBytes;
}

}  // namespace

void join_row_loops(std::vector<std::unique_ptr<Step>> &steps, const std::vector<PlanLoop> &loops, int32_t workspace) {
  if (!is_large(loops)) return;
  std::vector<Joined> found;
  for (size_t first = 0; first < loops.size();) {
    Group group(loops, first);
    while (group.grow()) {
    }
    if (group.is_worthwhile()) {
      std::vector<RowLoop> members;
      for (size_t i = first; i < first + group.size(); ++i) {
        members.push_back({&loops[i].loop, steps[loops[i].step].get()});
      }
      const size_t end = first + group.size();
      auto is_read_later = [&](const ByteRange &range) {
        return range.slot != workspace || !only_loops_apart(range, loops, end, steps.size());
      };
      auto together = make_row_blocks(members, group.rows(), group.rows_per_block(), workspace, is_read_later);
      if (together != nullptr) {
        found.push_back({loops[first].step, std::move(together), std::vector<std::unique_ptr<Step>>(group.size())});
      }
    }
    first += std::max<size_t>(1, group.size());
  }
  // Nothing fails from here on.
  for (Joined &joined : found) {
    std::move(steps.begin() + static_cast<ptrdiff_t>(joined.first),
              steps.begin() + static_cast<ptrdiff_t>(joined.first + joined.whole.size()), joined.whole.begin());
    joined.together->own(std::move(joined.whole));
    steps[joined.first] = std::move(joined.together);
  }
  std::erase(steps, nullptr);
}

}  // namespace lockstep
