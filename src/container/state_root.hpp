// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>

#include "base/result.hpp"
#include "sys/fd.hpp"

namespace wolffia::container {

/// An open state root and the path a person knows it by.
struct StateRoot {
  std::string path;
  sys::Fd directory;
  uint32_t owner;  // its uid, which is ours
};

/// Opens the state root, and makes it where it is missing:
///   1. `wanted` (--root), if not empty;
///   2. /run/wolffia/oci for root of the machine;
///   3. $XDG_RUNTIME_DIR/wolffia/oci, where that variable names a directory of ours;
///   4. /tmp/wolffia-UID/oci, UID as outside of our user namespace, so that a caller finds the same
///      containers from both sides.
/// Errors: EPERM when the directory is not ours, or others may write to it.
Result<StateRoot> open_state_root(const std::string& wanted);

/// The path that open_state_root() would open, without opening or making anything.
std::string state_root_path(const std::string& wanted);

}  // namespace wolffia::container
