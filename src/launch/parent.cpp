// SPDX-License-Identifier: Apache-2.0
#include <sched.h>
#include <signal.h>

#include <tuple>

#include "launch/child.hpp"
#include "launch/fallback.hpp"
#include "launch/id_map.hpp"
#include "launch/init.hpp"
#include "launch/join.hpp"
#include "launch/starter.hpp"
#include "sys/file.hpp"
#include "sys/process.hpp"
#include "sys/socket.hpp"

namespace wolffia::launch {
namespace {

using plan::UserNamespacePlan;

/// A bundle may leave the process out; then everything is built and nothing can be started.
const plan::ProcessPlan& process_of(const plan::Plan& plan) {
  static const plan::ProcessPlan none = [] {
    plan::ProcessPlan empty;
    empty.cwd = "/";
    return empty;
  }();
  return plan.process ? *plan.process : none;
}

int new_namespaces(const plan::Plan& plan) {
  int flags = plan.user.how == UserNamespacePlan::How::New ? CLONE_NEWUSER : 0;
  for (const plan::NamespacePlan& space : plan.namespaces) {
    // A clock offset can only be set before the first process is in: see set_clock_offsets().
    if (space.type == oci::NamespaceType::Time && !plan.time_offsets.empty()) continue;
    if (space.path.empty()) flags |= namespace_flag(space.type);
  }
  return flags;
}

/// The first line of a file under /proc/sys is `value`.
bool sysctl_is(const char* path, char value) {
  const auto text = sys::read_record(sys::cwd(), path, 64);
  return text && !text->empty() && text->front() == value;
}

/// Turns the kernel's terse refusal into what a person can change.
Error explain_clone(Error error, uint64_t flags) {
  if ((flags & CLONE_NEWUSER) == 0) return error;
  if (error.is(ENOSPC) || sysctl_is("/proc/sys/user/max_user_namespaces", '0'))
    return std::move(error).context(
        "user namespaces are not allowed here: raise the limit with "
        "\"sudo sysctl user.max_user_namespaces=15000\"");
  if (sysctl_is("/proc/sys/kernel/unprivileged_userns_clone", '0'))
    return std::move(error).context(
        "user namespaces are not allowed here: allow them with "
        "\"sudo sysctl kernel.unprivileged_userns_clone=1\"");
  if (error.is(EPERM))
    return std::move(error).context(
        "user namespaces are not allowed here: the seccomp profile of a container around us or a "
        "security module forbids them");
  return error;
}

/// AppArmor's restriction lets the namespace be made and takes the rights in it.
Error explain_maps(Error error) {
  if (!sysctl_is("/proc/sys/kernel/apparmor_restrict_unprivileged_userns", '1')) return error;
  return std::move(error).context(
      "AppArmor restricts user namespaces: load a profile for wolffia-oci with \"userns,\" or run "
      "\"sudo sysctl kernel.apparmor_restrict_unprivileged_userns=0\"");
}

Result<sys::Cloned> clone_anyhow(uint64_t flags) {
  if (usable(NewCall::Clone3)) {
    auto cloned = sys::clone_process(flags);
    if (cloned || !lacks(NewCall::Clone3, cloned.error())) return cloned;
  }
  return sys::clone_process_legacy(flags);
}

/// A process that is moved waits for it: what it does next may show where it is.
Result<sys::Cloned> clone_and_move(uint64_t flags, const CgroupTarget& cgroup) {
  auto [wait, moved] = TRY(sys::make_pipe(0));
  sys::Cloned cloned = TRY(clone_anyhow(flags));
  if (cloned.pid == 0) {
    moved.reset();
    (void)sys::read_all(wait, 1);
    return cloned;
  }
  auto done = cgroup.move ? cgroup.move(cloned.pid)
                          : sys::write_existing(*cgroup.directory, "cgroup.procs", cat(cloned.pid));
  if (done) return cloned;
  (void)sys::send_signal(cloned.pidfd, SIGKILL);
  (void)sys::wait_for(cloned.pidfd);
  return std::move(done).error().context("move a process to the container's cgroup");
}

}  // namespace

Init::Init(Init&& other) noexcept = default;
Init& Init::operator=(Init&& other) noexcept = default;

Init::~Init() {
  if (!pidfd_ || released_) return;
  (void)sys::send_signal(pidfd_, SIGKILL);  // gone already: nothing to end
  (void)sys::wait_for(pidfd_);              // no child of ours: somebody else reaps it
}

Result<Packet> Init::hear(Word expected) {
  for (;;) {
    auto heard = channel_.hear();
    if (!heard) {
      if (!heard.error().is(EPIPE)) return std::move(heard).error();
      return Error::because(EPIPE, "the container's first process was killed while starting");
    }
    switch (heard->word) {
      case Word::Notice:
        notices_.push_back(std::move(heard->text));
        break;
      case Word::Console:
        console_ = std::move(heard->attached);
        break;
      case Word::Failure:
        failure_status_ = heard->status;
        return Error::because(heard->value, std::move(heard->text));
      default:
        if (heard->word == expected) return heard;
        return Error::because(EPROTO, "an unexpected word arrived from the new process");
    }
  }
}

Result<void> Init::write_maps(const UserNamespacePlan& user) {
  if (user.how != UserNamespacePlan::How::New || user.writer == plan::MapWriter::Child) return {};
  auto written = write_maps_of(pid_, user);
  if (!written) return explain_maps(std::move(written).error());
  if (written->one_id) notices_.push_back(std::move(written->notice));
  return channel_.say(Word::MapsDone, written->one_id ? 1 : 0);
}

Result<void> Init::move_devices(const std::vector<NetDevice>& devices) {
  if (devices.empty()) return {};
  Packet packet = TRY(hear(Word::Network));
  TRY(move_net_devices(devices, sys::NamespaceFd(packet.attached.release())));
  return channel_.say(Word::DevicesMoved);
}

Result<void> Init::prepare() {
  // Whoever failed meanwhile has said why, which is heard next.
  const auto say = [&](Word word, int32_t value) -> Result<void> {
    auto said = channel_.say(word, value);
    return !said && said.error().is(EPIPE) ? Result<void>() : said;
  };
  if (hooks_pending_) TRY(say(Word::HooksDone, 0));
  if (asks_pid_) TRY(say(Word::Known, pid_));
  auto ready = hear(Word::Ready);
  if (ready) return {};
  return explain_maps(std::move(ready).error());
}

Result<void> Init::release() {
  TRY(channel_.say(Word::Release));
  released_ = true;
  return {};
}

Result<void> Init::wait_exec() {
  auto heard = channel_.hear();
  if (!heard && heard.error().is(EPIPE)) return {};  // closed by execve
  if (!heard) return std::move(heard).error();
  failure_status_ = heard->status;
  return Error::because(heard->value, std::move(heard->text));
}

Result<sys::Cloned> clone_into(uint64_t flags, const CgroupTarget& cgroup) {
  if (!cgroup) {
    auto cloned = clone_anyhow(flags);
    if (!cloned) return explain_clone(std::move(cloned).error(), flags);
    return cloned;
  }
  if (cgroup.directory && usable(NewCall::Clone3)) {
    auto cloned = sys::clone_process(flags, cgroup.directory);
    if (cloned) return cloned;
    const bool is_too_new = cloned.error().is(EINVAL);  // before Linux 5.7
    const bool is_refused = cloned.error().is(EACCES) && cgroup.move;
    if (!is_too_new && !is_refused && !lacks(NewCall::Clone3, cloned.error()))
      return explain_clone(std::move(cloned).error(), flags);
  }
  auto cloned = clone_and_move(flags, cgroup);
  if (!cloned) return explain_clone(std::move(cloned).error(), flags);
  return cloned;
}

Result<Init> start_init(const plan::Plan& plan, Handover handover) {
  const std::vector<NetDevice> devices = TRY(find_net_devices(plan.net_devices));
  auto [ours, theirs] = TRY(sys::packet_pair());
  const JoinSet joins = TRY(open_joins(plan));
  sys::Fd birth, joiner;
  if (!joins.empty()) std::tie(birth, joiner) = TRY(sys::packet_pair());
  auto flags = static_cast<uint64_t>(new_namespaces(plan));
  // One made by the clone itself would show the cgroup of its parent as the root.
  if (handover.cgroup) flags &= ~uint64_t{CLONE_NEWCGROUP};
  Init init;
  init.hooks_pending_ = !plan.hooks.prestart.empty() || !plan.hooks.create_runtime.empty();
  init.asks_pid_ = bool(handover.listener_socket);
  sys::Cloned cloned = TRY(clone_into(joins.empty() ? flags : 0, handover.cgroup));
  if (cloned.pid == 0) {
    ours.reset();
    Channel channel(std::move(theirs));
    if (!joins.empty()) {
      const bool hide = plan.user.how != UserNamespacePlan::How::New;
      birth.reset();
      join_and_clone(Channel(std::move(joiner)), joins, flags, hide);  // returns in init only
    }
    std::optional<plan::Plan> own;
    if (plan.user.may_fall_back) own = plan;
    Child child{.process = process_of(own ? *own : plan),
                .channel = std::move(channel),
                .handover = std::move(handover),
                .plan = own ? &*own : &plan,
                .fallback = own ? &*own : nullptr};
    run_init(child);
  }
  theirs.reset();
  joiner.reset();
  init.channel_ = Channel(std::move(ours));
  init.take(std::move(cloned));
  if (!joins.empty()) TRY(init.await_birth(Channel(std::move(birth))));
  TRY(init.write_maps(plan.user));
  TRY(init.move_devices(devices));
  if (init.hooks_pending_) TRY(init.hear(Word::Mounted));
  return init;
}

void Init::take(sys::Cloned cloned) {
  pid_ = cloned.pid;
  pidfd_ = std::move(cloned.pidfd);
}

Result<void> Init::await_birth(const Channel& joiner) {
  auto heard = joiner.hear();
  (void)sys::wait_for(pidfd_);  // the joiner has said its only word
  if (!heard && heard.error().is(EPIPE))
    return Error::because(EPIPE, "the process that joins the namespaces was killed");
  Packet packet = TRY(std::move(heard));
  if (packet.word == Word::Failure) {
    failure_status_ = packet.status;
    return Error::because(packet.value, std::move(packet.text));
  }
  pid_ = packet.value;
  pidfd_ = sys::PidFd(packet.attached.release());
  return {};
}

}  // namespace wolffia::launch
