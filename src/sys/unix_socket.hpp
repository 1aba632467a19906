// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <sys/un.h>

#include "base/result.hpp"
#include "sys/fd.hpp"

/// What the files about Unix sockets share. Source: unix(7).
namespace wolffia::sys {

/// `name` below `directory`, short enough for sun_path whatever the directory's own path.
Result<sockaddr_un> unix_address_at(const Fd& directory, const char* name);

inline const sockaddr* generic(const sockaddr_un& address) {
  return reinterpret_cast<const sockaddr*>(&address);
}

/// `type` as SOCK_DGRAM.
Result<Fd> make_unix_socket(int type);

}  // namespace wolffia::sys
