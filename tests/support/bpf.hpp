// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <linux/bpf_common.h>
#include <linux/filter.h>
#include <linux/seccomp.h>

#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <string>

/// Classic BPF as seccomp(2) runs it, to ask a filter about calls that nobody could try.
namespace wolffia::test {

/// Why the kernel would refuse `program`; empty where it would not. The rules of
/// bpf_check_classic() in net/core/filter.c and seccomp_check_filter() in kernel/seccomp.c.
inline std::string flaw(std::span<const sock_filter> program) {
  if (program.empty() || program.size() > BPF_MAXINSNS) return "length";
  for (size_t i = 0; i < program.size(); ++i) {
    const sock_filter& at = program[i];
    const size_t left = program.size() - i - 1;
    const std::string where = " at " + std::to_string(i);
    switch (at.code) {
      case BPF_LD | BPF_W | BPF_ABS:
        if (at.k % 4 != 0 || at.k >= sizeof(seccomp_data)) return "load" + where;
        break;
      case BPF_ALU | BPF_AND | BPF_K:
      case BPF_RET | BPF_K:
        break;
      case BPF_JMP | BPF_JA:
        if (at.k >= left) return "jump" + where;
        break;
      case BPF_JMP | BPF_JEQ | BPF_K:
      case BPF_JMP | BPF_JGE | BPF_K:
      case BPF_JMP | BPF_JGT | BPF_K:
      case BPF_JMP | BPF_JSET | BPF_K:
        if (at.jt >= left || at.jf >= left) return "branch" + where;
        break;
      default:
        return "instruction" + where;
    }
  }
  if (BPF_CLASS(program.back().code) != BPF_RET) return "falls off its end";
  return {};
}

/// What `program`, which has no flaw(), answers to `call`.
inline uint32_t run(std::span<const sock_filter> program, const seccomp_data& call) {
  uint32_t a = 0;
  for (size_t pc = 0;; ++pc) {
    const sock_filter& at = program[pc];
    bool taken = false;
    switch (at.code) {
      case BPF_LD | BPF_W | BPF_ABS:
        std::memcpy(&a, reinterpret_cast<const char*>(&call) + at.k, sizeof a);
        continue;
      case BPF_ALU | BPF_AND | BPF_K:
        a &= at.k;
        continue;
      case BPF_RET | BPF_K:
        return at.k;
      case BPF_JMP | BPF_JA:
        pc += at.k;
        continue;
      case BPF_JMP | BPF_JEQ | BPF_K:
        taken = a == at.k;
        break;
      case BPF_JMP | BPF_JGE | BPF_K:
        taken = a >= at.k;
        break;
      case BPF_JMP | BPF_JGT | BPF_K:
        taken = a > at.k;
        break;
      default:
        taken = (a & at.k) != 0;
        break;
    }
    pc += taken ? at.jt : at.jf;
  }
}

}  // namespace wolffia::test
