// Copies between strided memory and tiles.
#include <cstring>

#include "cpu/isa/loop_finders.h"

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
void copy_plane(T *tile, Memory *memory, const Plane &plane) {
  if (plane.column_stride == 1) {
    for (int64_t row = 0; row < plane.rows; ++row) {
      T *to = tile + row * plane.columns;
      Memory *from = memory + row * plane.row_stride;
#pragma GCC ivdep
      for (int64_t column = 0; column < plane.columns; ++column) Copy::apply(to[column], from[column]);
    }
  } else if (plane.row_stride == 1 && plane.rows >= 4) {
    // Four rows at once: each touched cache line of memory is then left rarely.
    int64_t row = 0;
    for (; row + 4 <= plane.rows; row += 4) {
      T *to = tile + row * plane.columns;
      Memory *from = memory + row;
#pragma GCC ivdep
      for (int64_t column = 0; column < plane.columns; ++column) {
        Memory *quad = from + column * plane.column_stride;
        Copy::apply(to[column], quad[0]);
        Copy::apply(to[column + plane.columns], quad[1]);
        Copy::apply(to[column + 2 * plane.columns], quad[2]);
        Copy::apply(to[column + 3 * plane.columns], quad[3]);
      }
    }
    for (; row < plane.rows; ++row) {
      for (int64_t column = 0; column < plane.columns; ++column) {
        Copy::apply(tile[row * plane.columns + column], memory[row + column * plane.column_stride]);
      }
    }
  } else {
    for (int64_t row = 0; row < plane.rows; ++row) {
      T *to = tile + row * plane.columns;
      Memory *from = memory + row * plane.row_stride;
      for (int64_t column = 0; column < plane.columns; ++column) {
        Copy::apply(to[column], from[column * plane.column_stride]);
      }
    }
  }
}

struct FromMemory {
  template <typename T>
  static void apply(T &tile, const T &memory) {
    tile = memory;
  }
};
struct ToMemory {
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
    case 4:
      return copy_box<ToMemory>(static_cast<const int32_t *>(tile), static_cast<int32_t *>(memory), box);
    default:
      return copy_box<ToMemory>(static_cast<const int64_t *>(tile), static_cast<int64_t *>(memory), box);
  }
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
