// Blocks above 2 MB: mapped with huge pages, and kept mapped when freed, since a fresh page costs more than the
// arithmetic that fills it. The best-fitting free block serves a request if it wastes at most a quarter.
#pragma once

#include <cstddef>

namespace lockstep::memory {

// NULL when the system refuses.
void *take_large(size_t bytes);

// False, and nothing done, if the address is not one of a live large block of at least this size.
bool give_large(void *address, size_t bytes);

void trim_large();

}  // namespace lockstep::memory
