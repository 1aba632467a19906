// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <cstdint>
#include <string>

#include "base/result.hpp"
#include "sys/fd.hpp"
#include "sys/namespace.hpp"

/// Ethernet interfaces whose other end is a descriptor: one frame for each read(2) and write(2).
/// Source: Documentation/networking/tuntap.rst.
namespace wolffia::sys {

/// Packets that wait at a tap: twice what Linux gives it, so that a burst of datagrams gets
/// through. Nobody pays for their memory, so that no guest shall have much of it.
inline constexpr uint32_t kTapQueue = 1000;

/// Makes the interface `name` in the current network namespace, or takes it where it is a tap that
/// nobody has; it is gone when the descriptor is. Reads do not wait. Where the kernel knows them,
/// its frames have a virtio_net_hdr in front: see take_offloads().
/// Errors: ENOENT, ENODEV, EACCES of /dev/net/tun; EPERM without CAP_NET_ADMIN over the namespace;
/// EBUSY where somebody has it; EINVAL where `name` is another kind of interface.
Result<Fd> open_tap(const std::string& name);

/// The size of a virtio_net_hdr in bytes.
inline constexpr int kTapHeader = 10;

/// Whether a virtio_net_hdr is in front of each frame, in the machine's byte order. Then the kernel
/// is told that it may leave TCP's segments together and checksums open: TUNSETOFFLOAD. That needs
/// no capability.
Result<bool> take_offloads(const Fd& tap);

/// The link address of the interface now. Source: SIOCGIFHWADDR on the descriptor.
Result<std::array<uint8_t, 6>> link_address(const Fd& tap);

/// The network namespace that the interface is in. Source: TUNGETDEVNETNS in linux/if_tun.h.
/// Errors: EPERM without CAP_NET_ADMIN over it; ENOTTY and EINVAL before Linux 5.7.
Result<NamespaceFd> namespace_of(const Fd& tap);

}  // namespace wolffia::sys
