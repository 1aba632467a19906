// SPDX-License-Identifier: Apache-2.0
#include "sys/session.hpp"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include <climits>

namespace wolffia::sys {

Result<void> start_session() {
  if (::setsid() < 0) return Error::last("setsid");
  return {};
}

Result<void> unlock_pty(const Fd& master) {
  const int locked = 0;
  if (::ioctl(master.get(), TIOCSPTLCK, &locked) < 0) return Error::last("TIOCSPTLCK");
  return {};
}

Result<Fd> open_pty_peer(const Fd& master) {
  const int fd = ::ioctl(master.get(), TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
  if (fd < 0) return Error::last("TIOCGPTPEER");
  return Fd(fd);
}

Result<void> set_window_size(const Fd& terminal, uint16_t rows, uint16_t columns) {
  if (rows == 0 && columns == 0) return {};
  const winsize size{.ws_row = rows, .ws_col = columns, .ws_xpixel = 0, .ws_ypixel = 0};
  if (::ioctl(terminal.get(), TIOCSWINSZ, &size) < 0) return Error::last("TIOCSWINSZ");
  return {};
}

Result<void> control_terminal(const Fd& terminal) {
  if (::ioctl(terminal.get(), TIOCSCTTY, 0) < 0) return Error::last("TIOCSCTTY");
  return {};
}

Result<void> place_at(const Fd& file, int number) {
  if (::dup2(file.get(), number) < 0) return Error::last("dup2");
  return {};
}

Result<void> pass_on(int number) {
  if (::fcntl(number, F_SETFD, 0) < 0) return Error::last("fcntl(F_SETFD)");
  return {};
}

Result<Fd> copy_from(const Fd& file, int from) {
  const int fd = ::fcntl(file.get(), F_DUPFD_CLOEXEC, from);
  if (fd < 0) return Error::last("fcntl");
  return Fd(fd);
}

Result<void> change_owner(const Fd& file, uint32_t uid, uint32_t gid) {
  if (::fchown(file.get(), uid, gid) < 0) return Error::last("fchown");
  return {};
}

void set_umask(mode_t mask) {
  (void)::umask(mask);  // cannot fail; the former mask is of no use
}

Result<void> change_directory(const char* path) {
  if (::chdir(path) < 0) return Error::last("chdir");
  return {};
}

Result<void> change_directory_to(const Fd& directory) {
  if (::fchdir(directory.get()) < 0) return Error::last("fchdir");
  return {};
}

Result<void> change_root_here() {
  if (::chroot(".") < 0) return Error::last("chroot");
  return {};
}

Result<bool> directory_is_reachable() {
  // The raw call: glibc hides "(unreachable)" behind a walk of its own.
  char path[PATH_MAX];
  const long length = ::syscall(SYS_getcwd, path, sizeof path);
  if (length < 0) return Error::last("getcwd");
  return path[0] == '/';
}

}  // namespace wolffia::sys
