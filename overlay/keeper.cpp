// SPDX-License-Identifier: Apache-2.0
#include "overlay/keeper.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <optional>

#include "base/quote.hpp"
#include "overlay/daemon.hpp"
#include "overlay/mounted.hpp"
#include "sys/file.hpp"
#include "sys/process.hpp"
#include "sys/signal.hpp"

namespace wolffia::overlay {
namespace {

using namespace std::chrono_literals;

constexpr std::array kEndings{SIGTERM, SIGINT, SIGHUP, SIGQUIT};

/// How often a busy daemon is told to end, 100 ms apart, before it is killed. It looks up only
/// between two waits, so that once may not be enough.
constexpr int kReminders = 100;

class Keeper {
 public:
  Keeper(const CommandLine& line, const std::function<void()>& served)
      : line_(line), served_(served) {}

  Result<void> start();
  Result<int> watch();
  const std::string& why() const { return why_; }

 private:
  void wait_for_news();
  void hear();
  void hear_word(char word);
  bool asked_to_end();
  bool exit_descriptor_ended();
  void look_at_mounts();
  void finish();
  Result<int> conclude();

  const CommandLine& line_;
  const std::function<void()>& served_;
  std::optional<sys::HeldSignals> signals_;
  sys::Cloned daemon_;
  sys::Fd report_;
  sys::BorrowedFd exit_fd_{line_.exit_fd};
  std::optional<Mounted> mounted_;
  Claim claim_;
  sys::Fd mounts_;         // which tells poll(2) of changes; empty: nothing is claimed any more
  bool failed_ = false;    // what the daemon says is why
  bool finished_ = false;  // it ends because it was asked to
  bool asked_ = false;
  bool detached_ = false;
  std::string why_;
};

Result<void> Keeper::start() {
  claim_ = TRY(Claim::take(line_.options));
  mounts_ = TRY(sys::open_at(sys::cwd(), "/proc/self/mountinfo", O_RDONLY), "the list of mounts");
  signals_.emplace(TRY(sys::HeldSignals::hold()));
  const pid_t own_pid = ::getpid();
  auto [reading, writing] = TRY(sys::make_pipe(0));
  daemon_ = TRY(sys::fork_process());
  if (daemon_.pid == 0) {
    reading.reset();
    signals_.reset();
    run_daemon(line_, writing, claim_, own_pid);
  }
  report_ = std::move(reading);
  return {};
}

/// Whatever the daemon has said by now.
void Keeper::hear() {
  std::array<char, 4096> words{};
  const ssize_t count = ::read(report_.get(), words.data(), words.size());
  if (count < 0) return;
  if (count == 0) report_.reset();
  for (const char word : std::string_view(words.data(), static_cast<size_t>(count)))
    hear_word(word);
}

void Keeper::hear_word(char word) {
  if (failed_) {
    why_ += word;
  } else if (word == static_cast<char>(Word::Failed)) {
    failed_ = true;
  } else if (word == static_cast<char>(Word::Asked)) {
    asked_ = true;
  } else if (word == static_cast<char>(Word::Mounted)) {
    auto mounted = Mounted::on(line_.mount.point);
    if (mounted) mounted_ = std::move(*mounted);
  } else if (word == static_cast<char>(Word::Served)) {
    served_();
  }
}

bool Keeper::asked_to_end() {
  while (true) {
    const auto signal = signals_->take();
    if (!signal || !*signal) return asked_;
    asked_ = asked_ || std::find(kEndings.begin(), kEndings.end(), **signal) != kEndings.end();
  }
}

bool Keeper::exit_descriptor_ended() {
  std::array<char, 512> bytes{};
  const ssize_t count = ::read(exit_fd_.fd().get(), bytes.data(), bytes.size());
  return count == 0 || (count < 0 && errno != EINTR && errno != EAGAIN);
}

void Keeper::wait_for_news() {
  std::array<pollfd, 5> sources{{{.fd = report_.get(), .events = POLLIN, .revents = 0},
                                 {.fd = signals_->fd().get(), .events = POLLIN, .revents = 0},
                                 {.fd = daemon_.pidfd.get(), .events = POLLIN, .revents = 0},
                                 {.fd = line_.exit_fd, .events = POLLIN, .revents = 0},
                                 {.fd = mounts_.get(), .events = POLLPRI, .revents = 0}}};
  if (::poll(sources.data(), sources.size(), -1) < 0) return;
  if (sources[0].revents != 0) hear();
  if (sources[3].revents != 0 && exit_descriptor_ended()) asked_ = true;
  if (sources[4].revents != 0) look_at_mounts();
}

/// Who unmounts while files are open, or while another namespace has a copy of the mount, may mount
/// the same directories again: the daemon that is left serves what nobody finds any more.
/// Source: mounts_poll() in fs/proc_namespace.c.
void Keeper::look_at_mounts() {
  if (!mounted_ || mounted_->is_listed()) return;
  claim_.release();
  mounts_.reset();
}

/// The mount leaves the tree first, which ends a daemon that nobody needs. Where files are still
/// open it is told to end, with what was written to them saved before.
void Keeper::finish() {
  finished_ = true;
  if (!mounted_) {
    (void)sys::send_signal(daemon_.pidfd, SIGKILL);
    return;
  }
  mounted_->save();
  const auto detached = mounted_->detach();
  detached_ = bool(detached);
  if (!detached) why_ = detached.error().message();
  for (int i = 0; i < kReminders; ++i) {
    const auto ended = sys::ended_within(daemon_.pidfd, i == 0 ? 1000ms : 100ms);
    if (ended && *ended) return;
    (void)sys::send_signal(daemon_.pidfd, SIGTERM);
  }
  (void)sys::send_signal(daemon_.pidfd, SIGKILL);
}

Result<int> Keeper::watch() {
  while (true) {
    const auto ended = sys::ended_within(daemon_.pidfd, 0ms);
    if (!ended || *ended) return conclude();
    if (asked_to_end()) {
      finish();
      return conclude();
    }
    wait_for_news();
  }
}

/// A daemon that ended by itself was told by the kernel that its mount is gone. What is on the
/// mount point now may be another's, with the same number: the kernel gives those anew at once.
Result<int> Keeper::conclude() {
  const sys::Ended ended = TRY(sys::wait_for(daemon_.pidfd));
  while (report_)
    hear();
  const bool is_gone = detached_ || (ended.status() == 0 && !finished_ && !asked_);
  if (mounted_ && !is_gone) {
    const auto detached = mounted_->detach();
    if (!detached && why_.empty()) why_ = detached.error().message();
  }
  if (failed_) return kFailed;
  if (finished_ || ended.status() == 0) return why_.empty() ? kEnded : kFailed;
  const char* signal = ended.signalled ? ::sigabbrev_np(ended.value) : nullptr;
  why_ = cat("the process that served ", quoted_if_needed(line_.mount.point), " died",
             signal ? " of SIG" : "", signal ? signal : "", ": it is unmounted");
  return kDaemonDied;
}

}  // namespace

int keep(const CommandLine& line, const std::function<void()>& served, std::string& why) {
  Keeper keeper(line, served);
  auto status = keeper.start();
  if (!status) {
    why = status.error().message();
    return kFailed;
  }
  const auto result = keeper.watch();
  why = result ? keeper.why() : result.error().message();
  return result ? *result : kFailed;
}

}  // namespace wolffia::overlay
