// How the library uses OpenBLAS: from the pool's threads, each call on one.
#pragma once

namespace lockstep {

// Call it before the first use: OpenBLAS then starts no threads of its own.
void use_openblas_on_one_thread();

}  // namespace lockstep
