// SPDX-License-Identifier: Apache-2.0
#include "base/version.hpp"

#include "cli/output.hpp"
#include "cli/runtime/commands.hpp"

namespace wolffia::cli::runtime {

/// The first line, and "commit:" and "spec:", are what containerd's shim looks for; the last line
/// has crun's form.
Result<void> print_version() {
  return print(cat("wolffia-oci version ", kVersion, "\ncommit: ", kCommit, "\nspec: ",
                   kSpecVersion, "\n+CAP +SECCOMP +CGROUP +SYSTEMD +APPARMOR +SELINUX\n"));
}

}  // namespace wolffia::cli::runtime
