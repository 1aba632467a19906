// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <vector>

#include "base/result.hpp"
#include "net/bytes.hpp"
#include "sys/fd.hpp"

namespace wolffia::net {

/// The other end of the guest's interface, and frames as they are on a wire.
class Link {
 public:
  /// A connection with a frame in each packet.
  explicit Link(sys::Fd packets) : Link(std::move(packets), false, 0) {}
  /// `mtu` is the interface's. What the kernel offers to leave out is left out from now on.
  static Result<Link> of_tap(sys::Fd tap, size_t mtu);

  const sys::Fd& fd() const { return fd_; }
  /// Whether frames may be longer than the MTU, both ways, where they are segments of TCP.
  bool has_offloads() const { return has_header_; }

  enum class News : uint8_t { Frame, Nothing, End };
  struct Received {
    News news;
    MutableBytes frame = {};  // until the next one
  };
  Received receive();

  /// False where there was no room for it.
  bool send(Bytes frame) const;

 private:
  Link(sys::Fd fd, bool has_header, size_t mtu);

  sys::Fd fd_;
  bool has_header_;
  size_t mtu_;
  std::vector<uint8_t> buffer_;
};

}  // namespace wolffia::net
