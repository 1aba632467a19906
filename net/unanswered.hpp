// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <memory>
#include <optional>
#include <vector>

#include "net/syn.hpp"

namespace wolffia::net {

/// What began the guest's connections that the host's side has yet to answer. libslirp 4.7 goes on
/// with such a connection without the options of its SYN, as if no segment size had been said; they
/// count where the same SYN comes again, as a lost one would, before the guest's next segment.
class Unanswered {
 public:
  using Frame = std::vector<uint8_t>;

  /// Anything but a SYN is left alone. Of two whose ports fall together the later one is kept: the
  /// other connection has small segments, and its guest no way to fill memory.
  void keep(Bytes frame);
  /// The SYN that `frame`, which the library sends, answers: not kept from then on. Where it asks
  /// for the guest's address nothing is: an answer waits for it, and data may come in meanwhile,
  /// which the library would throw away when it makes the connection's buffers for another size.
  std::optional<Frame> take(Bytes frame);

 private:
  static constexpr size_t kSlots = 256;
  static constexpr size_t kLargest = 128;  // with all options

  struct Kept {
    Syn::Ends ends{};
    Frame frame;
  };
  using Slots = std::array<Kept, kSlots>;

  std::unique_ptr<Slots> slots_;  // none until there is one to keep
};

}  // namespace wolffia::net
