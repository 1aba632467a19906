// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <linux/capability.h>

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "oci/runtime_spec.hpp"

/// The seccomp profile of `wolffia run`: what is allowed is listed, all else is denied. The tables
/// are the profile, its documentation (packaging/doc/seccomp.md) and its tests' expectations.
namespace wolffia::plan {

enum class Verdict : uint8_t {
  Allow,
  Deny,        // EPERM
  Needs,       // Allow with a capability, else Deny
  Hide,        // ENOSYS without the capability: programs then use an older call
  ByArgument,  // see argument_rules()
};

/// System calls that stand together for one reason.
struct CallGroup {
  std::string_view purpose;
  Verdict verdict;
  std::string_view calls;  // names, one space between; of all architectures
  int capability = -1;     // Needs and Hide: CAP_*
};
std::span<const CallGroup> call_groups();

/// The names in CallGroup::calls.
std::vector<std::string_view> split_calls(std::string_view calls);

/// One rule for a call of a ByArgument group.
struct ArgumentRule {
  std::string_view call;
  std::string_view reason;
  std::optional<uint32_t> error;  // errno; none: allowed
  std::vector<oci::SeccompArg> args;
  int capability = -1;  // counts only with, or, with `error`, without it
};
std::span<const ArgumentRule> argument_rules();

/// Of the capabilities that `wolffia run` gives, those that the profile asks about.
inline constexpr uint64_t kRunCapabilities = uint64_t{1} << CAP_SYS_CHROOT;

/// The profile for a container whose bounding set is `capabilities` (bit n is capability n).
oci::Seccomp default_profile(uint64_t capabilities = kRunCapabilities);

}  // namespace wolffia::plan
