// SPDX-License-Identifier: Apache-2.0
#include <asm/ioctls.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <linux/audit.h>
#include <linux/sched.h>
#include <linux/types.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <functional>

#include "launch/seccomp_filter.hpp"
#include "oci/seccomp_names.hpp"
#include "plan/default_profile.hpp"
#include "plan/seccomp.hpp"
#include "support/bpf.hpp"
#include "support/section.hpp"
#include "sys/attributes.hpp"
#include "sys/seccomp.hpp"

// Filters as the kernel runs them, each in a child that they are put on.
#ifdef __x86_64__
namespace wolffia::launch {
namespace {

using test::rule;
using test::section;

using Arguments = std::array<uint64_t, 6>;

/// A system call past the C library: a negative errno, or what it returned.
long call_native(long number, Arguments a = {}) {
  long result = number;
  register uint64_t r10 asm("r10") = a[3];
  register uint64_t r8 asm("r8") = a[4];
  register uint64_t r9 asm("r9") = a[5];
  asm volatile("syscall"
               : "+a"(result)
               : "D"(a[0]), "S"(a[1]), "d"(a[2]), "r"(r10), "r"(r8), "r"(r9)
               : "rcx", "r11", "memory");
  return result;
}

/// The same through the door of 32-bit programs.
long call_i386(int number, uint32_t first = 0, uint32_t second = 0) {
  int result = number;
  asm volatile("int $0x80"
               : "+a"(result)
               : "b"(first), "c"(second), "d"(0), "S"(0), "D"(0)
               : "r8", "r9", "r10", "r11", "memory");
  return result;
}

/// Runs `body` in a child and says how that ended, as waitpid(2).
int run_child(const std::function<void()>& body) {
  const pid_t child = ::fork();
  if (child == 0) {
    const rlimit none{};
    ::setrlimit(RLIMIT_CORE, &none);
    for (const int fatal : {SIGILL, SIGSEGV, SIGSYS})
      ::signal(fatal, SIG_DFL);  // not a sanitizer's
    ::alarm(30);
    body();
    ::_exit(0);
  }
  int status = 0;
  EXPECT_EQ(::waitpid(child, &status, 0), child);
  return status;
}

void confine(const Filter& filter) {
  const bool confined = sys::forbid_new_privileges().operator bool() &&
                        sys::install_filter(filter.program, filter.flags).operator bool();
  if (!confined) ::_exit(77);
}

bool runs_32_bit() {
  constexpr int kI386Getpid = 20;
  return run_child([] { ::_exit(call_i386(kI386Getpid) == ::getpid() ? 0 : 1); }) == 0;
}

/// Memory that a child writes and we read.
template <class T>
class Shared {
 public:
  Shared()
      : memory_(::mmap(nullptr, sizeof(T), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
                       0)) {}
  ~Shared() { ::munmap(memory_, sizeof(T)); }
  Shared(const Shared&) = delete;
  T* operator->() { return static_cast<T*>(memory_); }

 private:
  void* memory_;
};

// What stands for "allowed" below: no call fails with it.
constexpr uint32_t kMark = 3999;
constexpr uint32_t kNumbers = 1024;

/// uretprobe and uprobe, Linux 6.11 and 6.18: no filter is asked about them, and outside of a
/// probe they end the program. Source: seccomp_uprobe_exception() in kernel/seccomp.c.
bool is_unfiltered(uint32_t number) {
  return number == 335 || number == 336;
}

struct Answers {
  std::array<long, kNumbers> native, i386;
  bool complete;
};

/// `filter`, but instead of being made, an allowed call fails with kMark: so that every number can
/// be tried, those too which would end the process or the machine's day.
Filter harmless(Filter filter) {
  for (sock_filter& at : filter.program)
    if (at.code == (BPF_RET | BPF_K) && at.k == SECCOMP_RET_ALLOW) at.k = SECCOMP_RET_ERRNO | kMark;
  return filter;
}

/// After it nothing can be called, not even exit: the child ends by an invalid instruction. (Not
/// marked as never returning: for that the address sanitizer makes a system call.)
void try_every_number(Answers& answers, bool also_i386) {
  for (uint32_t number = 0; number < kNumbers; ++number) {
    if (!is_unfiltered(number)) answers.native[number] = call_native(number);
    if (also_i386) answers.i386[number] = call_i386(static_cast<int>(number));
  }
  answers.complete = true;
  for (;;)
    asm volatile("ud2" ::: "memory");
}

void expect_as_interpreted(const Filter& filter) {
  const Filter tried = harmless(filter);
  const bool also_i386 = runs_32_bit();
  Shared<Answers> answers;
  const int status = run_child([&] {
    confine(tried);
    try_every_number(*answers.operator->(), also_i386);
  });
  ASSERT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGILL) << status;
  ASSERT_TRUE(answers->complete);
  const auto answer = [&](uint32_t arch, uint32_t number) {
    const seccomp_data call{
        .nr = static_cast<int>(number), .arch = arch, .instruction_pointer = 0, .args = {}};
    const uint32_t action = test::run(tried.program, call);
    EXPECT_EQ(action & SECCOMP_RET_ACTION_FULL, SECCOMP_RET_ERRNO);
    return -static_cast<long>(action & SECCOMP_RET_DATA);
  };
  for (uint32_t number = 0; number < kNumbers; ++number) {
    const long native = is_unfiltered(number) ? 0 : answer(AUDIT_ARCH_X86_64, number);
    EXPECT_EQ(answers->native[number], native) << number;
    if (!also_i386) continue;
    EXPECT_EQ(answers->i386[number], answer(AUDIT_ARCH_I386, number)) << number;
  }
}

TEST(seccomp_kernel, answers_every_number_of_the_default_profile_as_interpreted) {
  expect_as_interpreted(compile_filter(plan::default_profile()).value());
}

TEST(seccomp_kernel, answers_every_number_of_a_long_filter_as_interpreted) {
  std::vector<oci::SeccompRule> rules = {rule({"read", "write", "mkdir"}, "SCMP_ACT_ALLOW")};
  for (uint64_t value = 1; value < 200; ++value)
    rules.push_back(rule({"ioctl", "lseek"}, "SCMP_ACT_ERRNO", {{1, value, 0, "SCMP_CMP_EQ"}}, 7));
  rules.push_back(rule({"ioctl", "lseek"}, "SCMP_ACT_ALLOW"));
  expect_as_interpreted(
      compile_filter(section("SCMP_ACT_ERRNO", rules, {"SCMP_ARCH_X86"})).value());
}

/// What a system call answers under the default profile.
class seccomp_kernel_profile : public testing::Test {
 protected:
  long native(long number, Arguments arguments = {}) {
    return answer([&] { return call_native(number, arguments); });
  }
  long answer(const std::function<long()>& call) {
    Shared<long> result;
    const int status = run_child([&] {
      confine(filter_);
      *result.operator->() = call();
    });
    EXPECT_EQ(status, 0);
    return *result.operator->();
  }
  Filter filter_ = compile_filter(plan::default_profile()).value();
};

uint64_t address(const void* pointer) {
  return reinterpret_cast<uint64_t>(pointer);
}

TEST_F(seccomp_kernel_profile, opens_no_sockets_into_the_kernels_corners) {
  for (const uint64_t family : {AF_ALG + 0ULL, AF_VSOCK + 0ULL, AF_RXRPC + 0ULL, AF_KEY + 0ULL})
    for (const uint64_t dirt : {0ULL, 1ULL << 32})
      EXPECT_EQ(native(SYS_socket, {dirt | family, SOCK_SEQPACKET}), -EPERM) << family;
  EXPECT_GE(native(SYS_socket, {AF_UNIX, SOCK_STREAM}), 0);
  EXPECT_GE(native(SYS_socket, {1ULL << 32 | AF_UNIX, SOCK_STREAM}), 0);
}

TEST_F(seccomp_kernel_profile, opens_no_sockets_through_the_32_bit_door) {
  if (!runs_32_bit()) GTEST_SKIP() << "this kernel runs no 32-bit programs";
  EXPECT_EQ(answer([] { return call_i386(359, AF_ALG, SOCK_SEQPACKET); }), -EPERM);
  EXPECT_GE(answer([] { return call_i386(359, AF_UNIX, SOCK_STREAM); }), 0);
  EXPECT_EQ(answer([] { return call_i386(102, 1); }), -EPERM);  // socketcall(SYS_SOCKET)
}

TEST_F(seccomp_kernel_profile, nests_no_user_namespaces) {
  EXPECT_EQ(native(SYS_unshare, {CLONE_NEWUSER}), -EPERM);
  EXPECT_EQ(native(SYS_clone, {CLONE_NEWUSER | SIGCHLD}), -EPERM);
  EXPECT_EQ(native(SYS_clone, {1ULL << 32 | CLONE_NEWUSER | SIGCHLD}), -EPERM);
  clone_args wanted{};
  wanted.flags = CLONE_NEWUSER;
  EXPECT_EQ(native(SYS_clone3, {address(&wanted), sizeof wanted}), -ENOSYS);
}

TEST_F(seccomp_kernel_profile, closes_what_the_kernel_was_broken_through) {
  for (const long number :
       {SYS_io_uring_setup, SYS_io_uring_enter, SYS_io_uring_register, SYS_bpf, SYS_perf_event_open,
        SYS_userfaultfd, SYS_keyctl, SYS_add_key, SYS_request_key, SYS_mount, SYS_fsopen,
        SYS_open_tree, SYS_move_mount, SYS_pivot_root, SYS_kexec_load, SYS_init_module, SYS_setns})
    EXPECT_EQ(native(number), -EPERM) << number;
}

TEST_F(seccomp_kernel_profile, hides_calls_that_are_newer_than_itself) {
  EXPECT_EQ(native(900), -ENOSYS);
}

TEST_F(seccomp_kernel_profile, pushes_no_line_at_a_terminal) {
  const int master = ::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
  ASSERT_EQ(::unlockpt(master), 0);
  const int terminal = ::ioctl(master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
  const auto fd = static_cast<uint64_t>(terminal);
  const char line = 'x';
  for (const uint64_t dirt : {0ULL, 1ULL << 32, 0xffffffffULL << 32}) {
    EXPECT_EQ(native(SYS_ioctl, {fd, dirt | TIOCSTI, address(&line)}), -EPERM);
    EXPECT_EQ(native(SYS_ioctl, {fd, dirt | TIOCLINUX, address(&line)}), -EPERM);
    EXPECT_EQ(native(SYS_ioctl, {fd, dirt | TIOCSETD, address(&line)}), -EPERM);
  }
  std::array<char, 256> size{};
  EXPECT_EQ(native(SYS_ioctl, {fd, TIOCGWINSZ, address(size.data())}), 0);
  // musl's way: the request as a negative int.
  EXPECT_EQ(native(SYS_ioctl, {static_cast<uint64_t>(master), 0xffffffffULL << 32 | TIOCGPTN,
                               address(size.data())}),
            0);
  ::close(terminal);
  ::close(master);
}

TEST_F(seccomp_kernel_profile, changes_the_personality_only_as_listed) {
  constexpr uint64_t kAddressesNotRandom = 0x0040000;
  EXPECT_EQ(native(SYS_personality, {kAddressesNotRandom}), -EPERM);
  EXPECT_GE(native(SYS_personality, {0xffffffff}), 0);
  EXPECT_GE(native(SYS_personality, {UINT64_MAX}), 0);
}

TEST_F(seccomp_kernel_profile, lets_mpi_read_the_memory_of_its_ranks) {
  const long there = 42;
  long here = 0;
  const iovec from{.iov_base = const_cast<long*>(&there), .iov_len = sizeof there};
  const iovec into{.iov_base = &here, .iov_len = sizeof here};
  EXPECT_EQ(answer([&] {
              return call_native(SYS_process_vm_readv, {static_cast<uint64_t>(::getpid()),
                                                        address(&into), 1, address(&from), 1});
            }),
            static_cast<long>(sizeof there));
}

TEST_F(seccomp_kernel_profile, lets_programs_fork_and_execute) {
  const int status = run_child([&] {
    confine(filter_);
    const pid_t child = ::fork();
    if (child == 0) ::execl("/bin/sh", "sh", "-c", "echo | cat > /dev/null && exit 7", nullptr);
    int inner = 0;
    ::waitpid(child, &inner, 0);
    ::_exit(WEXITSTATUS(inner));
  });
  EXPECT_EQ(WEXITSTATUS(status), 7);
}

TEST(seccomp_kernel, kills_for_an_abi_that_is_not_listed) {
  const Filter filter =
      compile_filter(section("SCMP_ACT_ALLOW", {rule({"mkdir"}, "SCMP_ACT_ERRNO")})).value();
  const int by_x32 = run_child([&] {
    confine(filter);
    call_native(0x40000000 | SYS_getpid);
  });
  EXPECT_TRUE(WIFSIGNALED(by_x32) && WTERMSIG(by_x32) == SIGSYS) << by_x32;
  if (!runs_32_bit()) return;
  const int by_i386 = run_child([&] {
    confine(filter);
    call_i386(20);
  });
  EXPECT_TRUE(WIFSIGNALED(by_i386) && WTERMSIG(by_i386) == SIGSYS) << by_i386;
}

TEST(seccomp_kernel, takes_every_flag) {
  oci::Seccomp wanted = section("SCMP_ACT_ALLOW", {rule({"mkdir"}, "SCMP_ACT_ERRNO")});
  wanted.flags = {"SECCOMP_FILTER_FLAG_TSYNC", "SECCOMP_FILTER_FLAG_LOG",
                  "SECCOMP_FILTER_FLAG_SPEC_ALLOW", "SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV"};
  const Filter filter = compile_filter(wanted).value();
  EXPECT_EQ(run_child([&] {
              confine(filter);
              if (::mkdir("/tmp/never", 0700) == 0 || errno != EPERM) ::_exit(1);
            }),
            0);
}

TEST(seccomp_kernel, knows_its_actions) {
  EXPECT_TRUE(*sys::knows_seccomp_action(SECCOMP_RET_KILL_PROCESS));
  EXPECT_FALSE(*sys::knows_seccomp_action(0x00420000));
}

TEST(seccomp_kernel, knows_its_flags) {
  for (const std::string_view flag : oci::kSeccompFlags) {
    const bool old = flag != "SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV";  // before Linux 5
    EXPECT_NE(plan::flags_for(flag), 0U) << flag;
    EXPECT_TRUE(!old || sys::knows_seccomp_flags(plan::flags_for(flag))) << flag;
  }
  EXPECT_EQ(plan::flags_for("SECCOMP_FILTER_FLAG_NONE"), 0U);
  EXPECT_FALSE(sys::knows_seccomp_flags(1U << 30));
}

TEST(seccomp_kernel, refuses_a_broken_program) {
  const std::vector<sock_filter> endless = {BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 0)};
  EXPECT_EQ(run_child([&] {
              (void)sys::forbid_new_privileges();
              const auto installed = sys::install_filter(endless, 0);
              ::_exit(!installed && installed.error().is(EINVAL) ? 0 : 1);
            }),
            0);
  EXPECT_NE(test::flaw(endless), "");
}

TEST(seccomp_kernel, wants_no_new_privileges_or_the_capability) {
  if (::geteuid() == 0) return;  // root of a namespace has the capability
  const std::vector<sock_filter> allow = {BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)};
  EXPECT_EQ(run_child([&] {
              const auto installed = sys::install_filter(allow, 0);
              ::_exit(!installed && installed.error().is(EACCES) ? 0 : 1);
            }),
            0);
}

}  // namespace
}  // namespace wolffia::launch
#endif
