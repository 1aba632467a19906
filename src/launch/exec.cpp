// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <sched.h>

#include <array>

#include "launch/child.hpp"
#include "launch/init.hpp"
#include "launch/join.hpp"
#include "launch/starter.hpp"
#include "sys/attributes.hpp"
#include "sys/file.hpp"
#include "sys/path.hpp"
#include "sys/session.hpp"
#include "sys/socket.hpp"

namespace wolffia::launch {
namespace {

struct NamespaceFile {
  const char* name;  // below /proc/PID/ns
  int flag;
};

constexpr std::array kNamespaceFiles{
    NamespaceFile{"user", CLONE_NEWUSER},     NamespaceFile{"mnt", CLONE_NEWNS},
    NamespaceFile{"pid", CLONE_NEWPID},       NamespaceFile{"net", CLONE_NEWNET},
    NamespaceFile{"ipc", CLONE_NEWIPC},       NamespaceFile{"uts", CLONE_NEWUTS},
    NamespaceFile{"cgroup", CLONE_NEWCGROUP}, NamespaceFile{"time", CLONE_NEWTIME},
};

/// What of the container's process is needed once its namespaces are joined.
struct Target {
  sys::Fd root;        // its root directory
  sys::Fd namespaces;  // /proc/PID/ns
  int flags = 0;       // which of them differ from ours
  bool setgroups_denied = false;
};

/// CLONE_NEW* of the namespaces in which `theirs` and we differ; both are /proc/PID/ns. Those of
/// `made` differ for certain.
Result<int> differing(const sys::Fd& theirs, int made) {
  const sys::Fd ours = TRY(sys::open_at(sys::cwd(), "/proc/self/ns", O_PATH | O_DIRECTORY));
  int flags = made;
  for (const NamespaceFile& row : kNamespaceFiles) {
    if ((made & row.flag) != 0) continue;
    const auto mine = sys::stat_at(ours, row.name);
    if (!mine && mine.error().is(ENOENT)) continue;  // a kernel without this type
    if (!mine) return mine.error();
    const struct stat other = TRY(sys::stat_at(theirs, row.name), "/proc/PID/ns/", row.name);
    if (mine->st_ino != other.st_ino) flags |= row.flag;
  }
  return flags;
}

Result<Target> open_target(const JoinTarget& container) {
  const std::string directory = cat("/proc/", container.pid);
  const sys::Fd process =
      TRY(sys::open_at(sys::cwd(), directory.c_str(), O_PATH | O_DIRECTORY), directory);
  Target target;
  target.root = TRY(sys::open_at(process, "root", O_PATH | O_DIRECTORY), "the container's root");
  // Only its own user may list it, and that is whoever the container's process became.
  target.namespaces = TRY(sys::open_at(process, "ns", O_PATH | O_DIRECTORY));
  target.flags = TRY(differing(target.namespaces, container.made));
  const auto setgroups = sys::read_record(process, "setgroups", 64);
  target.setgroups_denied = setgroups && setgroups->starts_with("deny");
  return target;
}

/// Before Linux 5.8 a pidfd names no namespaces: they are joined one by one, the user namespace
/// first, for it gives the right to join the others.
Result<void> join_singly(const Target& target) {
  for (const NamespaceFile& row : kNamespaceFiles) {
    if ((target.flags & row.flag) == 0) continue;
    sys::Fd file = TRY(sys::open_at(target.namespaces, row.name, O_RDONLY));
    TRY(sys::join_namespace(sys::NamespaceFd(file.release()), row.flag), row.name);
  }
  return {};
}

Result<void> set_oom_score(const plan::ProcessPlan& process) {
  if (!process.oom_score_adj) return {};
  auto written =
      sys::write_existing(sys::cwd(), "/proc/self/oom_score_adj", cat(*process.oom_score_adj));
  if (!written && written.error().is(EACCES)) return {};  // it can only be raised: as for init
  return written;
}

/// What must be done while /proc is the host's, then the step into the container. Hidden first:
/// its processes see us from the clone on (CVE-2016-9962).
Result<void> enter(const sys::PidFd& init, const Target& target, Child& child) {
  TRY(reset_signals_now());
  TRY(set_oom_score(child.process), "set oom score");
  TRY(sys::set_dumpable(false));
  if (!child.process.labels.empty()) child.joined_proc = TRY(open_host_proc());
  auto joined = sys::join_namespaces_of(init, target.flags);
  if (!joined && joined.error().is(EINVAL)) joined = join_singly(target);
  TRY(std::move(joined), "join the container's namespaces");
  TRY(sys::change_directory_to(target.root));
  return sys::change_root_here();  // a container of --no-pivot has its root by chroot alone
}

}  // namespace

Result<Init> start_exec(const JoinTarget& target, const plan::ProcessPlan& process,
                        Handover handover) {
  auto [ours, theirs] = TRY(sys::packet_pair());
  auto [birth, joiner] = TRY(sys::packet_pair());
  const Target container = TRY(open_target(target));
  sys::Cloned cloned = TRY(clone_into(0, handover.cgroup));
  if (cloned.pid == 0) {
    ours.reset();
    birth.reset();
    Channel told(std::move(joiner));
    Child child{.process = process,
                .channel = Channel(std::move(theirs)),
                .handover = std::move(handover),
                .keep_groups = process.keep_groups || container.setgroups_denied};
    if (auto entered = enter(target.init, container, child); !entered) {
      told.fail(entered.error(), kStatusOther);
      ::_exit(kStatusOther);
    }
    clone_and_report(std::move(told), 0);
    run_joined(child);
  }
  theirs.reset();
  joiner.reset();
  Init init;
  init.asks_pid_ = bool(handover.listener_socket);
  init.channel_ = Channel(std::move(ours));
  init.take(std::move(cloned));
  TRY(init.await_birth(Channel(std::move(birth))));
  return init;
}

}  // namespace wolffia::launch
