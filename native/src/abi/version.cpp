#include "cpu/isa.h"
#include "lockstep/lockstep.h"

const char *ls_version(void) { return LOCKSTEP_VERSION; }

int32_t ls_abi_version(void) { return LS_ABI_VERSION; }

const char *ls_instruction_set(void) { return lockstep::for_isa("x86-64-v2", "x86-64-v3", "x86-64-v4"); }
