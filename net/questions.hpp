// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <deque>

#include "net/bytes.hpp"

namespace wolffia::net {

/// What the guest has asked the name server: an answer to something else says nothing.
class Questions {
 public:
  /// A message from this port of the guest.
  void note(uint16_t port, Bytes message) {
    constexpr size_t kMost = 256;
    if (message.size() < 2) return;
    if (asked_.size() == kMost) asked_.pop_front();
    asked_.push_back(key(port, message));
  }

  /// Whether a message to this port answers one that was not answered yet.
  bool take(uint16_t port, Bytes message) {
    if (message.size() < 2) return false;
    return std::erase(asked_, key(port, message)) > 0;
  }

 private:
  /// Source: RFC 5452, section 9.1, of which libslirp sees to the addresses.
  static uint32_t key(uint16_t port, Bytes message) {
    return static_cast<uint32_t>(port) << 16 | read16(message, 0);
  }

  std::deque<uint32_t> asked_;  // oldest first
};

}  // namespace wolffia::net
