// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>

#include "base/result.hpp"
#include "sys/path.hpp"

/// Which of the kernel's newer calls this process uses, and when it takes the older ones instead.
/// A call is given up for good when the kernel says ENOSYS, or from the start when the environment
/// variable WOLFFIA_FORCE_FALLBACK names it ("openat2,mount_setattr"; ignored when setuid): that
/// is how tests run every older path on a new kernel. The older calls do the same things with the
/// same checks, so naming one weakens nothing.
namespace wolffia::launch {

enum class NewCall : uint8_t {
  Openat2,       // Linux 5.6; else one component at a time
  OpenTree,      // Linux 5.2; else mount(2) MS_BIND on the stage, see trees.hpp
  OpenTreeAttr,  // Linux 6.15; else open_tree and mount_setattr
  Fsopen,        // Linux 5.2, with fsconfig and fsmount; else mount(2) on the stage
  MoveMount,     // Linux 5.2; else mount(2) MS_MOVE, for which trees must be on the stage
  MountSetattr,  // Linux 5.12; else mount(2) MS_REMOUNT, for which trees must be on the stage
  Clone3,        // Linux 5.3; else clone(2)
  CloseRange,    // Linux 5.9; else close(2) of each
};

/// False once the call is known to be missing, or a call it is of no use without.
bool usable(NewCall call);

/// True if `error` says that the kernel lacks `call`, which is then not tried again.
bool lacks(NewCall call, const Error& error);

/// sys::open_in_root() on every kernel: openat2(2), or component by component where that is
/// missing. `flags` may open for reading.
Result<sys::InRoot> open_inside(const sys::Fd& root, const char* path, int flags);

/// Closes every descriptor from `first` to `last`, on kernels before 5.9 one by one.
Result<void> close_descriptors(int first, int last);

}  // namespace wolffia::launch
