// SPDX-License-Identifier: Apache-2.0
#include "launch/seccomp_prologue.hpp"

#include <linux/audit.h>
#include <linux/seccomp.h>

#include <algorithm>
#include <bit>
#include <cerrno>
#include <cstddef>

namespace wolffia::launch {
namespace {

using Code = std::vector<sock_filter>;

// Classic BPF jumps forward only, by an 8-bit count where it is conditional. So code is put
// together from its end: what a jump skips is there, and counted, before the jump is written.

sock_filter statement(unsigned code, uint32_t k) {
  return {.code = static_cast<uint16_t>(code), .jt = 0, .jf = 0, .k = k};
}

sock_filter load(size_t offset) {
  return statement(BPF_LD | BPF_W | BPF_ABS, static_cast<uint32_t>(offset));
}

sock_filter answer(uint32_t action) {
  return statement(BPF_RET | BPF_K, action);
}

/// Which way a comparison leads: on to the next instruction, or over `over` of them.
struct Branch {
  unsigned compare;  // BPF_JEQ, BPF_JGT, BPF_JGE
  uint32_t value;
  uint8_t over_if_true = 0;
  uint8_t over_if_false = 0;
};

sock_filter jump(const Branch& branch) {
  return {.code = static_cast<uint16_t>(BPF_JMP | branch.compare | BPF_K),
          .jt = branch.over_if_true,
          .jf = branch.over_if_false,
          .k = branch.value};
}

uint32_t size_of(const Code& code) {
  return static_cast<uint32_t>(code.size());
}

void append(Code& code, const Code& more) {
  code.insert(code.end(), more.begin(), more.end());
}

/// `body`, which is entered only where the accumulator compares true.
Code when(unsigned compare, uint32_t value, const Code& body) {
  Code code;
  if (body.size() <= UINT8_MAX) {
    code.push_back(jump({compare, value, 0, static_cast<uint8_t>(body.size())}));
  } else {
    code.push_back(jump({compare, value, 1, 0}));
    code.push_back(statement(BPF_JMP | BPF_JA, size_of(body)));
  }
  append(code, body);
  return code;
}

/// The two halves of a 64-bit argument in seccomp_data, which has the machine's byte order.
struct Halves {
  size_t low, high;
};
Halves argument(uint32_t index) {
  constexpr bool kLittle = std::endian::native == std::endian::little;
  const size_t start = offsetof(seccomp_data, args) + index * sizeof(uint64_t);
  return {start + (kLittle ? 0 : 4), start + (kLittle ? 4 : 0)};
}

uint32_t low(uint64_t value) {
  return static_cast<uint32_t>(value);
}
uint32_t high(uint64_t value) {
  return static_cast<uint32_t>(value >> 32);
}

/// One comparison of two unsigned numbers, and whether it is turned around: a < b is not a >= b.
struct Relation {
  unsigned compare;
  bool negated;
};
Relation relation(plan::Compare compare) {
  switch (compare) {
    case plan::Compare::Eq:
    case plan::Compare::MaskedEq:
      return {BPF_JEQ, false};
    case plan::Compare::Ne:
      return {BPF_JEQ, true};
    case plan::Compare::Gt:
      return {BPF_JGT, false};
    case plan::Compare::Le:
      return {BPF_JGT, true};
    case plan::Compare::Ge:
      return {BPF_JGE, false};
    case plan::Compare::Lt:
      return {BPF_JGE, true};
  }
  __builtin_unreachable();
}

/// A jump that goes on where the relation holds, and else over `miss` instructions.
sock_filter require(const Relation& relation, uint32_t value, size_t miss) {
  const auto over = static_cast<uint8_t>(miss);
  return relation.negated ? jump({relation.compare, value, over, 0})
                          : jump({relation.compare, value, 0, over});
}

void load_masked(Code& code, size_t offset, uint32_t mask) {
  code.push_back(load(offset));
  if (mask != UINT32_MAX) code.push_back(statement(BPF_ALU | BPF_AND | BPF_K, mask));
}

/// A test of an argument that fits 32 bits; `miss` instructions after it are skipped if it fails.
Code test_narrow(const plan::ArgTest& test, size_t miss) {
  Code code;
  load_masked(code, argument(test.index).low, low(test.mask));
  code.push_back(require(relation(test.compare), low(test.value), miss));
  return code;
}

/// (argument & mask) == value in 64 bits. A half that is masked out need not be looked at.
Code test_masked(const plan::ArgTest& test, size_t miss) {
  const Halves at = argument(test.index);
  Code second;
  if (low(test.mask) != 0 || low(test.value) != 0) {
    load_masked(second, at.low, low(test.mask));
    second.push_back(require({BPF_JEQ, false}, low(test.value), miss));
  }
  if (high(test.mask) == 0 && high(test.value) == 0) return second;
  Code code;
  load_masked(code, at.high, high(test.mask));
  code.push_back(require({BPF_JEQ, false}, high(test.value), second.size() + miss));
  append(code, second);
  return code;
}

/// An ordering, or its negation, in 64 bits: the high halves decide unless they are equal.
Code test_wide(const plan::ArgTest& test, size_t miss) {
  const Halves at = argument(test.index);
  const Relation with = relation(test.compare);
  const Code second = {load(at.low), require(with, low(test.value), miss)};
  const auto hit = static_cast<uint8_t>(second.size());  // past the low half: it holds
  const auto missed = static_cast<uint8_t>(hit + miss);  // past the rule: it fails
  // For != there is no "greater": unequal high halves of either kind make it hold.
  if (with.compare == BPF_JEQ) {
    Code code = {load(at.high), jump({BPF_JEQ, high(test.value), 0, with.negated ? hit : missed})};
    append(code, second);
    return code;
  }
  Code code = {
      load(at.high),
      jump({BPF_JGT, high(test.value), static_cast<uint8_t>((with.negated ? missed : hit) + 1), 0}),
      jump({BPF_JEQ, high(test.value), 0, with.negated ? hit : missed})};
  append(code, second);
  return code;
}

/// What the kernel's cut of an argument to its low bits makes of a test.
enum class Cut : uint8_t { Never, Always, Test };

/// Whether `test` compares with a number that `bits` bits can hold; -1 may be written in 32 or in
/// 64 bits and means the same.
bool can_equal(const plan::ArgTest& test, unsigned bits) {
  const uint64_t beyond = UINT64_MAX << bits;
  if ((test.value & ~test.mask) != 0) return false;
  if ((test.value & beyond) == 0) return true;
  const bool negative = ((test.value >> (bits - 1)) & 1) != 0;
  const uint64_t ones = test.mask & beyond;
  return negative &&
         ((test.value & beyond) == ones || (test.value & beyond) == (ones & UINT32_MAX));
}

/// Turns `test` into one of the low `bits` bits, as the kernel will take the argument.
Cut cut(plan::ArgTest& test, unsigned bits) {
  if (bits == 64) return Cut::Test;
  const uint64_t width = (uint64_t{1} << bits) - 1;
  const bool too_large = test.value > width;
  switch (test.compare) {
    case plan::Compare::Eq:
    case plan::Compare::MaskedEq:
      if (!can_equal(test, bits)) return Cut::Never;
      break;
    case plan::Compare::Ne:
      if (!can_equal(test, bits)) return Cut::Always;
      break;
    case plan::Compare::Lt:
    case plan::Compare::Le:
      if (too_large) return Cut::Always;
      break;
    case plan::Compare::Gt:
    case plan::Compare::Ge:
      if (too_large) return Cut::Never;
      break;
  }
  test.mask &= width;
  test.value &= width;
  return Cut::Test;
}

Code test_code(const plan::ArgTest& test, unsigned bits, size_t miss) {
  if (bits < 64) return test_narrow(test, miss);
  return test.compare == plan::Compare::MaskedEq ? test_masked(test, miss) : test_wide(test, miss);
}

/// The rule's answer behind its tests; empty when it can never match. At most 6 tests of 5
/// instructions: every jump in it is short.
Code rule_code(const CallRule& rule) {
  Code code = {answer(rule.action)};
  for (auto it = rule.tests.rbegin(); it != rule.tests.rend(); ++it) {
    plan::ArgTest test = it->test;
    const Cut kind = cut(test, it->bits);
    if (kind == Cut::Never) return {};
    if (kind == Cut::Always) continue;
    Code tested = test_code(test, it->bits, code.size());
    append(tested, code);
    code = std::move(tested);
  }
  return code;
}

/// Entered with the call's number in the accumulator, and left so.
Code call_code(const CallRules& call) {
  Code body;
  for (const CallRule& rule : call.rules)
    append(body, rule_code(rule));
  body.push_back(call.otherwise ? answer(*call.otherwise) : load(offsetof(seccomp_data, nr)));
  return when(BPF_JEQ, call.number, body);
}

/// Entered with the call's number in the accumulator.
Code abi_code(const AbiRules& abi) {
  Code code;
  if (abi.newest) {
    const Code unknown = {answer(SECCOMP_RET_ERRNO | ENOSYS)};
    Code above = unknown;
    if (abi.private_numbers != UINT32_MAX) {
      above = {jump({BPF_JGE, abi.private_numbers, 1, 0})};
      append(above, unknown);
    }
    append(code, when(BPF_JGT, *abi.newest, above));
  }
  for (const CallRules& call : abi.calls)
    append(code, call_code(call));
  return code;
}

/// The parts of all ABIs that share `audit_arch`, entered with the number in the accumulator.
Code arch_code(std::span<const AbiRules> abis, uint32_t audit_arch) {
  Code native, x32;
  for (const AbiRules& abi : abis) {
    if (abi.audit_arch == audit_arch) (abi.x32 ? x32 : native) = abi_code(abi);
  }
  if (audit_arch != AUDIT_ARCH_X86_64 || (native.empty() && x32.empty())) return native;
  // Numbers with the bit are x32's: without rules for it, libseccomp's "bad architecture".
  if (!x32.empty()) native.push_back(statement(BPF_JMP | BPF_JA, size_of(x32)));
  Code code;
  if (native.size() <= UINT8_MAX) {
    code.push_back(jump({BPF_JGE, kX32Bit, static_cast<uint8_t>(native.size()), 0}));
  } else {
    code.push_back(jump({BPF_JGE, kX32Bit, 0, 1}));
    code.push_back(statement(BPF_JMP | BPF_JA, size_of(native)));
  }
  append(code, native);
  append(code, x32);
  return code;
}

}  // namespace

std::vector<sock_filter> build_prologue(std::span<const AbiRules> abis) {
  std::vector<uint32_t> archs;
  for (const AbiRules& abi : abis) {
    if (std::find(archs.begin(), archs.end(), abi.audit_arch) == archs.end())
      archs.push_back(abi.audit_arch);
  }
  Code rest;  // the parts of the architectures behind, which one that matches jumps over
  for (auto arch = archs.rbegin(); arch != archs.rend(); ++arch) {
    Code body = {load(offsetof(seccomp_data, nr))};
    append(body, arch_code(abis, *arch));
    if (body.size() == 1) continue;  // nothing to decide
    if (!rest.empty()) body.push_back(statement(BPF_JMP | BPF_JA, size_of(rest)));
    Code with = when(BPF_JEQ, *arch, body);
    append(with, rest);
    rest = std::move(with);
  }
  if (rest.empty()) return rest;
  Code prologue = {load(offsetof(seccomp_data, arch))};
  append(prologue, rest);
  return prologue;
}

}  // namespace wolffia::launch
