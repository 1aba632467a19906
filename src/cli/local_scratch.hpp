// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <vector>

namespace wolffia::cli {

/// Directories on this machine for what the file system of a store cannot hold, the first the best:
/// $WOLFFIA_SCRATCH, $TMPDIR, /tmp, and $XDG_RUNTIME_DIR, which is memory of the whole session.
std::vector<std::string> local_scratch();

}  // namespace wolffia::cli
