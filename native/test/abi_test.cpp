#include <gtest/gtest.h>

#include "lockstep/lockstep.h"

TEST(Abi, Versions) {
  EXPECT_STREQ("0.1.0", ls_version());
  EXPECT_EQ(LS_ABI_VERSION, ls_abi_version());
  EXPECT_EQ(0, std::string(ls_instruction_set()).find("x86-64-v"));
}
