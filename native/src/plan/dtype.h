// Names and sizes of the element types.
#pragma once

#include <cstdint>
#include <string>

#include "lockstep/lockstep.h"

namespace lockstep {

inline bool is_dtype(int32_t dtype) { return dtype >= LS_BOOL && dtype <= LS_BF16; }

inline int64_t dtype_size(int32_t dtype) {
  constexpr int64_t sizes[] = {1, 4, 8, 4, 8, 2};
  return sizes[dtype];
}

inline const char *dtype_name(int32_t dtype) {
  constexpr const char *names[] = {"bool", "i32", "i64", "f32", "f64", "bf16"};
  return is_dtype(dtype) ? names[dtype] : "?";
}

// "2, 3, 4": the text between a shape's brackets.
inline std::string list_text(const int64_t *numbers, int32_t count) {
  std::string text;
  for (int32_t i = 0; i < count; ++i) {
    if (i > 0) text += ", ";
    text += std::to_string(numbers[i]);
  }
  return text;
}

// "1 row", "2 rows"
inline std::string count_text(int64_t count, const std::string &noun) {
  return std::to_string(count) + " " + noun + (count == 1 ? "" : "s");
}

// "f32[2, 3, 4]"
inline std::string shape_text(int32_t dtype, const int64_t *extents, int32_t rank) {
  return std::string(dtype_name(dtype)) + "[" + list_text(extents, rank) + "]";
}

}  // namespace lockstep
