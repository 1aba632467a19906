// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "plan/seccomp.hpp"

/// What filters must know of the kernel's ABIs, as tables.
namespace wolffia::launch {

struct AbiFacts {
  std::string_view name;  // SCMP_ARCH_*
  uint32_t token;         // libseccomp's
  uint32_t audit_arch;    // the kernel's AUDIT_ARCH_*
  plan::Abi width;
  uint32_t first_number = 0;  // where the system calls of all architectures start
  bool x32 = false;
  uint32_t private_numbers = UINT32_MAX;  // the architecture's own from here on
  uint32_t first_socket = 326;            // lowest number of what socketcall(2) stands for
};

/// Null for a name that is not the specification's.
const AbiFacts* find_abi(std::string_view name);
const AbiFacts* find_abi(uint32_t token);

/// The number, from AbiFacts::first_number on, of a system call of Linux 5.18 to 6.18.
std::optional<uint32_t> newer_call(std::string_view name);

/// A system call that takes the number of another as its first argument.
struct Multiplexed {
  std::string_view name;
  uint32_t value;
};
struct Multiplexer {
  std::string_view name;
  unsigned bits;  // of the first argument that name the call
  std::span<const Multiplexed> calls;
};
std::span<const Multiplexer> multiplexers();

}  // namespace wolffia::launch
