// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <sys/types.h>

#include "base/result.hpp"

namespace wolffia::sys {

/// Sets the umask of the calling thread alone, which from then on has its own, and its own working
/// directory. Source: umask(2); CLONE_FS in unshare(2).
Result<void> set_thread_umask(mode_t mask);

}  // namespace wolffia::sys
