// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

/// What crosses the socket "attach" in a container's directory, between its supervisor and those
/// who watch it: packets, of which the first byte says what the rest is. Both are of one release.
namespace wolffia::cli::user {

inline constexpr const char* kAttachSocket = "attach";
inline constexpr size_t kMostAttached = 64;
/// Bytes of a packet, without the first.
inline constexpr size_t kPacketLimit = 16 << 10;

enum class Word : char {
  // The supervisor's
  Welcome = 'h',  // comes first: one byte of the bits below
  Refused = 'r',  // a sentence
  Output = 'o',   // bytes of standard output, or of the terminal
  Errors = 'e',   // bytes of standard error
  Ended = 'x',    // the exit status, in digits; then the connection ends
  // The watcher's
  Input = 'i',       // bytes
  EndOfInput = 'c',  // nobody will write any more
  Window = 'w',      // rows and columns, in digits
};

/// What the program of a container can take; bits.
inline constexpr uint8_t kTakesInput = 1;
inline constexpr uint8_t kHasTerminal = 2;

struct Packet {
  Word word;
  std::string_view bytes;
};

inline std::string encode(Word word, std::string_view bytes) {
  std::string packet(1, static_cast<char>(word));
  return packet += bytes;
}

inline std::span<const std::byte> as_packet(std::string_view packet) {
  return std::as_bytes(std::span(packet));
}

}  // namespace wolffia::cli::user
