// SPDX-License-Identifier: Apache-2.0
#include "sys/attributes.hpp"

#include <linux/keyctl.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>

namespace wolffia::sys {
namespace {

/// glibc would apply the call to all threads it knows of: we have one, and after a raw clone glibc
/// knows the wrong one.
template <class... Args>
Result<void> call(const char* name, long number, Args... args) {
  if (::syscall(number, args...) < 0) return Error::last(name);
  return {};
}

/// What sched_setattr(2) takes; glibc 2.36 has no declaration. Source: linux/sched/types.h.
struct SchedAttr {
  uint32_t size;
  uint32_t policy;
  uint64_t flags;
  int32_t nice;
  uint32_t priority;
  uint64_t runtime, deadline, period;
};

}  // namespace

Result<void> set_dumpable(bool dumpable) {
  return call("prctl", SYS_prctl, PR_SET_DUMPABLE, dumpable ? 1L : 0L, 0L, 0L, 0L);
}
Result<void> forbid_new_privileges() {
  return call("prctl", SYS_prctl, PR_SET_NO_NEW_PRIVS, 1L, 0L, 0L, 0L);
}
Result<void> set_subreaper() {
  return call("prctl", SYS_prctl, PR_SET_CHILD_SUBREAPER, 1L, 0L, 0L, 0L);
}

Result<void> set_user(uint32_t uid) {
  return call("setresuid", SYS_setresuid, uid, uid, uid);
}
Result<void> set_group(uint32_t gid) {
  return call("setresgid", SYS_setresgid, gid, gid, gid);
}
Result<void> set_groups(std::span<const uint32_t> groups) {
  return call("setgroups", SYS_setgroups, groups.size(), groups.data());
}

Result<void> set_rlimit(int resource, uint64_t soft, uint64_t hard) {
  const rlimit64 limit{.rlim_cur = soft, .rlim_max = hard};
  return call("prlimit", SYS_prlimit64, 0L, static_cast<long>(resource), &limit, nullptr);
}

Result<void> raise_rlimit(int resource) {
  rlimit64 limit{};
  TRY(call("prlimit", SYS_prlimit64, 0L, static_cast<long>(resource), nullptr, &limit));
  return set_rlimit(resource, limit.rlim_max, limit.rlim_max);
}

Result<void> set_personality(uint64_t persona) {
  if (::personality(persona) < 0) return Error::last("personality");
  return {};
}

Result<void> set_io_priority(int io_class, int priority) {
  constexpr long kWhoProcess = 1;  // IOPRIO_WHO_PROCESS, linux/ioprio.h
  constexpr int kClassShift = 13;
  return call("ioprio_set", SYS_ioprio_set, kWhoProcess, 0L,
              static_cast<long>(io_class << kClassShift | priority));
}

Result<void> set_scheduler(const Schedule& schedule) {
  SchedAttr attr{};
  attr.size = sizeof attr;
  attr.policy = schedule.policy;
  attr.flags = schedule.flags;
  attr.nice = schedule.nice;
  attr.priority = schedule.priority;
  attr.runtime = schedule.runtime;
  attr.deadline = schedule.deadline;
  attr.period = schedule.period;
  return call("sched_setattr", SYS_sched_setattr, 0L, &attr, 0L);
}

Result<void> set_cpus(std::span<const uint64_t> cpus) {
  // It returns how many bytes it took, and not through glibc: see process.hpp.
  if (::syscall(SYS_sched_setaffinity, 0, cpus.size_bytes(), cpus.data()) < 0)
    return Error::last("sched_setaffinity");
  return {};
}

Result<void> set_memory_policy(unsigned mode, std::span<const uint64_t> nodes) {
  // The kernel reads one bit less than it is told.
  const unsigned long bits = nodes.empty() ? 0 : nodes.size() * 64 + 1;
  return call("set_mempolicy", SYS_set_mempolicy, static_cast<long>(mode), nodes.data(), bits);
}

Result<void> join_session_keyring(const char* name) {
  return call("keyctl", SYS_keyctl, static_cast<long>(KEYCTL_JOIN_SESSION_KEYRING), name);
}

Result<void> close_between(int first, int last) {
  return call("close_range", SYS_close_range, static_cast<unsigned>(first),
              static_cast<unsigned>(last), 0U);
}

Result<void> close_each(int first, int last) {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) < 0) return Error::last("getrlimit");
  const auto end = static_cast<rlim_t>(last);
  for (rlim_t fd = static_cast<rlim_t>(first); fd <= end && fd < limit.rlim_max; ++fd)
    (void)::close(static_cast<int>(fd));  // EBADF: it was not open
  return {};
}

}  // namespace wolffia::sys
