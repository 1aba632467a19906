// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "sys/fd.hpp"

/// Unix datagram sockets, as sd_notify(3) speaks through. Source: unix(7).
namespace wolffia::sys {

/// A socket `name` in `directory` that everybody may write to who can reach it. What stands there
/// already is replaced.
Result<Fd> bind_datagrams_at(const Fd& directory, const char* name);

/// The next message, without waiting; empty when there is none. What is longer than `limit` is cut
/// off, and descriptors that came with it are closed.
Result<std::string> receive_datagram(const Fd& socket, size_t limit);

/// Sends one message to the socket at `address`: an absolute path, or "@" and an abstract name.
/// Errors: EINVAL for another address; ENOENT, ECONNREFUSED when nobody is there.
Result<void> send_datagram(std::string_view address, std::string_view message);

}  // namespace wolffia::sys
