// SPDX-License-Identifier: Apache-2.0
#include "sys/inotify.hpp"

#include <unistd.h>

#include <array>

namespace wolffia::sys {

Result<Inotify> Inotify::make() {
  const int fd = ::inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
  if (fd < 0) return Error::last("inotify_init1");
  return Inotify(Fd(fd));
}

Result<void> Inotify::watch(const char* path, uint32_t events) {
  if (::inotify_add_watch(fd_.get(), path, events) < 0) return Error::last("inotify_add_watch");
  return {};
}

void Inotify::drain() {
  std::array<char, 4096> events;
  while (::read(fd_.get(), events.data(), events.size()) > 0) {
  }
}

}  // namespace wolffia::sys
