#include "cpu/isa.h"

#include <cstdlib>
#include <cstring>

namespace lockstep {
namespace {

Isa best_of_processor() {
  if (__builtin_cpu_supports("x86-64-v4")) return Isa::v4;
  if (__builtin_cpu_supports("x86-64-v3")) return Isa::v3;
  return Isa::v2;
}

Isa choose() {
  Isa best = best_of_processor();
  const char *wanted = std::getenv("LOCKSTEP_ISA");
  if (wanted == nullptr) return best;
  if (std::strcmp(wanted, "v2") == 0) return Isa::v2;
  if (std::strcmp(wanted, "v3") == 0 && best == Isa::v4) return Isa::v3;
  return best;
}

}  // namespace

Isa isa() {
  static const Isa chosen = choose();
  return chosen;
}

bool isa_supported() { return __builtin_cpu_supports("x86-64-v2"); }

}  // namespace lockstep
