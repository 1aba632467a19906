// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <unistd.h>

#include <memory>
#include <string>

#include "base/result.hpp"
#include "container/supervise.hpp"
#include "sys/fd.hpp"

namespace wolffia::container {

/// The caller's side of a relay: two descriptors it does not own.
struct Streams {
  int input = STDIN_FILENO;
  int output = STDOUT_FILENO;
};

/// Makes a pty fit to be passed on: its master never blocks, and "\n" stays "\n" (ONLCR): whose
/// terminal shows it makes "\r\n" of that. Returns the other side, to be held so that the pty never
/// hangs up while nobody inside has it open; empty before Linux 4.13.
Result<sys::Fd> prepare_master(const sys::Fd& master);

/// What tells the reader inside that the input has ended, as a person would with ^D: it ends an
/// open line first, and means the end of the file only at the start of one. Empty where the program
/// switched that off. Source: termios(3), VEOF.
std::string end_of_input(const sys::Fd& master, bool line_open);

/// The relay between a pty master and the caller's streams, for a container in the foreground.
///
/// - An input that is a terminal is made raw until the relay is destroyed: every key, ^C and ^Z
///   too, goes to the pty, whose own line discipline makes signals of them inside.
/// - The pty does not turn "\n" into "\r\n" (ONLCR): our terminal does, and a file or pipe gets
///   the bytes as they were written.
/// - The end of an input that is no terminal becomes the pty's end-of-file character.
/// - The pty gets the size of our terminal, unless the bundle has set one.
/// - Both ways hold at most one buffer each: who does not read stops who writes. An output that
///   has gone away is not an error; the rest is read and dropped, so that nobody inside hangs.
Result<std::unique_ptr<Relay>> make_pty_relay(sys::Fd master, Streams streams);

/// The same between the pty and standard input and output: a MakeRelay.
Result<std::unique_ptr<Relay>> relay_standard_streams(sys::Fd master);

}  // namespace wolffia::container
