#include "plan/control_flow.h"

#include "cpu/copy.h"

namespace lockstep {

void copy_carry(char *to, const void *from, int64_t bytes) {
  if (bytes > 0) copy_bytes(to, from, bytes);
}

std::string indented(const std::string &title, const Plan &plan) {
  std::string lines = plan.describe();
  if (lines.empty()) lines = "no steps";
  std::string text = "\n  " + title + ":\n    ";
  for (char character : lines) {
    text += character;
    if (character == '\n') text += "    ";
  }
  return text;
}

}  // namespace lockstep
