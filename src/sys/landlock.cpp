// SPDX-License-Identifier: Apache-2.0
#include "sys/landlock.hpp"

#include <linux/landlock.h>
#include <sys/syscall.h>
#include <unistd.h>

// Linux 6.2 and 6.10; older headers do not have them.
#ifndef LANDLOCK_ACCESS_FS_TRUNCATE
#define LANDLOCK_ACCESS_FS_TRUNCATE (1ULL << 14)
#endif
#ifndef LANDLOCK_ACCESS_FS_IOCTL_DEV
#define LANDLOCK_ACCESS_FS_IOCTL_DEV (1ULL << 15)
#endif

namespace wolffia::sys {
namespace {

constexpr long kRefers = 2;  // the versions that brought rights
constexpr long kTruncates = 3;
constexpr long kControlsDevices = 5;

constexpr uint64_t kReading = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR;
constexpr uint64_t kDevice =
    LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_IOCTL_DEV;
constexpr uint64_t kFirst = (LANDLOCK_ACCESS_FS_MAKE_SYM << 1) - 1;  // the rights of version 1

uint64_t handled_by(long version) {
  uint64_t handled = kFirst | LANDLOCK_ACCESS_FS_REFER;
  if (version >= kTruncates) handled |= LANDLOCK_ACCESS_FS_TRUNCATE;
  if (version >= kControlsDevices) handled |= LANDLOCK_ACCESS_FS_IOCTL_DEV;
  return handled;
}

uint64_t rights_of(FileRules::Grant what) {
  switch (what) {
    case FileRules::Grant::Read:
      return kReading;
    case FileRules::Grant::Change:
      return ~uint64_t{LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_IOCTL_DEV};
    case FileRules::Grant::Device:
      return kDevice;
  }
  return 0;
}

}  // namespace

Result<std::optional<FileRules>> FileRules::make() {
  const long version =
      ::syscall(SYS_landlock_create_ruleset, nullptr, 0, LANDLOCK_CREATE_RULESET_VERSION);
  if (version < kRefers) return std::optional<FileRules>();
  landlock_ruleset_attr attributes{};
  attributes.handled_access_fs = handled_by(version);
  const long made = ::syscall(SYS_landlock_create_ruleset, &attributes, sizeof attributes, 0);
  if (made < 0) return Error::last("landlock_create_ruleset");
  return std::optional(FileRules(Fd(static_cast<int>(made)), attributes.handled_access_fs));
}

Result<void> FileRules::grant(const Fd& place, Grant what) {
  landlock_path_beneath_attr beneath{};
  beneath.allowed_access = rights_of(what) & handled_;
  beneath.parent_fd = place.get();
  const long added =
      ::syscall(SYS_landlock_add_rule, rules_.get(), LANDLOCK_RULE_PATH_BENEATH, &beneath, 0);
  if (added < 0) return Error::last("landlock_add_rule");
  return {};
}

Result<void> FileRules::enforce() const {
  if (::syscall(SYS_landlock_restrict_self, rules_.get(), 0) < 0)
    return Error::last("landlock_restrict_self");
  return {};
}

}  // namespace wolffia::sys
