// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <linux/audit.h>
#include <seccomp.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <memory>
#include <random>

#include "launch/seccomp_filter.hpp"
#include "plan/default_profile.hpp"
#include "support/bpf.hpp"
#include "support/section.hpp"
#include "sys/file.hpp"

// The prologue's own idea of which number is which call, against libseccomp's. Every rule here
// tests an argument in a way that always holds, so that the prologue decides; libseccomp is given
// the same rules without the test. Every number of every ABI must get the same answer.
#ifdef __x86_64__
namespace wolffia::launch {
namespace {

constexpr std::array<uint32_t, 3> kTokens = {SCMP_ARCH_X86_64, SCMP_ARCH_X86, SCMP_ARCH_X32};
constexpr std::array<const char*, 3> kArchitectures = {"SCMP_ARCH_X86_64", "SCMP_ARCH_X86",
                                                       "SCMP_ARCH_X32"};
constexpr uint32_t kX32 = 0x40000000;
constexpr size_t kMostCalls = 100;  // what fits the kernel's 4096 instructions on three ABIs
enum class Verdict : bool { Deny, Allow };

/// The calls that we and libseccomp both know.
std::vector<std::string> all_names() {
  std::vector<std::string> names;
  for (const plan::CallGroup& group : plan::call_groups())
    for (const std::string_view call : plan::split_calls(group.calls))
      if (std::string name(call); ::seccomp_syscall_resolve_name(name.c_str()) != __NR_SCMP_ERROR)
        names.push_back(std::move(name));
  return names;
}

/// What libseccomp makes of `names`, which lead to `action` and all others to `otherwise`.
std::vector<sock_filter> theirs(const std::vector<std::string>& names, uint32_t action,
                                uint32_t otherwise, size_t abis) {
  ::seccomp_api_set(3);
  const std::unique_ptr<void, decltype(&::seccomp_release)> context(::seccomp_init(otherwise),
                                                                    &::seccomp_release);
  for (size_t i = 1; i < abis; ++i)
    EXPECT_EQ(::seccomp_arch_add(context.get(), kTokens[i]), 0);
  for (const std::string& name : names) {
    const int number = ::seccomp_syscall_resolve_name(name.c_str());
    EXPECT_EQ(::seccomp_rule_add(context.get(), action, number, 0), 0) << name;
  }
  const sys::Fd file = sys::memory_file("oracle").value();
  EXPECT_EQ(::seccomp_export_bpf(context.get(), file.get()), 0);
  EXPECT_TRUE(sys::rewind(file));
  const std::string bytes = sys::read_all(file, 1U << 20).value();
  std::vector<sock_filter> program(bytes.size() / sizeof(sock_filter));
  std::memcpy(program.data(), bytes.data(), bytes.size());
  return program;
}

/// What we make of them.
std::vector<sock_filter> ours(const std::vector<std::string>& names, Verdict verdict, size_t abis) {
  const bool allow = verdict == Verdict::Allow;
  oci::Seccomp section = test::section(
      allow ? "SCMP_ACT_ERRNO" : "SCMP_ACT_ALLOW",
      {test::rule(names, allow ? "SCMP_ACT_ALLOW" : "SCMP_ACT_ERRNO", {{0, 0, 0, "SCMP_CMP_GE"}})});
  // A default of ENOSYS says by itself what libseccomp has no word for: calls newer than those
  // named.
  if (allow) section.default_errno_ret = ENOSYS;
  section.architectures.assign(kArchitectures.begin(),
                               kArchitectures.begin() + static_cast<long>(abis));
  const Result<Filter> filter = compile_filter(section);
  EXPECT_TRUE(filter) << filter.error().message();
  EXPECT_EQ(test::flaw(filter->program), "");
  return filter->program;
}

void expect_same(const std::vector<std::string>& names, Verdict verdict, size_t abis) {
  const auto expected = verdict == Verdict::Allow
                            ? theirs(names, SCMP_ACT_ALLOW, SCMP_ACT_ERRNO(ENOSYS), abis)
                            : theirs(names, SCMP_ACT_ERRNO(EPERM), SCMP_ACT_ALLOW, abis);
  const auto program = ours(names, verdict, abis);
  const auto expect_same_answer = [&](uint32_t arch, uint32_t number, uint64_t first) {
    const seccomp_data call{
        .nr = static_cast<int>(number), .arch = arch, .instruction_pointer = 0, .args = {first}};
    EXPECT_EQ(test::run(program, call), test::run(expected, call))
        << std::hex << arch << std::dec << " " << number << " " << first;
  };
  // socketcall(2) and ipc(2) stand for others, whose arguments can't be seen: an allow that tests
  // them does not hold there, a deny does.
  const auto stands_for_others = [](uint32_t arch, uint32_t number) {
    return arch == AUDIT_ARCH_I386 && (number == 102 || number == 117);
  };
  for (const uint32_t arch :
       {uint32_t{AUDIT_ARCH_X86_64}, uint32_t{AUDIT_ARCH_I386}, uint32_t{AUDIT_ARCH_AARCH64}}) {
    for (uint32_t number = 0; number < 1024; ++number) {
      if (!stands_for_others(arch, number)) expect_same_answer(arch, number, 0);
      expect_same_answer(arch, number | kX32, 0);
    }
    expect_same_answer(arch, UINT32_MAX, 0);
  }
  for (uint64_t part = 0; verdict == Verdict::Deny && part < 64; ++part) {
    expect_same_answer(AUDIT_ARCH_I386, 102, part);
    expect_same_answer(AUDIT_ARCH_I386, 117, part);
  }
}

TEST(seccomp_oracle, knows_each_call_by_the_same_number) {
  const std::vector<std::string> names = all_names();
  ASSERT_GT(names.size(), 300U);
  for (size_t first = 0; first < names.size(); first += kMostCalls) {
    const auto begin = names.begin() + static_cast<long>(first);
    const auto end = names.begin() + static_cast<long>(std::min(first + kMostCalls, names.size()));
    expect_same({begin, end}, Verdict::Allow, kTokens.size());
    expect_same({begin, end}, Verdict::Deny, kTokens.size());
  }
}

TEST(seccomp_oracle, agrees_on_any_choice_of_calls_and_abis) {
  std::mt19937 random(1);  // NOLINT(cert-msc51-cpp): the same choices every time
  std::vector<std::string> names = all_names();
  for (int run = 0; run < 12; ++run) {
    std::shuffle(names.begin(), names.end(), random);
    const std::vector<std::string> chosen(names.begin(),
                                          names.begin() + static_cast<long>(random() % kMostCalls));
    expect_same(chosen, run % 2 == 0 ? Verdict::Allow : Verdict::Deny,
                1 + static_cast<size_t>(run) % 3);
  }
}

}  // namespace
}  // namespace wolffia::launch
#endif
