// Brings small matrices into vectors, a lane each, and back.
#pragma once

#include <cmath>

#include "cpu/isa/matmul_simd.h"
#include "cpu/linalg_kernels.h"

namespace lockstep::LS_ISA {
namespace {

template <typename T>
using Vector = typename Simd<T>::Vector;

template <typename T>
Vector<T> broadcast(T value) {
  return Simd<T>::broadcast(value);
}

inline Vector<float> root(Vector<float> x) {
#if defined(__AVX512F__)
  return (Vector<float>)_mm512_maskz_sqrt_ps(0xffff, (__m512)x);
#elif defined(__AVX2__)
  return (Vector<float>)_mm256_sqrt_ps((__m256)x);
#else
  return (Vector<float>)_mm_sqrt_ps((__m128)x);
#endif
}

inline Vector<double> root(Vector<double> x) {
#if defined(__AVX512F__)
  return (Vector<double>)_mm512_maskz_sqrt_pd(0xff, (__m512d)x);
#elif defined(__AVX2__)
  return (Vector<double>)_mm256_sqrt_pd((__m256d)x);
#else
  return (Vector<double>)_mm_sqrt_pd((__m128d)x);
#endif
}

template <typename T>
Vector<T> magnitude(Vector<T> x) {
  return x < 0 ? -x : x;
}

// c - a * b
template <typename T>
Vector<T> subtract_product(Vector<T> a, Vector<T> b, Vector<T> c) {
  return Simd<T>::multiply_add(-a, b, c);
}

// rows[i][j] becomes rows[j][i].
template <typename T, int Step = 1>
void transpose_square(Vector<T> *rows) {
  if constexpr (Step < Simd<T>::kLanes) {
    for (int i = 0; i < Simd<T>::kLanes; ++i) {
      if ((i & Step) != 0) continue;
      const Vector<T> low = Simd<T>::template low_blocks<Step>(rows[i], rows[i + Step]);
      rows[i + Step] = Simd<T>::template high_blocks<Step>(rows[i], rows[i + Step]);
      rows[i] = low;
    }
    transpose_square<T, 2 * Step>(rows);
  }
}

// The matrices as lines of adjacent elements: rows, or columns where these are adjacent, or one line if all are.
struct Lines {
  int64_t count;
  int64_t length;
  int64_t stride;          // elements of memory from line to line
  int64_t element_stride;  // 1, but where nothing is adjacent
  int64_t to_line;         // vectors from line to line
  int64_t to_element;
};

inline Lines lines_of(const LinalgLanes::Operand &operand, int64_t rows, int64_t columns) {
  if (operand.column == 1 && (operand.row == columns || rows == 1)) {
    return {1, rows * columns, 0, 1, 0, 1};
  }
  if (operand.row == 1 && operand.column != 1) return {columns, rows, operand.column, 1, 1, columns};
  return {rows, columns, operand.row, operand.column, columns, 1};
}

template <typename T>
bool lanes_adjacent(const LinalgLanes &lanes, const LinalgLanes::Operand &operand) {
  for (int lane = 1; lane < Simd<T>::kLanes; ++lane) {
    if (operand.at[lane] != operand.at[0] + lane * static_cast<int64_t>(sizeof(T))) return false;
  }
  return lanes.matrices == Simd<T>::kLanes;
}

// to[i * columns + j] = element [i, j] of all matrices.
template <typename T>
void load_lanes(const LinalgLanes &lanes, const LinalgLanes::Operand &operand, int64_t rows, int64_t columns,
                Vector<T> *to) {
  constexpr int kLanes = Simd<T>::kLanes;
  if (lanes_adjacent<T>(lanes, operand)) {
    const T *from = reinterpret_cast<const T *>(operand.at[0]);
    for (int64_t i = 0; i < rows; ++i) {
      for (int64_t j = 0; j < columns; ++j) {
        to[i * columns + j] = Simd<T>::load(from + i * operand.row + j * operand.column);
      }
    }
    return;
  }
  const Lines lines = lines_of(operand, rows, columns);
  for (int64_t line = 0; line < lines.count; ++line) {
    Vector<T> *line_to = to + line * lines.to_line;
    const int64_t offset = line * lines.stride;
    if (lines.element_stride != 1 || lines.length < kLanes / 2) {
      for (int64_t e = 0; e < lines.length; ++e) {
        Vector<T> value{};
        for (int lane = 0; lane < kLanes; ++lane) {
          value[lane] = reinterpret_cast<const T *>(operand.at[lane])[offset + e * lines.element_stride];
        }
        line_to[e * lines.to_element] = value;
      }
      continue;
    }
    for (int64_t e = 0; e < lines.length; e += kLanes) {
      const int64_t rest = lines.length - e;
      Vector<T> square[kLanes];
      for (int lane = 0; lane < kLanes; ++lane) {
        const T *from = reinterpret_cast<const T *>(operand.at[lane]) + offset + e;
        square[lane] = rest >= kLanes ? Simd<T>::load(from) : Simd<T>::load(from, Simd<T>::mask(rest));
      }
      transpose_square<T>(square);
      for (int i = 0; i < kLanes && i < rest; ++i) line_to[(e + i) * lines.to_element] = square[i];
    }
  }
}

// Element [i, j] of each matrix = from[i * columns + j].
template <typename T>
void store_lanes(const LinalgLanes &lanes, const LinalgLanes::Operand &operand, int64_t rows, int64_t columns,
                 const Vector<T> *from) {
  constexpr int kLanes = Simd<T>::kLanes;
  if (operand.at[0] == nullptr) return;
  if (lanes_adjacent<T>(lanes, operand)) {
    T *to = reinterpret_cast<T *>(operand.at[0]);
    for (int64_t i = 0; i < rows; ++i) {
      for (int64_t j = 0; j < columns; ++j) {
        Simd<T>::store(to + i * operand.row + j * operand.column, from[i * columns + j]);
      }
    }
    return;
  }
  const Lines lines = lines_of(operand, rows, columns);
  for (int64_t line = 0; line < lines.count; ++line) {
    const Vector<T> *line_from = from + line * lines.to_line;
    const int64_t offset = line * lines.stride;
    if (lines.element_stride != 1 || lines.length < kLanes / 2) {
      for (int64_t e = 0; e < lines.length; ++e) {
        const Vector<T> value = line_from[e * lines.to_element];
        for (int lane = 0; lane < lanes.matrices; ++lane) {
          reinterpret_cast<T *>(operand.at[lane])[offset + e * lines.element_stride] = value[lane];
        }
      }
      continue;
    }
    for (int64_t e = 0; e < lines.length; e += kLanes) {
      const int64_t rest = lines.length - e;
      Vector<T> square[kLanes];
      for (int i = 0; i < kLanes; ++i) square[i] = line_from[(i < rest ? e + i : e) * lines.to_element];
      transpose_square<T>(square);
      for (int lane = 0; lane < lanes.matrices; ++lane) {
        T *to = reinterpret_cast<T *>(operand.at[lane]) + offset + e;
        if (rest >= kLanes) {
          Simd<T>::store(to, square[lane]);
        } else {
          Simd<T>::store(to, square[lane], Simd<T>::mask(rest));
        }
      }
    }
  }
}

// The integers of a column, a line of kMostLanes of them for each row.
inline void store_integers(const LinalgLanes &lanes, const LinalgLanes::Operand &operand, int64_t rows,
                           const int32_t *from) {
  if (operand.at[0] == nullptr) return;
  for (int lane = 0; lane < lanes.matrices; ++lane) {
    int32_t *to = reinterpret_cast<int32_t *>(operand.at[lane]);
    for (int64_t i = 0; i < rows; ++i) to[i * operand.row] = from[i * kMostLanes + lane];
  }
}

}  // namespace
}  // namespace lockstep::LS_ISA
