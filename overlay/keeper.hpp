// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <functional>

#include "overlay/command_line.hpp"

namespace wolffia::overlay {

/// How the program ends.
inline constexpr int kEnded = 0;   // served, or unmounted
inline constexpr int kFailed = 1;  // nothing was mounted
inline constexpr int kDaemonDied = 3;

/// Starts the daemon and stays with it until it has ended. It unmounts when it is asked to, by a
/// signal or by the end of line.exit_fd, and when the daemon dies: the daemon is not able to, and
/// what reads requests has no business with mounts. It reads no request itself.
/// `served` is called once, when the mount can be used. Returns the status; what went wrong is in
/// `why`, a sentence.
int keep(const CommandLine& line, const std::function<void()>& served, std::string& why);

}  // namespace wolffia::overlay
