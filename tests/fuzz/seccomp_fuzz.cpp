// SPDX-License-Identifier: Apache-2.0
// Seccomp sections of the specification's words, in any combination. What compiles is good for the
// kernel and answers as the rules read, on each ABI; the reading here is another one than the
// compiler's. No filter is ever loaded. The numbers are x86_64's and i386's.
#include <fuzzer/FuzzedDataProvider.h>
#include <linux/audit.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <optional>
#include <string>

#include "fuzz/require.hpp"
#include "launch/seccomp_filter.hpp"
#include "oci/seccomp_names.hpp"
#include "plan/seccomp.hpp"
#include "support/bpf.hpp"

namespace {

using namespace wolffia;
using fuzz::require;

struct Call {
  const char* name;
  uint32_t native, x32, i386;
};

constexpr uint32_t kX32 = 0x40000000;
constexpr uint32_t kNone = UINT32_MAX;  // the ABI has no such call
constexpr std::array kCalls = std::to_array<Call>({
    {"read", 0, kX32 | 0, 3},
    {"lseek", 8, kX32 | 8, 19},
    {"mmap", 9, kX32 | 9, 90},
    {"ioctl", 16, kX32 | 514, 54},
    {"socket", 41, kX32 | 41, 359},  // on i386 a part of socketcall(2), too
    {"bind", 49, kX32 | 49, 361},
    {"clone", 56, kX32 | 56, 120},
    {"chmod", 90, kX32 | 90, 15},
    {"setuid", 105, kX32 | 105, 23},  // on i386 it takes 16 bits
    {"setuid32", kNone, kNone, 213},
    {"personality", 135, kX32 | 135, 136},
    {"keyctl", 250, kX32 | 250, 288},
    {"clone3", 435, kX32 | 435, 435},
    {"mseal", 462, kX32 | 462, 462},  // newer than libseccomp
});
constexpr std::array<const char*, 3> kOtherCalls = {"no_such_call", "socketcall", "shmget"};

// SCMP_ACT_NOTIFY needs somebody to answer it, and an errno where the action takes none is refused:
// unit tests have both.
constexpr std::array<std::string_view, 2> kActionsWithErrno = {"SCMP_ACT_ERRNO", "SCMP_ACT_TRACE"};
constexpr std::array<std::string_view, 4> kActions = {"SCMP_ACT_KILL_PROCESS", "SCMP_ACT_TRAP",
                                                      "SCMP_ACT_ALLOW", "SCMP_ACT_LOG"};

void choose_action(FuzzedDataProvider& data, std::string& action, std::optional<uint32_t>& number) {
  if (data.ConsumeBool()) {
    action = data.PickValueInArray(kActions);
    return;
  }
  action = data.PickValueInArray(kActionsWithErrno);
  if (data.ConsumeBool()) number = data.ConsumeIntegralInRange(0U, 4095U);
}

/// Any number, small and large ones alike.
uint64_t any_number(FuzzedDataProvider& data) {
  const int bits_off = data.ConsumeIntegralInRange(0, 63);
  const uint64_t number = data.ConsumeIntegral<uint64_t>() >> bits_off;
  return data.ConsumeBool() ? ~number : number;
}

oci::SeccompRule make_rule(FuzzedDataProvider& data) {
  oci::SeccompRule rule;
  for (int i = data.ConsumeIntegralInRange(1, 3); i > 0; --i) {
    const auto which =
        data.ConsumeIntegralInRange<size_t>(0, kCalls.size() + kOtherCalls.size() - 1);
    const bool known = which < kCalls.size();
    rule.names.emplace_back(known ? kCalls[which].name : kOtherCalls[which - kCalls.size()]);
  }
  choose_action(data, rule.action, rule.errno_ret);
  for (int i = data.ConsumeIntegralInRange(0, 4); i > 0; --i) {
    const auto index = data.ConsumeIntegralInRange(0U, 5U);
    const uint64_t value = any_number(data);
    const uint64_t second = any_number(data);
    rule.args.push_back(
        {index, value, second, std::string(data.PickValueInArray(oci::kSeccompOperators))});
  }
  return rule;
}

oci::Seccomp make_section(FuzzedDataProvider& data) {
  oci::Seccomp section;
  choose_action(data, section.default_action, section.default_errno_ret);
  for (int i = data.ConsumeIntegralInRange(0, 4); i > 0; --i)
    section.architectures.emplace_back(data.PickValueInArray(oci::kSeccompArchitectures));
  for (int i = data.ConsumeIntegralInRange(0, 12); i > 0; --i)
    section.syscalls.push_back(make_rule(data));
  return section;
}

bool names(const oci::Seccomp& section, const std::string& call) {
  return std::any_of(
      section.syscalls.begin(), section.syscalls.end(), [&](const oci::SeccompRule& rule) {
        return std::find(rule.names.begin(), rule.names.end(), call) != rule.names.end();
      });
}

bool lists(const oci::Seccomp& section, std::string_view architecture) {
  const auto& listed = section.architectures;
  return std::find(listed.begin(), listed.end(), architecture) != listed.end();
}

/// Does the test hold, both sides being what the kernel makes of them?
bool holds(const plan::ArgTest& test, uint64_t argument, unsigned bits) {
  const uint64_t width = bits == 64 ? UINT64_MAX : (uint64_t{1} << bits) - 1;
  const uint64_t seen = argument & width;
  switch (test.compare) {
    case plan::Compare::Lt:
      return seen < test.value;
    case plan::Compare::Le:
      return seen <= test.value;
    case plan::Compare::Ge:
      return seen >= test.value;
    case plan::Compare::Gt:
      return seen > test.value;
    default:
      break;
  }
  // A negative number may be written in its own width, in 32 bits or in 64.
  const bool negative = (test.value >> (bits - 1) & 1) != 0;
  const uint64_t in_64 = negative ? seen | ~width : seen;
  const uint64_t in_32 = negative && bits < 32 ? seen | (~width & UINT32_MAX) : seen;
  const bool equal = (seen & test.mask) == test.value || (in_64 & test.mask) == test.value ||
                     (in_32 & test.mask) == test.value;
  return (test.compare == plan::Compare::Ne) != equal;
}

bool stricter(uint32_t a, uint32_t b) {
  return plan::permissiveness(a) < plan::permissiveness(b);
}

/// What the rules say of a call with the arguments of `data`, read from first to last.
uint32_t read_rules(const plan::FilterPolicy& policy, const Call& call, const seccomp_data& data) {
  const plan::Abi abi = data.arch == AUDIT_ARCH_I386 ? plan::Abi::Uid16 : plan::Abi::Wide;
  std::optional<uint32_t> always, matched;
  for (const plan::FilterRule& rule : policy.rules) {
    if (std::find(rule.names.begin(), rule.names.end(), call.name) == rule.names.end()) continue;
    if (rule.tests.empty()) {
      if (!always && rule.action != policy.default_action) always = rule.action;
      continue;
    }
    const bool all =
        std::all_of(rule.tests.begin(), rule.tests.end(), [&](const plan::ArgTest& test) {
          return holds(test, data.args[test.index],
                       plan::argument_bits(call.name, test.index, abi));
        });
    if (all && (!matched || stricter(rule.action, *matched))) matched = rule.action;
  }
  if (!always) return matched.value_or(policy.default_action);
  return matched && stricter(*matched, *always) ? *matched : *always;
}

/// One call on one ABI: the filter's answer, and what the section says.
void check_call(const oci::Seccomp& section, const launch::Filter& filter, const Call& call,
                const seccomp_data& made) {
  const uint32_t answered = test::run(filter.program, made);
  // A call that nobody names may be newer than those named.
  if (!names(section, call.name) && answered == (SECCOMP_RET_ERRNO | ENOSYS)) return;
  const plan::FilterPolicy policy = plan::read_policy(section).value();
  const uint32_t expected = read_rules(policy, call, made);
  if (answered == expected) return;
  std::fprintf(stderr, "%s of %#x, number %d, should be %#x and is %#x\n", call.name, made.arch,
               made.nr, expected, answered);
  std::abort();
}

/// A call on every ABI; one that is not listed is killed.
void check_abis(const oci::Seccomp& section, const launch::Filter& filter, const Call& call,
                const std::array<uint64_t, 6>& arguments) {
  struct Abi {
    uint32_t arch, number;
    bool listed;
  };
  for (const Abi& abi : {Abi{AUDIT_ARCH_X86_64, call.native, true},
                         Abi{AUDIT_ARCH_X86_64, call.x32, lists(section, "SCMP_ARCH_X32")},
                         Abi{AUDIT_ARCH_I386, call.i386, lists(section, "SCMP_ARCH_X86")}}) {
    if (abi.number == kNone) continue;
    seccomp_data made{
        .nr = static_cast<int>(abi.number), .arch = abi.arch, .instruction_pointer = 0, .args = {}};
    std::copy(arguments.begin(), arguments.end(), made.args);
    if (abi.listed) {
      check_call(section, filter, call, made);
    } else {
      require(test::run(filter.program, made) == SECCOMP_RET_KILL_THREAD);
    }
  }
}

}  // namespace

int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t size) {
  FuzzedDataProvider data(bytes, size);
  const oci::Seccomp section = make_section(data);
  const Result<launch::Filter> filter = launch::compile_filter(section);
  if (!filter) {
    fuzz::require_sentence(filter.error());
    return 0;
  }
  if (const std::string why = test::flaw(filter->program); !why.empty()) {
    std::fprintf(stderr, "the kernel would refuse it: %s\n", why.c_str());
    std::abort();
  }
  for (const Call& call : kCalls) {
    std::array<uint64_t, 6> arguments{};
    for (uint64_t& argument : arguments)
      argument = any_number(data);
    check_abis(section, *filter, call, arguments);
  }
  return 0;
}
