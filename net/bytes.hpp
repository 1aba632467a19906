// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstddef>
#include <cstdint>
#include <span>

/// Numbers in frames, which are big-endian and lie where they lie: read byte by byte, so that
/// neither alignment nor an end that comes too early can do harm (the spans are checked ones).
namespace wolffia::net {

using Bytes = std::span<const uint8_t>;
using MutableBytes = std::span<uint8_t>;

inline uint16_t read16(Bytes bytes, size_t at) {
  return static_cast<uint16_t>(bytes[at] << 8 | bytes[at + 1]);
}

inline uint32_t read32(Bytes bytes, size_t at) {
  return static_cast<uint32_t>(read16(bytes, at)) << 16 | read16(bytes, at + 2);
}

inline void write16(MutableBytes bytes, size_t at, uint16_t value) {
  bytes[at] = static_cast<uint8_t>(value >> 8);
  bytes[at + 1] = static_cast<uint8_t>(value & 0xff);
}

inline void write32(MutableBytes bytes, size_t at, uint32_t value) {
  write16(bytes, at, static_cast<uint16_t>(value >> 16));
  write16(bytes, at + 2, static_cast<uint16_t>(value & 0xffff));
}

/// The Internet checksum over `bytes`: 0 for a header that holds the right one. Source: RFC 1071.
uint16_t checksum(Bytes bytes);

/// What the checksum `sum` becomes where a word of what it covers changes. Source: RFC 1624, (3).
uint16_t adjusted(uint16_t sum, uint16_t before, uint16_t after);

}  // namespace wolffia::net
