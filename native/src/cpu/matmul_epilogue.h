// The epilogue of a product, over the product's own parts.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "cpu/epilogue.h"
#include "cpu/matmul_problem.h"
#include "cpu/matmul_work.h"

namespace lockstep {

class MatmulEpilogue {
 public:
  // Runs nothing if the problem has no epilogue.
  explicit MatmulEpilogue(const MatmulProblem &problem);

  void prepare(const MatmulPart &part);
  void prepare(const MatmulParts &parts);

  // Runs on a part that was prepared.
  void run(const MatmulPart &part, void *const *slots) const {
    if (epilogue_) run_epilogue(part, slots);
  }

 private:
  void run_epilogue(const MatmulPart &part, void *const *slots) const;
  template <typename Visit>
  void for_each_box(const MatmulPart &part, Visit &&visit) const;

  std::optional<Epilogue> epilogue_;
  int batch_rank_;
  std::array<int64_t, LS_MAX_RANK> batch_;
};

}  // namespace lockstep
