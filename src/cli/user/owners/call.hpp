// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "oci/runtime_spec.hpp"
#include "sys/notification.hpp"

namespace wolffia::cli::user::owners {

/// A system call that gives a file another owner, or makes a device.
struct Call {
  enum class Kind : uint8_t {
    OwnerOfPath,
    OwnerOfDescriptor,  // `directory` is the file
    Device,
  };
  Kind kind;
  int directory = 0;          // a descriptor of the caller's, or AT_FDCWD
  uint64_t path = 0;          // an address in the caller's memory
  bool follows = true;        // a symbolic link is followed
  bool may_be_empty = false;  // an empty path is `directory` itself
  uint32_t uid = 0, gid = 0;  // UINT32_MAX: as it is
  mode_t mode = 0;            // of a device, with S_IFCHR or S_IFBLK
  dev_t device = 0;
};

/// None for another call, and for one of an architecture that is not ours: 16-bit ids among them.
std::optional<Call> read_call(const sys::Notification& notification);

/// The rules of a filter that tells of those calls, to stand in front of all others: of two rules
/// for a call the first counts.
std::vector<oci::SeccompRule> notifying_rules();

}  // namespace wolffia::cli::user::owners
