// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>

#include "plan/seccomp.hpp"

namespace wolffia::plan {
namespace {

/// How wide the kernel takes each argument: 'l' a whole register, 'i' its low 32 bits, 'h' its low
/// 16. Arguments past the end are 'l'.
struct Signature {
  std::string_view name;
  std::string_view widths;
};

// The SYSCALL_DEFINE lines of Linux 6.18, which /sys/kernel/tracing/events/syscalls/*/format shows.
// 'i' are also the arguments declared as longs of which only the low half counts, or whose high
// half makes the call fail: clone (lower_32_bits), unshare, mount, mmap, mremap and mprotect flags,
// mbind's mode, ptrace, and the descriptors of mmap, readv, preadv and their kin.
// clang-format off
constexpr std::array kSignatures = std::to_array<Signature>({
    {"accept", "i"}, {"accept4", "illi"}, {"access", "li"}, {"add_key", "lllli"}, {"alarm", "i"},
    {"arch_prctl", "i"}, {"bind", "ili"}, {"bpf", "ili"}, {"cachestat", "illi"}, {"chmod", "lh"},
    {"chown", "lii"}, {"clock_adjtime", "i"}, {"clock_getres", "i"}, {"clock_gettime", "i"},
    {"clock_nanosleep", "ii"}, {"clock_settime", "i"}, {"clone", "i"}, {"close", "i"},
    {"close_range", "iii"}, {"connect", "ili"}, {"copy_file_range", "ililli"}, {"creat", "lh"},
    {"delete_module", "li"}, {"dup", "i"}, {"dup2", "ii"}, {"dup3", "iii"}, {"epoll_create", "i"},
    {"epoll_create1", "i"}, {"epoll_ctl", "iii"}, {"epoll_pwait", "ilii"}, {"epoll_pwait2", "ili"},
    {"epoll_wait", "ilii"}, {"eventfd", "i"}, {"eventfd2", "ii"}, {"execveat", "illli"},
    {"exit", "i"}, {"exit_group", "i"}, {"faccessat", "ili"}, {"faccessat2", "ilii"},
    {"fadvise64", "illi"}, {"fallocate", "ii"}, {"fanotify_init", "ii"}, {"fanotify_mark", "iili"},
    {"fchdir", "i"}, {"fchmod", "ih"}, {"fchmodat", "ilh"}, {"fchmodat2", "ilhi"},
    {"fchown", "iii"}, {"fchownat", "iliii"}, {"fcntl", "ii"}, {"fdatasync", "i"},
    {"fgetxattr", "i"}, {"file_getattr", "illli"}, {"file_setattr", "illli"},
    {"finit_module", "ili"}, {"flistxattr", "i"}, {"flock", "ii"}, {"fremovexattr", "i"},
    {"fsconfig", "iilli"}, {"fsetxattr", "illli"}, {"fsmount", "iii"}, {"fsopen", "li"},
    {"fspick", "ili"}, {"fstat", "i"}, {"fstatfs", "i"}, {"fsync", "i"}, {"ftruncate", "i"},
    {"futex", "liilli"}, {"futex_requeue", "liii"}, {"futex_wait", "lllili"},
    {"futex_waitv", "liili"}, {"futex_wake", "llii"}, {"futimesat", "i"}, {"get_robust_list", "i"},
    {"getdents", "ili"}, {"getdents64", "ili"}, {"getgroups", "i"}, {"getitimer", "i"},
    {"getpeername", "i"}, {"getpgid", "i"}, {"getpriority", "ii"}, {"getrandom", "lli"},
    {"getrlimit", "i"}, {"getrusage", "i"}, {"getsid", "i"}, {"getsockname", "i"},
    {"getsockopt", "iii"}, {"getxattrat", "ili"}, {"inotify_add_watch", "ili"},
    {"inotify_init1", "i"}, {"inotify_rm_watch", "ii"}, {"io_setup", "i"},
    {"io_uring_enter", "iiii"}, {"io_uring_register", "iili"}, {"io_uring_setup", "i"},
    {"ioctl", "ii"}, {"ioperm", "lli"}, {"iopl", "i"}, {"ioprio_get", "ii"}, {"ioprio_set", "iii"},
    {"kcmp", "iii"}, {"kexec_file_load", "ii"}, {"keyctl", "i"}, {"kill", "ii"},
    {"landlock_add_rule", "iili"}, {"landlock_create_ruleset", "lli"},
    {"landlock_restrict_self", "ii"}, {"lchown", "lii"}, {"linkat", "ilili"}, {"listen", "ii"},
    {"listmount", "llli"}, {"listxattrat", "ili"}, {"lseek", "ili"}, {"lsetxattr", "lllli"},
    {"lsm_get_self_attr", "illi"}, {"lsm_list_modules", "lli"}, {"lsm_set_self_attr", "ilii"},
    {"madvise", "lli"}, {"mbind", "llilli"}, {"membarrier", "iii"}, {"memfd_create", "li"},
    {"memfd_secret", "i"}, {"migrate_pages", "i"}, {"mkdir", "lh"}, {"mkdirat", "ilh"},
    {"mknod", "lhi"}, {"mknodat", "ilhi"}, {"mlock2", "lli"}, {"mlockall", "i"}, {"mmap", "lliii"},
    {"modify_ldt", "i"}, {"mount", "llli"}, {"mount_setattr", "ili"}, {"move_mount", "ilili"},
    {"move_pages", "illlli"}, {"mprotect", "lli"}, {"mq_getsetattr", "i"}, {"mq_notify", "i"},
    {"mq_open", "lih"}, {"mq_timedreceive", "i"}, {"mq_timedsend", "illi"}, {"mremap", "llli"},
    {"msgctl", "ii"}, {"msgget", "ii"}, {"msgrcv", "illli"}, {"msgsnd", "illi"}, {"msync", "lli"},
    {"name_to_handle_at", "illli"}, {"newfstatat", "illi"}, {"open", "lih"},
    {"open_by_handle_at", "ili"}, {"open_tree", "ili"}, {"open_tree_attr", "ili"},
    {"openat", "ilih"}, {"openat2", "i"}, {"perf_event_open", "liii"}, {"personality", "i"},
    {"pidfd_getfd", "iii"}, {"pidfd_open", "ii"}, {"pidfd_send_signal", "iili"}, {"pipe2", "li"},
    {"pkey_free", "i"}, {"pkey_mprotect", "llli"}, {"poll", "lii"}, {"ppoll", "li"},
    {"prctl", "i"}, {"pread64", "i"}, {"preadv", "i"}, {"preadv2", "illlli"}, {"prlimit64", "ii"},
    {"process_madvise", "illii"}, {"process_mrelease", "ii"}, {"process_vm_readv", "i"},
    {"process_vm_writev", "i"}, {"pselect6", "i"}, {"ptrace", "ii"}, {"pwrite64", "i"},
    {"pwritev", "i"}, {"pwritev2", "illlli"}, {"quotactl", "ili"}, {"quotactl_fd", "iii"},
    {"read", "i"}, {"readahead", "i"}, {"readlink", "lli"}, {"readlinkat", "illi"}, {"readv", "i"},
    {"reboot", "iii"}, {"recvfrom", "illi"}, {"recvmmsg", "ilii"}, {"recvmsg", "ili"},
    {"removexattrat", "ili"}, {"renameat", "ili"}, {"renameat2", "ilili"}, {"request_key", "llli"},
    {"rseq", "liii"}, {"rt_sigaction", "i"}, {"rt_sigprocmask", "i"}, {"rt_sigqueueinfo", "ii"},
    {"rt_tgsigqueueinfo", "iii"}, {"sched_get_priority_max", "i"}, {"sched_get_priority_min", "i"},
    {"sched_getaffinity", "ii"}, {"sched_getattr", "ilii"}, {"sched_getparam", "i"},
    {"sched_getscheduler", "i"}, {"sched_rr_get_interval", "i"}, {"sched_setaffinity", "ii"},
    {"sched_setattr", "ili"}, {"sched_setparam", "i"}, {"sched_setscheduler", "ii"},
    {"seccomp", "ii"}, {"select", "i"}, {"semctl", "iii"}, {"semget", "iii"}, {"semop", "ili"},
    {"semtimedop", "ili"}, {"sendfile", "ii"}, {"sendmmsg", "ilii"}, {"sendmsg", "ili"},
    {"sendto", "illili"}, {"set_mempolicy", "i"}, {"setdomainname", "li"}, {"setfsgid", "i"},
    {"setfsuid", "i"}, {"setgid", "i"}, {"setgroups", "i"}, {"sethostname", "li"},
    {"setitimer", "i"}, {"setns", "ii"}, {"setpgid", "ii"}, {"setpriority", "iii"},
    {"setregid", "ii"}, {"setresgid", "iii"}, {"setresuid", "iii"}, {"setreuid", "ii"},
    {"setrlimit", "i"}, {"setsockopt", "iiili"}, {"setuid", "i"}, {"setxattr", "lllli"},
    {"setxattrat", "ili"}, {"shmat", "ili"}, {"shmctl", "ii"}, {"shmget", "ili"},
    {"shutdown", "ii"}, {"signalfd", "i"}, {"signalfd4", "illi"}, {"socket", "iii"},
    {"socketpair", "iii"}, {"splice", "ililli"}, {"statmount", "llli"}, {"statx", "ilii"},
    {"swapon", "li"}, {"symlinkat", "li"}, {"sync_file_range", "illi"}, {"sync_file_range2", "ii"},
    {"syncfs", "i"}, {"sysfs", "i"}, {"syslog", "ili"}, {"tee", "iili"}, {"tgkill", "iii"},
    {"timer_create", "i"}, {"timer_delete", "i"}, {"timer_getoverrun", "i"},
    {"timer_gettime", "i"}, {"timer_settime", "ii"}, {"timerfd_create", "ii"},
    {"timerfd_gettime", "i"}, {"timerfd_settime", "ii"}, {"tkill", "ii"}, {"umask", "i"},
    {"umount2", "li"}, {"unlinkat", "ili"}, {"unshare", "i"}, {"userfaultfd", "i"}, {"ustat", "i"},
    {"utimensat", "illi"}, {"vmsplice", "illi"}, {"wait4", "ili"}, {"waitid", "iili"},
    {"write", "i"}, {"writev", "i"},
});
// clang-format on
static_assert(std::ranges::is_sorted(kSignatures, {}, &Signature::name));

// kernel/uid16.c: on these ABIs the old names take 16-bit ids, the names with "32" the new ones.
constexpr std::array kSignaturesOfUid16 = std::to_array<Signature>({
    {"chown", "lhh"},
    {"fchown", "ihh"},
    {"lchown", "lhh"},
    {"setfsgid", "h"},
    {"setfsuid", "h"},
    {"setgid", "h"},
    {"setregid", "hh"},
    {"setresgid", "hhh"},
    {"setresuid", "hhh"},
    {"setreuid", "hh"},
    {"setuid", "h"},
});
static_assert(std::ranges::is_sorted(kSignaturesOfUid16, {}, &Signature::name));

std::string_view widths_of(std::span<const Signature> table, std::string_view name) {
  const auto row = std::ranges::lower_bound(table, name, {}, &Signature::name);
  return row != table.end() && row->name == name ? row->widths : std::string_view();
}

}  // namespace

unsigned argument_bits(std::string_view name, uint32_t index, Abi abi) {
  std::string_view widths;
  if (abi == Abi::Uid16) widths = widths_of(kSignaturesOfUid16, name);
  if (widths.empty()) widths = widths_of(kSignatures, name);
  const char width = index < widths.size() ? widths[index] : 'l';
  if (width == 'h') return 16;
  return width == 'i' || abi != Abi::Wide ? 32 : 64;
}

}  // namespace wolffia::plan
