// SPDX-License-Identifier: Apache-2.0
#include "cli/outer_namespace.hpp"

#include <sched.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <algorithm>

#include "cli/log.hpp"
#include "cli/output.hpp"
#include "launch/id_map.hpp"
#include "launch/probe.hpp"
#include "launch/protocol.hpp"
#include "launch/starter.hpp"
#include "plan/parts.hpp"
#include "sys/caps.hpp"
#include "sys/credentials.hpp"
#include "sys/memory.hpp"
#include "sys/process.hpp"
#include "sys/socket.hpp"

namespace wolffia::cli {
namespace {

using launch::Channel;
using launch::Word;
using plan::UserNamespacePlan;

/// podman's and docker's: we failed, not the program.
constexpr int kFailed = 125;

/// What the kernel refuses here it refuses to every container of this user.
constexpr std::string_view kAskDoctor = "no container can start here, see \"wolffia doctor\"";

void tell(std::string_view program, std::string_view text) {
  print_message(sentence(program, Level::Warning, text));
}

/// The new process waits for its ids, then it is the root of the namespace.
Result<void> get_ids(const Channel& channel, const UserNamespacePlan& user) {
  if (user.how != UserNamespacePlan::How::New) return {};
  if (user.writer == plan::MapWriter::Child) TRY(launch::write_own_maps(user));
  if (user.writer != plan::MapWriter::Child) TRY(channel.expect(Word::MapsDone));
  return launch::become_mapped_root(user);
}

[[noreturn]] void run_child(const Channel& channel, const UserNamespacePlan& user,
                            std::string_view program, const Work& work) noexcept {
  const auto ready = get_ids(channel, user);
  const auto status = ready ? work() : Result<int>(Error(ready.error()).context(kAskDoctor));
  if (status) ::_exit(*status);
  print_message(sentence(program, Level::Error, status.error().message()));
  ::_exit(kFailed);
}

Result<void> write_maps(const Channel& channel, pid_t pid, const UserNamespacePlan& user,
                        std::string_view program) {
  if (user.how != UserNamespacePlan::How::New || user.writer == plan::MapWriter::Child) return {};
  const launch::MapsWritten written = TRY(launch::write_maps_of(pid, user));
  if (written.one_id) tell(program, written.notice);
  return channel.say(Word::MapsDone);
}

timespec as_timespec(std::chrono::milliseconds time) {
  return {.tv_sec = time.count() / 1000, .tv_nsec = time.count() % 1000 * 1'000'000};
}

/// What waiting is for: the runtime, and what the vigil says.
class Watch {
 public:
  Watch(const sys::PidFd& runtime, const Vigil& vigil)
      : runtime_(runtime), alarm_(vigil.alarm), vigil_(vigil) {
    if (alarm_) rings_at_ = Clock::now() + alarm_->after;
  }

  /// What somebody sends to us alone is meant for the program. The terminal sends its own signals
  /// to the runtime too, which is in our process group: those are not doubled. Where nothing comes
  /// for a while nothing may for days: then we hold only what waiting takes.
  Result<int> wait(const sigset_t& signals) {
    for (;;) {
      siginfo_t info{};
      if (next_signal(signals, info) < 0) {
        if (errno == EINTR) continue;
        if (errno != EAGAIN) return Error::last("sigtimedwait");
        idle();
      } else if (info.si_signo != SIGCHLD) {
        if (info.si_code != SI_KERNEL) (void)sys::send_signal(runtime_, info.si_signo);
      } else if (TRY(sys::ended_within(runtime_, std::chrono::milliseconds(0)))) {
        const sys::Ended how = TRY(sys::wait_for(runtime_));
        return how.status();
      } else {
        look_at_line();
        if (vigil_.child_ended) vigil_.child_ended();
      }
    }
  }

 private:
  using Clock = std::chrono::steady_clock;

  int next_signal(const sigset_t& signals, siginfo_t& info) const {
    if (settled_ && !alarm_) return ::sigwaitinfo(&signals, &info);
    constexpr std::chrono::milliseconds kSettled{100};
    std::chrono::milliseconds patience = kSettled;
    if (alarm_) {
      const auto left = std::chrono::ceil<std::chrono::milliseconds>(rings_at_ - Clock::now());
      patience = std::max(std::chrono::milliseconds(0), settled_ ? left : std::min(left, kSettled));
    }
    const timespec time = as_timespec(patience);
    return ::sigtimedwait(&signals, &info, &time);
  }

  /// Whatever it served is gone with it: what cannot be told is taken for its death.
  void look_at_line() {
    if (!vigil_.line || line_died_) return;
    const auto died = vigil_.line->has_died();
    if (died && !*died) return;
    line_died_ = true;
    if (vigil_.line_died) vigil_.line_died();
  }

  void idle() {
    if (!settled_) sys::give_back_memory();
    settled_ = true;
    if (alarm_ && Clock::now() >= rings_at_) rings_at_ = Clock::now() + alarm_->rings();
  }

  const sys::PidFd& runtime_;
  const Alarm* alarm_;
  const Vigil& vigil_;
  bool line_died_ = false;
  Clock::time_point rings_at_{};
  bool settled_ = false;
};

}  // namespace

bool has_one_id(const OuterNamespace& outer) {
  const auto is_one = [](const std::vector<oci::IdMap>& map) {
    return map.size() == 1 && map[0].size == 1;
  };
  return is_one(outer.uids) && is_one(outer.gids);
}

Result<OuterNamespace> plan_outer_namespace() {
  const oci::Spec nothing_asked;
  const plan::Host host = TRY(launch::probe_host(nothing_asked));
  OuterNamespace outer;
  outer.user = TRY(plan::plan_user_namespace(nothing_asked, host, outer.notices));
  const bool is_new = outer.user.how == UserNamespacePlan::How::New;
  outer.uids = is_new ? outer.user.uid_map : host.uid_map;
  outer.gids = is_new ? outer.user.gid_map : host.gid_map;
  return outer;
}

void tell_notices(const OuterNamespace& outer, std::string_view program) {
  for (const std::string& notice : outer.notices)
    tell(program, notice);
}

Result<int> run_in_outer_namespace(const OuterNamespace& outer, std::string_view program,
                                   const Work& work, const Vigil& vigil) {
  auto [ours, theirs] = TRY(sys::packet_pair());
  sigset_t signals;
  sigset_t before;
  ::sigfillset(&signals);
  for (const int signal : {SIGTSTP, SIGTTIN, SIGTTOU, SIGCONT})
    ::sigdelset(&signals, signal);
  if (::sigprocmask(SIG_BLOCK, &signals, &before) < 0) return Error::last("sigprocmask");
  const bool is_new = outer.user.how == UserNamespacePlan::How::New;
  const uint64_t flags = CLONE_NEWNS | (is_new ? uint64_t{CLONE_NEWUSER} : 0);
  sys::Cloned child = TRY(launch::clone_into(flags), kAskDoctor);
  if (child.pid == 0) {
    ours.reset();
    (void)::sigprocmask(SIG_SETMASK, &before, nullptr);  // cannot fail: the mask was valid before
    run_child(Channel(std::move(theirs)), outer.user, program, work);
  }
  theirs.reset();
  const Channel channel(std::move(ours));
  if (auto mapped = write_maps(channel, child.pid, outer.user, program); !mapped) {
    (void)sys::send_signal(child.pidfd, SIGKILL);
    (void)sys::wait_for(child.pidfd);
    return std::move(mapped).error();
  }
  return Watch(child.pidfd, vigil).wait(signals);
}

Result<void> keep_rights() {
  if (sys::effective_uid() == 0) return {};
  const uint64_t rights = TRY(sys::effective_capabilities());
  TRY(sys::set_capabilities(rights, rights, rights));
  return sys::set_ambient(rights);
}

Error become(const std::vector<std::string>& argv) {
  return become(argv[0], argv);
}

Error become(const std::string& program, const std::vector<std::string>& argv) {
  std::vector<char*> args = sys::exec_vector(argv);
  std::vector<char*> env;
  for (char** variable = ::environ; *variable; ++variable)
    env.push_back(*variable);
  env.push_back(nullptr);
  return sys::execute(program.c_str(), args, env);
}

}  // namespace wolffia::cli
