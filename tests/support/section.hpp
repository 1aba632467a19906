// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "oci/runtime_spec.hpp"

/// Seccomp sections in one line each.
namespace wolffia::test {

inline oci::SeccompRule rule(std::vector<std::string> names, std::string action,
                             std::vector<oci::SeccompArg> args = {},
                             std::optional<uint32_t> errno_ret = {}) {
  return {std::move(names), std::move(action), errno_ret, std::move(args)};
}

inline oci::Seccomp section(std::string default_action, std::vector<oci::SeccompRule> rules = {},
                            std::vector<std::string> architectures = {}) {
  oci::Seccomp made;
  made.default_action = std::move(default_action);
  made.architectures = std::move(architectures);
  made.syscalls = std::move(rules);
  return made;
}

}  // namespace wolffia::test
