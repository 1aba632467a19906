// SPDX-License-Identifier: Apache-2.0
#include "container/announce.hpp"

#include <fcntl.h>

#include <span>
#include <string_view>

#include "sys/directory.hpp"
#include "sys/file.hpp"
#include "sys/socket.hpp"

namespace wolffia::container {

Result<void> send_pidfd(const char* asked_by, const std::string& socket_path,
                        const sys::PidFd& process) {
  if (socket_path.empty()) return {};
  constexpr std::string_view kName = "pidfd";
  const sys::Fd socket = TRY(sys::connect_stream(socket_path.c_str()), asked_by, " ", socket_path);
  TRY(sys::send_packet(socket, std::as_bytes(std::span(kName)), &process), asked_by, " ",
      socket_path);
  return {};
}

Result<PidFile> PidFile::write(const std::string& path, pid_t pid) {
  PidFile file;
  if (path.empty()) return file;
  const size_t slash = path.rfind('/');
  const std::string parent = slash == std::string::npos ? "." : path.substr(0, slash + 1);
  file.name_ = slash == std::string::npos ? path : path.substr(slash + 1);
  sys::Fd directory =
      TRY(sys::open_at(sys::cwd(), parent.c_str(), O_RDONLY | O_DIRECTORY), "pid file ", path);
  TRY(sys::replace_file(directory, file.name_.c_str(), cat(pid), sys::Durable::No), "pid file ",
      path);
  file.directory_ = std::move(directory);
  return file;
}

PidFile& PidFile::operator=(PidFile&& other) noexcept {
  std::swap(directory_, other.directory_);
  std::swap(name_, other.name_);
  return *this;
}

PidFile::~PidFile() {
  if (directory_) (void)sys::remove_entry(directory_, name_.c_str());  // gone already is as good
}

}  // namespace wolffia::container
