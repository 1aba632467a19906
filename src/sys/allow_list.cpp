// SPDX-License-Identifier: Apache-2.0
#include "sys/allow_list.hpp"

#include <linux/audit.h>
#include <linux/seccomp.h>

#include <cstddef>

#include "sys/seccomp.hpp"

namespace wolffia::sys {
namespace {

#if defined(__x86_64__)
constexpr uint32_t kArchitecture = AUDIT_ARCH_X86_64;
#elif defined(__aarch64__)
constexpr uint32_t kArchitecture = AUDIT_ARCH_AARCH64;
#elif defined(__riscv) && __riscv_xlen == 64
constexpr uint32_t kArchitecture = AUDIT_ARCH_RISCV64;
#elif defined(__powerpc64__) && defined(__LITTLE_ENDIAN__)
constexpr uint32_t kArchitecture = AUDIT_ARCH_PPC64LE;
#else
#error "say here which AUDIT_ARCH this processor is"
#endif

constexpr uint32_t kRefuse = SECCOMP_RET_ERRNO | EPERM;

sock_filter load(size_t offset) {
  return BPF_STMT(BPF_LD | BPF_W | BPF_ABS, static_cast<uint32_t>(offset));
}

sock_filter answer(uint32_t action) {
  return BPF_STMT(BPF_RET | BPF_K, action);
}

sock_filter unless(uint32_t value, size_t skipped) {
  return BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, 0, static_cast<uint8_t>(skipped));
}

constexpr size_t kLowHalf = __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? 0 : 4;

sock_filter load_argument(size_t index, size_t half = kLowHalf) {
  return load(offsetof(seccomp_data, args) + index * sizeof(uint64_t) + half);
}

sock_filter keep_bits(uint32_t bits) {
  return BPF_STMT(BPF_ALU | BPF_AND | BPF_K, bits);
}

}  // namespace

AllowList::AllowList()
    : program_{
          load(offsetof(seccomp_data, arch)),
          BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, kArchitecture, 1, 0),
          answer(SECCOMP_RET_KILL_PROCESS),
          load(offsetof(seccomp_data, nr)),
      } {}

void AllowList::allow(std::span<const int> calls) {
  for (const int call : calls) {
    program_.push_back(unless(static_cast<uint32_t>(call), 1));
    program_.push_back(answer(SECCOMP_RET_ALLOW));
  }
}

void AllowList::add(int call, size_t index, uint32_t mask, uint32_t wanted) {
  const sock_filter rows[] = {
      unless(static_cast<uint32_t>(call), 5),
      load_argument(index),
      keep_bits(mask),
      unless(wanted, 1),
      answer(SECCOMP_RET_ALLOW),
      answer(kRefuse),
  };
  program_.insert(program_.end(), std::begin(rows), std::end(rows));
}

void AllowList::allow_values(int call, size_t index, std::span<const uint32_t> values) {
  program_.push_back(unless(static_cast<uint32_t>(call), 2 + 2 * values.size()));
  program_.push_back(load_argument(index));
  for (const uint32_t value : values) {
    program_.push_back(unless(value, 1));
    program_.push_back(answer(SECCOMP_RET_ALLOW));
  }
  program_.push_back(answer(kRefuse));
}

void AllowList::allow_unless(int call, size_t index, uint32_t value) {
  const sock_filter rows[] = {
      unless(static_cast<uint32_t>(call), 4),
      load_argument(index),
      unless(value, 1),
      answer(kRefuse),
      answer(SECCOMP_RET_ALLOW),
  };
  program_.insert(program_.end(), std::begin(rows), std::end(rows));
}

void AllowList::allow_with_null(int call, size_t index, size_t flags, uint32_t bits) {
  const sock_filter rows[] = {
      unless(static_cast<uint32_t>(call), 9),
      load_argument(index, 0),
      unless(0, 6),
      load_argument(index, 4),
      unless(0, 4),
      load_argument(flags),
      keep_bits(bits),
      unless(0, 1),
      answer(SECCOMP_RET_ALLOW),
      answer(kRefuse),
  };
  program_.insert(program_.end(), std::begin(rows), std::end(rows));
}

void AllowList::allow_with_value(int call, size_t index, uint32_t value, size_t flags,
                                 uint32_t bits) {
  const sock_filter rows[] = {
      unless(static_cast<uint32_t>(call), 7),
      load_argument(index),
      unless(value, 4),
      load_argument(flags),
      keep_bits(bits),
      unless(0, 1),
      answer(SECCOMP_RET_ALLOW),
      answer(kRefuse),
  };
  program_.insert(program_.end(), std::begin(rows), std::end(rows));
}

void AllowList::refuse(int call, int error) {
  program_.push_back(unless(static_cast<uint32_t>(call), 1));
  program_.push_back(answer(SECCOMP_RET_ERRNO | static_cast<uint32_t>(error)));
}

Result<void> AllowList::install(unsigned flags) {
  program_.push_back(answer(kRefuse));
  return install_filter(program_, flags);
}

}  // namespace wolffia::sys
