// SPDX-License-Identifier: Apache-2.0
#include "net/guest.hpp"

#include <fcntl.h>
#include <sched.h>
#include <unistd.h>

#include <array>
#include <string>

#include "base/quote.hpp"
#include "base/words.hpp"
#include "net/configure.hpp"
#include "net/listen.hpp"
#include "sys/data.hpp"
#include "sys/file.hpp"
#include "sys/namespace.hpp"
#include "sys/process.hpp"
#include "sys/session.hpp"
#include "sys/socket.hpp"
#include "sys/standard_streams.hpp"
#include "sys/tap.hpp"

namespace wolffia::net {
namespace {

constexpr std::string_view kMade = "+";

Result<sys::NamespaceFd> open_namespace(const std::string& path) {
  return sys::NamespaceFd(
      TRY(sys::open_at(sys::cwd(), path.c_str(), O_RDONLY), quoted_if_needed(path)).release());
}

struct Namespaces {
  sys::NamespaceFd user;  // empty: the caller's
  sys::NamespaceFd network;
  std::string user_path;
  std::string network_path;
};

/// Whatever the path is of, it could be opened.
Result<void> join(const sys::NamespaceFd& space, int kind, const std::string& path) {
  auto joined = sys::join_namespace(space, kind);
  if (joined || !joined.error().is(EINVAL)) return joined;
  const std::string_view word = kind == CLONE_NEWNET ? "net" : "user";
  return Error::because(EINVAL, cat(quoted_if_needed(path), " is no such namespace: give one as ",
                                    "/proc/PID/ns/", word));
}

Result<Namespaces> open_namespaces(const Options& options) {
  Namespaces out;
  const bool is_process = options.kind == TargetKind::Pid;
  const std::string process = cat("/proc/", options.target, "/ns/");
  std::string user = options.user_namespace;
  if (user.empty() && is_process) user = process + "user";
  out.network_path = is_process ? process + "net" : options.target;
  out.network = TRY(open_namespace(out.network_path));
  if (user.empty()) return out;
  out.user = TRY(open_namespace(user));
  out.user_path = std::move(user);
  // A process cannot join the user namespace that it is in: setns(2), EINVAL.
  const struct stat theirs = TRY(sys::stat_fd(out.user));
  const struct stat own = TRY(sys::stat_at(sys::cwd(), "/proc/self/ns/user"));
  if (theirs.st_ino == own.st_ino && theirs.st_dev == own.st_dev) out.user.reset();
  return out;
}

/// In the short-lived process: the interface as it shall be.
Result<sys::Fd> make_interface(const Options& options) {
  const Namespaces spaces = TRY(open_namespaces(options));  // before /proc shows another user's
  if (spaces.user)
    TRY(join(spaces.user, CLONE_NEWUSER, spaces.user_path), "join the user namespace");
  const auto joined = join(spaces.network, CLONE_NEWNET, spaces.network_path);
  if (!joined && joined.error().is(EPERM))
    return Error::because(EPERM,
                          "the network namespace is not this user's: give --userns-path with the "
                          "user namespace that owns it");
  TRY(joined, "join the network namespace");
  sys::Fd tap =
      TRY(sys::open_tap(options.interface), "interface ", quoted_if_needed(options.interface));
  if (options.configure) TRY(configure(options));
  return tap;
}

/// Whether there will be connections or ports that could do with them. A capture has every frame,
/// so that with one there have to be frames.
bool wants_sockets(const Options& options) {
  const bool publishes = !options.api_socket.empty() && options.splices;
  return (publishes || options.outbound_way != OutboundWay::Slirp) && options.pcap.empty();
}

SocketTask task_of(const Options& options) {
  return {.network = options.network, .leads_out = options.outbound_way != OutboundWay::Slirp};
}

/// Ends the process. What it says is kMade and the descriptor, or a sentence.
[[noreturn]] void enter_and_make(const Options& options, sys::Fd answer) {
  const auto tap = make_interface(options);
  const std::string said = tap ? std::string(kMade) : tap.error().message();
  const auto bytes = std::as_bytes(std::span(said.data(), std::min<size_t>(said.size(), 4096)));
  (void)sys::send_packet(answer, bytes, tap ? &*tap : nullptr);
  if (tap && wants_sockets(options)) make_sockets(task_of(options), std::move(answer));
  ::_exit(tap ? 0 : 1);
}

/// Its sockets come from `queue`, which nobody waits at for longer than a moment.
Result<void> take_sockets(Guest& guest, sys::Fd queue, sys::PidFd maker) {
  TRY(sys::bound_waiting(queue, std::chrono::seconds(1)));
  guest.sockets = GuestSockets(std::move(queue));
  guest.maker = std::move(maker);
  return {};
}

Result<Guest> fetch_tap(const Options& options) {
  auto [ours, theirs] = TRY(sys::packet_pair());
  sys::Cloned child = TRY(sys::fork_process());
  if (child.pid == 0) enter_and_make(options, std::move(theirs));
  theirs.reset();
  std::array<std::byte, 4096> said{};
  sys::Received received = TRY(sys::receive_packet(ours, said));
  Guest guest;
  guest.link = std::move(received.attached);
  if (guest.link && wants_sockets(options)) {
    TRY(take_sockets(guest, std::move(ours), std::move(child.pidfd)));
    return guest;
  }
  TRY(sys::wait_for(child.pidfd));
  if (guest.link) return guest;
  const std::string why(reinterpret_cast<const char*>(said.data()), received.size);
  return Error::because(ECHILD, why.empty() ? "the process that makes the interface died" : why);
}

/// In the process that makes sockets, of a guest whose interface was handed to us.
[[noreturn]] void follow_and_make(const Options& options, const sys::Fd& tap, sys::Fd queue) {
  const auto follow = [&]() -> Result<void> {
    const sys::NamespaceFd space = TRY(sys::namespace_of(tap));
    return sys::join_namespace(space, CLONE_NEWNET);
  };
  const auto followed = follow();
  if (followed) make_sockets(task_of(options), std::move(queue));
  const std::string why = followed.error().message();
  (void)sys::send_packet(queue, std::as_bytes(std::span(why)));
  ::_exit(1);
}

Result<Guest> take_tap(const Options& options) {
  int number = -1;
  (void)read_number(std::string_view(options.target), number);  // it was checked
  if (!sys::is_open(number))
    return Error::because(
        EBADF, cat("descriptor ", number, " is not open: leave it open for this program"));
  sys::Fd tap(number);
  TRY(sys::set_blocking(tap, false), "descriptor ", number);
  Guest guest;
  guest.link = std::move(tap);
  if (!wants_sockets(options)) return guest;
  auto [ours, theirs] = TRY(sys::packet_pair());
  sys::Cloned child = TRY(sys::fork_process());
  if (child.pid == 0) follow_and_make(options, guest.link, std::move(theirs));
  TRY(take_sockets(guest, std::move(ours), std::move(child.pidfd)));
  return guest;
}

/// A socket by that name, in place of one that a dead daemon left.
Result<Guest> accept_machine(const Options& options) {
  const sys::Fd listener = TRY(listen_at_path(options.target, sys::SocketKind::Packets, 1),
                               quoted_if_needed(options.target));
  sys::Fd machine = TRY(sys::accept_from(listener));
  TRY(sys::set_blocking(machine, false));
  Guest guest;
  guest.link = std::move(machine);
  return guest;
}

}  // namespace

Result<Guest> connect_guest(const Options& options) {
  switch (options.kind) {
    case TargetKind::Tap:
      return take_tap(options);
    case TargetKind::Bess:
      return accept_machine(options);
    default:
      return fetch_tap(options);
  }
}

}  // namespace wolffia::net
