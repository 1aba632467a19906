// SPDX-License-Identifier: Apache-2.0
#include "cli/user/outer.hpp"

#include <sched.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "cli/log.hpp"
#include "cli/output.hpp"
#include "launch/id_map.hpp"
#include "launch/probe.hpp"
#include "launch/protocol.hpp"
#include "launch/starter.hpp"
#include "plan/parts.hpp"
#include "sys/memory.hpp"
#include "sys/process.hpp"
#include "sys/socket.hpp"

namespace wolffia::cli::user {
namespace {

using launch::Channel;
using launch::Word;
using plan::UserNamespacePlan;

void tell(std::string_view text) {
  print_message(sentence("wolffia", Level::Warning, text));
}

/// The new process: waits for its ids, then becomes the runtime.
[[noreturn]] void become_runtime(const Channel& channel, const UserNamespacePlan& user,
                                 const std::vector<std::string>& argv) {
  auto ready = [&]() -> Result<void> {
    if (user.how != UserNamespacePlan::How::New) return {};
    if (user.writer == plan::MapWriter::Child) TRY(launch::write_own_maps(user));
    if (user.writer != plan::MapWriter::Child) TRY(channel.expect(Word::MapsDone));
    return launch::become_mapped_root(user);
  }();
  if (ready) {
    std::vector<char*> args = sys::exec_vector(argv);
    std::vector<char*> env;
    for (char** variable = ::environ; *variable; ++variable)
      env.push_back(*variable);
    env.push_back(nullptr);
    ready = sys::execute(argv[0].c_str(), args, env);
  }
  channel.fail(ready.error(), launch::kStatusOther);
  ::_exit(launch::kStatusOther);
}

Result<void> write_maps(const Channel& channel, pid_t pid, const UserNamespacePlan& user) {
  if (user.how != UserNamespacePlan::How::New || user.writer == plan::MapWriter::Child) return {};
  const launch::MapsWritten written = TRY(launch::write_maps_of(pid, user));
  if (written.one_id) tell(written.notice);
  return channel.say(Word::MapsDone);
}

/// What somebody sends to us alone is meant for the program. The terminal sends its own signals to
/// the runtime too, which is in our process group: those are not doubled. Where nothing comes for a
/// while nothing may for days: then we hold only what waiting takes.
Result<int> wait_passing_signals(const sys::PidFd& runtime, const sigset_t& signals) {
  constexpr timespec kSettled{.tv_sec = 0, .tv_nsec = 100'000'000};
  for (bool settled = false;;) {
    siginfo_t info{};
    if (::sigtimedwait(&signals, &info, settled ? nullptr : &kSettled) < 0) {
      if (errno == EINTR) continue;
      if (errno != EAGAIN) return Error::last("sigtimedwait");
      sys::give_back_memory();
      settled = true;
      continue;
    }
    if (info.si_signo != SIGCHLD) {
      if (info.si_code != SI_KERNEL) (void)sys::send_signal(runtime, info.si_signo);
      continue;
    }
    const bool ended = TRY(sys::ended_within(runtime, std::chrono::milliseconds(0)));
    if (!ended) continue;
    const sys::Ended how = TRY(sys::wait_for(runtime));
    return how.status();
  }
}

}  // namespace

Result<int> run_in_outer_namespace(const std::vector<std::string>& argv) {
  const oci::Spec nothing_asked;
  const plan::Host host = TRY(launch::probe_host(nothing_asked));
  plan::Notices notices;
  const UserNamespacePlan user = TRY(plan::plan_user_namespace(nothing_asked, host, notices));
  for (const std::string& notice : notices)
    tell(notice);

  auto [ours, theirs] = TRY(sys::packet_pair());
  sigset_t signals;
  sigset_t before;
  ::sigfillset(&signals);
  for (const int signal : {SIGTSTP, SIGTTIN, SIGTTOU, SIGCONT})
    ::sigdelset(&signals, signal);
  if (::sigprocmask(SIG_BLOCK, &signals, &before) < 0) return Error::last("sigprocmask");
  const uint64_t flags =
      CLONE_NEWNS | (user.how == UserNamespacePlan::How::New ? uint64_t{CLONE_NEWUSER} : 0);
  sys::Cloned child = TRY(launch::clone_into(flags));
  if (child.pid == 0) {
    ours.reset();
    (void)::sigprocmask(SIG_SETMASK, &before, nullptr);  // cannot fail: the mask was valid before
    become_runtime(Channel(std::move(theirs)), user, argv);
  }
  theirs.reset();
  const Channel channel(std::move(ours));
  if (auto mapped = write_maps(channel, child.pid, user); !mapped) {
    (void)sys::send_signal(child.pidfd, SIGKILL);
    (void)sys::wait_for(child.pidfd);
    return std::move(mapped).error();
  }
  return wait_passing_signals(child.pidfd, signals);
}

}  // namespace wolffia::cli::user
