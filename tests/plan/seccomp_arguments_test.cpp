// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <fstream>
#include <set>

#include "plan/seccomp.hpp"

namespace wolffia::plan {
namespace {

TEST(seccomp_arguments, an_ioctl_request_has_32_bits) {
  EXPECT_EQ(argument_bits("ioctl", 0, Abi::Wide), 32U);
  EXPECT_EQ(argument_bits("ioctl", 1, Abi::Wide), 32U);
  EXPECT_EQ(argument_bits("ioctl", 2, Abi::Wide), 64U);
}

TEST(seccomp_arguments, a_mode_has_16_bits) {
  EXPECT_EQ(argument_bits("chmod", 1, Abi::Wide), 16U);
  EXPECT_EQ(argument_bits("chmod", 1, Abi::Narrow), 16U);
}

TEST(seccomp_arguments, an_unknown_call_has_whole_registers) {
  EXPECT_EQ(argument_bits("no_such_call", 0, Abi::Wide), 64U);
  EXPECT_EQ(argument_bits("no_such_call", 0, Abi::Narrow), 32U);
}

TEST(seccomp_arguments, old_id_calls_of_old_abis_take_16_bits) {
  EXPECT_EQ(argument_bits("setuid", 0, Abi::Uid16), 16U);
  EXPECT_EQ(argument_bits("setuid", 0, Abi::Narrow), 32U);
  EXPECT_EQ(argument_bits("setuid32", 0, Abi::Uid16), 32U);
  EXPECT_EQ(argument_bits("setuid", 0, Abi::Wide), 32U);
}

unsigned declared_bits(const std::string& type) {
  static const std::set<std::string> words = {
      "pointer", "unsigned long", "long",          "size_t",          "loff_t",
      "off_t",   "__u64",         "aio_context_t", "cap_user_data_t", "cap_user_header_t"};
  if (type == "umode_t") return 16;
  return words.contains(type) ? 64 : 32;
}

// Longs of which the kernel uses the low half only, or which make the call fail where they have
// a high one: the reasons stand in seccomp_arguments.cpp.
const std::set<std::string> kLowHalfOfLong = {
    "clone 0",    "unshare 0", "mmap 2",     "mmap 3",   "mmap 4",   "mremap 3",
    "mprotect 2", "mount 3",   "mbind 2",    "readv 0",  "writev 0", "preadv 0",
    "pwritev 0",  "preadv2 0", "pwritev2 0", "ptrace 0", "ptrace 1",
};

TEST(seccomp_arguments, are_what_the_kernel_declares) {
  std::ifstream declarations(WOLFFIA_TEST_DATA "/seccomp/declarations.txt");
  size_t calls = 0;
  for (std::string line; std::getline(declarations, line);) {
    if (line.starts_with('#')) continue;
    const std::string name = line.substr(0, line.find(':'));
    std::string types = line.substr(line.find(':') + 1);
    ++calls;
    for (uint32_t index = 0; types.size() > 1; ++index) {
      const size_t end = std::min(types.find(','), types.size());
      const std::string type = types.substr(1, end - 1);
      types.erase(0, end + 1);
      const bool low_half = kLowHalfOfLong.contains(cat(name, " ", index));
      EXPECT_EQ(argument_bits(name, index, Abi::Wide), low_half ? 32U : declared_bits(type))
          << name << " " << index << ": " << type;
      if (types.empty()) break;
    }
  }
  EXPECT_EQ(calls, 358U);
}

}  // namespace
}  // namespace wolffia::plan
