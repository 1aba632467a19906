// SPDX-License-Identifier: Apache-2.0
#include "launch/seccomp_prologue.hpp"

#include <gtest/gtest.h>
#include <linux/audit.h>

#include <array>

#include "support/bpf.hpp"

namespace wolffia::launch {
namespace {

using plan::Compare;
using test::run;

constexpr uint32_t kFellThrough = SECCOMP_RET_TRAP | 77;  // stands for libseccomp's program
constexpr uint32_t kDeny = SECCOMP_RET_ERRNO | 13;
constexpr uint32_t kUnknown = SECCOMP_RET_ERRNO | ENOSYS;

/// The prologue of `abis` with an end, checked as the kernel checks it.
std::vector<sock_filter> program(std::span<const AbiRules> abis) {
  std::vector<sock_filter> code = build_prologue(abis);
  code.push_back(BPF_STMT(BPF_RET | BPF_K, kFellThrough));
  EXPECT_EQ(test::flaw(code), "");
  return code;
}
std::vector<sock_filter> program(const AbiRules& abi) {
  return program(std::array{abi});
}

seccomp_data call(uint32_t number, uint32_t arch = AUDIT_ARCH_X86_64) {
  return {.nr = static_cast<int>(number), .arch = arch, .instruction_pointer = 0, .args = {}};
}

AbiRules x86_64(std::vector<CallRules> calls = {}) {
  return {.audit_arch = AUDIT_ARCH_X86_64, .x32 = false, .newest = {}, .calls = std::move(calls)};
}

TEST(seccomp_prologue, is_nothing_where_nothing_is_to_decide) {
  EXPECT_TRUE(build_prologue({}).empty());
  EXPECT_TRUE(build_prologue(std::array{x86_64()}).empty());
}

TEST(seccomp_prologue, answers_enosys_above_the_newest_call_of_each_abi) {
  AbiRules native = x86_64();
  native.newest = 450;
  const AbiRules x32{
      .audit_arch = AUDIT_ARCH_X86_64, .x32 = true, .newest = kX32Bit + 547, .calls = {}};
  const AbiRules i386{.audit_arch = AUDIT_ARCH_I386, .newest = 448, .calls = {}};
  const auto code = program(std::array{native, i386, x32});
  for (uint32_t number = 0; number < 1200; ++number) {
    EXPECT_EQ(run(code, call(number)), number > 450 ? kUnknown : kFellThrough);
    EXPECT_EQ(run(code, call(number, AUDIT_ARCH_I386)), number > 448 ? kUnknown : kFellThrough);
    EXPECT_EQ(run(code, call(kX32Bit + number)), number > 547 ? kUnknown : kFellThrough);
    EXPECT_EQ(run(code, call(number, AUDIT_ARCH_AARCH64)), kFellThrough);
  }
}

TEST(seccomp_prologue, leaves_x32_numbers_alone_without_x32) {
  AbiRules native = x86_64();
  native.newest = 450;
  const auto code = program(native);
  EXPECT_EQ(run(code, call(451)), kUnknown);
  EXPECT_EQ(run(code, call(kX32Bit - 1)), kUnknown);
  EXPECT_EQ(run(code, call(kX32Bit)), kFellThrough);
  EXPECT_EQ(run(code, call(kX32Bit + 10000)), kFellThrough);
  EXPECT_EQ(run(code, call(UINT32_MAX)), kFellThrough);
}

TEST(seccomp_prologue, takes_an_architectures_private_numbers_for_old) {
  const AbiRules arm{
      .audit_arch = AUDIT_ARCH_ARM, .newest = 440, .private_numbers = 0xf0000, .calls = {}};
  const auto code = program(arm);
  EXPECT_EQ(run(code, call(441, AUDIT_ARCH_ARM)), kUnknown);
  EXPECT_EQ(run(code, call(0xeffff, AUDIT_ARCH_ARM)), kUnknown);
  EXPECT_EQ(run(code, call(0xf0002, AUDIT_ARCH_ARM)), kFellThrough);
}

TEST(seccomp_prologue, takes_the_first_rule_that_matches_then_the_answer_for_the_rest) {
  const CallTest is_one{{.index = 0, .compare = Compare::Eq, .value = 1}, 64};
  const CallTest above_zero{{.index = 0, .compare = Compare::Gt, .value = 0}, 64};
  const auto code =
      program(x86_64({{16,
                       {{{is_one}, SECCOMP_RET_ERRNO | 1}, {{above_zero}, SECCOMP_RET_ERRNO | 2}},
                       SECCOMP_RET_ALLOW}}));
  seccomp_data ioctl = call(16);
  EXPECT_EQ(run(code, ioctl), SECCOMP_RET_ALLOW);
  ioctl.args[0] = 1;
  EXPECT_EQ(run(code, ioctl), SECCOMP_RET_ERRNO | 1);
  ioctl.args[0] = 2;
  EXPECT_EQ(run(code, ioctl), SECCOMP_RET_ERRNO | 2);
  EXPECT_EQ(run(code, call(17)), kFellThrough);
}

TEST(seccomp_prologue, goes_on_with_the_number_after_a_call_that_matched_no_rule) {
  const CallTest is_one{{.index = 0, .compare = Compare::Eq, .value = 1}, 32};
  const auto code = program(x86_64({{102, {{{is_one}, kDeny}}, {}}, {102, {}, SECCOMP_RET_LOG}}));
  EXPECT_EQ(run(code, call(102)), SECCOMP_RET_LOG);
}

TEST(seccomp_prologue, wants_every_test_of_a_rule_to_hold) {
  std::vector<CallTest> tests;
  for (uint32_t index = 0; index < 6; ++index)
    tests.push_back({{.index = index, .compare = Compare::Ge, .value = index + 1}, 64});
  const auto code = program(x86_64({{1, {{tests, kDeny}}, SECCOMP_RET_ALLOW}}));
  seccomp_data data = call(1);
  for (uint32_t index = 0; index < 6; ++index)
    data.args[index] = index + 1;
  EXPECT_EQ(run(code, data), kDeny);
  for (uint32_t index = 0; index < 6; ++index) {
    seccomp_data lacking = data;
    lacking.args[index] = index;
    EXPECT_EQ(run(code, lacking), SECCOMP_RET_ALLOW) << index;
  }
}

TEST(seccomp_prologue, reaches_over_more_than_255_instructions) {
  std::vector<CallRules> calls;
  for (uint32_t number = 0; number < 300; ++number) {
    const CallTest never{{.index = 5, .compare = Compare::Eq, .value = number + 1}, 64};
    calls.push_back({number, {{{never}, kDeny}}, SECCOMP_RET_ERRNO | (number + 1)});
  }
  // One call with a long list of rules of its own.
  CallRules many{300, {}, SECCOMP_RET_ALLOW};
  for (uint32_t value = 0; value < 200; ++value) {
    const CallTest is{{.index = 0, .compare = Compare::Eq, .value = value}, 32};
    many.rules.push_back({{is}, SECCOMP_RET_ERRNO | (value + 1)});
  }
  calls.push_back(many);
  AbiRules native = x86_64(calls);
  AbiRules i386{.audit_arch = AUDIT_ARCH_I386, .newest = 448, .calls = {calls.back()}};
  AbiRules x32{.audit_arch = AUDIT_ARCH_X86_64, .x32 = true, .newest = kX32Bit + 5, .calls = {}};
  const auto code = program(std::array{native, x32, i386});
  for (uint32_t number = 0; number < 300; ++number)
    EXPECT_EQ(run(code, call(number)), SECCOMP_RET_ERRNO | (number + 1));
  EXPECT_EQ(run(code, call(301)), kFellThrough);
  EXPECT_EQ(run(code, call(kX32Bit + 6)), kUnknown);
  EXPECT_EQ(run(code, call(449, AUDIT_ARCH_I386)), kUnknown);
  for (const uint32_t arch : {uint32_t{AUDIT_ARCH_X86_64}, uint32_t{AUDIT_ARCH_I386}}) {
    seccomp_data data = call(300, arch);
    data.args[0] = 199;
    EXPECT_EQ(run(code, data), SECCOMP_RET_ERRNO | 200);
    data.args[0] = 200;
    EXPECT_EQ(run(code, data), SECCOMP_RET_ALLOW);
  }
}

constexpr std::array kCompares = {Compare::Ne, Compare::Lt, Compare::Le,      Compare::Eq,
                                  Compare::Ge, Compare::Gt, Compare::MaskedEq};
constexpr std::array<uint64_t, 17> kNumbers = {
    0,          1,           0x27,        0x28,
    0x29,       0x7fff,      0x8000,      0xffff,
    0x10000,    0x10028,     0x7fffffff,  0x80000000,
    0xffffffff, 0x100000000, 0x100000028, 0xffffffff00000028,
    UINT64_MAX};

bool holds(Compare compare, uint64_t argument, uint64_t mask, uint64_t value) {
  switch (compare) {
    case Compare::Ne:
      return argument != value;
    case Compare::Lt:
      return argument < value;
    case Compare::Le:
      return argument <= value;
    case Compare::Eq:
      return argument == value;
    case Compare::Ge:
      return argument >= value;
    case Compare::Gt:
      return argument > value;
    case Compare::MaskedEq:
      return (argument & mask) == value;
  }
  return false;
}

bool answers(const CallTest& test, uint64_t argument) {
  const auto code = program(x86_64({{16, {{{test}, kDeny}}, SECCOMP_RET_ALLOW}}));
  seccomp_data data = call(16);
  data.args[test.test.index] = argument;
  return run(code, data) == kDeny;
}

TEST(seccomp_prologue, compares_all_64_bits_of_wide_arguments) {
  for (const Compare compare : kCompares)
    for (const uint64_t value : kNumbers)
      for (const uint64_t argument : kNumbers)
        for (const uint64_t mask : kNumbers) {
          const CallTest test{{.index = 3, .compare = compare, .value = value, .mask = mask}, 64};
          EXPECT_EQ(answers(test, argument), holds(compare, argument, mask, value))
              << int(compare) << std::hex << " " << argument << " & " << mask << " " << value;
          if (compare != Compare::MaskedEq) break;
        }
}

TEST(seccomp_prologue, compares_narrow_arguments_as_the_kernel_will_see_them) {
  for (const unsigned bits : {16U, 32U})
    for (const Compare compare : kCompares)
      for (const uint64_t value : kNumbers)
        for (const uint64_t argument : kNumbers) {
          const uint64_t width = (uint64_t{1} << bits) - 1;
          // A value beyond the width can still be meant: a negative one.
          const bool negative = (value & width) >> (bits - 1) != 0 &&
                                (value == (UINT64_MAX << bits | (value & width)) ||
                                 value == ((UINT64_MAX << bits & UINT32_MAX) | (value & width)));
          const bool equality = compare == Compare::Eq || compare == Compare::Ne;
          const uint64_t meant = equality && negative ? value & width : value;
          const CallTest test{{.index = 1, .compare = compare, .value = value}, bits};
          if (compare == Compare::MaskedEq) continue;
          EXPECT_EQ(answers(test, argument), holds(compare, argument & width, 0, meant))
              << bits << " " << int(compare) << std::hex << " " << argument << " " << value;
        }
}

TEST(seccomp_prologue, masks_narrow_arguments_as_the_kernel_will_see_them) {
  for (const uint64_t value : {0x0ULL, 0x28ULL, 0x80000000ULL})
    for (const uint64_t mask : kNumbers)
      for (const uint64_t argument : kNumbers) {
        const CallTest test{
            {.index = 1, .compare = Compare::MaskedEq, .value = value, .mask = mask}, 32};
        EXPECT_EQ(answers(test, argument),
                  holds(Compare::MaskedEq, argument & UINT32_MAX, mask, value))
            << std::hex << argument << " & " << mask << " " << value;
      }
}

TEST(seccomp_prologue, takes_minus_one_in_any_width) {
  for (const uint64_t minus_one : {uint64_t{UINT32_MAX}, UINT64_MAX}) {
    const CallTest test{{.index = 0, .compare = Compare::Eq, .value = minus_one}, 32};
    EXPECT_TRUE(answers(test, UINT32_MAX));
    EXPECT_TRUE(answers(test, UINT64_MAX));
    EXPECT_FALSE(answers(test, 0));
    const CallTest masked{
        {.index = 0, .compare = Compare::MaskedEq, .value = minus_one, .mask = minus_one}, 32};
    EXPECT_TRUE(answers(masked, UINT64_MAX));
  }
}

}  // namespace
}  // namespace wolffia::launch
