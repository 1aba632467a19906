// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>

#include "base/result.hpp"
#include "sys/socket.hpp"

namespace wolffia::net {

/// A socket at a path of the caller's, for its user alone, in place of one that was left there.
/// Errors: EADDRINUSE where another kind of file is there.
Result<sys::Fd> listen_at_path(const std::string& path, sys::SocketKind kind, int waiting);

}  // namespace wolffia::net
