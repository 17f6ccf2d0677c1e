// Copies between strided memory and tiles.
#include <type_traits>
#include <utility>

#include "cpu/isa/loop_finders.h"
#include "cpu/math_vector.h"

namespace lockstep::LS_ISA {
namespace {

struct Plane {
  int64_t rows;
  int64_t columns;
  int64_t row_stride;
  int64_t column_stride;
};

// tile[row * columns + column] and memory[row * row_stride + column * column_stride], whichever way Copy goes.
template <typename Copy, typename T, typename Memory>
void copy_elements(T *tile, Memory *memory, const Plane &plane, int64_t first_row, int64_t first_column) {
  for (int64_t row = first_row; row < plane.rows; ++row) {
    T *to = tile + row * plane.columns;
    Memory *from = memory + row * plane.row_stride;
    for (int64_t column = first_column; column < plane.columns; ++column) {
      Copy::apply(to[column], from[column * plane.column_stride]);
    }
  }
}

// A square of elements in vectors of 16 bytes, one a row.
template <typename T>
struct Block {
  static constexpr int kSide = 16 / sizeof(T);
  typedef T Vector __attribute__((vector_size(16)));

  // Each round interleaves the upper and the lower half of the rows; as many rounds as bits in a row's number turn the
  // number of a row into that of a column.
  static void transpose(Vector *x) {
    constexpr Vector kLow = interleaved<0>(std::make_integer_sequence<int, kSide>());
    constexpr Vector kHigh = interleaved<kSide / 2>(std::make_integer_sequence<int, kSide>());
    for (int64_t round = 1; round < kSide; round *= 2) {
      Vector y[kSide];
      for (int64_t i = 0; i < kSide / 2; ++i) {
        y[2 * i] = __builtin_shuffle(x[i], x[i + kSide / 2], kLow);
        y[2 * i + 1] = __builtin_shuffle(x[i], x[i + kSide / 2], kHigh);
      }
      for (int64_t i = 0; i < kSide; ++i) x[i] = y[i];
    }
  }

 private:
  template <int kFirst, int... kIndex>
  static constexpr Vector interleaved(std::integer_sequence<int, kIndex...>) {
    return Vector{(kFirst + kIndex / 2 + kIndex % 2 * kSide)...};
  }
};

// The copy of a plane whose rows are neighbours in memory. A column's cache lines are finished before the next column:
// columns are often a power of two apart and share one cache set.
template <typename Copy, typename T, typename Memory>
void copy_transposed(T *tile, Memory *memory, const Plane &plane) {
  using Square = Block<std::remove_const_t<T>>;
  using Vector = typename Square::Vector;
  constexpr int64_t kSide = Square::kSide;
  int64_t rows = plane.rows / kSide * kSide;
  int64_t columns = plane.columns / kSide * kSide;
  for (int64_t column = 0; column < columns; column += kSide) {
    for (int64_t row = 0; row < rows; row += kSide) {
      Vector block[kSide];
      for (int64_t i = 0; i < kSide; ++i) {
        const T *from = Copy::kToTile ? memory + row + (column + i) * plane.column_stride
                                      : tile + (row + i) * plane.columns + column;
        block[i] = load<Vector>(from);
      }
      Square::transpose(block);
      for (int64_t i = 0; i < kSide; ++i) {
        if constexpr (Copy::kToTile) {
          store(tile + (row + i) * plane.columns + column, block[i]);
        } else {
          store(memory + row + (column + i) * plane.column_stride, block[i]);
        }
      }
    }
  }
  copy_elements<Copy>(tile, memory, plane, 0, columns);
  for (int64_t row = rows; row < plane.rows; ++row) {
    for (int64_t column = 0; column < columns; ++column) {
      Copy::apply(tile[row * plane.columns + column], memory[row + column * plane.column_stride]);
    }
  }
}

template <typename Copy, typename T, typename Memory>
void copy_plane(T *tile, Memory *memory, const Plane &plane) {
  if (plane.column_stride == 1) {
    for (int64_t row = 0; row < plane.rows; ++row) {
      T *to = tile + row * plane.columns;
      Memory *from = memory + row * plane.row_stride;
#pragma GCC ivdep
      for (int64_t column = 0; column < plane.columns; ++column) Copy::apply(to[column], from[column]);
    }
    return;
  }
  if constexpr (sizeof(T) >= 2) {
    if (plane.row_stride == 1 && plane.rows >= 4) {
      return copy_transposed<Copy>(tile, memory, plane);
    }
  }
  copy_elements<Copy>(tile, memory, plane, 0, 0);
}

struct FromMemory {
  static constexpr bool kToTile = true;
  template <typename T>
  static void apply(T &tile, const T &memory) {
    tile = memory;
  }
};
struct ToMemory {
  static constexpr bool kToTile = false;
  template <typename T>
  static void apply(const T &tile, T &memory) {
    memory = tile;
  }
};

template <typename Copy, typename T, typename Memory>
void copy_box(T *tile, Memory *memory, const BoxView &box) {
  Plane plane = {box.extents[2], box.extents[3], box.strides[2], box.strides[3]};
  int64_t plane_elements = plane.rows * plane.columns;
  for (int64_t i = 0; i < box.extents[0]; ++i) {
    for (int64_t j = 0; j < box.extents[1]; ++j) {
      copy_plane<Copy>(tile, memory + i * box.strides[0] + j * box.strides[1], plane);
      tile += plane_elements;
    }
  }
}

template <typename T>
void index_box(T *tile, int64_t start, const BoxView &box) {
  for (int64_t i = 0; i < box.extents[0]; ++i) {
    for (int64_t j = 0; j < box.extents[1]; ++j) {
      for (int64_t k = 0; k < box.extents[2]; ++k) {
        int64_t value = start + i * box.strides[0] + j * box.strides[1] + k * box.strides[2];
        for (int64_t l = 0; l < box.extents[3]; ++l) {
          if constexpr (sizeof(T) == 1) {
            tile[l] = value + l * box.strides[3] != 0;
          } else {
            tile[l] = static_cast<T>(value + l * box.strides[3]);
          }
        }
        tile += box.extents[3];
      }
    }
  }
}

}  // namespace

void gather(void *tile, const void *memory, const BoxView &box, int64_t element_bytes) {
  switch (element_bytes) {
    case 1:
      return copy_box<FromMemory>(static_cast<uint8_t *>(tile), static_cast<const uint8_t *>(memory), box);
    case 2:
      return copy_box<FromMemory>(static_cast<int16_t *>(tile), static_cast<const int16_t *>(memory), box);
    case 4:
      return copy_box<FromMemory>(static_cast<int32_t *>(tile), static_cast<const int32_t *>(memory), box);
    default:
      return copy_box<FromMemory>(static_cast<int64_t *>(tile), static_cast<const int64_t *>(memory), box);
  }
}

void scatter(void *memory, const void *tile, const BoxView &box, int64_t element_bytes) {
  switch (element_bytes) {
    case 1:
      return copy_box<ToMemory>(static_cast<const uint8_t *>(tile), static_cast<uint8_t *>(memory), box);
    case 2:
      return copy_box<ToMemory>(static_cast<const int16_t *>(tile), static_cast<int16_t *>(memory), box);
    case 4:
      return copy_box<ToMemory>(static_cast<const int32_t *>(tile), static_cast<int32_t *>(memory), box);
    default:
      return copy_box<ToMemory>(static_cast<const int64_t *>(tile), static_cast<int64_t *>(memory), box);
  }
}

void stream(void *memory, const void *tile, int64_t bytes) {
  char *to = static_cast<char *>(memory);
  const char *from = static_cast<const char *>(tile);
  int64_t head = static_cast<int64_t>(-reinterpret_cast<uintptr_t>(to) & (kVectorBytes - 1));
  if (head >= bytes) {
    std::memcpy(to, from, static_cast<size_t>(bytes));
    return;
  }
  std::memcpy(to, from, static_cast<size_t>(head));
  int64_t i = head;
  for (; i + kVectorBytes <= bytes; i += kVectorBytes) {
#if defined(__AVX512F__)
    _mm512_stream_si512(reinterpret_cast<__m512i *>(to + i), _mm512_loadu_si512(from + i));
#elif defined(__AVX2__)
    _mm256_stream_si256(reinterpret_cast<__m256i *>(to + i),
                        _mm256_loadu_si256(reinterpret_cast<const __m256i *>(from + i)));
#else
    _mm_stream_si128(reinterpret_cast<__m128i *>(to + i), _mm_loadu_si128(reinterpret_cast<const __m128i *>(from + i)));
#endif
  }
  std::memcpy(to + i, from + i, static_cast<size_t>(bytes - i));
}

void index_tile(void *tile, int64_t start, const BoxView &box, int32_t dtype) {
  switch (dtype) {
    case LS_BOOL:
      return index_box(static_cast<uint8_t *>(tile), start, box);
    case LS_I32:
      return index_box(static_cast<int32_t *>(tile), start, box);
    case LS_I64:
      return index_box(static_cast<int64_t *>(tile), start, box);
    case LS_F32:
      return index_box(static_cast<float *>(tile), start, box);
    default:
      return index_box(static_cast<double *>(tile), start, box);
  }
}

}  // namespace lockstep::LS_ISA
