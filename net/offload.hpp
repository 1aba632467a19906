// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <cstdint>

#include "net/bytes.hpp"

/// What the kernel of a guest and we spare each other: checksums of what never was on a wire, and
/// cutting TCP into segments of the interface's size. Source: linux/virtio_net.h; Virtual I/O
/// Device (VIRTIO) 1.2, section 5.1.6. Pure.
namespace wolffia::net {

/// struct virtio_net_hdr, in the machine's byte order; linux/virtio_net.h is not C++.
struct OffloadHeader {
  static constexpr uint8_t kNeedsChecksum = 1;
  static constexpr uint8_t kTcp4 = 1;
  static constexpr uint8_t kTcp6 = 4;

  uint8_t flags = 0;
  uint8_t kind = 0;              // of what is to be cut
  uint16_t header_size = 0;      // of those of each part
  uint16_t part_size = 0;        // without headers
  uint16_t checksum_start = 0;   // what it covers, up to the end
  uint16_t checksum_offset = 0;  // where it is, from there
};
static_assert(sizeof(OffloadHeader) == 10);

/// Fills in the checksum that the guest's kernel left open. Where `header` says a place that is not
/// in the frame, which no kernel does, nothing happens.
void complete_checksum(const OffloadHeader& header, MutableBytes frame);

/// A frame for the guest's kernel: `header`, then `head` in place of as many bytes of the frame.
struct Offloaded {
  OffloadHeader header;
  std::array<uint8_t, 14 + 40 + 60> head{};  // of Ethernet, IPv6, TCP with all options
  size_t head_size = 0;
};

/// Of a segment of TCP the kernel has nothing to check, and where it is longer than `mtu` allows it
/// knows what to make of it for whoever needs it cut. Anything else goes as it is.
Offloaded offload(Bytes frame, size_t mtu);

/// The size of segment that is best for a peer without window scaling: three are under way at once,
/// where with the largest it is one, which waits for its acknowledgement.
inline constexpr uint16_t kSegment = 21'824;

/// Where `frame` begins a connection and says the segment size that goes with `mtu`, it says
/// kSegment then. Who says less knows of a narrower way.
void set_segment_size(MutableBytes frame, size_t mtu);

}  // namespace wolffia::net
