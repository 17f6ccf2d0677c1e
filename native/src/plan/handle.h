// What the C ABI's plan pointers point to.
#pragma once

#include "plan/plan.h"

struct ls_plan {
  lockstep::Plan plan;
};
