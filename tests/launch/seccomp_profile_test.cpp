// SPDX-License-Identifier: Apache-2.0
#include <asm/ioctls.h>
#include <gtest/gtest.h>
#include <linux/audit.h>
#include <linux/capability.h>
#include <linux/netlink.h>
#include <linux/sched.h>
#include <seccomp.h>
#include <signal.h>
#include <sys/socket.h>

#include <cstdlib>
#include <map>
#include <memory>

#include "launch/seccomp_abi.hpp"
#include "launch/seccomp_filter.hpp"
#include "plan/default_profile.hpp"
#include "support/bpf.hpp"

// The profile of `wolffia run`, compiled, against its own table: every number of every ABI.
namespace wolffia::launch {
namespace {

using plan::Verdict;

constexpr uint32_t kLastNumber = 1024;  // Linux 6.18 ends at 470
constexpr uint32_t kAllow = SECCOMP_RET_ALLOW;
constexpr uint32_t kEperm = SECCOMP_RET_ERRNO | EPERM;
constexpr uint32_t kEnosys = SECCOMP_RET_ERRNO | ENOSYS;

/// The groups by the names in them.
const std::map<std::string_view, const plan::CallGroup*>& groups() {
  static const auto made = [] {
    std::map<std::string_view, const plan::CallGroup*> by_name;
    for (const plan::CallGroup& group : plan::call_groups())
      for (const std::string_view call : plan::split_calls(group.calls))
        by_name[call] = &group;
    return by_name;
  }();
  return made;
}

const plan::CallGroup* group_of(std::string_view name) {
  const auto found = groups().find(name);
  return found == groups().end() ? nullptr : found->second;
}

/// The name of a system call; empty where nobody knows one.
std::string name_of(uint32_t token, uint32_t number) {
  static const auto newer = [] {
    std::map<uint32_t, std::string_view> by_number;
    for (const auto& [name, group] : groups())
      if (const auto of_all = newer_call(name)) by_number[*of_all] = name;
    return by_number;
  }();
  const std::unique_ptr<char, decltype(&std::free)> name(
      ::seccomp_syscall_resolve_num_arch(token, static_cast<int>(number)), &std::free);
  if (name) return name.get();
  const auto found = newer.find(number);
  return found == newer.end() ? std::string() : std::string(found->second);
}

/// What a call without arguments, all zero, should lead to.
uint32_t expected(std::string_view name, uint64_t capabilities) {
  const plan::CallGroup* group = group_of(name);
  if (!group) return kEperm;
  const bool held =
      group->capability >= 0 && (capabilities >> static_cast<unsigned>(group->capability) & 1) != 0;
  if (group->verdict == Verdict::Allow || held) return kAllow;
  if (group->verdict == Verdict::Hide) return kEnosys;
  // socket(AF_UNSPEC) is of no family; ioctl(0), clone(0) and personality(0) are harmless.
  if (group->verdict == Verdict::ByArgument) return name == "socket" ? kEperm : kAllow;
  return kEperm;
}

#ifdef __x86_64__
constexpr uint32_t kSocketcall = 102, kIpc = 117;  // i386: told by their argument

class seccomp_profile : public testing::TestWithParam<uint64_t> {
 protected:
  Filter filter_ = compile_filter(plan::default_profile(GetParam())).value();
  uint32_t ask(uint32_t arch, uint32_t number, std::vector<uint64_t> args = {}) const {
    seccomp_data call{
        .nr = static_cast<int>(number), .arch = arch, .instruction_pointer = 0, .args = {}};
    std::copy(args.begin(), args.end(), call.args);
    return test::run(filter_.program, call);
  }
};

TEST_P(seccomp_profile, is_good_for_the_kernel) {
  EXPECT_EQ(test::flaw(filter_.program), "");
}

TEST_P(seccomp_profile, answers_every_number_of_x86_64_as_its_table_says) {
  const uint32_t newest = *newer_call("file_setattr");
  for (uint32_t number = 0; number < kLastNumber; ++number) {
    const std::string name = name_of(SCMP_ARCH_X86_64, number);
    EXPECT_EQ(ask(AUDIT_ARCH_X86_64, number),
              number > newest ? kEnosys : expected(name, GetParam()))
        << number << " " << name;
  }
}

TEST_P(seccomp_profile, answers_every_number_of_i386_as_its_table_says) {
  const uint32_t newest = *newer_call("file_setattr");
  for (uint32_t number = 0; number < kLastNumber; ++number) {
    if (number == kSocketcall || number == kIpc) continue;
    const std::string name = name_of(SCMP_ARCH_X86, number);
    EXPECT_EQ(ask(AUDIT_ARCH_I386, number), number > newest ? kEnosys : expected(name, GetParam()))
        << number << " " << name;
  }
}

TEST_P(seccomp_profile, answers_every_part_of_socketcall_and_ipc) {
  for (const Multiplexer& multiplexer : multiplexers()) {
    const uint32_t number = multiplexer.name == "ipc" ? kIpc : kSocketcall;
    std::map<uint32_t, std::string_view> parts;
    for (const Multiplexed& part : multiplexer.calls)
      parts[part.value] = part.name;
    for (uint32_t value = 0; value < 64; ++value) {
      const auto part = parts.find(value);
      EXPECT_EQ(ask(AUDIT_ARCH_I386, number, {value}),
                part == parts.end() ? kEperm : expected(part->second, GetParam()))
          << multiplexer.name << " " << value;
    }
  }
}

TEST_P(seccomp_profile, kills_every_call_of_x32_and_of_other_machines) {
  for (uint32_t number = 0; number < kLastNumber; ++number) {
    EXPECT_EQ(ask(AUDIT_ARCH_X86_64, number | 0x40000000), SECCOMP_RET_KILL_THREAD) << number;
    EXPECT_EQ(ask(AUDIT_ARCH_AARCH64, number), SECCOMP_RET_KILL_THREAD) << number;
  }
}

TEST_P(seccomp_profile, opens_listed_families_of_sockets_only) {
  const bool packets = (GetParam() >> CAP_NET_RAW & 1) != 0;
  for (uint64_t family = 0; family < 64; ++family) {
    const bool listed = family == AF_UNIX || family == AF_INET || family == AF_INET6 ||
                        family == AF_NETLINK || (family == AF_PACKET && packets);
    for (const uint64_t dirt : {0ULL, 0x100000000ULL, 0xffffffff00000000ULL})
      EXPECT_EQ(ask(AUDIT_ARCH_X86_64, 41, {dirt | family}), listed ? kAllow : kEperm) << family;
    EXPECT_EQ(ask(AUDIT_ARCH_I386, 359, {family}), listed ? kAllow : kEperm) << family;
  }
}

TEST_P(seccomp_profile, opens_no_new_namespace_without_the_capability) {
  const uint32_t answer = (GetParam() >> CAP_SYS_ADMIN & 1) != 0 ? kAllow : kEperm;
  for (const uint64_t flag :
       std::initializer_list<uint64_t>{CLONE_NEWUSER, CLONE_NEWNS, CLONE_NEWPID, CLONE_NEWNET,
                                       CLONE_NEWIPC, CLONE_NEWUTS, CLONE_NEWCGROUP})
    for (const uint64_t dirt : {0ULL, 0x100000000ULL, 0xffffffff00000000ULL})
      EXPECT_EQ(ask(AUDIT_ARCH_X86_64, 56, {dirt | flag | SIGCHLD}), answer) << flag;
  EXPECT_EQ(ask(AUDIT_ARCH_X86_64, 56, {CLONE_VM | CLONE_VFORK | SIGCHLD}), kAllow);
}

TEST_P(seccomp_profile, refuses_requests_that_act_on_the_owner_of_a_terminal) {
  for (const uint64_t request : std::initializer_list<uint64_t>{TIOCSTI, TIOCLINUX, TIOCSETD})
    for (const uint64_t dirt : {0ULL, 0x100000000ULL, 0xffffffff00000000ULL}) {
      EXPECT_EQ(ask(AUDIT_ARCH_X86_64, 16, {0, dirt | request}), kEperm) << request;
      EXPECT_EQ(ask(AUDIT_ARCH_I386, 54, {0, request}), kEperm) << request;
    }
  for (const uint64_t request :
       std::initializer_list<uint64_t>{TCGETS, TIOCGWINSZ, TIOCSPTLCK, TIOCSTI - 1, TIOCSTI + 1})
    EXPECT_EQ(ask(AUDIT_ARCH_X86_64, 16, {0, request}), kAllow) << request;
}

TEST_P(seccomp_profile, tells_by_einval_that_nothing_is_audited) {
  const bool audits = (GetParam() >> CAP_AUDIT_WRITE & 1) != 0;
  EXPECT_EQ(ask(AUDIT_ARCH_X86_64, 41, {AF_NETLINK, SOCK_RAW, NETLINK_AUDIT}),
            audits ? kAllow : SECCOMP_RET_ERRNO | EINVAL);
}

INSTANTIATE_TEST_SUITE_P(, seccomp_profile, testing::Values(0, plan::kRunCapabilities, UINT64_MAX),
                         [](const auto& run) {
                           return run.param == 0            ? "no_capability"
                                  : run.param == UINT64_MAX ? "every_capability"
                                                            : "wolffia_run";
                         });
#endif

// CVE-2021-41133: calls that were new when a filter was written went through it.
TEST(seccomp_profile_table, names_every_call_that_libseccomp_knows) {
  for (const uint32_t token : std::initializer_list<uint32_t>{
           SCMP_ARCH_X86_64, SCMP_ARCH_X86, SCMP_ARCH_AARCH64, SCMP_ARCH_ARM, SCMP_ARCH_PPC64LE,
           SCMP_ARCH_S390X, SCMP_ARCH_RISCV64}) {
    size_t known = 0;
    for (uint32_t number = 0; number < kLastNumber; ++number) {
      const std::string name = name_of(token, number);
      if (name.empty() || name == "socketcall" || name == "ipc") continue;
      ++known;
      EXPECT_TRUE(group_of(name)) << name;
    }
    EXPECT_GT(known, 300U);
  }
}

}  // namespace
}  // namespace wolffia::launch
