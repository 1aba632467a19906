// SPDX-License-Identifier: Apache-2.0
#include "image/layer/tar_header.hpp"

#include <algorithm>

#include "base/quote.hpp"

namespace wolffia::image::tar {
namespace {

// Source: pax(1), "ustar Interchange Format"; star.h for the last two.
constexpr FieldAt kName{0, 100};
constexpr FieldAt kMode{100, 8};
constexpr FieldAt kUid{108, 8};
constexpr FieldAt kGid{116, 8};
constexpr FieldAt kSize{124, 12};
constexpr FieldAt kModified{136, 12};
constexpr FieldAt kChecksum{148, 8};
constexpr FieldAt kType{156, 1};
constexpr FieldAt kLink{157, 100};
constexpr FieldAt kMagic{257, 6};
constexpr FieldAt kMajor{329, 8};
constexpr FieldAt kMinor{337, 8};
constexpr FieldAt kPrefix{345, 155};
constexpr FieldAt kStarPrefix{345, 131};
constexpr FieldAt kStarMagic{508, 4};

constexpr uint32_t kNoId = UINT32_MAX;  // chown(2) takes it for "leave it"

std::string_view bytes_at(const Block& block, FieldAt field) {
  return {block.data() + field.offset, field.size};
}

/// Two's complement, big-endian, its first bit a mark: 0x80… is positive, 0xff… negative.
Result<int64_t> base_256(std::string_view field) {
  const bool negative = (static_cast<uint8_t>(field[0]) & 0x40U) != 0;
  const uint8_t fill = negative ? 0xff : 0;
  uint64_t value = negative ? UINT64_MAX : 0;
  for (size_t i = 0; i < field.size(); ++i) {
    auto byte = static_cast<uint8_t>(field[i]);
    if (i == 0) byte = negative ? byte : static_cast<uint8_t>(byte & 0x7fU);
    if (field.size() - i > sizeof value && byte != fill)
      return Error::because(EINVAL, "a number is larger than 63 bits");
    value = value << 8 | byte;
  }
  const auto number = static_cast<int64_t>(value);
  if ((number < 0) != negative) return Error::because(EINVAL, "a number is larger than 63 bits");
  return number;
}

/// "prefix/name" where the format has a prefix; GNU's own has other things in its place.
std::string full_name(const Block& block) {
  const std::string_view name = text_at(block, kName);
  if (bytes_at(block, kMagic) != std::string_view("ustar\0", 6)) return std::string(name);
  const bool star = bytes_at(block, kStarMagic) == std::string_view("tar\0", 4);
  const std::string_view prefix = text_at(block, star ? kStarPrefix : kPrefix);
  return prefix.empty() ? std::string(name) : cat(prefix, "/", name);
}

Result<uint32_t> id_at(const Block& block, FieldAt field, const char* what) {
  const int64_t id = TRY(number_at(block, field), what);
  if (id < 0 || id >= kNoId) return Error::because(EINVAL, cat(what, " ", id, " cannot exist"));
  return static_cast<uint32_t>(id);
}

Result<uint32_t> device_number(const Block& block, FieldAt field) {
  const int64_t number = TRY(number_at(block, field), "the device number");
  if (number < 0 || number > UINT32_MAX)
    return Error::because(EINVAL, cat("the device number ", number, " cannot exist"));
  return static_cast<uint32_t>(number);
}

}  // namespace

bool is_zero(const Block& block) {
  return std::all_of(block.begin(), block.end(), [](char byte) { return byte == 0; });
}

bool has_good_checksum(const Block& block) {
  const auto told = number_at(block, kChecksum);
  if (!told) return false;
  int64_t as_unsigned = 0;
  int64_t as_signed = 0;
  for (size_t i = 0; i < block.size(); ++i) {
    const bool within = i >= kChecksum.offset && i < kChecksum.offset + kChecksum.size;
    const char byte = within ? ' ' : block[i];
    as_unsigned += static_cast<uint8_t>(byte);
    as_signed += static_cast<int8_t>(byte);
  }
  return *told == as_unsigned || *told == as_signed;
}

std::string_view text_at(const Block& block, FieldAt field) {
  const std::string_view bytes = bytes_at(block, field);
  return bytes.substr(0, bytes.find('\0'));
}

Result<int64_t> number_at(const Block& block, FieldAt field) {
  std::string_view bytes = bytes_at(block, field);
  if ((static_cast<uint8_t>(bytes[0]) & 0x80U) != 0) return base_256(bytes);
  constexpr std::string_view kAround(" \0", 2);
  bytes.remove_prefix(std::min(bytes.find_first_not_of(kAround), bytes.size()));
  bytes = bytes.substr(0, bytes.find_first_of(kAround));
  int64_t value = 0;  // at most 12 digits of three bits
  for (const char digit : bytes) {
    if (digit < '0' || digit > '7')
      return Error::because(EINVAL, cat(quoted(bytes), " is no octal number"));
    value = value * 8 + (digit - '0');
  }
  return value;
}

Result<Header> parse_header(const Block& block) {
  if (!has_good_checksum(block))
    return Error::because(EINVAL,
                          "a header's checksum is wrong: this is no tar archive, or it is damaged");
  Header header{.block = block,
                .type = block[kType.offset],
                .name = full_name(block),
                .link = std::string(text_at(block, kLink))};
  const int64_t size = TRY(number_at(block, kSize), quoted(header.name), ": the size");
  if (size < 0) return Error::because(EINVAL, cat(quoted(header.name), ": the size is negative"));
  header.size = static_cast<uint64_t>(size);
  return header;
}

Result<void> take_fields(const Header& header, const PaxRecords& pax, TarEntry& entry) {
  const Block& block = header.block;
  const int64_t mode = TRY(number_at(block, kMode), "the mode");
  entry.mode = static_cast<mode_t>(mode) & 07777U;
  entry.uid = pax.uid ? *pax.uid : TRY(id_at(block, kUid, "the user id"));
  entry.gid = pax.gid ? *pax.gid : TRY(id_at(block, kGid, "the group id"));
  entry.modified = {};
  if (pax.modified)
    entry.modified = *pax.modified;
  else
    entry.modified.tv_sec = TRY(number_at(block, kModified), "the time");
  const bool device =
      entry.type == TarEntry::Type::CharDevice || entry.type == TarEntry::Type::BlockDevice;
  entry.major = device ? TRY(device_number(block, kMajor)) : 0;
  entry.minor = device ? TRY(device_number(block, kMinor)) : 0;
  return {};
}

}  // namespace wolffia::image::tar
