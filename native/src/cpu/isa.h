// The instruction sets that kernels are compiled for, and the one this process uses.
//
// A file in cpu/isa/ is compiled three times, each time with LS_ISA defined as v2, v3 or v4. It puts all it has to
// offer into `namespace lockstep::LS_ISA`, everything else into an anonymous namespace, and hands out a table:
//
//   cpu/example_kernels.h   struct ExampleKernels { void (*add)(const float *, const float *, float *, int64_t); };
//                          namespace v2 { const ExampleKernels &example_kernels(); }   and v3, v4
//   cpu/isa/example.cpp    namespace lockstep::LS_ISA { const ExampleKernels &example_kernels() { ... } }
//   cpu/example.cpp        const ExampleKernels &kernels = for_isa(v2::example_kernels, v3::example_kernels,
//                                                                  v4::example_kernels)();
//
// cmake/isa.cmake makes every other symbol of these objects local, so that no inline function compiled for AVX-512 can
// stand in for the same function elsewhere. What follows for isa files: static variables of inline functions exist once
// an object, so shared state must live in ordinary files.
#pragma once

namespace lockstep {

enum class Isa { v2, v3, v4 };

// The best one that the processor has; the environment variable LOCKSTEP_ISA (v2, v3 or v4) may lower it, for tests.
Isa isa();

// False on a processor older than x86-64-v2, on which no kernel runs.
bool isa_supported();

template <typename Choice>
Choice for_isa(Choice v2, Choice v3, Choice v4) {
  switch (isa()) {
    case Isa::v4:
      return v4;
    case Isa::v3:
      return v3;
    default:
      return v2;
  }
}

}  // namespace lockstep
