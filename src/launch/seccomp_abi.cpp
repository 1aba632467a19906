// SPDX-License-Identifier: Apache-2.0
#include "launch/seccomp_abi.hpp"

#include <linux/audit.h>
#include <linux/net.h>

#include <algorithm>
#include <array>

#include "launch/seccomp_prologue.hpp"

// include/uapi/linux/audit.h and linux/elf-em.h; here because older headers lack some.
#ifndef AUDIT_ARCH_LOONGARCH64
#define AUDIT_ARCH_LOONGARCH64 (258 | __AUDIT_ARCH_64BIT | __AUDIT_ARCH_LE)
#endif

namespace wolffia::launch {
namespace {

using plan::Abi;

// libseccomp's name for x32, which the kernel tells from x86_64 by a bit of the number only.
constexpr uint32_t kX32Token = EM_X86_64 | __AUDIT_ARCH_LE;

// runtime-spec config-linux.md, "Seccomp", in its order. libseccomp's tokens are else
// the kernel's.
constexpr std::array kAbis = std::to_array<AbiFacts>({
    {"SCMP_ARCH_X86", AUDIT_ARCH_I386, AUDIT_ARCH_I386, Abi::Uid16},
    {"SCMP_ARCH_X86_64", AUDIT_ARCH_X86_64, AUDIT_ARCH_X86_64, Abi::Wide},
    {"SCMP_ARCH_X32", kX32Token, AUDIT_ARCH_X86_64, Abi::Wide, kX32Bit, true},
    // arch/arm/include/uapi/asm/unistd.h, __ARM_NR_BASE
    {"SCMP_ARCH_ARM", AUDIT_ARCH_ARM, AUDIT_ARCH_ARM, Abi::Uid16, 0, false, 0x0f0000},
    {"SCMP_ARCH_AARCH64", AUDIT_ARCH_AARCH64, AUDIT_ARCH_AARCH64, Abi::Wide},
    {"SCMP_ARCH_MIPS", AUDIT_ARCH_MIPS, AUDIT_ARCH_MIPS, Abi::Narrow, 4000, false, UINT32_MAX,
     4168},
    {"SCMP_ARCH_MIPS64", AUDIT_ARCH_MIPS64, AUDIT_ARCH_MIPS64, Abi::Wide, 5000},
    {"SCMP_ARCH_MIPS64N32", AUDIT_ARCH_MIPS64N32, AUDIT_ARCH_MIPS64N32, Abi::Wide, 6000},
    {"SCMP_ARCH_MIPSEL", AUDIT_ARCH_MIPSEL, AUDIT_ARCH_MIPSEL, Abi::Narrow, 4000, false, UINT32_MAX,
     4168},
    {"SCMP_ARCH_MIPSEL64", AUDIT_ARCH_MIPSEL64, AUDIT_ARCH_MIPSEL64, Abi::Wide, 5000},
    {"SCMP_ARCH_MIPSEL64N32", AUDIT_ARCH_MIPSEL64N32, AUDIT_ARCH_MIPSEL64N32, Abi::Wide, 6000},
    {"SCMP_ARCH_PPC", AUDIT_ARCH_PPC, AUDIT_ARCH_PPC, Abi::Narrow},
    {"SCMP_ARCH_PPC64", AUDIT_ARCH_PPC64, AUDIT_ARCH_PPC64, Abi::Wide},
    {"SCMP_ARCH_PPC64LE", AUDIT_ARCH_PPC64LE, AUDIT_ARCH_PPC64LE, Abi::Wide},
    {"SCMP_ARCH_S390", AUDIT_ARCH_S390, AUDIT_ARCH_S390, Abi::Uid16},
    {"SCMP_ARCH_S390X", AUDIT_ARCH_S390X, AUDIT_ARCH_S390X, Abi::Wide},
    {"SCMP_ARCH_PARISC", AUDIT_ARCH_PARISC, AUDIT_ARCH_PARISC, Abi::Narrow},
    {"SCMP_ARCH_PARISC64", AUDIT_ARCH_PARISC64, AUDIT_ARCH_PARISC64, Abi::Wide},
    {"SCMP_ARCH_RISCV64", AUDIT_ARCH_RISCV64, AUDIT_ARCH_RISCV64, Abi::Wide},
    {"SCMP_ARCH_LOONGARCH64", AUDIT_ARCH_LOONGARCH64, AUDIT_ARCH_LOONGARCH64, Abi::Wide},
});

struct NewerCall {
  std::string_view name;
  uint32_t number;
};
// Linux 5.18 to 6.18, which libseccomp 2.5.4 lacks. Since 5.1 a call has one number everywhere,
// counted from where the ABI's numbers start. Source: include/uapi/asm-generic/unistd.h.
constexpr std::array kNewerCalls = std::to_array<NewerCall>({
    {"cachestat", 451},         {"fchmodat2", 452},        {"map_shadow_stack", 453},
    {"futex_wake", 454},        {"futex_wait", 455},       {"futex_requeue", 456},
    {"statmount", 457},         {"listmount", 458},        {"lsm_get_self_attr", 459},
    {"lsm_set_self_attr", 460}, {"lsm_list_modules", 461}, {"mseal", 462},
    {"setxattrat", 463},        {"getxattrat", 464},       {"listxattrat", 465},
    {"removexattrat", 466},     {"open_tree_attr", 467},   {"file_getattr", 468},
    {"file_setattr", 469},
});

// net/socket.c and include/uapi/linux/net.h
constexpr std::array kSocketCalls = std::to_array<Multiplexed>({
    {"socket", SYS_SOCKET},
    {"bind", SYS_BIND},
    {"connect", SYS_CONNECT},
    {"listen", SYS_LISTEN},
    {"accept", SYS_ACCEPT},
    {"getsockname", SYS_GETSOCKNAME},
    {"getpeername", SYS_GETPEERNAME},
    {"socketpair", SYS_SOCKETPAIR},
    {"send", SYS_SEND},
    {"recv", SYS_RECV},
    {"sendto", SYS_SENDTO},
    {"recvfrom", SYS_RECVFROM},
    {"shutdown", SYS_SHUTDOWN},
    {"setsockopt", SYS_SETSOCKOPT},
    {"getsockopt", SYS_GETSOCKOPT},
    {"sendmsg", SYS_SENDMSG},
    {"recvmsg", SYS_RECVMSG},
    {"accept4", SYS_ACCEPT4},
    {"recvmmsg", SYS_RECVMMSG},
    {"sendmmsg", SYS_SENDMMSG},
});
// include/uapi/linux/ipc.h
constexpr std::array kIpcCalls = std::to_array<Multiplexed>({
    {"semop", 1},
    {"semget", 2},
    {"semctl", 3},
    {"semtimedop", 4},
    {"msgsnd", 11},
    {"msgrcv", 12},
    {"msgget", 13},
    {"msgctl", 14},
    {"shmat", 21},
    {"shmdt", 22},
    {"shmget", 23},
    {"shmctl", 24},
});
constexpr std::array kMultiplexers = std::to_array<Multiplexer>({
    {"socketcall", 32, kSocketCalls},
    {"ipc", 16, kIpcCalls},  // the upper half is a version: ipc/syscall.c
});

}  // namespace

const AbiFacts* find_abi(std::string_view name) {
  const auto row = std::ranges::find(kAbis, name, &AbiFacts::name);
  return row == kAbis.end() ? nullptr : &*row;
}

const AbiFacts* find_abi(uint32_t token) {
  const auto row = std::ranges::find(kAbis, token, &AbiFacts::token);
  return row == kAbis.end() ? nullptr : &*row;
}

std::optional<uint32_t> newer_call(std::string_view name) {
  const auto row = std::ranges::find(kNewerCalls, name, &NewerCall::name);
  if (row == kNewerCalls.end()) return {};
  return row->number;
}

std::span<const Multiplexer> multiplexers() {
  return kMultiplexers;
}

}  // namespace wolffia::launch
