// Where oneDNN's products of bf16 pay.
#pragma once

namespace lockstep::onednn {

enum class Bf16 {
  kSlow,         // no instructions for it, or none that are faster than f32's
  kDotProducts,  // AVX-512's pairwise products, twice as many an instruction as of f32
  kTiles         // AMX
};

Bf16 bf16_products();

}  // namespace lockstep::onednn
