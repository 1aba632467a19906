// SPDX-License-Identifier: Apache-2.0
#include "cli/user/owners/call.hpp"

#include <fcntl.h>
#include <linux/audit.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include <array>

namespace wolffia::cli::user::owners {
namespace {

#if defined(__x86_64__)
constexpr uint32_t kOurs = AUDIT_ARCH_X86_64;
#elif defined(__aarch64__)
constexpr uint32_t kOurs = AUDIT_ARCH_AARCH64;
#else
constexpr uint32_t kOurs = 0;  // no call is read
#endif

constexpr int kNone = -1;

/// Which argument says what.
struct Row {
  long call;
  Call::Kind kind;
  int directory = kNone;
  int path = kNone;
  int values = 0;  // uid and gid, or mode and device
  int flags = kNone;
  bool follows = true;
};

// chown(2), mknod(2); the older calls are missing on newer architectures.
constexpr std::array kRows{
#ifdef SYS_chown
    Row{.call = SYS_chown, .kind = Call::Kind::OwnerOfPath, .path = 0, .values = 1},
    Row{.call = SYS_lchown,
        .kind = Call::Kind::OwnerOfPath,
        .path = 0,
        .values = 1,
        .follows = false},
#endif
    Row{.call = SYS_fchown, .kind = Call::Kind::OwnerOfDescriptor, .directory = 0, .values = 1},
    Row{.call = SYS_fchownat,
        .kind = Call::Kind::OwnerOfPath,
        .directory = 0,
        .path = 1,
        .values = 2,
        .flags = 4},
#ifdef SYS_mknod
    Row{.call = SYS_mknod, .kind = Call::Kind::Device, .path = 0, .values = 1, .follows = false},
#endif
    Row{.call = SYS_mknodat,
        .kind = Call::Kind::Device,
        .directory = 0,
        .path = 1,
        .values = 2,
        .follows = false},
};

oci::SeccompRule devices_rule(const char* name, uint32_t mode_argument, mode_t type) {
  oci::SeccompRule rule{.names = {name}, .action = "SCMP_ACT_NOTIFY", .errno_ret = {}, .args = {}};
  rule.args.push_back(
      {.index = mode_argument, .value = S_IFMT, .value_two = type, .op = "SCMP_CMP_MASKED_EQ"});
  return rule;
}

}  // namespace

std::optional<Call> read_call(const sys::Notification& notification) {
  if (notification.architecture != kOurs) return std::nullopt;
  for (const Row& row : kRows) {
    if (row.call != notification.call) continue;
    const auto number = [&](int index) {  // the kernel takes their low half
      return static_cast<uint32_t>(notification.arguments[static_cast<size_t>(index)]);
    };
    Call call{.kind = row.kind};
    call.directory = row.directory == kNone ? AT_FDCWD : static_cast<int>(number(row.directory));
    if (row.path != kNone) call.path = notification.arguments[static_cast<size_t>(row.path)];
    const uint32_t flags = row.flags == kNone ? 0 : number(row.flags);
    if ((flags & ~uint32_t{AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH}) != 0) return std::nullopt;
    call.follows = row.follows && (flags & AT_SYMLINK_NOFOLLOW) == 0;
    call.may_be_empty = (flags & AT_EMPTY_PATH) != 0;
    if (row.kind == Call::Kind::Device) {
      call.mode = static_cast<mode_t>(number(row.values) & 0xffff);  // umode_t
      call.device = number(row.values + 1);
    } else {
      call.uid = number(row.values);
      call.gid = number(row.values + 1);
    }
    return call;
  }
  return std::nullopt;
}

std::vector<oci::SeccompRule> notifying_rules() {
  return {{.names = {"chown", "fchown", "fchownat", "lchown"},
           .action = "SCMP_ACT_NOTIFY",
           .errno_ret = {},
           .args = {}},
          devices_rule("mknod", 1, S_IFCHR),
          devices_rule("mknod", 1, S_IFBLK),
          devices_rule("mknodat", 2, S_IFCHR),
          devices_rule("mknodat", 2, S_IFBLK)};
}

}  // namespace wolffia::cli::user::owners
