#include <emmintrin.h>

#include <cstring>
#include <utility>

#include "cpu/copy.h"

namespace lockstep {
namespace {

// Rows that are contiguous on both sides.
void copy_rows(int64_t row_bytes, const CopyBlock &b) {
  for (int64_t r = 0; r < b.rows; ++r) {
    std::memcpy(b.to + r * b.to_row_stride, b.from + r * b.from_row_stride, static_cast<size_t>(row_bytes));
  }
}

template <typename Element>
Element load(const char *address) {
  Element element;
  std::memcpy(&element, address, sizeof element);
  return element;
}

template <typename Element>
void store(char *address, Element element) {
  std::memcpy(address, &element, sizeof element);
}

// Contiguous rows of one repeated element each.
template <typename Element>
void fill_rows(const CopyBlock &b) {
  for (int64_t r = 0; r < b.rows; ++r) {
    char *to = b.to + r * b.to_row_stride;
    Element element = load<Element>(b.from + r * b.from_row_stride);
    for (int64_t c = 0; c < b.columns; ++c) store(to + c * static_cast<int64_t>(sizeof element), element);
  }
}

// Which 32-bit lanes of a source vector fill vector `i` of those that repeat each of its elements kColumns times.
template <typename Element, int kColumns>
constexpr int repeat_lanes(int i) {
  constexpr int kLanes = sizeof(Element) / 4;
  int lanes = 0;
  for (int l = 0; l < 4; ++l) lanes |= ((4 * i + l) / kLanes / kColumns * kLanes + l % kLanes) << 2 * l;
  return lanes;
}

template <typename Element, int... kVector>
void store_repeats(__m128i v, __m128i *to, std::integer_sequence<int, kVector...>) {
  constexpr int kColumns = sizeof...(kVector);
  (_mm_storeu_si128(to + kVector, _mm_shuffle_epi32(v, (repeat_lanes<Element, kColumns>(kVector)))), ...);
}

// A dense vector, each element kColumns times in a row.
template <typename Element, int kColumns>
void repeat(const CopyBlock &b) {
  constexpr int64_t kRows = 16 / sizeof(Element);
  int64_t row = 0;
  for (; row + kRows <= b.rows; row += kRows) {
    __m128i v = _mm_loadu_si128(reinterpret_cast<const __m128i *>(b.from + row * b.from_row_stride));
    __m128i *to = reinterpret_cast<__m128i *>(b.to + row * b.to_row_stride);
    store_repeats<Element>(v, to, std::make_integer_sequence<int, kColumns>());
  }
  CopyBlock rest = b;
  rest.to += row * b.to_row_stride;
  rest.from += row * b.from_row_stride;
  rest.rows -= row;
  fill_rows<Element>(rest);
}

template <typename Element>
void fill(const CopyBlock &b) {
  constexpr int64_t kSize = sizeof(Element);
  if (b.from_row_stride != kSize || b.to_row_stride != b.columns * kSize) return fill_rows<Element>(b);
  switch (b.columns) {
    case 2:
      return repeat<Element, 2>(b);
    case 3:
      return repeat<Element, 3>(b);
    case 4:
      return repeat<Element, 4>(b);
    case 5:
      return repeat<Element, 5>(b);
    case 6:
      return repeat<Element, 6>(b);
    case 7:
      return repeat<Element, 7>(b);
    case 8:
      return repeat<Element, 8>(b);
    default:
      return fill_rows<Element>(b);
  }
}

template <typename Element>
void copy_strided(const CopyBlock &b) {
  for (int64_t r = 0; r < b.rows; ++r) {
    char *to = b.to + r * b.to_row_stride;
    const char *from = b.from + r * b.from_row_stride;
    for (int64_t c = 0; c < b.columns; ++c) {
      store(to + c * b.to_column_stride, load<Element>(from + c * b.from_column_stride));
    }
  }
}

// A tile is a cache line of rows by a cache line of columns: it reads whole lines of the source, of which several may
// compete for one set of the cache, into a buffer, and writes whole lines of the destination.
constexpr int64_t kLine = 64;

template <int64_t kTile>
void load_tile(char (&tile)[kTile * kLine], const CopyBlock &b, int64_t row, int64_t column, int64_t element_bytes) {
  const char *from = b.from + row * element_bytes + column * b.from_column_stride;
  for (int64_t c = 0; c < kTile; ++c) std::memcpy(tile + c * kLine, from + c * b.from_column_stride, kLine);
}

// Streamed stores spare reading the destination's lines; they need addresses that are multiples of 16.
template <bool kStream>
struct Tile4 {
  using Element = uint32_t;
  static constexpr int64_t kSize = 16;

  static void store(char *to, __m128 v) {
    if constexpr (kStream) {
      _mm_stream_ps(reinterpret_cast<float *>(to), v);
    } else {
      _mm_storeu_ps(reinterpret_cast<float *>(to), v);
    }
  }

  static void copy(const CopyBlock &b, int64_t row, int64_t column) {
    alignas(64) char tile[kSize * kLine];
    load_tile<kSize>(tile, b, row, column, 4);
    const float *t = reinterpret_cast<const float *>(tile);
    for (int64_t r = 0; r < kSize; r += 4) {
      for (int64_t c = 0; c < kSize; c += 4) {
        __m128 v0 = _mm_load_ps(t + (c + 0) * kSize + r);
        __m128 v1 = _mm_load_ps(t + (c + 1) * kSize + r);
        __m128 v2 = _mm_load_ps(t + (c + 2) * kSize + r);
        __m128 v3 = _mm_load_ps(t + (c + 3) * kSize + r);
        _MM_TRANSPOSE4_PS(v0, v1, v2, v3);
        char *to = b.to + (row + r) * b.to_row_stride + (column + c) * 4;
        store(to, v0);
        store(to + b.to_row_stride, v1);
        store(to + 2 * b.to_row_stride, v2);
        store(to + 3 * b.to_row_stride, v3);
      }
    }
  }
};

template <bool kStream>
struct Tile8 {
  using Element = uint64_t;
  static constexpr int64_t kSize = 8;

  static void store(char *to, __m128d v) {
    if constexpr (kStream) {
      _mm_stream_pd(reinterpret_cast<double *>(to), v);
    } else {
      _mm_storeu_pd(reinterpret_cast<double *>(to), v);
    }
  }

  static void copy(const CopyBlock &b, int64_t row, int64_t column) {
    alignas(64) char tile[kSize * kLine];
    load_tile<kSize>(tile, b, row, column, 8);
    const double *t = reinterpret_cast<const double *>(tile);
    for (int64_t r = 0; r < kSize; r += 2) {
      for (int64_t c = 0; c < kSize; c += 2) {
        __m128d v0 = _mm_load_pd(t + c * kSize + r);
        __m128d v1 = _mm_load_pd(t + (c + 1) * kSize + r);
        char *to = b.to + (row + r) * b.to_row_stride + (column + c) * 8;
        store(to, _mm_unpacklo_pd(v0, v1));
        store(to + b.to_row_stride, _mm_unpackhi_pd(v0, v1));
      }
    }
  }
};

template <bool kStream>
struct Tile2 {
  using Element = uint16_t;
  static constexpr int64_t kSize = 32;

  static void store(char *to, __m128i v) {
    if constexpr (kStream) {
      _mm_stream_si128(reinterpret_cast<__m128i *>(to), v);
    } else {
      _mm_storeu_si128(reinterpret_cast<__m128i *>(to), v);
    }
  }

  static void copy(const CopyBlock &b, int64_t row, int64_t column) {
    alignas(64) char tile[kSize * kLine];
    load_tile<kSize>(tile, b, row, column, 2);
    for (int64_t r = 0; r < kSize; r += 8) {
      for (int64_t c = 0; c < kSize; c += 8) {
        __m128i v[8];
        for (int64_t i = 0; i < 8; ++i) {
          v[i] = _mm_load_si128(reinterpret_cast<const __m128i *>(tile + (c + i) * kLine + r * 2));
        }
        interleave_halves(v);
        interleave_halves(v);
        interleave_halves(v);
        char *to = b.to + (row + r) * b.to_row_stride + (column + c) * 2;
        for (int64_t i = 0; i < 8; ++i) store(to + i * b.to_row_stride, v[i]);
      }
    }
  }

 private:
  // Three times is a transpose of 8 x 8.
  static void interleave_halves(__m128i (&v)[8]) {
    __m128i w[8];
    for (int i = 0; i < 4; ++i) {
      w[2 * i] = _mm_unpacklo_epi16(v[i], v[i + 4]);
      w[2 * i + 1] = _mm_unpackhi_epi16(v[i], v[i + 4]);
    }
    for (int i = 0; i < 8; ++i) v[i] = w[i];
  }
};

// The part of a block that starts at an element and has this many rows and columns.
CopyBlock part(const CopyBlock &b, int64_t row, int64_t column, int64_t rows, int64_t columns) {
  CopyBlock p = b;
  p.to += row * b.to_row_stride + column * b.to_column_stride;
  p.from += row * b.from_row_stride + column * b.from_column_stride;
  p.rows = rows;
  p.columns = columns;
  return p;
}

// The destination's columns and the source's rows are contiguous.
template <typename Tile>
void transpose(const CopyBlock &b) {
  int64_t full_rows = b.rows / Tile::kSize * Tile::kSize;
  int64_t full_columns = b.columns / Tile::kSize * Tile::kSize;
  for (int64_t c = 0; c < full_columns; c += Tile::kSize) {
    for (int64_t r = 0; r < full_rows; r += Tile::kSize) Tile::copy(b, r, c);
  }
  copy_strided<typename Tile::Element>(part(b, 0, full_columns, full_rows, b.columns - full_columns));
  copy_strided<typename Tile::Element>(part(b, full_rows, 0, b.rows - full_rows, b.columns));
}

template <bool kStream>
void transpose_by_size(int64_t element_bytes, const CopyBlock &b) {
  switch (element_bytes) {
    case 2:
      return transpose<Tile2<kStream>>(b);
    case 4:
      return transpose<Tile4<kStream>>(b);
    default:
      return transpose<Tile8<kStream>>(b);
  }
}

void fill_by_size(int64_t element_bytes, const CopyBlock &b) {
  switch (element_bytes) {
    case 1:
      return fill_rows<uint8_t>(b);
    case 2:
      return fill_rows<uint16_t>(b);
    case 4:
      return fill<uint32_t>(b);
    default:
      return fill<uint64_t>(b);
  }
}

void copy_strided_by_size(int64_t element_bytes, const CopyBlock &b) {
  switch (element_bytes) {
    case 1:
      return copy_strided<uint8_t>(b);
    case 2:
      return copy_strided<uint16_t>(b);
    case 4:
      return copy_strided<uint32_t>(b);
    default:
      return copy_strided<uint64_t>(b);
  }
}

void transpose_streamed(int64_t element_bytes, const CopyBlock &b) {
  if (((reinterpret_cast<uintptr_t>(b.to) | static_cast<uintptr_t>(b.to_row_stride)) & 15U) != 0) {
    return transpose_by_size<false>(element_bytes, b);
  }
  transpose_by_size<true>(element_bytes, b);
  _mm_sfence();  // streamed stores are not ordered with those that tell others that this block is done
}

}  // namespace

CopyKernel choose_copy_kernel(int64_t element_bytes, const CopyBlock &strides) {
  if (strides.to_column_stride != element_bytes) return CopyKernel::kStrided;
  if (strides.from_column_stride == element_bytes) return CopyKernel::kRows;
  if (strides.from_column_stride == 0) return CopyKernel::kFill;
  if (strides.from_row_stride == element_bytes && element_bytes >= 2) return CopyKernel::kTranspose;
  return CopyKernel::kStrided;
}

const char *copy_kernel_name(CopyKernel kernel) {
  switch (kernel) {
    case CopyKernel::kRows:
      return "contiguous rows";
    case CopyKernel::kFill:
      return "repeated elements";
    case CopyKernel::kTranspose:
      return "transposed tiles";
    case CopyKernel::kTransposeStreamed:
      return "transposed tiles, streamed past the caches";
    case CopyKernel::kStrided:
      return "strided elements";
  }
  return "";
}

void copy_block(CopyKernel kernel, int64_t element_bytes, const CopyBlock &block) {
  switch (kernel) {
    case CopyKernel::kRows:
      return copy_rows(block.columns * element_bytes, block);
    case CopyKernel::kFill:
      return fill_by_size(element_bytes, block);
    case CopyKernel::kTranspose:
      return transpose_by_size<false>(element_bytes, block);
    case CopyKernel::kTransposeStreamed:
      return transpose_streamed(element_bytes, block);
    case CopyKernel::kStrided:
      return copy_strided_by_size(element_bytes, block);
  }
}

}  // namespace lockstep
