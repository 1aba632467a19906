// SPDX-License-Identifier: Apache-2.0
#include "cli/user/owners/call.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <linux/audit.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>

namespace wolffia::cli::user::owners {
namespace {

#if defined(__x86_64__)
constexpr uint32_t kOurs = AUDIT_ARCH_X86_64;
#else
constexpr uint32_t kOurs = AUDIT_ARCH_AARCH64;
#endif

constexpr uint64_t kPath = 0x7fff00001234;
constexpr uint64_t kHere = static_cast<uint64_t>(AT_FDCWD);

std::optional<Call> read(int call, std::array<uint64_t, 6> arguments,
                         uint32_t architecture = kOurs) {
  return read_call(
      {.id = 1, .thread = 2, .call = call, .architecture = architecture, .arguments = arguments});
}

TEST(owners_call, is_of_a_path_below_a_directory) {
  const Call call = read(SYS_fchownat, {5, kPath, 7, 8, 0}).value();
  EXPECT_EQ(call.kind, Call::Kind::OwnerOfPath);
  EXPECT_EQ(call.directory, 5);
  EXPECT_EQ(call.path, kPath);
  EXPECT_EQ(call.uid, 7U);
  EXPECT_EQ(call.gid, 8U);
  EXPECT_TRUE(call.follows);
  EXPECT_FALSE(call.may_be_empty);
}

TEST(owners_call, flags_say_how_the_path_is_meant) {
  const Call link = read(SYS_fchownat, {kHere, kPath, 7, 8, AT_SYMLINK_NOFOLLOW}).value();
  EXPECT_EQ(link.directory, AT_FDCWD);
  EXPECT_FALSE(link.follows);
  EXPECT_TRUE(read(SYS_fchownat, {5, kPath, 7, 8, AT_EMPTY_PATH})->may_be_empty);
  EXPECT_FALSE(read(SYS_fchownat, {5, kPath, 7, 8, 0x1}));  // the kernel refuses it
}

TEST(owners_call, numbers_are_as_wide_as_the_kernels) {
  const uint64_t as_it_is = 0xffff'ffff'ffff'ffff;
  const Call call = read(SYS_fchown, {0xffff'0000'0000'0003, as_it_is, 0x1'0000'0009}).value();
  EXPECT_EQ(call.kind, Call::Kind::OwnerOfDescriptor);
  EXPECT_EQ(call.directory, 3);
  EXPECT_EQ(call.uid, UINT32_MAX);
  EXPECT_EQ(call.gid, 9U);
}

TEST(owners_call, a_device_has_a_mode_and_a_number) {
  const Call call = read(SYS_mknodat, {kHere, kPath, S_IFBLK | 0660, makedev(8, 1)}).value();
  EXPECT_EQ(call.kind, Call::Kind::Device);
  EXPECT_EQ(call.mode, S_IFBLK | 0660U);
  EXPECT_EQ(call.device, makedev(8, 1));
  EXPECT_FALSE(call.follows);
}

#ifdef SYS_chown
TEST(owners_call, older_calls_start_at_the_working_directory) {
  const Call call = read(SYS_chown, {kPath, 7, 8}).value();
  EXPECT_EQ(call.directory, AT_FDCWD);
  EXPECT_EQ(call.path, kPath);
  EXPECT_EQ(call.uid, 7U);
  EXPECT_TRUE(call.follows);
  EXPECT_FALSE(read(SYS_lchown, {kPath, 7, 8})->follows);
  EXPECT_EQ(read(SYS_mknod, {kPath, S_IFCHR | 0600, makedev(1, 3)})->device, makedev(1, 3));
}
#endif

TEST(owners_call, others_are_none_of_ours) {
  EXPECT_FALSE(read(SYS_openat, {kHere, kPath}));
  EXPECT_FALSE(read(SYS_fchown, {3, 7, 8}, AUDIT_ARCH_I386));
}

TEST(owners_call, fifos_and_files_are_made_without_a_word) {
  for (const oci::SeccompRule& rule : notifying_rules()) {
    const bool makes = rule.names.front().starts_with("mknod");
    ASSERT_EQ(rule.args.size(), makes ? 1U : 0U);
    if (!makes) continue;
    EXPECT_EQ(rule.args.front().value, uint64_t{S_IFMT});
    EXPECT_TRUE(rule.args.front().value_two == S_IFCHR || rule.args.front().value_two == S_IFBLK);
  }
}

}  // namespace
}  // namespace wolffia::cli::user::owners
