// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "oci/runtime_spec.hpp"

/// A bundle's seccomp section in the kernel's own terms: words become numbers, and what the section
/// leaves open is decided. launch::compile_filter() makes a program of it.
namespace wolffia::plan {

/// SCMP_CMP_*, as unsigned numbers.
enum class Compare : uint8_t { Ne, Lt, Le, Eq, Ge, Gt, MaskedEq };

/// `argument[index] & mask` compared with `value`; `mask` is all ones but for MaskedEq.
struct ArgTest {
  uint32_t index;  // 0 to 5
  Compare compare;
  uint64_t value;
  uint64_t mask = UINT64_MAX;
  friend bool operator==(const ArgTest&, const ArgTest&) = default;
};

/// What becomes of the calls `names` when all of `tests` hold; without tests: always.
struct FilterRule {
  std::span<const std::string> names;  // of the section, which must live as long
  uint32_t action;                     // SECCOMP_RET_* with its data
  std::vector<ArgTest> tests;
};

struct FilterPolicy {
  uint32_t default_action;  // SECCOMP_RET_* with its data
  unsigned flags = 0;       // SECCOMP_FILTER_FLAG_* for seccomp(2)
  bool notifies = false;    // a rule's action is SECCOMP_RET_USER_NOTIF: there is a listener
  std::vector<FilterRule> rules;
};

/// Errors: EINVAL, naming the field ("linux.seccomp.syscalls[3].errnoRet …").
/// Source: runtime-spec config-linux.md, "Seccomp". Where an entry tests one argument twice each
/// of its tests becomes a rule of its own, as libseccomp's limits made every runtime do.
Result<FilterPolicy> read_policy(const oci::Seccomp& section);

/// What the kernel has to take for the flag `name` of a section; 0: no such flag.
unsigned flags_for(std::string_view name);

/// Lower is stricter, in the kernel's order of actions. Source: seccomp(2), "Return value".
constexpr int32_t permissiveness(uint32_t action) {
  return static_cast<int32_t>(action & 0xffff0000U);
}

/// That `section` lets the program be started: under a filter that denies execve(2) we could not
/// even say so. Errors: EINVAL.
Result<void> check_execve(const oci::Seccomp& section);

/// The call still happens: allow, log, and trace, whose tracer decides.
bool lets_happen(uint32_t action);

/// How an architecture passes arguments.
enum class Abi : uint8_t {
  Wide,    // in 64-bit registers; x32 too
  Narrow,  // in 32-bit registers
  Uid16,   // in 32-bit registers, and chown(2) and its kin take 16-bit ids: x86, arm, s390
};

/// How many low bits of argument `index` of the system call `name` the kernel looks at: 16, 32 or
/// 64. A test of the whole register misses a call with dirty high bits (CVE-2019-10063).
unsigned argument_bits(std::string_view name, uint32_t index, Abi abi);

}  // namespace wolffia::plan
