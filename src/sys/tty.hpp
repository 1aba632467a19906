// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <sys/ioctl.h>
#include <termios.h>

#include <optional>

#include "base/result.hpp"
#include "sys/fd.hpp"

/// Terminals. `fd` is a number, not an Fd, as most of these are asked about standard streams,
/// which nobody here owns. Source: termios(3), ioctl_tty(2).
namespace wolffia::sys {

/// True when `fd` is open on a terminal.
bool is_terminal(int fd);

/// False when another process group has the terminal: changing it would stop us with SIGTTOU.
/// True also where there is no job control. Source: tcgetpgrp(3).
bool in_foreground(int fd);

Result<termios> terminal_modes(int fd);

/// Changes the modes after pending output was written. Source: tcsetattr(3), TCSADRAIN.
Result<void> set_terminal_modes(int fd, const termios& modes);

/// `modes` as a terminal needs them that only passes bytes on: no echo, lines, signals or flow
/// control. Output is still processed (OPOST), so "\n" goes on starting a line.
termios raw_modes(termios modes);

/// Source: ioctl_tty(2), TIOCGWINSZ and TIOCSWINSZ.
Result<winsize> window_size(int fd);
Result<void> set_window_size(int fd, const winsize& size);

/// Opens the slave of a pty master without a path. Never becomes the controlling terminal.
/// Source: TIOCGPTPEER, Linux 4.13. Errors: ENOTTY or EINVAL on older kernels.
Result<Fd> open_peer(const Fd& master);

/// Puts a terminal into raw_modes() and back when destroyed. Empty when moved from.
class RawTerminal {
 public:
  /// Errors: ENOTTY when `fd` is no terminal.
  static Result<RawTerminal> enter(int fd);
  RawTerminal(RawTerminal&& other) noexcept;
  RawTerminal& operator=(RawTerminal&&) = delete;
  ~RawTerminal();

  /// Raw mode once more, after a shell that had stopped us restored its own.
  Result<void> enter_again();

 private:
  RawTerminal(int fd, const termios& before) : fd_(fd), before_(before) {}
  int fd_;  // -1: moved from
  termios before_;
};

}  // namespace wolffia::sys
