// SPDX-License-Identifier: Apache-2.0
#include "container/readiness.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>

#include "base/text.hpp"
#include "sys/datagram.hpp"
#include "sys/directory.hpp"
#include "sys/file.hpp"

namespace wolffia::container {
namespace {

constexpr const char* kDirectory = "notify";    // in the container's directory
constexpr const char* kSocket = "notify.sock";  // in it
constexpr std::string_view kInside = "/run/notify";
constexpr size_t kMessageLimit = 4096;  // NOTIFY_BUFFER_MAX of systemd
constexpr std::string_view kReady = "READY=1";

bool is_about_state(std::string_view line) {
  constexpr std::array kSayings = {kReady,
                                   std::string_view("RELOADING=1"),
                                   std::string_view("STOPPING=1"),
                                   std::string_view("WATCHDOG=1"),
                                   std::string_view("STATUS="),
                                   std::string_view("ERRNO="),
                                   std::string_view("MONOTONIC_USEC="),
                                   std::string_view("EXTEND_TIMEOUT_USEC=")};
  return std::ranges::any_of(kSayings, [line](std::string_view saying) {
    return saying.ends_with('=') ? line.starts_with(saying) : line == saying;
  });
}

}  // namespace

Result<void> make_ready_directory(const Entry& entry) {
  TRY(sys::make_directory(entry.directory(), kDirectory, 0700));
  const sys::Fd directory =
      TRY(sys::open_at(entry.directory(), kDirectory, O_RDONLY | O_DIRECTORY));
  // Whatever the umask: the program may be of any user, and sees nothing above.
  if (::fchmod(directory.get(), 0755) < 0) return Error::last("fchmod");
  return {};
}

void add_readiness(oci::Spec& spec, const std::string& path) {
  if (!spec.process) return;
  oci::Mount mount;
  mount.destination = kInside;
  mount.type = "bind";
  mount.source = cat(path, "/", kDirectory);
  mount.options = {"bind", "ro", "nosuid", "nodev", "noexec"};
  spec.mounts.push_back(std::move(mount));
  spec.process->env.push_back(cat("NOTIFY_SOCKET=", kInside, "/", kSocket));
}

std::string lines_for_manager(std::string_view message) {
  std::string told;
  while (!message.empty()) {
    const std::string_view line = message.substr(0, message.find('\n'));
    message.remove_prefix(std::min(line.size() + 1, message.size()));
    if (is_about_state(line)) told += cat(line, "\n");
  }
  return told;
}

Result<std::optional<Readiness>> Readiness::listen(const Entry& entry, const std::string& manager) {
  if (manager.empty()) return std::optional<Readiness>();
  auto directory = sys::open_at(entry.directory(), kDirectory, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
  if (!directory && directory.error().is(ENOENT)) return std::optional<Readiness>();
  const sys::Fd place = TRY(std::move(directory));
  return std::optional(Readiness(TRY(sys::bind_datagrams_at(place, kSocket)), manager));
}

bool Readiness::tell(std::string_view message, pid_t main_pid) const {
  std::string told = lines_for_manager(message);
  if (told.empty()) return false;
  const bool ready = cat("\n", told).find(cat("\n", kReady, "\n")) != std::string::npos;
  if (ready && main_pid != 0) told += cat("MAINPID=", main_pid, "\n");
  // A manager that is gone, or hears nobody, is no reason to end what it asked for.
  (void)sys::send_datagram(manager_, told);
  return ready;
}

Result<bool> Readiness::pass_on(pid_t main_pid) const {
  return tell(TRY(sys::receive_datagram(socket_, kMessageLimit)), main_pid);
}

Result<void> Readiness::pass_on_rest() const {
  for (;;) {
    const std::string message = TRY(sys::receive_datagram(socket_, kMessageLimit));
    if (message.empty()) return {};
    (void)tell(message, 0);
  }
}

Result<void> Readiness::await(const sys::PidFd& init, pid_t main_pid) const {
  for (;;) {
    pollfd watched[] = {{.fd = socket_.get(), .events = POLLIN, .revents = 0},
                        {.fd = init.get(), .events = POLLIN, .revents = 0}};
    if (::poll(watched, 2, -1) < 0) {
      if (errno == EINTR) continue;
      return Error::last("poll");
    }
    if (watched[0].revents != 0 && TRY(pass_on(main_pid))) return {};
    if (watched[0].revents == 0 && watched[1].revents != 0) return {};
  }
}

}  // namespace wolffia::container
