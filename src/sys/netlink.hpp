// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <linux/netlink.h>

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "base/result.hpp"
#include "sys/fd.hpp"
#include "sys/namespace.hpp"

/// Requests to the kernel, most of them about its routing tables. Source: netlink(7), rtnetlink(7).
namespace wolffia::sys {

/// One request: a header, a struct of its family, attributes.
class NetlinkRequest {
 public:
  /// `flags` is NLM_F_* besides NLM_F_REQUEST.
  NetlinkRequest(uint16_t type, uint16_t flags, std::span<const std::byte> body);
  void add(uint16_t attribute, std::span<const std::byte> value);

  /// The whole, with its length in its header.
  std::span<const std::byte> bytes() const { return bytes_; }

 private:
  void append(std::span<const std::byte> bytes);
  std::vector<std::byte> bytes_;
};

/// What a dump says of one thing: the struct of its family, attributes behind it.
using NetlinkAnswer = std::function<void(uint16_t type, std::span<const std::byte> body)>;

/// A conversation about the network namespace that it was opened in.
class Netlink {
 public:
  /// With `groups` (RTMGRP_*) it hears of changes too, and does not wait for them.
  static Result<Netlink> open(uint32_t groups = 0);
  /// About another network namespace than the caller's, which stays where it is.
  /// Errors: EPERM without CAP_SYS_ADMIN over both.
  static Result<Netlink> open_in(const NamespaceFd& space);
  /// With another part of the kernel than the routing tables, NETLINK_*.
  static Result<Netlink> open_to(int family, uint32_t groups = 0);

  /// Has the kernel do something. Errors: what it answers.
  Result<void> change(const NetlinkRequest& request) { return change(request.bytes()); }
  /// The same of several requests, the last of which is answered.
  Result<void> change(std::span<const std::byte> requests);

  /// Asks about all there is.
  Result<void> dump(const NetlinkRequest& request, const NetlinkAnswer& answer);

  /// Throws away what it heard; true where that was anything.
  bool heard();

  const Fd& fd() const { return fd_; }

 private:
  explicit Netlink(Fd fd) : fd_(std::move(fd)) {}
  Result<void> send(std::span<const std::byte> bytes);
  Result<bool> take(const NetlinkAnswer& answer);
  Fd fd_;
};

/// The attribute `wanted` among those behind the first `fixed` bytes of `body`; empty: none.
std::span<const std::byte> netlink_attribute(std::span<const std::byte> body, size_t fixed,
                                             uint16_t wanted);

}  // namespace wolffia::sys
