// SPDX-License-Identifier: Apache-2.0
#include "cli/user/owners/keeper.hpp"

#include <fcntl.h>
#include <limits.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <vector>

#include "cli/user/owners/confine.hpp"
#include "cli/user/owners/notes.hpp"
#include "json/field.hpp"
#include "launch/fallback.hpp"
#include "launch/starter.hpp"
#include "sys/attributes.hpp"
#include "sys/directory.hpp"
#include "sys/file.hpp"
#include "sys/mount.hpp"
#include "sys/notification.hpp"
#include "sys/seccomp.hpp"
#include "sys/session.hpp"
#include "sys/socket.hpp"

namespace wolffia::cli::user::owners {
namespace {

constexpr int kWaiting = 16;  // connections
constexpr size_t kStateLimit = 16 << 20;
constexpr size_t kMostFilters = 4096;

/// Where a descriptor of the keeper is put, so that all others can be closed.
enum Place : int { Listening = STDERR_FILENO + 1, Runtime, Proc, End };

class Keeper {
 public:
  Keeper(sys::Fd listening, sys::Fd runtime, sys::Fd proc)
      : listening_(std::move(listening)), runtime_(std::move(runtime)), proc_(std::move(proc)) {}

  Result<void> run() {
    while (runtime_ || !senders_.empty() || !filters_.empty())
      TRY(step());
    return {};
  }

 private:
  Result<void> step() {
    std::vector<pollfd> polled{{listening_.get(), POLLIN, 0}, {runtime_.get(), POLLIN, 0}};
    for (const std::vector<sys::Fd>* group : {&senders_, &filters_})
      for (const sys::Fd& fd : *group)
        polled.push_back({fd.get(), POLLIN, 0});
    if (::poll(polled.data(), polled.size(), -1) < 0 && errno != EINTR) return Error::last("poll");
    const size_t senders = senders_.size();
    for (size_t i = 2 + senders; i < polled.size(); ++i)
      if (polled[i].revents != 0) look_at(filters_[i - 2 - senders], polled[i].revents);
    for (size_t i = 2; i < 2 + senders; ++i)
      if (polled[i].revents != 0) (void)take_filter(std::move(senders_[i - 2]));
    if (polled[0].revents != 0)
      if (auto sender = sys::accept_from(listening_)) senders_.push_back(std::move(*sender));
    if (polled[1].revents != 0) runtime_.reset();
    const auto is_empty = [](const sys::Fd& fd) { return !fd; };
    std::erase_if(senders_, is_empty);
    std::erase_if(filters_, is_empty);
    return {};
  }

  /// One that was killed before it said all there is to say has no filter either.
  Result<void> take_filter(sys::Fd sender) {
    std::string text(size_t{64} << 10, '\0');
    sys::Received received =
        TRY(sys::receive_packet(sender, std::as_writable_bytes(std::span(text))));
    if (!received.attached || filters_.size() == kMostFilters) return {};
    text.resize(received.size);
    text += TRY(sys::read_all(sender, kStateLimit));
    if (init_ == 0) init_ = TRY(pid_in(std::move(text)));
    filters_.push_back(std::move(received.attached));
    return {};
  }

  static Result<uint32_t> pid_in(std::string state) {
    const json::Document document = TRY(json::Document::parse(std::move(state), "process state"));
    return TRY(document.root().as<json::Object>()).get<uint32_t>("pid");
  }

  /// Only when the first process has executed its program is it ours to look at.
  Result<uint64_t> mount_of_root() {
    if (mount_ != 0) return mount_;
    const sys::Fd root = TRY(sys::open_at(proc_, cat(init_, "/root").c_str(), O_PATH));
    return mount_ = TRY(sys::mount_id(root));
  }

  void look_at(sys::Fd& filter, short events) {
    if ((events & POLLIN) == 0) return filter.reset();  // POLLHUP: nobody has it any more
    const auto notification = sys::receive_notification(filter);
    if (notification && *notification) serve(filter, **notification);
  }

  void serve(const sys::Fd& filter, const sys::Notification& notification) {
    const auto outcome = treat(filter, notification);
    if (!outcome)
      (void)sys::answer(filter, notification, outcome.error().code());
    else if (*outcome == Outcome::Done)
      (void)sys::answer(filter, notification, 0);
    else if (!sys::let_go_on(filter, notification))
      (void)sys::answer(filter, notification, EPERM);  // before Linux 5.5
  }

  Result<Outcome> treat(const sys::Fd& filter, const sys::Notification& notification) {
    const auto call = read_call(notification);
    if (!call) return Outcome::GoesOn;
    const Caller caller = TRY(Caller::open(proc_, notification.thread));
    std::string path;
    if (call->kind != Call::Kind::OwnerOfDescriptor)
      path = TRY(sys::read_text_of(notification.thread, call->path, PATH_MAX));
    // Before this the number of the thread could have become another's.
    if (!sys::is_waiting(filter, notification)) return Outcome::GoesOn;
    const Root root{.proc = proc_, .mount = TRY(mount_of_root())};
    const bool is_device = call->kind == Call::Kind::Device;
    return is_device ? make_device(root, caller, *call, path)
                     : change_owner(root, caller, *call, path);
  }

  sys::Fd listening_;
  sys::Fd runtime_;  // a pidfd; empty: it has ended
  sys::Fd proc_;
  std::vector<sys::Fd> senders_;  // who will hand a filter over
  std::vector<sys::Fd> filters_;
  uint32_t init_ = 0;   // the pid of the container's first process; 0: not known yet
  uint64_t mount_ = 0;  // of the container's root; 0: not known yet
};

/// Nothing that the runner holds may be held by us: others wait for its end.
Result<Keeper> settle(const sys::Fd& listening, const sys::PidFd& runtime) {
  TRY(sys::start_session());
  sys::Fd nothing = TRY(sys::open_at(sys::cwd(), "/dev/null", O_RDWR));
  sys::Fd proc = TRY(sys::open_at(sys::cwd(), "/proc", O_PATH | O_DIRECTORY));
  std::array<sys::Fd, 4> copies{
      TRY(sys::copy_from(nothing, Place::End)), TRY(sys::copy_from(listening, Place::End)),
      TRY(sys::copy_from(runtime, Place::End)), TRY(sys::copy_from(proc, Place::End))};
  for (const int number : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
    TRY(sys::place_at(copies[0], number));
  for (int i = 1; i < 4; ++i)
    TRY(sys::place_at(copies[static_cast<size_t>(i)], Place::Listening + i - 1));
  for (sys::Fd* closed : {&nothing, &proc})
    (void)closed->release();  // its number may be one of the places by now
  for (sys::Fd& copy : copies)
    (void)copy.release();  // closed with the rest
  TRY(launch::close_descriptors(Place::End, INT_MAX));
  return Keeper(sys::Fd(Place::Listening), sys::Fd(Place::Runtime), sys::Fd(Place::Proc));
}

[[noreturn]] void keep(const sys::Fd& listening, const sys::PidFd& runtime) {
  auto keeper = settle(listening, runtime);
  if (!keeper || !confine()) ::_exit(1);
  ::_exit(keeper->run() ? 0 : 1);
}

/// Of a child process: it gives itself a filter with a listener, if that is possible.
[[noreturn]] void try_listener() {
  constexpr sock_filter kAllow = BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
  const bool may =
      sys::forbid_new_privileges() &&
      sys::install_filter_with_listener({&kAllow, 1}, SECCOMP_FILTER_FLAG_NEW_LISTENER);
  ::_exit(may ? 0 : 1);
}

Result<bool> is_filtered() {
  constexpr size_t kStatusLimit = 64 << 10;
  const std::string status = TRY(sys::read_record(sys::cwd(), "/proc/self/status", kStatusLimit));
  return status.find("\nSeccomp:\t0\n") == std::string::npos;
}

}  // namespace

Result<bool> are_kept_here() {
  if (!TRY(sys::knows_seccomp_action(SECCOMP_RET_USER_NOTIF))) return false;
  if (!TRY(is_filtered())) return true;
  const sys::Cloned child = TRY(launch::clone_into(0));
  if (child.pid == 0) try_listener();
  return TRY(sys::wait_for(child.pidfd)).status() == 0;
}

Result<void> start_keeper(const sys::Fd& directory) {
  auto removed = sys::remove_entry(directory, kSocket);
  if (!removed && !removed.error().is(ENOENT)) return removed;
  const sys::Fd listening =
      TRY(sys::listen_at(directory, kSocket, sys::SocketKind::Stream, kWaiting));
  const sys::PidFd runtime = TRY(sys::open_pidfd(::getpid()));
  const sys::Cloned keeper = TRY(launch::clone_into(0));
  if (keeper.pid == 0) keep(listening, runtime);
  return {};
}

}  // namespace wolffia::cli::user::owners
