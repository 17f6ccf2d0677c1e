// Free blocks of up to 2 MB that any thread may take: a stack a size class. Blocks come from the C library's heap.
#pragma once

#include "memory/size_class.h"

namespace lockstep::memory {

// A free block's first word links to the next.
struct FreeBlock {
  FreeBlock *next;
};

// Up to `count` blocks, linked; at least one, or NULL when the system has none. Sets `count` to how many they are.
FreeBlock *take_shared(int size_class, int &count);

// Takes back `count` linked blocks.
void give_shared(int size_class, FreeBlock *blocks, int count);

void trim_shared();

}  // namespace lockstep::memory
