// Running sums and the like. Several rows run side by side, so that the additions of one do not wait for each other,
// and rows that are columns of memory are read a cache line at a time.
#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <type_traits>

#include "plan/dtype.h"
#include "plan/step.h"
#include "threads/pool.h"

namespace lockstep {
namespace {

constexpr double kParallelFrom = 50e3;  // nanoseconds of one thread
constexpr double kChunk = 12e3;
constexpr int64_t kMostChunks = 256;
constexpr int64_t kMostLanes = 64;
constexpr int64_t kStridedLanes = 4;

int64_t divide_up(int64_t a, int64_t b) { return (a + b - 1) / b; }

// Each kind has a state per row, which take() continues by an element and gives the result so far of.

template <typename T>
struct Sum {  // of integers
  std::make_unsigned_t<T> sum = 0;
  T take(T x) {
    sum += static_cast<std::make_unsigned_t<T>>(x);
    return static_cast<T>(sum);
  }
};

template <>
struct Sum<uint8_t> {
  uint8_t any = 0;
  uint8_t take(uint8_t x) { return any |= x; }
};

template <>
struct Sum<float> {
  double sum = 0;
  float take(float x) { return static_cast<float>(sum += static_cast<double>(x)); }
};

// Neumaier's compensated sum.
template <>
struct Sum<double> {
  double sum = 0;
  double lost = 0;
  double take(double x) {
    double next = sum + x;
    lost += std::abs(sum) >= std::abs(x) ? (sum - next) + x : (x - next) + sum;
    sum = next;
    return std::isfinite(sum) ? sum + lost : sum;
  }
};

template <typename T>
struct Product {
  T product = 1;
  T take(T x) {
    if constexpr (std::is_same_v<T, uint8_t>) {
      return product &= x;
    } else if constexpr (std::is_integral_v<T>) {
      using Unsigned = std::make_unsigned_t<T>;
      return product = static_cast<T>(static_cast<Unsigned>(product) * static_cast<Unsigned>(x));
    } else {
      return product *= x;
    }
  }
};

template <typename T>
constexpr T lowest() {
  return std::numeric_limits<T>::has_infinity ? -std::numeric_limits<T>::infinity() : std::numeric_limits<T>::lowest();
}

template <typename T>
constexpr T highest() {
  return std::numeric_limits<T>::has_infinity ? std::numeric_limits<T>::infinity() : std::numeric_limits<T>::max();
}

template <typename T>
struct Maximum {
  T maximum = lowest<T>();
  T take(T x) { return maximum = x > maximum || x != x ? x : maximum; }
};

template <typename T>
struct Minimum {
  T minimum = highest<T>();
  T take(T x) { return minimum = x < minimum || x != x ? x : minimum; }
};

// log(sum of exp(x)) = maximum + log(scaled), where scaled is the sum of exp(x - maximum).
template <typename T>
struct LogSumExp {
  double maximum = -std::numeric_limits<double>::infinity();
  double scaled = 0;
  T take(T element) {
    double x = static_cast<double>(element);
    if (x == maximum) {
      if (std::isfinite(x)) scaled += 1;  // equal infinities have no difference; their result stands
    } else if (x < maximum) {
      scaled += std::exp(x - maximum);
    } else {
      scaled = scaled * std::exp(maximum - x) + 1;
      maximum = x;
    }
    return static_cast<T>(maximum + std::log(scaled));
  }
};

// Up to kMostLanes rows. Strides in bytes.
struct Lanes {
  const char *from;
  char *to;
  int64_t lanes;
  int64_t from_lane_stride;
  int64_t to_lane_stride;
  int64_t n;
  int64_t from_stride;
  int64_t to_stride;
};

// Rows from `first` on, whose states stay in registers.
template <int kRows, typename T, template <typename> class Kind>
void cumulate_rows(const Lanes &l, int64_t first) {
  Kind<T> state[kRows];
  const char *from = l.from + first * l.from_lane_stride;
  char *to = l.to + first * l.to_lane_stride;
  for (int64_t i = 0; i < l.n; ++i, from += l.from_stride, to += l.to_stride) {
    for (int row = 0; row < kRows; ++row) {
      T x = *reinterpret_cast<const T *>(from + row * l.from_lane_stride);
      *reinterpret_cast<T *>(to + row * l.to_lane_stride) = state[row].take(x);
    }
  }
}

template <typename T, template <typename> class Kind>
void cumulate_columns(const Lanes &l) {
  Kind<T> state[kMostLanes];
  for (int64_t i = 0; i < l.n; ++i) {
    const T *from = reinterpret_cast<const T *>(l.from + i * l.from_stride);
    T *to = reinterpret_cast<T *>(l.to + i * l.to_stride);
    for (int64_t lane = 0; lane < l.lanes; ++lane) to[lane] = state[lane].take(from[lane]);
  }
}

template <typename T, template <typename> class Kind>
void cumulate(const Lanes &l) {
  constexpr int64_t size = sizeof(T);
  if (l.lanes > 1 && l.from_lane_stride == size && l.to_lane_stride == size) return cumulate_columns<T, Kind>(l);
  if (l.lanes == kStridedLanes) return cumulate_rows<kStridedLanes, T, Kind>(l, 0);
  for (int64_t lane = 0; lane < l.lanes; ++lane) cumulate_rows<1, T, Kind>(l, lane);
}

using Kernel = void (*)(const Lanes &lanes);

template <typename T>
Kernel kernel_for(int32_t kind) {
  switch (kind) {
    case LS_CUMULATE_SUM:
      return cumulate<T, Sum>;
    case LS_CUMULATE_PROD:
      return cumulate<T, Product>;
    case LS_CUMULATE_MAX:
      return cumulate<T, Maximum>;
    case LS_CUMULATE_MIN:
      return cumulate<T, Minimum>;
    default:
      if constexpr (std::is_floating_point_v<T>) return cumulate<T, LogSumExp>;
      return nullptr;
  }
}

Kernel choose_kernel(int32_t dtype, int32_t kind) {
  switch (dtype) {
    case LS_BOOL:
      return kernel_for<uint8_t>(kind);
    case LS_I32:
      return kernel_for<int32_t>(kind);
    case LS_I64:
      return kernel_for<int64_t>(kind);
    case LS_F32:
      return kernel_for<float>(kind);
    default:
      return kernel_for<double>(kind);
  }
}

const char *kind_name(int32_t kind) {
  constexpr const char *names[] = {"sum", "prod", "max", "min", "log_sum_exp"};
  return names[kind];
}

class CumulativeStep final : public Step {
 public:
  explicit CumulativeStep(const ls_cumulative &cumulative)
      : kernel_(choose_kernel(cumulative.to.dtype, cumulative.kind)),
        from_slot_(cumulative.from.slot),
        to_slot_(cumulative.to.slot),
        from_offset_(cumulative.from.offset),
        to_offset_(cumulative.to.offset),
        name_("cumulative " + shape_text(cumulative.to.dtype, cumulative.extents, cumulative.rank) + ": " +
              kind_name(cumulative.kind) + (cumulative.reverse != 0 ? ", reversed" : "")) {
    if (std::count(cumulative.extents, cumulative.extents + cumulative.rank, 0) > 0) return;
    int64_t size = dtype_size(cumulative.to.dtype);
    int32_t last = cumulative.rank - 1;
    lanes_.n = cumulative.extents[last];
    if (lanes_.n > 1) {
      lanes_.from_stride = cumulative.from.strides[last] * size;
      lanes_.to_stride = cumulative.to.strides[last] * size;
    }
    if (cumulative.reverse != 0) {
      from_offset_ += (lanes_.n - 1) * lanes_.from_stride;
      to_offset_ += (lanes_.n - 1) * lanes_.to_stride;
      lanes_.from_stride = -lanes_.from_stride;
      lanes_.to_stride = -lanes_.to_stride;
    }
    for (int32_t d = 0; d < last; ++d) {
      add({cumulative.extents[d], cumulative.from.strides[d] * size, cumulative.to.strides[d] * size});
    }
    choose_lanes(size);
    units_ = divide_up(lane_.extent, lanes_.lanes);
    for (int32_t d = 0; d < rank_; ++d) units_ *= outer_[d].extent;
    int64_t elements = count_elements(cumulative);
    double nanoseconds = (cumulative.kind == LS_CUMULATE_LOG_SUM_EXP ? 15.0 : 1.0) * static_cast<double>(elements);
    units_per_chunk_ = units_;
    if (nanoseconds < kParallelFrom) return;
    int64_t wanted = std::clamp<int64_t>(static_cast<int64_t>(nanoseconds / kChunk), 4, kMostChunks);
    units_per_chunk_ = divide_up(units_, std::min(wanted, units_));
  }

  void run(void *const *slots, void *) const override {
    if (units_ == 0) return;
    if (units_per_chunk_ == units_) return run_units(slots, 0, units_);
    parallel_chunks(divide_up(units_, units_per_chunk_), [&](int64_t chunk) {
      int64_t first = chunk * units_per_chunk_;
      run_units(slots, first, std::min(first + units_per_chunk_, units_));
    });
  }

  std::string describe() const override {
    if (units_ == 0) return name_ + ", no elements";
    int64_t chunks = divide_up(units_, units_per_chunk_);
    return name_ + ", " + count_text(lanes_.lanes, "row") + " side by side, " + count_text(chunks, "chunk");
  }

 private:
  struct Dimension {
    int64_t extent;
    int64_t from;
    int64_t to;
  };

  static int64_t count_elements(const ls_cumulative &cumulative) {
    int64_t elements = 1;
    for (int32_t d = 0; d < cumulative.rank; ++d) elements *= cumulative.extents[d];
    return elements;
  }

  void add(const Dimension &inner) {
    if (inner.extent == 1) return;
    if (rank_ > 0) {
      Dimension &outer = outer_[rank_ - 1];
      if (outer.from == inner.from * inner.extent && outer.to == inner.to * inner.extent) {
        outer = {outer.extent * inner.extent, inner.from, inner.to};
        return;
      }
    }
    outer_[rank_++] = inner;
  }

  // The lanes are neighbours in the result.
  void choose_lanes(int64_t size) {
    if (rank_ > 0) {
      Dimension *nearest = std::min_element(outer_, outer_ + rank_, [](const Dimension &a, const Dimension &b) {
        return std::abs(a.to) < std::abs(b.to);
      });
      lane_ = *nearest;
      std::copy(nearest + 1, outer_ + rank_, nearest);
      --rank_;
    }
    lanes_.from_lane_stride = lane_.from;
    lanes_.to_lane_stride = lane_.to;
    lanes_.lanes = std::min(lane_.extent, lane_.from == size && lane_.to == size ? kMostLanes : kStridedLanes);
  }

  // Units are numbered with the blocks of lanes fastest.
  void run_units(void *const *slots, int64_t first, int64_t last) const {
    int64_t blocks = divide_up(lane_.extent, lanes_.lanes);
    for (int64_t unit = first; unit < last; ++unit) {
      int64_t lane = unit % blocks * lanes_.lanes;
      int64_t rest = unit / blocks;
      int64_t from = from_offset_ + lane * lane_.from;
      int64_t to = to_offset_ + lane * lane_.to;
      for (int32_t d = rank_ - 1; d >= 0; --d) {
        int64_t coordinate = rest % outer_[d].extent;
        rest /= outer_[d].extent;
        from += coordinate * outer_[d].from;
        to += coordinate * outer_[d].to;
      }
      Lanes lanes = lanes_;
      lanes.from = static_cast<const char *>(slots[from_slot_]) + from;
      lanes.to = static_cast<char *>(slots[to_slot_]) + to;
      lanes.lanes = std::min(lanes.lanes, lane_.extent - lane);
      kernel_(lanes);
    }
  }

  Kernel kernel_;
  int32_t from_slot_;
  int32_t to_slot_;
  int64_t from_offset_;
  int64_t to_offset_;
  std::string name_;
  Lanes lanes_{};
  Dimension lane_{1, 0, 0};
  int32_t rank_ = 0;  // of the dimensions that are neither rows nor lanes
  Dimension outer_[LS_MAX_RANK];
  int64_t units_ = 0;
  int64_t units_per_chunk_ = 1;
};

}  // namespace

std::unique_ptr<Step> make_cumulative_step(const ls_cumulative &cumulative) {
  return std::make_unique<CumulativeStep>(cumulative);
}

}  // namespace lockstep
