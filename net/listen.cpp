// SPDX-License-Identifier: Apache-2.0
#include "net/listen.hpp"

#include <fcntl.h>

#include "sys/directory.hpp"
#include "sys/file.hpp"

namespace wolffia::net {

Result<sys::Fd> listen_at_path(const std::string& path, sys::SocketKind kind, int waiting) {
  const size_t slash = path.rfind('/');
  const std::string folder = slash == std::string::npos ? "." : path.substr(0, slash + 1);
  const std::string name = path.substr(slash == std::string::npos ? 0 : slash + 1);
  const sys::Fd directory =
      TRY(sys::open_at(sys::cwd(), folder.c_str(), O_PATH | O_DIRECTORY), folder);
  const auto there = sys::stat_entry(directory, name.c_str());
  if (there && S_ISSOCK(there->st_mode)) TRY(sys::remove_entry(directory, name.c_str()));
  return sys::listen_at(directory, name.c_str(), kind, waiting);
}

}  // namespace wolffia::net
