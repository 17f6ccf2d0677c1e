// A row's elements become unsigned keys in the wanted order, these are sorted with their places, and the places tell
// which elements to write: so -0 stays -0 and a NaN keeps its bits.
#include <algorithm>
#include <bit>
#include <cstring>
#include <type_traits>

#include "cpu/sort_rows.h"
#include "plan/dtype.h"
#include "plan/step.h"
#include "threads/pool.h"

namespace lockstep {
namespace {

constexpr double kParallelFrom = 50e3;  // nanoseconds of one thread
constexpr double kChunk = 12e3;
constexpr double kNanosecondsPerElement = 15;
constexpr int64_t kMostChunks = 16;  // each has scratch of its own
constexpr int64_t kMostScratch = int64_t{64} << 20;
constexpr int64_t kFewestElementsForWidePlaces = int64_t{1} << 32;

int64_t divide_up(int64_t a, int64_t b) { return (a + b - 1) / b; }
int64_t aligned(int64_t bytes) { return divide_up(bytes, 64) * 64; }

// An unsigned number that orders as the element does: NaN last, -0 as 0.
template <typename T>
auto ordered(T x) {
  if constexpr (std::is_same_v<T, uint8_t>) {
    return x;
  } else {
    using Bits = std::conditional_t<sizeof(T) == 4, uint32_t, uint64_t>;
    constexpr Bits sign = Bits{1} << (sizeof(T) * 8 - 1);
    if constexpr (std::is_integral_v<T>) {
      return static_cast<Bits>(static_cast<Bits>(x) ^ sign);
    } else {
      if (x != x) return static_cast<Bits>(~Bits{0});
      Bits bits = std::bit_cast<Bits>(x == 0 ? T{0} : x);
      return static_cast<Bits>((bits & sign) != 0 ? ~bits : bits | sign);
    }
  }
}

// One row. Strides in bytes; the slots of unwanted results are null.
struct Row {
  const char *keys;
  char *values;
  char *indices;
};

struct Shape {
  int64_t n;
  int64_t keys_stride;
  int64_t values_stride;
  int64_t indices_stride;
  bool narrow_indices;
  bool descending;
};

template <typename T, typename Key>
struct Sorter {
  using Item = KeyedPlace<Key>;

  static int64_t scratch_bytes(int64_t n) {
    return aligned(n * static_cast<int64_t>(sizeof(T))) + 2 * aligned(n * static_cast<int64_t>(sizeof(Item)));
  }

  static void sort(const Shape &shape, const Row &row, char *scratch) {
    int64_t n = shape.n;
    T *elements = reinterpret_cast<T *>(scratch);
    char *rest = scratch + aligned(n * static_cast<int64_t>(sizeof(T)));
    Item *items = reinterpret_cast<Item *>(rest);
    Item *spare = reinterpret_cast<Item *>(rest + aligned(n * static_cast<int64_t>(sizeof(Item))));
    for (int64_t i = 0; i < n; ++i) {
      T x = *reinterpret_cast<const T *>(row.keys + i * shape.keys_stride);
      elements[i] = x;
      Key key = ordered(x);
      items[i] = {shape.descending ? static_cast<Key>(~key) : key, static_cast<Key>(i)};
    }
    const Item *sorted = sort_row(items, spare, n);
    if (row.values != nullptr) {
      for (int64_t i = 0; i < n; ++i) {
        *reinterpret_cast<T *>(row.values + i * shape.values_stride) = elements[sorted[i].place];
      }
    }
    if (row.indices == nullptr) return;
    for (int64_t i = 0; i < n; ++i) {
      char *to = row.indices + i * shape.indices_stride;
      if (shape.narrow_indices) {
        *reinterpret_cast<int32_t *>(to) = static_cast<int32_t>(sorted[i].place);
      } else {
        *reinterpret_cast<int64_t *>(to) = static_cast<int64_t>(sorted[i].place);
      }
    }
  }
};

struct Kernel {
  void (*sort)(const Shape &shape, const Row &row, char *scratch);
  int64_t scratch_bytes;
};

template <typename T, typename Key>
Kernel kernel_of(int64_t n) {
  return {Sorter<T, Key>::sort, Sorter<T, Key>::scratch_bytes(n)};
}

template <typename T>
Kernel kernel_for(int64_t n) {
  if constexpr (sizeof(T) == 8) {
    return kernel_of<T, uint64_t>(n);
  } else {
    return n >= kFewestElementsForWidePlaces ? kernel_of<T, uint64_t>(n) : kernel_of<T, uint32_t>(n);
  }
}

Kernel choose_kernel(int32_t dtype, int64_t n) {
  switch (dtype) {
    case LS_BOOL:
      return kernel_for<uint8_t>(n);
    case LS_I32:
      return kernel_for<int32_t>(n);
    case LS_I64:
      return kernel_for<int64_t>(n);
    case LS_F32:
      return kernel_for<float>(n);
    default:
      return kernel_for<double>(n);
  }
}

class SortStep final : public Step {
 public:
  explicit SortStep(const ls_sort &sort) : sort_(sort), kernel_{} {
    if (std::count(sort.extents, sort.extents + sort.rank, 0) > 0) return;
    int32_t last = sort.rank - 1;
    int64_t n = sort.extents[last];
    kernel_ = choose_kernel(sort.keys.dtype, n);
    shape_ = {n,
              stride(sort.keys, last),
              stride(sort.values, last),
              stride(sort.indices, last),
              sort.indices.dtype == LS_I32,
              sort.descending != 0};
    rows_ = 1;
    for (int32_t d = 0; d < last; ++d) rows_ *= sort.extents[d];
    rows_per_chunk_ = rows_;
    double nanoseconds = kNanosecondsPerElement * static_cast<double>(rows_) * static_cast<double>(n);
    if (nanoseconds < kParallelFrom) return;
    int64_t most = std::clamp<int64_t>(kMostScratch / kernel_.scratch_bytes, 1, kMostChunks);
    int64_t wanted = std::clamp<int64_t>(static_cast<int64_t>(nanoseconds / kChunk), 1, most);
    rows_per_chunk_ = divide_up(rows_, std::min(wanted, rows_));
  }

  void run(void *const *slots, void *scratch) const override {
    if (rows_ == 0) return;
    parallel_chunks(chunks(), [&](int64_t chunk) {
      char *own = static_cast<char *>(scratch) + chunk * kernel_.scratch_bytes;
      int64_t first = chunk * rows_per_chunk_;
      int64_t last = std::min(first + rows_per_chunk_, rows_);
      for (int64_t row = first; row < last; ++row) kernel_.sort(shape_, row_at(slots, row), own);
    });
  }

  int64_t scratch_bytes() const override { return rows_ == 0 ? 0 : chunks() * kernel_.scratch_bytes; }

  std::string describe() const override {
    std::string text = "sort " + shape_text(sort_.keys.dtype, sort_.extents, sort_.rank) + ": " +
                       (sort_.descending != 0 ? "descending" : "ascending");
    if (sort_.values.slot >= 0) text += ", values";
    if (sort_.indices.slot >= 0) text += ", indices";
    if (rows_ == 0) return text + ", no elements";
    return text + ", " + count_text(rows_, "row") + ", " + count_text(chunks(), "chunk");
  }

 private:
  int64_t stride(const ls_operand &operand, int32_t d) const {
    if (operand.slot < 0 || sort_.extents[d] == 1) return 0;
    return operand.strides[d] * dtype_size(operand.dtype);
  }

  int64_t chunks() const { return divide_up(rows_, rows_per_chunk_); }

  Row row_at(void *const *slots, int64_t row) const {
    int64_t coordinates[LS_MAX_RANK];
    for (int32_t d = sort_.rank - 2; d >= 0; --d) {
      coordinates[d] = row % sort_.extents[d];
      row /= sort_.extents[d];
    }
    auto address = [&](const ls_operand &operand) -> char * {
      if (operand.slot < 0) return nullptr;
      int64_t offset = operand.offset;
      for (int32_t d = 0; d < sort_.rank - 1; ++d) offset += coordinates[d] * stride(operand, d);
      return static_cast<char *>(slots[operand.slot]) + offset;
    };
    return {address(sort_.keys), address(sort_.values), address(sort_.indices)};
  }

  ls_sort sort_;
  Kernel kernel_;
  Shape shape_{};
  int64_t rows_ = 0;
  int64_t rows_per_chunk_ = 1;
};

}  // namespace

std::unique_ptr<Step> make_sort_step(const ls_sort &sort) { return std::make_unique<SortStep>(sort); }

}  // namespace lockstep
