// SPDX-License-Identifier: Apache-2.0
#include "cli/user/streams.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <array>

#include "container/relay.hpp"
#include "sys/directory.hpp"
#include "sys/file.hpp"
#include "sys/session.hpp"
#include "sys/socket.hpp"

namespace wolffia::cli::user {
namespace {

/// Our end of a new pipe; the other one becomes descriptor `number`.
Result<sys::Fd> pipe_to(int number) {
  auto [reading, writing] = TRY(sys::make_pipe(0));
  const bool theirs_reads = number == STDIN_FILENO;
  TRY(sys::place_at(theirs_reads ? reading : writing, number));
  return theirs_reads ? std::move(writing) : std::move(reading);
}

/// Each end of a pipe has flags of its own: the program's still waits.
Result<void> never_block(const sys::Fd& pipe) {
  if (::fcntl(pipe.get(), F_SETFL, O_WRONLY | O_NONBLOCK) < 0) return Error::last("fcntl");
  return {};
}

Result<sys::Fd> receive_master(const sys::Fd& console) {
  constexpr std::chrono::milliseconds kNow{0};  // the runtime has connected, or never will
  if (!TRY(sys::readable_within(console, kNow)))
    return Error::because(ENOTCONN, "the runtime has sent no terminal");
  const sys::Fd connection = TRY(sys::accept_from(console));
  std::array<std::byte, 4096> name{};  // the terminal's, of no use here
  sys::Received received = TRY(sys::receive_packet(connection, name));
  if (!received.attached) return Error::because(ENOTCONN, "the runtime has sent no terminal");
  return std::move(received.attached);
}

}  // namespace

Result<void> disconnect() {
  const sys::Fd null = TRY(sys::open_at(sys::cwd(), "/dev/null", O_RDWR));
  for (const int number : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
    TRY(sys::place_at(null, number));
  return {};
}

Result<StreamsInTheMaking> StreamsInTheMaking::make(const RunRequest& request,
                                                    const ContainerDir& container) {
  StreamsInTheMaking making;
  making.directory_ = &container.fd;
  Streams& streams = making.streams_;
  streams.terminal = request.terminal;
  streams.interactive = request.interactive;
  TRY(disconnect());
  streams.out = TRY(pipe_to(STDOUT_FILENO));
  streams.err = TRY(pipe_to(STDERR_FILENO));
  if (request.interactive && !request.terminal) {
    streams.input = TRY(pipe_to(STDIN_FILENO));
    TRY(never_block(streams.input));
  }
  if (!request.terminal) return making;
  (void)sys::remove_entry(container.fd, kConsoleSocket);  // of one that was killed
  making.console_ =
      TRY(sys::listen_at(container.fd, kConsoleSocket, sys::SocketKind::Stream), kConsoleSocket);
  return making;
}

Result<Streams> StreamsInTheMaking::finish(bool started) && {
  TRY(disconnect());  // else the pipes would never end
  if (!console_) return std::move(streams_);
  (void)sys::remove_entry(*directory_, kConsoleSocket);
  if (!started) return std::move(streams_);
  streams_.out = TRY(receive_master(console_), "terminal");
  streams_.peer = TRY(container::prepare_master(streams_.out), "terminal");
  return std::move(streams_);
}

}  // namespace wolffia::cli::user
