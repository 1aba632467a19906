// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <sys/types.h>

#include <string>
#include <string_view>
#include <vector>

namespace wolffia::cgroup {

/// Who could give a container of the caller's a cgroup that keeps limits, without taking it out of
/// where the caller was put: a job of a batch system stays in its job.
struct Place {
  enum class Giver : uint8_t {
    Nobody,
    Systemd,   // the user's, where the caller is in one of that user's own sessions or services
    Cgroupfs,  // whoever delegated the cgroup above the caller's
  };
  Giver giver = Giver::Nobody;
  std::vector<std::string> controllers;  // "memory"
  bool limits_swap = false;              // the kernel counts it (CONFIG_SWAP, swapaccount=)

  bool offers(std::string_view controller) const;
};

/// Looks at the hierarchy below /sys/fs/cgroup. `uid` is the caller's as the host counts,
/// `runtime_directory` XDG_RUNTIME_DIR. Nothing is made.
Place find_place(uid_t uid, const std::string& runtime_directory);

}  // namespace wolffia::cgroup
