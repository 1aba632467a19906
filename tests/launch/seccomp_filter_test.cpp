// SPDX-License-Identifier: Apache-2.0
#include "launch/seccomp_filter.hpp"

#include <asm/ioctls.h>
#include <gtest/gtest.h>
#include <linux/audit.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include <array>
#include <set>

#include "support/bpf.hpp"
#include "support/section.hpp"

// What filters answer, asked of an interpreter; seccomp_install_test.cpp asks the kernel. The
// numbers written here are x86_64's and i386's.
#ifdef __x86_64__
namespace wolffia::launch {
namespace {

using test::rule;
using test::section;

constexpr uint32_t kAllow = SECCOMP_RET_ALLOW;
constexpr uint32_t kEperm = SECCOMP_RET_ERRNO | EPERM;
constexpr uint32_t kEnosys = SECCOMP_RET_ERRNO | ENOSYS;
constexpr uint32_t kX32 = 0x40000000;
constexpr uint64_t kDirty = 0xdeadbeef00000000;

/// Compiled, found good for the kernel, and asked.
class Asked {
 public:
  explicit Asked(const oci::Seccomp& from) {
    Result<Filter> filter = compile_filter(from);
    if (!filter) {
      ADD_FAILURE() << filter.error().message();
      return;
    }
    filter_ = std::move(filter).value();
    EXPECT_EQ(test::flaw(filter_.program), "");
  }
  uint32_t native(long number, std::array<uint64_t, 6> args = {}) const {
    return ask(number, AUDIT_ARCH_X86_64, args);
  }
  uint32_t i386(long number, std::array<uint64_t, 6> args = {}) const {
    return ask(number, AUDIT_ARCH_I386, args);
  }
  uint32_t x32(long number, std::array<uint64_t, 6> args = {}) const {
    return ask(number | kX32, AUDIT_ARCH_X86_64, args);
  }
  uint32_t arm64(long number) const { return ask(number, AUDIT_ARCH_AARCH64, {}); }
  size_t size() const { return filter_.program.size(); }

 private:
  uint32_t ask(long number, uint32_t arch, std::array<uint64_t, 6> args) const {
    seccomp_data call{
        .nr = static_cast<int>(number), .arch = arch, .instruction_pointer = 0, .args = {}};
    std::copy(args.begin(), args.end(), call.args);
    return test::run(filter_.program, call);
  }
  Filter filter_;
};

TEST(seccomp_filter, answers_each_action_by_the_kernels_value) {
  struct Row {
    const char* action;
    uint32_t value;
  };
  for (const Row& row :
       {Row{"SCMP_ACT_KILL", SECCOMP_RET_KILL_THREAD},
        Row{"SCMP_ACT_KILL_THREAD", SECCOMP_RET_KILL_THREAD},
        Row{"SCMP_ACT_KILL_PROCESS", SECCOMP_RET_KILL_PROCESS},
        Row{"SCMP_ACT_TRAP", SECCOMP_RET_TRAP}, Row{"SCMP_ACT_ERRNO", SECCOMP_RET_ERRNO | EPERM},
        Row{"SCMP_ACT_TRACE", SECCOMP_RET_TRACE | EPERM}, Row{"SCMP_ACT_ALLOW", SECCOMP_RET_ALLOW},
        Row{"SCMP_ACT_LOG", SECCOMP_RET_LOG}}) {
    const char* other = row.value == kAllow ? "SCMP_ACT_LOG" : "SCMP_ACT_ALLOW";
    EXPECT_EQ(Asked(section(other, {rule({"mkdir"}, row.action)})).native(SYS_mkdir), row.value);
    EXPECT_EQ(Asked(section(row.action, {rule({"mount"}, other)})).native(SYS_mkdir), row.value);
  }
}

TEST(seccomp_filter, decides_number_by_number) {
  const std::set<long> named = {SYS_read, SYS_close, SYS_openat, SYS_futex_waitv};
  const Asked filter(section("SCMP_ACT_ERRNO",
                             {rule({"read", "close", "openat", "futex_waitv"}, "SCMP_ACT_ALLOW")}));
  for (long number = 0; number < 700; ++number) {
    const uint32_t expected = named.contains(number)     ? kAllow
                              : number > SYS_futex_waitv ? kEnosys
                                                         : kEperm;
    EXPECT_EQ(filter.native(number), expected) << number;
  }
}

TEST(seccomp_filter, kills_the_abis_that_are_not_listed) {
  const Asked filter(section("SCMP_ACT_ERRNO", {rule({"read"}, "SCMP_ACT_ALLOW")}));
  for (long number = 0; number < 700; ++number) {
    EXPECT_EQ(filter.i386(number), SECCOMP_RET_KILL_THREAD);
    EXPECT_EQ(filter.x32(number), SECCOMP_RET_KILL_THREAD);
    EXPECT_EQ(filter.arm64(number), SECCOMP_RET_KILL_THREAD);
  }
}

TEST(seccomp_filter, knows_the_newest_call_of_each_abi_listed) {
  // execve is 59, on i386 11 and on x32 520; mkdir 83, 39 and 83.
  const Asked filter(section("SCMP_ACT_ERRNO", {rule({"mkdir", "execve"}, "SCMP_ACT_ALLOW")},
                             {"SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32"}));
  for (long number = 0; number < 700; ++number) {
    EXPECT_EQ(filter.native(number), number == 59 || number == 83 ? kAllow
                                     : number > 83                ? kEnosys
                                                                  : kEperm);
    EXPECT_EQ(filter.i386(number), number == 11 || number == 39 ? kAllow
                                   : number > 39                ? kEnosys
                                                                : kEperm);
    EXPECT_EQ(filter.x32(number), number == 520 || number == 83 ? kAllow
                                  : number > 520                ? kEnosys
                                                                : kEperm);
  }
  EXPECT_EQ(filter.arm64(0), SECCOMP_RET_KILL_THREAD);
}

TEST(seccomp_filter, hides_newer_calls_behind_every_default_that_denies) {
  for (const char* action : {"SCMP_ACT_KILL", "SCMP_ACT_KILL_PROCESS", "SCMP_ACT_TRAP"}) {
    const Asked filter(section(action, {rule({"read"}, "SCMP_ACT_ALLOW")}));
    EXPECT_EQ(filter.native(SYS_write), kEnosys) << action;
    EXPECT_EQ(filter.native(2000), kEnosys) << action;
  }
}

TEST(seccomp_filter, hides_nothing_behind_a_default_that_lets_calls_happen) {
  EXPECT_EQ(Asked(section("SCMP_ACT_ALLOW", {rule({"read"}, "SCMP_ACT_ERRNO")})).native(2000),
            kAllow);
  EXPECT_EQ(Asked(section("SCMP_ACT_LOG", {rule({"read"}, "SCMP_ACT_ERRNO")})).native(2000),
            uint32_t{SECCOMP_RET_LOG});
  EXPECT_EQ(
      Asked(section("SCMP_ACT_TRACE", {rule({"read"}, "SCMP_ACT_ERRNO", {}, 5)})).native(2000),
      SECCOMP_RET_TRACE | EPERM);
}

TEST(seccomp_filter, adds_no_prologue_where_the_default_is_enosys) {
  oci::Seccomp enosys = section("SCMP_ACT_ERRNO", {rule({"read"}, "SCMP_ACT_ALLOW")});
  const Asked with(enosys);
  enosys.default_errno_ret = ENOSYS;
  const Asked without(enosys);
  EXPECT_EQ(without.native(2000), kEnosys);
  EXPECT_LT(without.size(), with.size());
}

TEST(seccomp_filter, skips_names_nobody_knows) {
  const Asked filter(
      section("SCMP_ACT_ERRNO", {rule({"no_such_call", "mkdir"}, "SCMP_ACT_ALLOW")}));
  EXPECT_EQ(filter.native(SYS_mkdir), kAllow);
  EXPECT_EQ(filter.native(SYS_mkdir + 1), kEnosys);
}

TEST(seccomp_filter, knows_calls_newer_than_libseccomp) {
  const Asked filter(section("SCMP_ACT_ERRNO", {rule({"fchmodat2", "mseal"}, "SCMP_ACT_ALLOW")},
                             {"SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32"}));
  for (const long number : {452L, 462L}) {
    EXPECT_EQ(filter.native(number), kAllow);
    EXPECT_EQ(filter.i386(number), kAllow);
    EXPECT_EQ(filter.x32(number), kAllow);
    EXPECT_EQ(filter.native(number - 1), kEperm);
  }
  EXPECT_EQ(filter.native(463), kEnosys);
}

TEST(seccomp_filter, takes_the_first_of_two_rules_without_arguments) {
  const Asked filter(section(
      "SCMP_ACT_KILL", {rule({"mkdir"}, "SCMP_ACT_ERRNO"), rule({"mkdir"}, "SCMP_ACT_ALLOW")}));
  EXPECT_EQ(filter.native(SYS_mkdir), kEperm);
}

TEST(seccomp_filter, ignores_a_rule_that_repeats_the_default) {
  const Asked filter(section(
      "SCMP_ACT_ERRNO", {rule({"mkdir"}, "SCMP_ACT_ERRNO"), rule({"mkdir"}, "SCMP_ACT_ALLOW")}));
  EXPECT_EQ(filter.native(SYS_mkdir), kAllow);
}

TEST(seccomp_filter, holds_a_deny_with_arguments_against_an_allow_without) {
  const oci::SeccompRule deny =
      rule({"ioctl"}, "SCMP_ACT_ERRNO", {{1, TIOCSTI, 0, "SCMP_CMP_EQ"}}, 7);
  const oci::SeccompRule allow = rule({"ioctl"}, "SCMP_ACT_ALLOW");
  for (const auto& rules : {std::vector{deny, allow}, std::vector{allow, deny}}) {
    const Asked filter(section("SCMP_ACT_ERRNO", rules));
    EXPECT_EQ(filter.native(SYS_ioctl, {0, TIOCSTI}), SECCOMP_RET_ERRNO | 7);
    EXPECT_EQ(filter.native(SYS_ioctl, {0, TCGETS}), kAllow);
  }
}

TEST(seccomp_filter, holds_a_deny_that_repeats_the_default_with_arguments) {
  const Asked filter(section("SCMP_ACT_ERRNO",
                             {rule({"ioctl"}, "SCMP_ACT_ERRNO", {{1, TIOCSTI, 0, "SCMP_CMP_EQ"}}),
                              rule({"ioctl"}, "SCMP_ACT_ALLOW")}));
  EXPECT_EQ(filter.native(SYS_ioctl, {0, TIOCSTI}), kEperm);
  EXPECT_EQ(filter.native(SYS_ioctl, {0, TCGETS}), kAllow);
}

TEST(seccomp_filter, holds_a_deny_without_arguments_against_an_allow_with) {
  const Asked filter(section(
      "SCMP_ACT_ALLOW", {rule({"socket"}, "SCMP_ACT_ERRNO"),
                         rule({"socket"}, "SCMP_ACT_ALLOW", {{0, AF_UNIX, 0, "SCMP_CMP_EQ"}})}));
  EXPECT_EQ(filter.native(SYS_socket, {AF_UNIX}), kEperm);
}

TEST(seccomp_filter, takes_the_strictest_of_rules_that_match) {
  const Asked filter(section(
      "SCMP_ACT_ALLOW", {rule({"kill"}, "SCMP_ACT_ERRNO", {{1, 9, 0, "SCMP_CMP_EQ"}}),
                         rule({"kill"}, "SCMP_ACT_KILL_PROCESS", {{0, 1, 0, "SCMP_CMP_EQ"}})}));
  EXPECT_EQ(filter.native(SYS_kill, {1, 9}), uint32_t{SECCOMP_RET_KILL_PROCESS});
  EXPECT_EQ(filter.native(SYS_kill, {2, 9}), kEperm);
  EXPECT_EQ(filter.native(SYS_kill, {2, 15}), kAllow);
}

// runc's CVE-2017-18367: tests of one rule were taken for alternatives.
TEST(seccomp_filter, wants_all_tests_of_a_rule_to_hold) {
  const Asked filter(
      section("SCMP_ACT_ERRNO",
              {rule({"socket"}, "SCMP_ACT_ALLOW",
                    {{0, AF_INET, 0, "SCMP_CMP_EQ"}, {1, SOCK_STREAM, 0, "SCMP_CMP_EQ"}})},
              {"SCMP_ARCH_X86"}));
  EXPECT_EQ(filter.native(SYS_socket, {AF_INET, SOCK_STREAM}), kAllow);
  EXPECT_EQ(filter.native(SYS_socket, {AF_INET, SOCK_RAW}), kEperm);
  EXPECT_EQ(filter.native(SYS_socket, {AF_INET6, SOCK_STREAM}), kEperm);
  EXPECT_EQ(filter.i386(359, {AF_INET, SOCK_STREAM}), kAllow);
  EXPECT_EQ(filter.i386(359, {AF_INET, SOCK_RAW}), kEperm);
}

// As runc and crun do, since libseccomp takes no two tests of one argument.
TEST(seccomp_filter, takes_two_tests_of_one_argument_for_alternatives) {
  const Asked filter(
      section("SCMP_ACT_ERRNO", {rule({"personality"}, "SCMP_ACT_ALLOW",
                                      {{0, 0, 0, "SCMP_CMP_EQ"}, {0, 8, 0, "SCMP_CMP_EQ"}})}));
  EXPECT_EQ(filter.native(SYS_personality, {0}), kAllow);
  EXPECT_EQ(filter.native(SYS_personality, {8}), kAllow);
  EXPECT_EQ(filter.native(SYS_personality, {9}), kEperm);
}

// CVE-2019-10063, CVE-2023-28100: the kernel looks at the low half of an ioctl request only.
TEST(seccomp_filter, holds_a_deny_against_dirty_high_bits) {
  const Asked filter(section(
      "SCMP_ACT_ALLOW", {rule({"ioctl"}, "SCMP_ACT_ERRNO", {{1, TIOCSTI, 0, "SCMP_CMP_EQ"}})}));
  EXPECT_EQ(filter.native(SYS_ioctl, {0, TIOCSTI}), kEperm);
  EXPECT_EQ(filter.native(SYS_ioctl, {0, kDirty | TIOCSTI}), kEperm);
  EXPECT_EQ(filter.native(SYS_ioctl, {0, kDirty | TCGETS}), kAllow);
}

// The container engines' own way of denying AF_ALG and AF_VSOCK.
TEST(seccomp_filter, holds_ranges_against_dirty_high_bits) {
  const Asked filter(section(
      "SCMP_ACT_ERRNO", {rule({"socket"}, "SCMP_ACT_ALLOW", {{0, AF_ALG, 0, "SCMP_CMP_LT"}}),
                         rule({"socket"}, "SCMP_ACT_ALLOW", {{0, 39, 0, "SCMP_CMP_EQ"}}),
                         rule({"socket"}, "SCMP_ACT_ALLOW", {{0, AF_VSOCK, 0, "SCMP_CMP_GT"}})}));
  for (uint64_t family = 0; family < 50; ++family) {
    const uint32_t expected = family == AF_ALG || family == AF_VSOCK ? kEperm : kAllow;
    EXPECT_EQ(filter.native(SYS_socket, {family}), expected);
    EXPECT_EQ(filter.native(SYS_socket, {kDirty | family}), expected);
  }
}

// musl passes requests sign-extended: 0x80045430 arrives as 0xffffffff80045430.
TEST(seccomp_filter, lets_an_allow_match_a_sign_extended_request) {
  const Asked filter(section(
      "SCMP_ACT_ERRNO", {rule({"ioctl"}, "SCMP_ACT_ALLOW", {{1, TIOCGPTN, 0, "SCMP_CMP_EQ"}})}));
  EXPECT_EQ(filter.native(SYS_ioctl, {0, 0xffffffff00000000 | TIOCGPTN}), kAllow);
  EXPECT_EQ(filter.native(SYS_ioctl, {0, TIOCGPTN + 1}), kEperm);
}

TEST(seccomp_filter, compares_whole_registers_where_the_kernel_does) {
  const Asked filter(section(
      "SCMP_ACT_ERRNO", {rule({"lseek"}, "SCMP_ACT_ALLOW", {{1, 0x100000005, 0, "SCMP_CMP_EQ"}})}));
  EXPECT_EQ(filter.native(SYS_lseek, {0, 0x100000005}), kAllow);
  EXPECT_EQ(filter.native(SYS_lseek, {0, 5}), kEperm);
}

TEST(seccomp_filter, knows_the_16_bit_ids_of_i386) {
  const Asked filter(section("SCMP_ACT_ALLOW",
                             {rule({"setuid"}, "SCMP_ACT_ERRNO", {{0, 0, 0, "SCMP_CMP_EQ"}})},
                             {"SCMP_ARCH_X86"}));
  EXPECT_EQ(filter.i386(23, {0x10000}), kEperm);
  EXPECT_EQ(filter.native(SYS_setuid, {0x10000}), kAllow);
  EXPECT_EQ(filter.native(SYS_setuid, {0x100000000}), kEperm);
}

constexpr long kI386Socketcall = 102;
constexpr long kI386Ipc = 117;

// int 0x80 is open to every 64-bit program: CVE-2026-31431 went through it.
TEST(seccomp_filter, leaves_no_way_around_arguments_through_socketcall) {
  const Asked filter(section("SCMP_ACT_ERRNO",
                             {rule({"socket"}, "SCMP_ACT_ALLOW", {{0, AF_INET, 0, "SCMP_CMP_EQ"}}),
                              rule({"bind"}, "SCMP_ACT_ALLOW")},
                             {"SCMP_ARCH_X86"}));
  EXPECT_EQ(filter.i386(359, {AF_INET}), kAllow);
  EXPECT_EQ(filter.i386(kI386Socketcall, {1}), kEperm);
  EXPECT_EQ(filter.i386(kI386Socketcall, {2}), kAllow);
  EXPECT_EQ(filter.i386(kI386Socketcall, {3}), kEperm);
}

TEST(seccomp_filter, holds_a_deny_with_arguments_through_socketcall_and_ipc) {
  const Asked filter(section("SCMP_ACT_ALLOW",
                             {rule({"socket"}, "SCMP_ACT_ERRNO", {{0, AF_ALG, 0, "SCMP_CMP_EQ"}}),
                              rule({"shmget"}, "SCMP_ACT_ERRNO", {{0, 5, 0, "SCMP_CMP_EQ"}})},
                             {"SCMP_ARCH_X86"}));
  EXPECT_EQ(filter.i386(kI386Socketcall, {1}), kEperm);
  EXPECT_EQ(filter.i386(kI386Socketcall, {2}), kAllow);
  EXPECT_EQ(filter.i386(kI386Ipc, {23}), kEperm);
  EXPECT_EQ(filter.i386(kI386Ipc, {23 | 1 << 16}), kEperm);  // the version in the upper half
  EXPECT_EQ(filter.i386(kI386Ipc, {24}), kAllow);
}

TEST(seccomp_filter, does_as_the_profile_says_of_socketcall_itself) {
  const Asked filter(section("SCMP_ACT_ERRNO",
                             {rule({"socket"}, "SCMP_ACT_ALLOW", {{0, AF_INET, 0, "SCMP_CMP_EQ"}}),
                              rule({"socketcall"}, "SCMP_ACT_ALLOW")},
                             {"SCMP_ARCH_X86"}));
  EXPECT_EQ(filter.i386(kI386Socketcall, {1}), kAllow);
  EXPECT_EQ(filter.native(SYS_socket, {AF_ALG}), kEperm);
}

TEST(seccomp_filter, passes_over_architectures_of_other_machines) {
  const Asked filter(section("SCMP_ACT_ERRNO", {rule({"read"}, "SCMP_ACT_ALLOW")},
                             {"SCMP_ARCH_S390X", "SCMP_ARCH_LOONGARCH64", "SCMP_ARCH_X86_64"}));
  EXPECT_EQ(filter.native(SYS_read), kAllow);
}

TEST(seccomp_filter, names_the_field_that_is_wrong) {
  const Result<Filter> filter = compile_filter(section("SCMP_ACT_ALLOW", {}, {"SCMP_ARCH_VAX"}));
  ASSERT_FALSE(filter);
  EXPECT_EQ(filter.error().message(), "linux.seccomp.architectures[0]: unknown SCMP_ARCH_VAX");
}

TEST(seccomp_filter, says_when_the_kernel_would_find_it_too_long) {
  std::vector<oci::SeccompRule> rules;
  for (uint64_t value = 0; value < 3000; ++value)
    rules.push_back(rule({"lseek"}, "SCMP_ACT_ALLOW", {{1, value, 0, "SCMP_CMP_EQ"}}));
  const Result<Filter> filter = compile_filter(section("SCMP_ACT_ERRNO", rules));
  ASSERT_FALSE(filter);
  EXPECT_TRUE(filter.error().is(EINVAL));
  EXPECT_NE(filter.error().message().find("the kernel takes 4096"), std::string::npos);
}

}  // namespace
}  // namespace wolffia::launch
#endif
