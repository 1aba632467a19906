// SPDX-License-Identifier: Apache-2.0
#include "launch/protocol.hpp"

#include <algorithm>
#include <array>
#include <cstring>

#include "sys/socket.hpp"

namespace wolffia::launch {
namespace {

constexpr size_t kMaxText = 4000;

struct Header {
  Word word;
  int32_t value;
  int32_t status;
};

using Buffer = std::array<std::byte, sizeof(Header) + kMaxText>;

/// Lays a packet out in `buffer` and returns the part used.
std::span<const std::byte> lay_out(Buffer& buffer, const Header& header, std::string_view text) {
  const size_t length = std::min(text.size(), kMaxText);
  std::memcpy(buffer.data(), &header, sizeof header);
  if (length > 0) std::memcpy(buffer.data() + sizeof header, text.data(), length);
  return std::span(buffer).first(sizeof header + length);
}

}  // namespace

Result<void> Channel::say(Word word, int32_t value, const sys::Fd* attached) const {
  const Header header{.word = word, .value = value, .status = 0};
  return sys::send_packet(socket_, std::as_bytes(std::span(&header, 1)), attached);
}

Result<void> Channel::notice(std::string_view text) const {
  Buffer buffer;
  return sys::send_packet(socket_, lay_out(buffer, {Word::Notice, 0, 0}, text));
}

void Channel::fail(const Error& error, int32_t status) const noexcept {
  Buffer buffer;
  const Header header{.word = Word::Failure, .value = error.code(), .status = status};
  // The starter may be gone; then our exit status still tells that something failed.
  (void)sys::send_packet(socket_, lay_out(buffer, header, error.message()));
}

Result<Packet> Channel::hear() const {
  Buffer buffer;
  sys::Received received = TRY(sys::receive_packet(socket_, buffer));
  if (received.size == 0) return Error::because(EPIPE, "the other side has ended");
  if (received.size < sizeof(Header)) return Error::because(EPROTO, "a packet was too short");
  Header header{};
  std::memcpy(&header, buffer.data(), sizeof header);
  Packet packet{.word = header.word,
                .value = header.value,
                .status = header.status,
                .text = {},
                .attached = std::move(received.attached)};
  const auto* text = reinterpret_cast<const char*>(buffer.data() + sizeof header);
  packet.text.assign(text, received.size - sizeof header);
  return packet;
}

Result<Packet> Channel::expect(Word word) const {
  Packet packet = TRY(hear());
  if (packet.word != word) return Error::because(EPROTO, "an unexpected word arrived");
  return packet;
}

}  // namespace wolffia::launch
