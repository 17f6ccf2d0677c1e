#include <algorithm>
#include <cstring>

#include "abi/guard.h"
#include "cpu/isa.h"
#include "plan/handle.h"

using lockstep::Error;
using lockstep::guarded;
using lockstep::Plan;
using lockstep::require_not_null;

namespace {

template <typename Descriptor>
ls_status add(ls_plan *plan, const Descriptor *descriptor, const char *function, const char *name) {
  return guarded([&] {
    require_not_null(plan, function, "plan");
    require_not_null(descriptor, function, name);
    plan->plan.add(*descriptor);
  });
}

}  // namespace

ls_status ls_plan_create(int32_t device, int32_t n_inputs, const int64_t *input_bytes, int32_t n_outputs,
                         const int64_t *output_bytes, int64_t workspace_bytes, ls_plan **plan) {
  return guarded([&] {
    require_not_null(plan, "ls_plan_create", "plan");
    if (device != LS_CPU) {
      throw Error(LS_UNSUPPORTED, "plan: expected device 0 (the CPU), got " + std::to_string(device) +
                                      ". This build has no other device.");
    }
    if (!lockstep::isa_supported()) {
      throw Error(LS_UNSUPPORTED, "plan: this processor is older than x86-64-v2 (SSE4.2, POPCNT), which kernels need");
    }
    *plan = new ls_plan{Plan(n_inputs, input_bytes, n_outputs, output_bytes, workspace_bytes)};
  });
}

ls_status ls_plan_add_loop(ls_plan *plan, const ls_loop *loop) { return add(plan, loop, "ls_plan_add_loop", "loop"); }

ls_status ls_plan_add_matmul(ls_plan *plan, const ls_matmul *matmul) {
  return add(plan, matmul, "ls_plan_add_matmul", "matmul");
}

ls_status ls_plan_add_copy(ls_plan *plan, const ls_copy *copy) { return add(plan, copy, "ls_plan_add_copy", "copy"); }

ls_status ls_plan_add_gather(ls_plan *plan, const ls_gather *gather) {
  return add(plan, gather, "ls_plan_add_gather", "gather");
}

ls_status ls_plan_add_scatter(ls_plan *plan, const ls_scatter *scatter) {
  return add(plan, scatter, "ls_plan_add_scatter", "scatter");
}

ls_status ls_plan_add_sort(ls_plan *plan, const ls_sort *sort) { return add(plan, sort, "ls_plan_add_sort", "sort"); }

ls_status ls_plan_add_cumulative(ls_plan *plan, const ls_cumulative *cumulative) {
  return add(plan, cumulative, "ls_plan_add_cumulative", "cumulative");
}

ls_status ls_plan_add_random(ls_plan *plan, const ls_random *random) {
  return add(plan, random, "ls_plan_add_random", "random");
}

ls_status ls_plan_add_linalg(ls_plan *plan, const ls_linalg *linalg) {
  return add(plan, linalg, "ls_plan_add_linalg", "linalg");
}

ls_status ls_plan_add_attention(ls_plan *plan, const ls_attention *attention) {
  return add(plan, attention, "ls_plan_add_attention", "attention");
}

ls_status ls_plan_add_attention_gradient(ls_plan *plan, const ls_attention_gradient *gradient) {
  return add(plan, gradient, "ls_plan_add_attention_gradient", "gradient");
}

ls_status ls_plan_add_convolution(ls_plan *plan, const ls_convolution *convolution) {
  return add(plan, convolution, "ls_plan_add_convolution", "convolution");
}

ls_status ls_plan_add_pooling(ls_plan *plan, const ls_pooling *pooling) {
  return add(plan, pooling, "ls_plan_add_pooling", "pooling");
}

ls_status ls_plan_add_switch(ls_plan *plan, const ls_switch *choice) {
  return add(plan, choice, "ls_plan_add_switch", "choice");
}

ls_status ls_plan_add_while(ls_plan *plan, const ls_while *loop) {
  return add(plan, loop, "ls_plan_add_while", "loop");
}

ls_status ls_plan_add_scan(ls_plan *plan, const ls_scan *scan) { return add(plan, scan, "ls_plan_add_scan", "scan"); }

ls_status ls_plan_seal(ls_plan *plan) {
  return guarded([&] {
    require_not_null(plan, "ls_plan_seal", "plan");
    plan->plan.seal();
  });
}

ls_status ls_plan_run(const ls_plan *plan, const void *const *inputs, void **outputs) {
  return guarded([&] {
    require_not_null(plan, "ls_plan_run", "plan");
    plan->plan.run(inputs, outputs);
  });
}

ls_status ls_plan_destroy(ls_plan *plan) {
  return guarded([&] {
    if (plan != nullptr && plan->plan.owned()) {
      throw Error(LS_INVALID_ARGUMENT, "plan destroy: the plan belongs to a step of another plan, which destroys it");
    }
    delete plan;
  });
}

ls_status ls_plan_describe(const ls_plan *plan, char *text, int64_t capacity, int64_t *length) {
  return guarded([&] {
    require_not_null(plan, "ls_plan_describe", "plan");
    require_not_null(length, "ls_plan_describe", "length");
    if (capacity < 0) {
      throw Error(LS_INVALID_ARGUMENT,
                  "plan describe: expected a capacity of 0 or more, got " + std::to_string(capacity));
    }
    if (capacity > 0) require_not_null(text, "ls_plan_describe", "text");
    std::string lines = plan->plan.describe();
    *length = static_cast<int64_t>(lines.size());
    if (capacity == 0) return;
    size_t written = std::min(lines.size(), static_cast<size_t>(capacity - 1));
    std::memcpy(text, lines.data(), written);
    text[written] = '\0';
  });
}

ls_status ls_plan_run_bytes(const ls_plan *plan, int64_t *bytes) {
  return guarded([&] {
    require_not_null(plan, "ls_plan_run_bytes", "plan");
    require_not_null(bytes, "ls_plan_run_bytes", "bytes");
    *bytes = plan->plan.run_bytes();
  });
}
