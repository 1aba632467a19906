// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "base/result.hpp"
#include "sys/fd.hpp"

/// Where a single id exists, the kernel refuses every other owner before any file system is asked.
/// The container's filter tells a process of ours of chown(2) and its kin, which notes the owner in
/// an attribute of the file, as an image was noted when it was unpacked for that one id. Whoever
/// takes the files further (commit, export, a mount with more ids) finds it there; stat(2) in the
/// container says root, as the kernel can name no other owner there.
namespace wolffia::cli::user::owners {

/// The socket in the container's directory at which the runtime hands listeners over.
inline constexpr const char* kSocket = "owners";

/// Whether filters can tell of calls, and ours may: of all filters around a process one may have a
/// listener. Source: seccomp_unotify(2).
Result<bool> are_kept_here();

/// Starts the keeper as a child: it serves until the process that called this has ended and no
/// process with one of the filters handed over is left. `directory` is the container's.
Result<void> start_keeper(const sys::Fd& directory);

}  // namespace wolffia::cli::user::owners
