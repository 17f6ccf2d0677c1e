// The one exception type of the native core. It is thrown anywhere below the ABI and becomes an ls_status there.
#pragma once

#include <stdexcept>
#include <string>

#include "lockstep/lockstep.h"

namespace lockstep {

class Error : public std::runtime_error {
 public:
  Error(ls_status status, const std::string &text) : std::runtime_error(text), status_(status) {}
  ls_status status() const { return status_; }

 private:
  ls_status status_;
};

}  // namespace lockstep
