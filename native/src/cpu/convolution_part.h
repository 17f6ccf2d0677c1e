// What one thread computes of a convolution, by oneDNN. Operands are reordered to the layouts and dtypes that it asks
// for and the result is reordered back, all in scratch memory.
#pragma once

#include <cstdint>
#include <string>

#include "cpu/onednn.h"
#include "lockstep/lockstep.h"

namespace lockstep {

// The caller's layout; a kernel's first dimension is split into groups if there are several.
dnnl::memory::desc describe_operand(const ls_operand &operand, const int64_t *extents, int32_t rank, int64_t groups);

class ConvolutionPart {
 public:
  ConvolutionPart() = default;

  // It has the part's extents and groups.
  explicit ConvolutionPart(const ls_convolution &given);

  int64_t scratch_bytes() const;
  int64_t kernel_bytes() const { return w_.bytes(); }  // reordered; 0: used as it is
  bool takes_kernel_of(const ConvolutionPart &other) const { return w_.moves && w_.wanted == other.w_.wanted; }

  void reorder_kernel(void *w, void *to) const;

  // kernel: w reordered already, or null.
  void run(void *x, void *w, void *y, void *kernel, char *scratch) const;

  const std::string &implementation() const { return implementation_; }

 private:
  using Desc = dnnl::memory::desc;
  using Dtype = dnnl::memory::data_type;

  // An operand as the caller has it and as oneDNN wants it.
  struct Placed {
    Desc given, wanted;
    dnnl::reorder reorder;  // to wanted, or back if the operand is the result
    bool moves = false;

    int64_t bytes() const;
    void place(const Desc &desc, bool is_result);
  };

  // Layouts of the images, x and y, that are asked for, and whether matrix products should compute.
  struct Choice {
    Desc x, y;
    bool products = false;
  };

  void create(const ls_convolution &c, Dtype operands, Dtype result);
  void create(const ls_convolution &c, Dtype weights, const Choice &choice);
  Choice choose(const ls_convolution &c, const Choice &proposed) const;
  Choice channels_last(const Choice &proposed) const;
  bool are_channels_last() const;
  const Placed &result() const;

  int32_t kind_ = LS_CONVOLUTION_FORWARD;
  Placed x_, w_, y_;
  dnnl::primitive primitive_;
  Desc scratchpad_;
  std::string implementation_;
};

}  // namespace lockstep
