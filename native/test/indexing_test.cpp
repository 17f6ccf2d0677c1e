// Gathers and scatters against a loop over the points, one element at a time.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "cpu/indexed.h"
#include "plan/dtype.h"
#include "plan_fixture.h"

namespace lockstep {
namespace {

constexpr int64_t kHuge = std::numeric_limits<int64_t>::max();
const std::vector<int32_t> kDtypes = {LS_BOOL, LS_I32, LS_I64, LS_F32, LS_F64, LS_BF16};

using Bytes = std::vector<char>;

// The arrays that an ls_gather or ls_scatter points to; strides and offsets in elements.
struct Indices {
  std::vector<ls_operand> operands;
  std::vector<int64_t> extents;
  std::vector<int64_t> strides;

  void add(const ls_operand &operand, int64_t extent, int64_t stride) {
    operands.push_back(operand);
    extents.push_back(extent);
    strides.push_back(stride);
  }

  template <typename Descriptor>
  void describe(Descriptor &descriptor, const std::vector<int64_t> &loop) const {
    descriptor.rank = static_cast<int32_t>(loop.size());
    std::copy(loop.begin(), loop.end(), descriptor.extents);
    descriptor.n_indices = static_cast<int32_t>(operands.size());
    descriptor.indices = operands.data();
    descriptor.index_extents = extents.data();
    descriptor.index_strides = strides.data();
  }
};

int64_t element_at(const ls_operand &operand, const std::vector<int64_t> &point) {
  int64_t at = operand.slot == LS_SLOT_INDEX ? operand.offset : operand.offset / dtype_size(operand.dtype);
  for (size_t d = 0; d < point.size(); ++d) at += point[d] * operand.strides[d];
  return at;
}

int64_t index_value(const ls_operand &operand, const std::vector<int64_t> &point, const std::vector<Bytes> &slots) {
  if (operand.slot == LS_SLOT_CONSTANT) {
    return operand.dtype == LS_I32 ? static_cast<int32_t>(operand.offset) : operand.offset;
  }
  int64_t at = element_at(operand, point);
  if (operand.slot == LS_SLOT_INDEX) return at;
  const char *memory = slots[static_cast<size_t>(operand.slot)].data();
  if (operand.dtype == LS_I32) {
    int32_t value;
    std::memcpy(&value, memory + at * 4, 4);
    return value;
  }
  int64_t value;
  std::memcpy(&value, memory + at * 8, 8);
  return value;
}

// False when some index is outside and nothing clamps it.
template <typename Descriptor>
bool displace(const Descriptor &d, const std::vector<int64_t> &point, const std::vector<Bytes> &slots, int64_t &at) {
  for (int32_t j = 0; j < d.n_indices; ++j) {
    int64_t index = index_value(d.indices[j], point, slots);
    int64_t extent = d.index_extents[j];
    if (extent == 0) return false;
    if (d.bounds == LS_BOUNDS_CLAMP) index = std::clamp<int64_t>(index, 0, extent - 1);
    if (index < 0 || index >= extent) return false;
    at += index * d.index_strides[j];
  }
  return true;
}

template <typename Visit>
void for_each_point(const std::vector<int64_t> &extents, Visit &&visit) {
  if (std::count(extents.begin(), extents.end(), 0) > 0) return;
  std::vector<int64_t> point(extents.size(), 0);
  for (;;) {
    visit(point);
    size_t d = extents.size();
    while (d > 0 && ++point[d - 1] == extents[d - 1]) point[--d] = 0;
    if (d == 0) return;
  }
}

std::vector<int64_t> loop_of(int32_t rank, const int64_t *extents) { return {extents, extents + rank}; }

void reference(const ls_gather &gather, std::vector<Bytes> &slots) {
  int64_t size = dtype_size(gather.to.dtype);
  for_each_point(loop_of(gather.rank, gather.extents), [&](const std::vector<int64_t> &point) {
    int64_t from = element_at(gather.from, point);
    char *to = slots[static_cast<size_t>(gather.to.slot)].data() + element_at(gather.to, point) * size;
    const char *source = reinterpret_cast<const char *>(&gather.fill);
    if (displace(gather, point, slots, from))
      source = slots[static_cast<size_t>(gather.from.slot)].data() + from * size;
    std::memcpy(to, source, static_cast<size_t>(size));
  });
}

template <typename T>
T combined(int32_t mode, T a, T b) {
  if constexpr (std::is_same_v<T, bool>) {
    if (mode == LS_SCATTER_SET) return b;
    return mode == LS_SCATTER_ADD || mode == LS_SCATTER_MAX ? a || b : a && b;
  } else {
    if (mode == LS_SCATTER_SET) return b;
    if (mode == LS_SCATTER_ADD || mode == LS_SCATTER_MUL) {
      if constexpr (std::is_integral_v<T>) {
        auto x = static_cast<uint64_t>(a);
        auto y = static_cast<uint64_t>(b);
        return static_cast<T>(mode == LS_SCATTER_ADD ? x + y : x * y);
      } else {
        return mode == LS_SCATTER_ADD ? a + b : a * b;
      }
    }
    if constexpr (std::is_floating_point_v<T>) {
      if (std::isnan(a) || std::isnan(b)) return std::numeric_limits<T>::quiet_NaN();
    }
    return mode == LS_SCATTER_MIN ? std::min(a, b) : std::max(a, b);
  }
}

template <typename T>
void reference_of(const ls_scatter &scatter, std::vector<Bytes> &slots) {
  for_each_point(loop_of(scatter.rank, scatter.extents), [&](const std::vector<int64_t> &point) {
    int64_t to = element_at(scatter.to, point);
    if (!displace(scatter, point, slots, to)) return;
    T value;
    if (scatter.from.slot == LS_SLOT_CONSTANT) {
      std::memcpy(&value, &scatter.from.offset, sizeof value);
    } else {
      const char *from = slots[static_cast<size_t>(scatter.from.slot)].data();
      std::memcpy(&value, from + element_at(scatter.from, point) * static_cast<int64_t>(sizeof value), sizeof value);
    }
    char *address = slots[static_cast<size_t>(scatter.to.slot)].data() + to * static_cast<int64_t>(sizeof value);
    T before;
    std::memcpy(&before, address, sizeof before);
    T after = combined(scatter.mode, before, value);
    std::memcpy(address, &after, sizeof after);
  });
}

void reference(const ls_scatter &scatter, std::vector<Bytes> &slots) {
  switch (scatter.to.dtype) {
    case LS_BOOL:
      return reference_of<bool>(scatter, slots);
    case LS_I32:
      return reference_of<int32_t>(scatter, slots);
    case LS_I64:
      return reference_of<int64_t>(scatter, slots);
    case LS_F32:
      return reference_of<float>(scatter, slots);
    case LS_BF16:
      return reference_of<uint16_t>(scatter, slots);
    default:
      return reference_of<double>(scatter, slots);
  }
}

// Small whole numbers, so that sums and products are exact; NaN now and then.
Bytes random_elements(int32_t dtype, int64_t count, std::mt19937 &random) {
  Bytes bytes(static_cast<size_t>(count * dtype_size(dtype)));
  for (int64_t i = 0; i < count; ++i) {
    int64_t whole = static_cast<int64_t>(random() % 7) - 3;
    bool nan = random() % 23 == 0;
    char *at = bytes.data() + i * dtype_size(dtype);
    float f32 = nan ? std::numeric_limits<float>::quiet_NaN() : static_cast<float>(whole);
    double f64 = nan ? std::numeric_limits<double>::quiet_NaN() : static_cast<double>(whole);
    int32_t i32 = static_cast<int32_t>(whole);
    const void *values[] = {nullptr, &i32, &whole, &f32, &f64, &i32};
    if (dtype == LS_BOOL) {
      *at = static_cast<char>(random() & 1U);
    } else {
      std::memcpy(at, values[dtype], static_cast<size_t>(dtype_size(dtype)));
    }
  }
  return bytes;
}

Bytes random_indices(int32_t dtype, int64_t count, int64_t extent, std::mt19937 &random) {
  Bytes bytes(static_cast<size_t>(count * dtype_size(dtype)));
  for (int64_t i = 0; i < count; ++i) {
    int64_t value = static_cast<int64_t>(random() % static_cast<uint64_t>(std::max<int64_t>(extent, 1)));
    if (random() % 11 == 0) value = extent + static_cast<int64_t>(random() % 3);
    if (random() % 11 == 0) value = -1 - static_cast<int64_t>(random() % 3);
    if (random() % 41 == 0) value = dtype == LS_I32 ? std::numeric_limits<int32_t>::min() : -kHuge - 1;
    int32_t narrow = static_cast<int32_t>(value);
    char *at = bytes.data() + i * dtype_size(dtype);
    std::memcpy(at, dtype == LS_I32 ? static_cast<void *>(&narrow) : &value, static_cast<size_t>(dtype_size(dtype)));
  }
  return bytes;
}

// Equal, with every NaN like every other.
bool same(const Bytes &a, const Bytes &b, int32_t dtype) {
  if (dtype != LS_F32 && dtype != LS_F64) return a == b;
  int64_t size = dtype_size(dtype);
  for (size_t at = 0; at < a.size(); at += static_cast<size_t>(size)) {
    if (std::memcmp(a.data() + at, b.data() + at, static_cast<size_t>(size)) == 0) continue;
    double x;
    double y;
    float x32;
    float y32;
    std::memcpy(&x32, a.data() + at, 4);
    std::memcpy(&y32, b.data() + at, 4);
    x = x32, y = y32;
    if (size == 8) {
      std::memcpy(&x, a.data() + at, 8);
      std::memcpy(&y, b.data() + at, 8);
    }
    if (!(std::isnan(x) && std::isnan(y)) && x != y) return false;
  }
  return true;
}

// Runs the step with slot 0 .. n-2 as inputs and the last as the output, which holds values before.
template <typename Descriptor>
std::string check(const Descriptor &descriptor, const std::vector<Bytes> &slots) {
  std::vector<Bytes> expected = slots;
  reference(descriptor, expected);
  std::vector<Bytes> actual = slots;
  std::vector<int64_t> sizes;
  for (const Bytes &bytes : slots) sizes.push_back(static_cast<int64_t>(bytes.size()));
  int64_t output = sizes.back();
  sizes.pop_back();
  TestPlan plan(sizes, {output});
  EXPECT_EQ(LS_OK, plan.add(descriptor)) << ls_last_error();
  EXPECT_EQ(LS_OK, plan.seal());
  static char nothing[64];
  std::vector<const void *> inputs;
  for (size_t i = 0; i + 1 < actual.size(); ++i) inputs.push_back(actual[i].empty() ? nothing : actual[i].data());
  EXPECT_EQ(LS_OK, plan.run(inputs, {actual.back().empty() ? nothing : actual.back().data()})) << ls_last_error();
  std::string text = plan.describe();
  EXPECT_TRUE(same(expected.back(), actual.back(), descriptor.to.dtype)) << text;
  return text;
}

// A strided view over a buffer that it and the indices fill exactly.
struct Placed {
  std::vector<int64_t> strides;
  int64_t first = 0;
  int64_t size = 1;

  void reach(int64_t extent, int64_t stride) {
    if (extent <= 1) return;
    if (stride < 0) first -= (extent - 1) * stride;
    size += (extent - 1) * std::abs(stride);
  }
};

Placed dense(const std::vector<int64_t> &extents, std::mt19937 &random) {
  Placed placed;
  placed.strides.resize(extents.size());
  int64_t stride = random() % 3 == 0 ? 2 : 1;
  bool column_major = random() % 4 == 0;
  for (size_t i = 0; i < extents.size(); ++i) {
    size_t d = column_major ? i : extents.size() - 1 - i;
    placed.strides[d] = random() % 5 == 0 ? -stride : stride;
    placed.reach(extents[d], placed.strides[d]);
    stride = stride * std::max<int64_t>(extents[d], 1) + (random() % 3 == 0 ? 1 : 0);
  }
  return placed;
}

// A loop, indices of every kind, and the side that they address with any strides.
struct Case {
  std::vector<int64_t> loop;
  std::vector<Bytes> slots;
  Indices indices;
  Placed indexed;

  Case(std::mt19937 &random, int64_t most) {
    size_t rank = random() % 5;
    for (size_t d = 0; d < rank; ++d) {
      loop.push_back(random() % 30 == 0 ? 0 : 1 + static_cast<int64_t>(random() % static_cast<uint64_t>(most)));
    }
    size_t n = random() % 4;
    for (size_t j = 0; j < n; ++j) add_index(random);
    indexed.strides.resize(rank);
    for (size_t d = 0; d < rank; ++d) {
      bool driven = false;
      for (const ls_operand &index : indices.operands) driven |= index.strides[d] != 0;
      int64_t stride = driven && random() % 3 != 0 ? 0 : static_cast<int64_t>(random() % 9) - 2;
      if (d + 1 == rank && random() % 2 == 0) stride = 1;
      indexed.strides[d] = stride;
      indexed.reach(loop[d], stride);
    }
    for (size_t j = 0; j < n; ++j) indexed.reach(indices.extents[j], indices.strides[j]);
  }

  void add_index(std::mt19937 &random) {
    int32_t dtype = random() % 2 == 0 ? LS_I32 : LS_I64;
    int64_t extent = random() % 25 == 0 ? 0 : 1 + static_cast<int64_t>(random() % 12);
    int64_t stride = random() % 4 == 0 ? -3 : static_cast<int64_t>(random() % 12);
    if (random() % 8 == 0) {
      indices.add(operand(LS_SLOT_CONSTANT, dtype, static_cast<int64_t>(random() % 12) - 1, {}), extent, stride);
      return;
    }
    std::vector<int64_t> over = loop;
    for (int64_t &e : over) e = random() % 2 == 0 ? 1 : e;
    Placed placed = dense(over, random);
    for (size_t d = 0; d < over.size(); ++d) {
      if (over[d] == 1) placed.strides[d] = 0;
    }
    if (random() % 6 == 0) {
      indices.add(operand(LS_SLOT_INDEX, dtype, static_cast<int64_t>(random() % 5) - 2, placed.strides), extent,
                  stride);
      return;
    }
    indices.add(operand(static_cast<int32_t>(slots.size()), dtype, placed.first * dtype_size(dtype), placed.strides),
                extent, stride);
    slots.push_back(random_indices(dtype, placed.size, extent, random));
  }

  ls_operand place(const Placed &placed, int32_t dtype, int64_t spare, std::mt19937 &random) {
    slots.push_back(random_elements(dtype, placed.size + spare, random));
    return operand(static_cast<int32_t>(slots.size() - 1), dtype, placed.first * dtype_size(dtype), placed.strides);
  }
};

class Gather : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_EQ(LS_OK, ls_threads_set(3)); }
  void TearDown() override { EXPECT_EQ(LS_OK, ls_threads_set(0)); }
};
using Scatter = Gather;

// slot 0: i32[n], slot 1: [extent, row], slot 2: [n, row].
struct Lookup {
  Bytes indices;
  Bytes table;
  Bytes rows;
  int64_t n;
  int64_t extent;
  int64_t row;
  int32_t dtype;

  Lookup(int32_t type, int64_t count, int64_t table_rows, int64_t row_elements)
      : n(count), extent(table_rows), row(row_elements), dtype(type) {
    std::mt19937 random(static_cast<unsigned>(count + row_elements));
    indices = random_indices(LS_I32, n, extent, random);
    table = random_elements(dtype, extent * row, random);
    rows = random_elements(dtype, n * row, random);
  }

  Indices one_index() const {
    Indices list;
    list.add(operand(0, LS_I32, 0, {1, 0}), extent, row);
    return list;
  }
};

TEST_F(Gather, LooksUpRowsOfEverySize) {
  for (int32_t dtype : kDtypes) {
    for (int64_t n : {0, 1, 13, 702, 4098}) {
      for (int64_t row : {1, 3, 64, 207}) {
        for (int32_t bounds : {LS_BOUNDS_CLAMP, LS_BOUNDS_FILL}) {
          Lookup lookup(dtype, n, 50, row);
          Indices list = lookup.one_index();
          ls_gather gather{};
          list.describe(gather, {n, row});
          gather.bounds = bounds;
          gather.fill = 0x0101010101010101;
          gather.from = operand(1, dtype, 0, {0, 1});
          gather.to = operand(2, dtype, 0, {row, 1});
          check(gather, {lookup.indices, lookup.table, lookup.rows});
        }
      }
    }
  }
}

TEST_F(Gather, OfEveryKindOfView) {
  std::mt19937 random(702);
  for (int round = 0; round < 3000; ++round) {
    Case c(random, round % 50 == 0 ? 16 : 6);
    int32_t dtype = kDtypes[random() % kDtypes.size()];
    ls_gather gather{};
    c.indices.describe(gather, c.loop);
    gather.bounds = random() % 2 == 0 ? LS_BOUNDS_CLAMP : LS_BOUNDS_FILL;
    gather.fill = dtype == LS_BOOL ? 1 : 0;
    gather.from = c.place(c.indexed, dtype, 0, random);
    gather.to = c.place(dense(c.loop, random), dtype, 0, random);
    check(gather, c.slots);
    if (HasFailure()) return;
  }
}

TEST_F(Gather, OneLargeBlockIsSplit) {
  for (int64_t index : {3, 90}) {
    Lookup lookup(LS_F32, 1, 5, 300007);
    Indices list = lookup.one_index();
    list.operands[0] = operand(LS_SLOT_CONSTANT, LS_I64, index, {});
    ls_gather gather{};
    list.describe(gather, {300007});
    gather.bounds = LS_BOUNDS_FILL;
    gather.from = operand(1, LS_F32, 0, {1});
    gather.to = operand(2, LS_F32, 0, {1});
    EXPECT_PRED2(contains, check(gather, {lookup.indices, lookup.table, lookup.rows}), "chunks");
  }
}

TEST_F(Gather, DescribesTheRows) {
  Lookup lookup(LS_F32, 4098, 50, 64);
  Indices list = lookup.one_index();
  ls_gather gather{};
  list.describe(gather, {4098, 64});
  gather.from = operand(1, LS_F32, 0, {0, 1});
  gather.to = operand(2, LS_F32, 0, {64, 1});
  EXPECT_PRED2(contains, check(gather, {lookup.indices, lookup.table, lookup.rows}),
               "gather f32[4098, 64]: 1 index, clamped, 4098 rows of 64 contiguous elements, 1049088 bytes");
}

TEST_F(Gather, StaysInsideItsSlots) {
  TestPlan plan({40, 48}, {40});
  Indices list;
  list.add(operand(0, LS_I32, 0, {1}), 12, 1);
  ls_gather valid{};
  list.describe(valid, {10});
  valid.from = operand(1, LS_F32, 0, {0});
  valid.to = operand(2, LS_F32, 0, {1});
  EXPECT_EQ(LS_OK, plan.add(valid)) << ls_last_error();
  auto refused = [&](const char *text, auto &&change) {
    Indices changed_list = list;
    ls_gather gather = valid;
    changed_list.describe(gather, {10});
    change(gather, changed_list);
    EXPECT_REFUSED(LS_INVALID_ARGUMENT, text, plan.add(gather));
  };
  refused("gather: from: f32[10, 13]", [](auto &, auto &l) { l.extents[0] = 13; });
  refused("gather: from: f32[10, 12]", [](auto &, auto &l) { l.strides[0] = 2; });
  refused("gather: from: f32[10, 12]", [](auto &, auto &l) { l.strides[0] = -1; });
  refused("beyond 64 bits", [](auto &, auto &l) { l.strides[0] = kHuge; });
  refused("gather: from: f32[10, 12]", [](auto &g, auto &) { g.from.strides[0] = 1; });
  refused("index_extents: expected extents of 0 or more", [](auto &, auto &l) { l.extents[0] = -1; });
  refused("gather: index 0: i32[10]", [](auto &, auto &l) { l.operands[0].strides[0] = 2; });
  refused("gather: index 0: expected i32 or i64, got f32", [](auto &, auto &l) { l.operands[0].dtype = LS_F32; });
  refused("gather: index 0: expected a dtype", [](auto &, auto &l) { l.operands[0].dtype = 9; });
  refused("gather: index 0: expected a slot", [](auto &, auto &l) { l.operands[0].slot = LS_SLOT_NONE; });
  refused("gather: to: f32[10]", [](auto &g, auto &) { g.to.offset = 4; });
  refused("10 times along dimension 0", [](auto &g, auto &) { g.to.strides[0] = 0; });
  refused("only reads", [](auto &g, auto &) { g.to.slot = 0; });
  refused("expected a slot", [](auto &g, auto &) { g.from.slot = LS_SLOT_CONSTANT; });
  refused("one dtype, got from f32 to i32", [](auto &g, auto &) { g.to.dtype = LS_I32; });
  refused("expected bounds", [](auto &g, auto &) { g.bounds = 2; });
  refused("gather: n_indices", [](auto &g, auto &) { g.n_indices = LS_MAX_RANK + 1; });
  refused("gather: n_indices", [](auto &g, auto &) { g.n_indices = -1; });
  refused("gather: rank", [](auto &g, auto &) { g.rank = LS_MAX_RANK + 1; });
  refused("got NULL", [](auto &g, auto &) { g.index_strides = nullptr; });
}

TEST_F(Scatter, AddsRowsOfEverySize) {
  for (int32_t dtype : kDtypes) {
    int32_t last = dtype == LS_BF16 ? LS_SCATTER_SET : LS_SCATTER_MAX;
    for (int32_t mode = LS_SCATTER_SET; mode <= last; ++mode) {
      for (int64_t n : {0, 1, 13, 1702}) {
        for (int64_t row : {1, 3, 64, 207}) {
          Lookup lookup(dtype, n, 50, row);
          Indices list = lookup.one_index();
          ls_scatter scatter{};
          list.describe(scatter, {n, row});
          scatter.bounds = n % 2 == 0 ? LS_BOUNDS_CLAMP : LS_BOUNDS_FILL;
          scatter.mode = mode;
          scatter.from = operand(1, dtype, 0, {row, 1});
          scatter.to = operand(2, dtype, 0, {0, 1});
          check(scatter, {lookup.indices, lookup.rows, lookup.table});
        }
      }
    }
  }
}

TEST_F(Scatter, ToEveryKindOfView) {
  std::mt19937 random(4098);
  for (int round = 0; round < 4000; ++round) {
    Case c(random, round % 20 == 0 ? 16 : 6);
    int32_t dtype = kDtypes[random() % kDtypes.size()];
    ls_scatter scatter{};
    c.indices.describe(scatter, c.loop);
    scatter.bounds = random() % 2 == 0 ? LS_BOUNDS_CLAMP : LS_BOUNDS_FILL;
    scatter.mode = dtype == LS_BF16 ? LS_SCATTER_SET : static_cast<int32_t>(random() % 5);
    scatter.from = operand(LS_SLOT_CONSTANT, dtype, 1, {});
    if (random() % 4 != 0) scatter.from = c.place(dense(c.loop, random), dtype, 0, random);
    scatter.to = c.place(c.indexed, dtype, 0, random);
    check(scatter, c.slots);
    if (HasFailure()) return;
  }
}

// Batches are disjoint, rows are not: rows overlap their neighbours' elements.
TEST_F(Scatter, LargeOnesRunInParallelOnlyWhereDisjoint) {
  std::mt19937 random(13);
  for (bool overlapping : {false, true}) {
    int64_t batches = 20;
    int64_t n = 300;
    int64_t row = 40;
    int64_t step = overlapping ? 1 : row;
    int64_t batch_stride = overlapping ? step * 30 : step * 29 + row;
    Indices list;
    list.add(operand(0, LS_I64, 0, {n, 1, 0}), 30, step);
    ls_scatter scatter{};
    list.describe(scatter, {batches, n, row});
    scatter.mode = LS_SCATTER_SET;
    scatter.from = operand(1, LS_F64, 0, {n * row, row, 1});
    scatter.to = operand(2, LS_F64, 0, {batch_stride, 0, 1});
    std::string text = check(
        scatter, {random_indices(LS_I64, batches * n, 30, random), random_elements(LS_F64, batches * n * row, random),
                  random_elements(LS_F64, batches * batch_stride + 29 * step + row, random)});
    EXPECT_EQ(overlapping, contains(text, " 1 chunk")) << text;
  }
}

// Enumerates every element that a point can touch, whatever its indices are.
TEST_F(Scatter, NoElementBelongsToTwoChunks) {
  std::mt19937 random(207);
  int disjoint = 0;
  for (int round = 0; round < 5000; ++round) {
    IndexedLayout layout;
    layout.rank = static_cast<int32_t>(random() % 3);
    std::vector<int64_t> extents;
    std::vector<int64_t> strides;
    auto add = [&](int64_t &extent, int64_t &stride) {
      extent = 1 + static_cast<int64_t>(random() % 4);
      stride = random() % 2 == 0 ? int64_t{1} << random() % 6 : static_cast<int64_t>(random() % 24) - 8;
      extents.push_back(extent);
      strides.push_back(stride);
    };
    for (int32_t d = 0; d < layout.rank; ++d) add(layout.extents[d], layout.indexed_strides[d]);
    add(layout.row, layout.row_indexed_stride);
    layout.indices.resize(random() % 3);
    for (IndexSource &index : layout.indices) add(index.extent, index.step);
    for (int32_t d = 0; d <= layout.rank; ++d) {
      if (!disjoint_along(layout, d)) continue;
      ++disjoint;
      std::map<int64_t, int64_t> owner;
      for_each_point(extents, [&](const std::vector<int64_t> &point) {
        int64_t offset = 0;
        for (size_t i = 0; i < point.size(); ++i) offset += point[i] * strides[i];
        int64_t coordinate = point[static_cast<size_t>(d)];
        EXPECT_EQ(coordinate, owner.emplace(offset, coordinate).first->second) << "round " << round;
      });
      if (HasFailure()) return;
    }
  }
  EXPECT_GT(disjoint, 1000);
}

TEST_F(Scatter, StaysInsideItsSlots) {
  TestPlan plan({40, 40}, {48});
  Indices list;
  list.add(operand(0, LS_I32, 0, {1}), 12, 1);
  ls_scatter valid{};
  list.describe(valid, {10});
  valid.from = operand(1, LS_F32, 0, {1});
  valid.to = operand(2, LS_F32, 0, {0});
  EXPECT_EQ(LS_OK, plan.add(valid)) << ls_last_error();
  auto refused = [&](const char *text, auto &&change) {
    Indices changed_list = list;
    ls_scatter scatter = valid;
    changed_list.describe(scatter, {10});
    change(scatter, changed_list);
    EXPECT_REFUSED(LS_INVALID_ARGUMENT, text, plan.add(scatter));
  };
  refused("scatter: to: f32[10, 13]", [](auto &, auto &l) { l.extents[0] = 13; });
  refused("scatter: to: f32[10, 12]", [](auto &, auto &l) { l.strides[0] = 2; });
  refused("scatter: to: f32[10, 12]", [](auto &s, auto &) { s.to.strides[0] = 1; });
  refused("scatter: from: f32[10]", [](auto &s, auto &) { s.from.strides[0] = 2; });
  refused("expected a slot", [](auto &s, auto &) { s.from.slot = LS_SLOT_INDEX; });
  refused("only reads", [](auto &s, auto &) { s.to.slot = 1, s.to.strides[0] = 0, s.n_indices = 0; });
  refused("expected a mode", [](auto &s, auto &) { s.mode = 5; });
  refused("one dtype", [](auto &s, auto &) { s.from.dtype = LS_I32; });
}

}  // namespace
}  // namespace lockstep
