// SPDX-License-Identifier: Apache-2.0
#include "net/watcher.hpp"

#include <linux/capability.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <optional>

#include "net/host.hpp"
#include "sys/attributes.hpp"
#include "sys/caps.hpp"
#include "sys/close_others.hpp"
#include "sys/credentials.hpp"
#include "sys/file.hpp"
#include "sys/inotify.hpp"
#include "sys/namespace.hpp"
#include "sys/process.hpp"
#include "sys/signal.hpp"
#include "sys/socket.hpp"

namespace wolffia::net {
namespace {

constexpr size_t kMostText = 64 << 10;

/// Where nothing can be watched, and where the child has not read what came before.
constexpr int kPause = 5'000;

/// Editors put a new file in place of the old one, and resolvers a link: what is watched is each
/// folder on the way, and the file.
void watch_way(sys::Inotify& changes) {
  constexpr int kMostLinks = 8;
  constexpr uint32_t kOfFolder = IN_CREATE | IN_MOVED_TO | IN_DELETE | IN_CLOSE_WRITE;
  std::string path = kResolvConf;
  for (int i = 0; i < kMostLinks; ++i) {
    const std::string folder = path.substr(0, path.rfind('/') + 1);
    (void)changes.watch(folder.c_str(), kOfFolder);
    const auto target = sys::read_link(path.c_str());
    if (!target) break;
    path = target->starts_with('/') ? *target : folder + *target;
  }
  (void)changes.watch(kResolvConf, IN_CLOSE_WRITE | IN_MODIFY);
}

bool is_ignored(int signal) {
  struct sigaction now {};
  return ::sigaction(signal, nullptr, &now) == 0 && now.sa_handler == SIG_IGN;
}

/// The signal that ends it. A child that is the first of its process namespace is not ended by a
/// terminal's. What is held is told also where nohup(1), or a shell of a background job, ignores
/// it.
std::optional<int> end_asked(sys::HeldSignals& signals) {
  constexpr std::array kEnds{SIGTERM, SIGINT, SIGHUP, SIGQUIT};
  const auto signal = signals.take();
  if (!signal || !*signal || std::ranges::find(kEnds, **signal) == kEnds.end()) return {};
  return is_ignored(**signal) ? std::nullopt : *signal;
}

/// What stays outside.
class Watcher {
 public:
  Watcher(sys::PidFd child, const sys::PidFd& helper, sys::Fd news, std::string_view known)
      : child_(std::move(child)), helper_(helper), news_(std::move(news)), known_(known) {}

  [[noreturn]] void run() {
    auto changes = sys::Inotify::make();
    if (changes) {
      changes_.emplace(std::move(changes).value());
      watch_way(*changes_);
    }
    auto signals = sys::HeldSignals::hold();
    tell_change();  // what came while nothing was watched
    for (;;) {
      std::array<pollfd, 3> files{{{child_.get(), POLLIN, 0},
                                   {changes_ ? changes_->fd().get() : -1, POLLIN, 0},
                                   {signals ? signals->fd().get() : -1, POLLIN, 0}}};
      (void)::poll(files.data(), files.size(), changes_ && !is_behind_ ? -1 : kPause);
      if (files[0].revents != 0) end_as_child();
      if (files[2].revents != 0)
        if (const auto signal = end_asked(*signals)) end_by(*signal, std::move(*signals));
      if (changes_ && files[1].revents != 0) {
        changes_->drain();
        watch_way(*changes_);
      }
      tell_change();
    }
  }

 private:
  [[noreturn]] void end_as_child() { ::_exit(end_others()); }

  /// As whoever sent it sees other programs end: a service manager takes it for no failure.
  [[noreturn]] void end_by(int signal, sys::HeldSignals signals) {
    (void)sys::send_signal(child_, SIGKILL);
    (void)end_others();
    { const sys::HeldSignals over = std::move(signals); }
    (void)::raise(signal);
    ::_exit(EXIT_FAILURE);
  }

  /// The child's exit status.
  int end_others() {
    const auto ended = sys::wait_for(child_);
    if (helper_) end_helper();
    return ended ? ended->status() : EXIT_FAILURE;
  }

  /// It has something to clear up in the guest's namespace; a guest could stop it.
  void end_helper() {
    const auto ended = sys::ended_within(helper_, std::chrono::seconds(1));
    if (!ended || !*ended) (void)sys::send_signal(helper_, SIGKILL);
    (void)sys::wait_for(helper_);
  }

  /// A file that is not there for a moment says nothing.
  void tell_change() {
    auto text = read_resolv_conf();
    if (!text || text->empty() || text->size() > kMostText || *text == known_) return;
    const auto sent =
        sys::offer_packet(news_, std::as_bytes(std::span(text->data(), text->size())));
    is_behind_ = sent && !*sent;
    if (!is_behind_) known_ = std::move(*text);
  }

  sys::PidFd child_;
  const sys::PidFd& helper_;
  sys::Fd news_;
  std::string known_;
  std::optional<sys::Inotify> changes_;
  bool is_behind_ = false;
};

/// In a process namespace where that is granted; `is_apart` says so.
Result<sys::Cloned> clone_inside(bool& is_apart) {
  const uint32_t uid = sys::effective_uid();
  const uint32_t gid = sys::effective_gid();
  const bool is_root = (TRY(sys::effective_capabilities()) & (1U << CAP_SYS_ADMIN)) != 0;
  const uint64_t flags = CLONE_NEWPID | (is_root ? 0U : CLONE_NEWUSER);
  auto cloned = sys::clone_process(flags);
  if (!cloned && cloned.error().is(ENOSYS)) cloned = sys::clone_process_legacy(flags);
  is_apart = static_cast<bool>(cloned);
  if (!cloned) return sys::fork_process();
  if (cloned->pid == 0 && !is_root) TRY(sys::map_own_ids(uid, gid));
  return cloned;
}

/// It keeps what reading a file takes.
void settle_outside() {
  (void)sys::set_capabilities(0, 0, 0);
  (void)sys::forbid_new_privileges();
  (void)sys::set_dumpable(false);
}

}  // namespace

Result<Outside> Outside::leave(std::string_view resolv_conf, const sys::PidFd& helper) {
  auto [inside, outside] = TRY(sys::packet_pair());
  bool is_apart = false;
  sys::Cloned child = TRY(clone_inside(is_apart), "the process that watches the host");
  if (child.pid == 0) return Outside(std::move(inside), is_apart);
  inside.reset();
  (void)sys::close_all_but({child.pidfd.get(), outside.get(), helper.get()});
  settle_outside();
  Watcher(std::move(child.pidfd), helper, std::move(outside), resolv_conf).run();
}

Result<std::string> Outside::news() const {
  std::string text(kMostText, '\0');
  const auto received =
      TRY(sys::receive_packet(news_, std::as_writable_bytes(std::span(text.data(), text.size()))));
  if (received.size == 0) return Error::because(EPIPE, "nobody watches the host any more");
  text.resize(received.size);
  return text;
}

}  // namespace wolffia::net
