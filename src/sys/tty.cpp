// SPDX-License-Identifier: Apache-2.0
#include "sys/tty.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <utility>

namespace wolffia::sys {

bool is_terminal(int fd) {
  return ::isatty(fd) == 1;
}

bool in_foreground(int fd) {
  const pid_t owner = ::tcgetpgrp(fd);
  return owner < 0 || owner == ::getpgrp();
}

Result<termios> terminal_modes(int fd) {
  termios modes{};
  if (::tcgetattr(fd, &modes) < 0) return Error::last("tcgetattr");
  return modes;
}

Result<void> set_terminal_modes(int fd, const termios& modes) {
  if (::tcsetattr(fd, TCSADRAIN, &modes) < 0) return Error::last("tcsetattr");
  return {};
}

termios raw_modes(termios modes) {
  ::cfmakeraw(&modes);
  modes.c_oflag |= OPOST;
  return modes;
}

Result<winsize> window_size(int fd) {
  winsize size{};
  if (::ioctl(fd, TIOCGWINSZ, &size) < 0) return Error::last("ioctl TIOCGWINSZ");
  return size;
}

Result<void> set_window_size(int fd, const winsize& size) {
  if (::ioctl(fd, TIOCSWINSZ, &size) < 0) return Error::last("ioctl TIOCSWINSZ");
  return {};
}

Result<Fd> open_peer(const Fd& master) {
  const int fd = ::ioctl(master.get(), TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
  if (fd < 0) return Error::last("ioctl TIOCGPTPEER");
  return Fd(fd);
}

Result<RawTerminal> RawTerminal::enter(int fd) {
  const termios before = TRY(terminal_modes(fd));
  TRY(set_terminal_modes(fd, raw_modes(before)));
  return RawTerminal(fd, before);
}

RawTerminal::RawTerminal(RawTerminal&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)), before_(other.before_) {}

RawTerminal::~RawTerminal() {
  // In the background the terminal is the shell's again, and the shell has set it already.
  if (fd_ >= 0 && in_foreground(fd_)) (void)set_terminal_modes(fd_, before_);
}

Result<void> RawTerminal::enter_again() {
  return set_terminal_modes(fd_, raw_modes(before_));
}

}  // namespace wolffia::sys
