// SPDX-License-Identifier: Apache-2.0
#include "net/traffic.hpp"

#include <unistd.h>

#include <cerrno>

#include "net/headers.hpp"
#include "sys/tap.hpp"

namespace wolffia::net {
namespace {

/// The largest IPv4 packet and its Ethernet header; what is longer is cut, and so dropped.
constexpr size_t kLargestFrame = ethernet::kSize + 65535 + 1;

/// So many that connections of the host get their turn.
constexpr int kAtOnce = 64;

}  // namespace

Traffic::Traffic(sys::Fd guest, Sender sender, Rules rules)
    : guest_(std::move(guest)), sender_(sender), rules_(std::move(rules)), buffer_(kLargestFrame) {}

bool Traffic::receive(Stack& stack) {
  for (int i = 0; i < kAtOnce; ++i) {
    const ssize_t size = ::read(guest_.get(), buffer_.data(), buffer_.size());
    if (size < 0) return errno == EAGAIN || errno == EINTR;
    if (size == 0) return sender_ == Sender::Interface;  // a machine has hung up
    judge(MutableBytes(buffer_).first(static_cast<size_t>(size)), stack);
  }
  return true;
}

void Traffic::judge(MutableBytes frame, Stack& stack) {
  Checked checked = check_frame(frame, rules_);
  if (checked.reason == Reason::Sender && learn_sender(frame)) checked = check_frame(frame, rules_);
  if (checked.verdict != Verdict::Fragment) return pass(checked, frame, stack);
  auto datagram = reassembly_.add(frame.first(checked.size), now_ms());
  if (datagram) pass(check_frame(*datagram, rules_), *datagram, stack);
}

void Traffic::pass(const Checked& checked, Bytes frame, Stack& stack) {
  const bool answers = checked.reason == Reason::Blocked && replies_.answer(frame);
  if (checked.verdict == Verdict::Pass || answers) stack.input(frame.first(checked.size));
}

/// Whoever configures the interface may give it another address at any time.
bool Traffic::learn_sender(Bytes frame) {
  const Mac before = rules_.guest;
  if (sender_ == Sender::Interface) {
    const auto address = sys::link_address(guest_);
    if (address) rules_.guest.bytes = *address;
  } else if (before == Mac() && (frame[ethernet::kSource] & 1) == 0) {
    rules_.guest = Mac::read(frame, ethernet::kSource);
  }
  return rules_.guest != before;
}

void Traffic::send(Bytes frame) {
  if (!rules_.host) replies_.note(frame);
  (void)!::write(guest_.get(), frame.data(), frame.size());
}

}  // namespace wolffia::net
