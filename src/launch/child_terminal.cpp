// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <sys/sysmacros.h>

#include "launch/child.hpp"
#include "launch/fallback.hpp"
#include "sys/file.hpp"
#include "sys/path.hpp"
#include "sys/session.hpp"
#include "sys/socket.hpp"

namespace wolffia::launch {
namespace {

/// The name that goes with the descriptor on a console socket: callers want it not empty.
constexpr std::string_view kMasterName = "/dev/ptmx";

/// True for a pty multiplexer and nothing that an image could have put in its place.
Result<void> check_multiplexer(const sys::Fd& master) {
  const dev_t ptmx = makedev(5, 2);  // Documentation/admin-guide/devices.txt
  const struct stat status = TRY(sys::stat_fd(master));
  if (S_ISCHR(status.st_mode) && status.st_rdev == ptmx) return {};
  return Error::because(ENODEV, "dev/pts/ptmx is not the pty multiplexer");
}

/// The container's own multiplexer, so that the terminal's name means something inside; the
/// host's where the bundle mounts no devpts.
Result<sys::Fd> open_multiplexer(const Child& child) {
  constexpr int kFlags = O_RDWR | O_NOCTTY;
  const sys::Fd& root = child.root();
  auto own = open_inside(root, "dev/pts/ptmx", kFlags);
  if (own) return sys::Fd(std::move(own).value().release());
  if (!child.plan || !own.error().is(ENOENT)) return std::move(own).error();
  return sys::open_at(sys::cwd(), "/dev/ptmx", kFlags);  // still the host's: nothing is pivoted
}

Result<void> hand_over(const Child& child, const sys::Fd& master) {
  if (!child.handover.console_socket) return child.channel.say(Word::Console, 0, &master);
  return sys::send_packet(child.handover.console_socket, std::as_bytes(std::span(kMasterName)),
                          &master);
}

}  // namespace

Result<void> open_terminal(Child& child) {
  const sys::Fd master = TRY(open_multiplexer(child), "process.terminal: opening a pty");
  TRY(check_multiplexer(master));
  TRY(sys::unlock_pty(master));
  child.terminal = TRY(sys::open_pty_peer(master));
  const oci::ConsoleSize size = child.process.console_size;
  TRY(sys::set_window_size(master, size.height, size.width));
  if (child.process.uid.value != 0)
    TRY(sys::change_owner(child.terminal, child.process.uid.value, kNoId), "process.user.uid");
  return hand_over(child, master);
}

Result<void> take_terminal(Child& child) {
  TRY(sys::start_session());
  if (!child.terminal) return {};
  TRY(sys::control_terminal(child.terminal));
  for (const int number : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
    TRY(sys::place_at(child.terminal, number));
  return {};
}

}  // namespace wolffia::launch
