// SPDX-License-Identifier: Apache-2.0
#include "sys/caps.hpp"

#include <sys/capability.h>
#include <sys/prctl.h>

#include <memory>

namespace wolffia::sys {
namespace {

struct FreeCaps {
  void operator()(cap_t caps) const { (void)::cap_free(caps); }
};
using Caps = std::unique_ptr<std::remove_pointer_t<cap_t>, FreeCaps>;

bool has(uint64_t set, cap_value_t value) {
  return (set >> value & 1U) != 0;
}

Result<void> fill(cap_t caps, cap_flag_t flag, uint64_t set) {
  for (cap_value_t value = 0; value < ::cap_max_bits(); ++value) {
    if (has(set, value) && ::cap_set_flag(caps, flag, 1, &value, CAP_SET) < 0)
      return Error::last("cap_set_flag");
  }
  return {};
}

}  // namespace

Result<uint64_t> effective_capabilities() {
  const Caps caps(::cap_get_proc());
  if (!caps) return Error::last("capget");
  uint64_t set = 0;
  for (cap_value_t value = 0; value < ::cap_max_bits(); ++value) {
    cap_flag_value_t on = CAP_CLEAR;
    if (::cap_get_flag(caps.get(), value, CAP_EFFECTIVE, &on) < 0)
      return Error::last("cap_get_flag");
    if (on == CAP_SET) set |= uint64_t{1} << value;
  }
  return set;
}

Result<void> limit_bounding(uint64_t keep) {
  for (cap_value_t value = 0; value < ::cap_max_bits(); ++value)
    if (!has(keep, value) && ::cap_drop_bound(value) < 0) return Error::last("prctl");
  // libcap searches for the last capability when it is loaded, and takes every refusal for its end.
  if (::cap_get_bound(static_cast<cap_value_t>(::cap_max_bits())) >= 0)
    return Error::because(ERANGE, "libcap did not find all capabilities of this kernel");
  return {};
}

Result<void> keep_capabilities() {
  if (::prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) < 0) return Error::last("prctl");
  return {};
}

Result<void> set_capabilities(uint64_t effective, uint64_t permitted, uint64_t inheritable) {
  const Caps caps(::cap_init());
  if (!caps) return Error::last("cap_init");
  TRY(fill(caps.get(), CAP_EFFECTIVE, effective));
  TRY(fill(caps.get(), CAP_PERMITTED, permitted));
  TRY(fill(caps.get(), CAP_INHERITABLE, inheritable));
  if (::cap_set_proc(caps.get()) < 0) return Error::last("capset");
  return {};
}

Result<void> set_ambient(uint64_t ambient) {
  // cap_reset_ambient(3) asks for each of them first, in a system call of its own.
  if (::prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) < 0) return Error::last("prctl");
  for (cap_value_t value = 0; value < ::cap_max_bits(); ++value)
    if (has(ambient, value) && ::cap_set_ambient(value, CAP_SET) < 0) return Error::last("prctl");
  return {};
}

}  // namespace wolffia::sys
