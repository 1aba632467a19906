// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <compare>
#include <cstdint>

namespace wolffia {

/// A user or group id of one side of a user namespace. The sides do not convert: mixing them is
/// the rootless bug.
template <class Kind>
struct Id {
  uint32_t value = 0;
  friend auto operator<=>(const Id&, const Id&) = default;
};

using HostUid = Id<struct HostUidKind>;
using HostGid = Id<struct HostGidKind>;
using ContainerUid = Id<struct ContainerUidKind>;
using ContainerGid = Id<struct ContainerGidKind>;

/// What the kernel shows for an id without a mapping; never a valid id. Source: chown(2).
inline constexpr uint32_t kNoId = UINT32_MAX;

}  // namespace wolffia
