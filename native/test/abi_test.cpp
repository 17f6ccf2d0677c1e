// The ABI's edges: versions, NULL arguments, error texts by thread.
#include <gtest/gtest.h>

#include <new>
#include <stdexcept>
#include <string>
#include <thread>

#include "abi/guard.h"
#include "plan_fixture.h"

namespace lockstep {
namespace {

TEST(Abi, Versions) {
  EXPECT_STREQ(LOCKSTEP_VERSION, ls_version());
  EXPECT_EQ(LS_ABI_VERSION, ls_abi_version());
  EXPECT_EQ(0U, std::string(ls_instruction_set()).find("x86-64-v"));
}

TEST(Abi, EveryExceptionBecomesStatusAndText) {
  EXPECT_EQ(LS_UNSUPPORTED, guarded([] { throw Error(LS_UNSUPPORTED, "not here"); }));
  EXPECT_STREQ("not here", ls_last_error());
  EXPECT_REFUSED(LS_OUT_OF_MEMORY, "out of memory", guarded([] { throw std::bad_alloc(); }));
  EXPECT_REFUSED(LS_INTERNAL, "odd", guarded([] { throw std::logic_error("odd"); }));
  EXPECT_REFUSED(LS_INTERNAL, "unknown", guarded([] { throw 3; }));
  EXPECT_EQ(LS_OK, guarded([] {}));
  EXPECT_PRED2(contains, std::string(ls_last_error()), "unknown") << "a success keeps the last failure's text";
}

TEST(Abi, LongTextsAreCut) {
  EXPECT_EQ(LS_INTERNAL, guarded([] { throw std::runtime_error(std::string(100000, 'x')); }));
  EXPECT_EQ(4095U, std::string(ls_last_error()).size());
}

TEST(Abi, EachThreadHasItsOwnText) {
  EXPECT_EQ(LS_INVALID_ARGUMENT, ls_threads_set(-1));
  std::string mine = ls_last_error();
  std::thread([] {
    EXPECT_STREQ("", ls_last_error());
    EXPECT_REFUSED(LS_INVALID_ARGUMENT, "limit", ls_memory_set_limit(-7));
  }).join();
  EXPECT_EQ(mine, ls_last_error());
}

TEST(Abi, NullArgumentsAreRefusedByName) {
  int64_t length = 0;
  int64_t bytes[1] = {4};
  ls_plan *plan = nullptr;
  ls_loop loop{};
  EXPECT_REFUSED(LS_INVALID_ARGUMENT, "ls_memory_allocate: expected an address for address, got NULL",
                 ls_memory_allocate(8, nullptr));
  EXPECT_REFUSED(LS_INVALID_ARGUMENT, "statistics", ls_memory_get_statistics(nullptr));
  EXPECT_REFUSED(LS_INVALID_ARGUMENT, "to", ls_memory_copy(nullptr, &length, 8));
  EXPECT_REFUSED(LS_INVALID_ARGUMENT, "from", ls_memory_copy(&length, nullptr, 8));
  EXPECT_REFUSED(LS_INVALID_ARGUMENT, "plan", ls_plan_create(LS_CPU, 1, bytes, 1, bytes, 0, nullptr));
  EXPECT_REFUSED(LS_INVALID_ARGUMENT, "plan", ls_plan_add_loop(nullptr, &loop));
  EXPECT_REFUSED(LS_INVALID_ARGUMENT, "plan", ls_plan_seal(nullptr));
  EXPECT_REFUSED(LS_INVALID_ARGUMENT, "plan", ls_plan_run(nullptr, nullptr, nullptr));
  EXPECT_REFUSED(LS_INVALID_ARGUMENT, "plan", ls_plan_describe(nullptr, nullptr, 0, &length));
  EXPECT_EQ(LS_OK, ls_plan_destroy(nullptr));
  EXPECT_EQ(LS_OK, ls_memory_free(nullptr, 8));
  EXPECT_EQ(LS_OK, ls_memory_copy(nullptr, nullptr, 0));

  ASSERT_EQ(LS_OK, ls_plan_create(LS_CPU, 1, bytes, 1, bytes, 0, &plan));
  EXPECT_REFUSED(LS_INVALID_ARGUMENT, "loop", ls_plan_add_loop(plan, nullptr));
  EXPECT_REFUSED(LS_INVALID_ARGUMENT, "matmul", ls_plan_add_matmul(plan, nullptr));
  EXPECT_REFUSED(LS_INVALID_ARGUMENT, "copy", ls_plan_add_copy(plan, nullptr));
  EXPECT_REFUSED(LS_INVALID_ARGUMENT, "length", ls_plan_describe(plan, nullptr, 0, nullptr));
  EXPECT_REFUSED(LS_INVALID_ARGUMENT, "text", ls_plan_describe(plan, nullptr, 3, &length));
  EXPECT_REFUSED(LS_INVALID_ARGUMENT, "capacity", ls_plan_describe(plan, nullptr, -1, &length));
  EXPECT_EQ(LS_OK, ls_plan_destroy(plan));
}

}  // namespace
}  // namespace lockstep
