// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <linux/filter.h>

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "plan/seccomp.hpp"

/// The part of a filter that we write ourselves and put in front of libseccomp's: what libseccomp
/// cannot say. Pure: numbers in, instructions out.
///
///   if arch is A:
///     if nr is above the newest the profile knows: ENOSYS
///     for each call with rules that test arguments: its rules, the strictest first
///   … the next architecture …
///   libseccomp's program
namespace wolffia::launch {

/// Set in the numbers of x86_64's second ABI. Source: arch/x86/include/uapi/asm/unistd.h.
inline constexpr uint32_t kX32Bit = 0x40000000;

/// A test as the kernel sees the argument: only its low `bits`, 16, 32 or 64.
struct CallTest {
  plan::ArgTest test;
  unsigned bits;
};

struct CallRule {
  std::vector<CallTest> tests;  // all must hold
  uint32_t action;
};

/// What one system call leads to: the first rule that matches.
struct CallRules {
  uint32_t number;
  std::vector<CallRule> rules;
  std::optional<uint32_t> otherwise;  // none: libseccomp's program decides
};

/// One ABI's part. Of two with the same `audit_arch` (x86_64 and x32) one has `x32`.
struct AbiRules {
  uint32_t audit_arch;  // AUDIT_ARCH_*, as seccomp_data has it
  bool x32 = false;
  /// Numbers above answer ENOSYS; none: this stage is left out.
  std::optional<uint32_t> newest;
  /// Numbers from here on are the architecture's own and never new (ARM's 0x0f0000).
  uint32_t private_numbers = UINT32_MAX;
  std::vector<CallRules> calls;
};

/// The prologue for `abis`; it falls off its end where it decides nothing.
std::vector<sock_filter> build_prologue(std::span<const AbiRules> abis);

}  // namespace wolffia::launch
