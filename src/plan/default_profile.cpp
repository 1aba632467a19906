// SPDX-License-Identifier: Apache-2.0
#include "plan/default_profile.hpp"

#include <asm/ioctls.h>
#include <linux/capability.h>
#include <linux/netlink.h>
#include <linux/sched.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>

namespace wolffia::plan {
namespace {

constexpr std::array kGroups = std::to_array<CallGroup>({
    {"Files and directories by name", Verdict::Allow,
     "access chdir chmod chown chown32 creat faccessat faccessat2 fchdir fchmodat fchmodat2 "
     "fchownat file_getattr file_setattr fstatat64 futimesat getcwd lchown lchown32 link linkat "
     "lstat lstat64 mkdir mkdirat mknod mknodat name_to_handle_at newfstatat open openat openat2 "
     "readlink readlinkat rename renameat renameat2 rmdir stat stat64 statfs statfs64 statx "
     "symlink symlinkat truncate truncate64 umask unlink unlinkat utime utimensat "
     "utimensat_time64 utimes"},
    {"Open files", Verdict::Allow,
     "_llseek arm_fadvise64_64 arm_sync_file_range cachestat close close_range copy_file_range "
     "dup dup2 dup3 fadvise64 fadvise64_64 fallocate fchmod fchown fchown32 fcntl fcntl64 "
     "fdatasync flock fstat fstat64 fstatfs fstatfs64 fsync ftruncate ftruncate64 getdents "
     "getdents64 lseek pipe pipe2 pread64 preadv preadv2 pwrite64 pwritev pwritev2 read readahead "
     "readdir readv sendfile sendfile64 splice sync sync_file_range sync_file_range2 syncfs tee "
     "write writev"},
    {"Extended attributes", Verdict::Allow,
     "fgetxattr flistxattr fremovexattr fsetxattr getxattr getxattrat lgetxattr listxattr "
     "listxattrat llistxattr lremovexattr lsetxattr removexattr removexattrat setxattr "
     "setxattrat"},
    {"Waiting for files, timers and events", Verdict::Allow,
     "_newselect epoll_create epoll_create1 epoll_ctl epoll_ctl_old epoll_pwait epoll_pwait2 "
     "epoll_wait epoll_wait_old eventfd eventfd2 fanotify_mark inotify_add_watch inotify_init "
     "inotify_init1 inotify_rm_watch poll ppoll ppoll_time64 pselect6 pselect6_time64 select "
     "signalfd signalfd4 timerfd timerfd_create timerfd_gettime timerfd_gettime64 timerfd_settime "
     "timerfd_settime64"},
    {"Asynchronous input and output, the old kind", Verdict::Allow,
     "io_cancel io_destroy io_getevents io_pgetevents io_pgetevents_time64 io_setup io_submit"},
    {"Memory, and where it lies on machines with several nodes", Verdict::Allow,
     "brk get_mempolicy madvise map_shadow_stack mbind membarrier memfd_create memfd_secret "
     "migrate_pages mincore mlock mlock2 mlockall mmap mmap2 move_pages mprotect mremap mseal "
     "msync munlock munlockall munmap pkey_alloc pkey_free pkey_mprotect process_madvise "
     "process_mrelease remap_file_pages set_mempolicy set_mempolicy_home_node"},
    {"Processes and threads", Verdict::Allow,
     "execve execveat exit exit_group fork futex futex_requeue futex_time64 futex_wait "
     "futex_waitv futex_wake get_robust_list getpgid getpgrp getpid getppid getsid gettid pause "
     "pidfd_open pidfd_send_signal prctl restart_syscall rseq set_robust_list set_tid_address "
     "setpgid setsid vfork wait4 waitid waitpid"},
    {"Other processes of the same user: debuggers, and MPI between ranks (Linux 4.8 closed what "
     "ptrace could do against filters)",
     Verdict::Allow, "kcmp pidfd_getfd process_vm_readv process_vm_writev ptrace"},
    {"Signals", Verdict::Allow,
     "kill rt_sigaction rt_sigpending rt_sigprocmask rt_sigqueueinfo rt_sigreturn rt_sigsuspend "
     "rt_sigtimedwait rt_sigtimedwait_time64 rt_tgsigqueueinfo sigaction sigaltstack signal "
     "sigpending sigprocmask sigreturn sigsuspend tgkill tkill"},
    {"Time (setting it needs a capability that is the host's alone)", Verdict::Allow,
     "adjtimex alarm clock_adjtime clock_adjtime64 clock_getres clock_getres_time64 clock_gettime "
     "clock_gettime64 clock_nanosleep clock_nanosleep_time64 getitimer gettimeofday nanosleep "
     "setitimer time timer_create timer_delete timer_getoverrun timer_gettime timer_gettime64 "
     "timer_settime timer_settime64 times"},
    {"User, groups and capabilities", Verdict::Allow,
     "capget capset getegid getegid32 geteuid geteuid32 getgid getgid32 getgroups getgroups32 "
     "getresgid getresgid32 getresuid getresuid32 getuid getuid32 setfsgid setfsgid32 setfsuid "
     "setfsuid32 setgid setgid32 setgroups setgroups32 setregid setregid32 setresgid setresgid32 "
     "setresuid setresuid32 setreuid setreuid32 setuid setuid32"},
    {"Limits, priorities and scheduling", Verdict::Allow,
     "getcpu getpriority getrlimit getrusage ioprio_get ioprio_set nice prlimit64 "
     "sched_get_priority_max sched_get_priority_min sched_getaffinity sched_getattr "
     "sched_getparam sched_getscheduler sched_rr_get_interval sched_rr_get_interval_time64 "
     "sched_setaffinity sched_setattr sched_setparam sched_setscheduler sched_yield setpriority "
     "setrlimit ugetrlimit"},
    {"What the system is", Verdict::Allow,
     "getrandom listmount lsm_get_self_attr lsm_list_modules statmount sysinfo uname"},
    {"Sockets", Verdict::Allow,
     "accept accept4 bind connect getpeername getsockname getsockopt listen recv recvfrom "
     "recvmmsg recvmmsg_time64 recvmsg send sendmmsg sendmsg sendto setsockopt shutdown "
     "socketpair"},
    {"Shared memory, semaphores and message queues", Verdict::Allow,
     "mq_getsetattr mq_notify mq_open mq_timedreceive mq_timedreceive_time64 mq_timedsend "
     "mq_timedsend_time64 mq_unlink msgctl msgget msgrcv msgsnd semctl semget semop semtimedop "
     "semtimedop_time64 shmat shmctl shmdt shmget"},
    {"Giving up more: filters and Landlock", Verdict::Allow,
     "landlock_add_rule landlock_create_ruleset landlock_restrict_self seccomp"},
    {"What programs of one architecture need of the processor", Verdict::Allow,
     "arch_prctl breakpoint cacheflush get_thread_area get_tls modify_ldt riscv_flush_icache "
     "s390_guarded_storage s390_runtime_instr set_thread_area set_tls swapcontext"},

    {"By their arguments, below", Verdict::ByArgument, "clone ioctl personality socket"},

    {"New processes through a structure, which a filter cannot look into; without it the C "
     "library uses clone",
     Verdict::Hide, "clone3", CAP_SYS_ADMIN},
    {"Mounts", Verdict::Needs,
     "fsconfig fsmount fsopen fspick mount mount_setattr move_mount open_tree open_tree_attr "
     "pivot_root umount umount2",
     CAP_SYS_ADMIN},
    {"Namespaces", Verdict::Needs, "setns unshare", CAP_SYS_ADMIN},
    {"Names of the machine, quotas, and watching whole file systems", Verdict::Needs,
     "fanotify_init quotactl quotactl_fd setdomainname sethostname", CAP_SYS_ADMIN},
    {"Another root directory", Verdict::Needs, "chroot", CAP_SYS_CHROOT},
    {"Files by handle, past the directories above them", Verdict::Needs, "open_by_handle_at",
     CAP_DAC_READ_SEARCH},
    {"Setting the time", Verdict::Needs, "clock_settime clock_settime64 settimeofday stime",
     CAP_SYS_TIME},
    {"Ending the pid namespace", Verdict::Needs, "reboot", CAP_SYS_BOOT},
    {"The kernel's log", Verdict::Needs, "syslog", CAP_SYSLOG},
    {"Hanging a terminal up", Verdict::Needs, "vhangup", CAP_SYS_TTY_CONFIG},

    {"Code inside the kernel", Verdict::Deny,
     "bpf create_module delete_module finit_module get_kernel_syms init_module kexec_file_load "
     "kexec_load query_module"},
    {"Where most of the kernel's holes of late were", Verdict::Deny,
     "io_uring_enter io_uring_register io_uring_setup perf_event_open userfaultfd vmsplice"},
    {"Keyrings, which no namespace separates", Verdict::Deny, "add_key keyctl request_key"},
    {"The whole machine", Verdict::Deny,
     "acct ioperm iopl lookup_dcookie lsm_set_self_attr pciconfig_iobase pciconfig_read "
     "pciconfig_write rtas s390_pci_mmio_read s390_pci_mmio_write s390_sthyi spu_create spu_run "
     "swapoff swapon"},
    {"What nothing has used for twenty years, or no kernel has", Verdict::Deny,
     "_sysctl afs_syscall bdflush break ftime getpmsg gtty idle lock mpx multiplexer nfsservctl "
     "oldfstat oldlstat oldolduname oldstat olduname prof profil putpmsg security sgetmask "
     "ssetmask stty subpage_prot switch_endian sys_debug_setcontext sysfs tuxcall ulimit uselib "
     "usr26 usr32 ustat vm86 vm86old vserver"},
});

// A new namespace of any kind; CLONE_NEWTIME is no flag of clone(2).
constexpr uint64_t kNewNamespaces = CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC |
                                    CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET;

// CONFIG_CLONE_BACKWARDS2: there the new stack comes first.
#ifdef __s390__
constexpr uint32_t kCloneFlags = 1;
#else
constexpr uint32_t kCloneFlags = 0;
#endif

// personality(2): PER_LINUX and PER_LINUX32, each with UNAME26 or not; all ones asks.
constexpr std::array<uint64_t, 5> kPersonas = {0, 0x8, 0x20000, 0x20008, 0xffffffff};
constexpr std::array<uint64_t, 4> kFamilies = {AF_UNIX, AF_INET, AF_INET6, AF_NETLINK};

oci::SeccompArg is(uint32_t index, uint64_t value) {
  return {index, value, 0, "SCMP_CMP_EQ"};
}

std::vector<ArgumentRule> make_argument_rules() {
  std::vector<ArgumentRule> rules = {
      {"clone", "no new namespaces", {}, {{kCloneFlags, kNewNamespaces, 0, "SCMP_CMP_MASKED_EQ"}}},
      {"clone", "new namespaces", {}, {}, CAP_SYS_ADMIN},
      {"ioctl", "every request but those below", {}, {}},
      {"ioctl", "TIOCSTI types for the terminal's owner", EPERM, {is(1, TIOCSTI)}},
      {"ioctl", "TIOCLINUX pastes for the console's owner", EPERM, {is(1, TIOCLINUX)}},
      {"ioctl", "TIOCSETD loads a line discipline into the kernel", EPERM, {is(1, TIOCSETD)}},
  };
  for (const uint64_t persona : kPersonas)
    rules.push_back(
        {"personality", "as it is, with the 32-bit uname, or only asking", {}, {is(0, persona)}});
  for (const uint64_t family : kFamilies)
    rules.push_back({"socket", "AF_UNIX, AF_INET, AF_INET6, AF_NETLINK", {}, {is(0, family)}});
  rules.push_back({"socket", "AF_PACKET", {}, {is(0, AF_PACKET)}, CAP_NET_RAW});
  // The errno by which PAM and sudo know that the kernel audits nothing.
  rules.push_back({"socket",
                   "NETLINK_AUDIT",
                   EINVAL,
                   {is(0, AF_NETLINK), is(2, NETLINK_AUDIT)},
                   CAP_AUDIT_WRITE});
  return rules;
}

std::vector<std::string> architectures() {
#if defined(__x86_64__)
  // Not x32: its calls end the program. Few kernels have it, and nothing is built for it.
  return {"SCMP_ARCH_X86_64", "SCMP_ARCH_X86"};
#elif defined(__aarch64__)
  return {"SCMP_ARCH_AARCH64", "SCMP_ARCH_ARM"};
#else
  return {};
#endif
}

bool holds(uint64_t capabilities, int capability) {
  return (capabilities >> static_cast<unsigned>(capability) & 1) != 0;
}

void append(std::vector<std::string>& names, const CallGroup& group) {
  for (const std::string_view name : split_calls(group.calls))
    names.emplace_back(name);
}

constexpr size_t kMostNames = 512;  // room for all: growing would move hundreds of strings

}  // namespace

std::span<const CallGroup> call_groups() {
  return kGroups;
}

std::span<const ArgumentRule> argument_rules() {
  static const std::vector<ArgumentRule> rules = make_argument_rules();
  return rules;
}

std::vector<std::string_view> split_calls(std::string_view calls) {
  std::vector<std::string_view> names;
  while (!calls.empty()) {
    const size_t end = std::min(calls.find(' '), calls.size());
    names.push_back(calls.substr(0, end));
    calls.remove_prefix(std::min(end + 1, calls.size()));
  }
  return names;
}

oci::Seccomp default_profile(uint64_t capabilities) {
  oci::SeccompRule allowed{{}, "SCMP_ACT_ALLOW", {}, {}};
  allowed.names.reserve(kMostNames);
  // These only repeat the default, but named they are known: newer calls are hidden, not these.
  oci::SeccompRule denied{{}, "SCMP_ACT_ERRNO", EPERM, {}};
  oci::SeccompRule hidden{{}, "SCMP_ACT_ERRNO", ENOSYS, {}};
  for (const CallGroup& group : kGroups) {
    if (group.verdict == Verdict::ByArgument) continue;
    const bool allow = group.verdict == Verdict::Allow ||
                       (group.capability >= 0 && holds(capabilities, group.capability));
    append(allow                            ? allowed.names
           : group.verdict == Verdict::Hide ? hidden.names
                                            : denied.names,
           group);
  }
  oci::Seccomp profile;
  profile.default_action = "SCMP_ACT_ERRNO";
  profile.default_errno_ret = EPERM;
  profile.architectures = architectures();
  for (oci::SeccompRule* rule : {&allowed, &denied, &hidden})
    if (!rule->names.empty()) profile.syscalls.push_back(std::move(*rule));
  for (const ArgumentRule& rule : argument_rules()) {
    const bool counts =
        rule.capability < 0 || holds(capabilities, rule.capability) != rule.error.has_value();
    if (!counts) continue;
    profile.syscalls.push_back({{std::string(rule.call)},
                                rule.error ? "SCMP_ACT_ERRNO" : "SCMP_ACT_ALLOW",
                                rule.error,
                                rule.args});
  }
  return profile;
}

}  // namespace wolffia::plan
