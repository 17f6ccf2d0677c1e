#pragma once

namespace lockstep {

// How many threads this process can run at once: its affinity mask, cut to the processor quota of its container.
int usable_cores();

}  // namespace lockstep
