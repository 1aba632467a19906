// SPDX-License-Identifier: Apache-2.0
#include "net/unanswered.hpp"

#include <utility>

#include "net/headers.hpp"

namespace wolffia::net {
namespace {

bool asks_for_a_neighbour(Bytes frame) {
  constexpr uint8_t kSolicitation = 135;  // RFC 4861, section 4.3
  if (frame.size() < ethernet::kSize + arp::kSize) return false;
  const uint16_t type = read16(frame, ethernet::kType);
  const Bytes packet = frame.subspan(ethernet::kSize);
  if (type == ethernet::kArp) return read16(packet, arp::kOperation) == 1;
  return type == ethernet::kIpv6 && packet.size() > ipv6::kSize &&
         packet[ipv6::kNextHeader] == protocol::kIcmpv6 && packet[ipv6::kSize] == kSolicitation;
}

}  // namespace

void Unanswered::keep(Bytes frame) {
  if (frame.size() > kLargest) return;
  const auto syn = read_syn(frame);
  if (!syn) return;
  if (!slots_) slots_ = std::make_unique<Slots>();
  (*slots_)[syn->guest_port % kSlots] = {syn->ends(), Frame(frame.begin(), frame.end())};
}

std::optional<Unanswered::Frame> Unanswered::take(Bytes frame) {
  if (!slots_ || frame.size() > kLargest) return std::nullopt;
  if (asks_for_a_neighbour(frame)) slots_.reset();
  const auto answer = read_answer(frame);
  if (!answer || !slots_) return std::nullopt;
  Kept& kept = (*slots_)[answer->guest_port % kSlots];
  if (kept.frame.empty() || kept.ends != answer->ends()) return std::nullopt;
  return std::exchange(kept.frame, {});
}

}  // namespace wolffia::net
