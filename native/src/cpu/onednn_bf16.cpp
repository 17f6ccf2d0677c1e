#include "cpu/onednn_bf16.h"

#include <oneapi/dnnl/dnnl.hpp>

#include "cpu/isa.h"

namespace lockstep::onednn {
namespace {

bool includes(dnnl::cpu_isa isa, dnnl::cpu_isa part) {
  const auto bits = [](dnnl::cpu_isa which) { return static_cast<unsigned>(which); };
  return (bits(isa) & bits(part)) == bits(part);
}

Bf16 find() {
  if (isa() != Isa::v4) return Bf16::kSlow;
  // oneDNN has asked the system for the tile registers when it names them.
  const dnnl::cpu_isa isa = dnnl::get_effective_cpu_isa();
  if (includes(isa, dnnl::cpu_isa::avx512_core_amx)) return Bf16::kTiles;
  // Intel's processors run them at half the rate of f32's, as measured on Sapphire Rapids.
  const bool fast = includes(isa, dnnl::cpu_isa::avx512_core_bf16) && __builtin_cpu_is("amd");
  return fast ? Bf16::kDotProducts : Bf16::kSlow;
}

}  // namespace

Bf16 bf16_products() {
  static const Bf16 found = find();
  return found;
}

}  // namespace lockstep::onednn
