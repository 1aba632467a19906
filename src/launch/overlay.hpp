// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <span>

#include "base/result.hpp"
#include "sys/fd.hpp"

namespace wolffia::launch {

/// Directories to be seen as one. Descriptors, so that neither the length of a path nor a ":" in it
/// matters.
struct OverlayParts {
  std::span<const sys::InRoot> lowers;  // lowest first; two at least where there is no upper
  const sys::Fd* upper = nullptr;       // null: nothing can be written
  const sys::Fd* work = nullptr;        // empty, on the file system of `upper`
  bool lasts = true;  // false: what is written need not survive a loss of power, and never waits
};

/// Mounts the kernel's overlay of `parts` on `target`. Source: overlayfs.rst with "userxattr",
/// Linux 5.11 in a user namespace; "lowerdir+" Linux 6.5, else one string of at most a page.
/// Errors: those of mount(2), with what the kernel says of it; E2BIG where the string is too long.
Result<void> mount_overlay(const OverlayParts& parts, const sys::Fd& target);

}  // namespace wolffia::launch
