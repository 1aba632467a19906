// SPDX-License-Identifier: Apache-2.0
#include "image/layer/tar_writer.hpp"

#include <algorithm>

#include "image/layer/tar_header.hpp"

namespace wolffia::image {
namespace {

using tar::Block;
using tar::FieldAt;
using tar::kBlock;

constexpr size_t kNameField = 100;
constexpr size_t kPrefixField = 155;
constexpr FieldAt kSizeField{124, 12};

char flag_of(TarEntry::Type type) {
  return static_cast<char>('0' + static_cast<int>(type));  // in the order of the enum
}

void put_text(Block& block, size_t at, std::string_view text) {
  std::copy(text.begin(), text.end(), block.begin() + static_cast<ptrdiff_t>(at));
}

/// False, and a zero in the field, when the number does not fit into its octal digits.
bool put_octal(Block& block, FieldAt field, int64_t number) {
  const size_t digits = field.size - 1;
  const bool fits = number >= 0 && (digits >= 21 || number >> (3 * digits) == 0);
  uint64_t left = fits ? static_cast<uint64_t>(number) : 0;
  for (size_t i = digits; i > 0; --i, left /= 8)
    block[field.offset + i - 1] = static_cast<char>('0' + left % 8);
  return fits;
}

void put_checksum(Block& block) {
  std::fill_n(block.begin() + 148, 8, ' ');
  int64_t sum = 0;
  for (const char c : block)
    sum += static_cast<uint8_t>(c);
  (void)put_octal(block, {148, 7}, sum);
  block[154] = '\0';
}

/// "LENGTH KEY=VALUE\n", where the length counts its own digits.
std::string record(std::string_view key, std::string_view value) {
  const size_t rest = key.size() + value.size() + 3;
  size_t length = rest + 1;
  while (cat(length).size() + rest != length)
    ++length;
  return cat(length, " ", key, "=", value, "\n");
}

/// Seconds, and the fraction where there is one.
std::string time_text(timespec time) {
  const bool negative = time.tv_sec < 0;
  if (negative && time.tv_nsec != 0) {
    time.tv_sec += 1;
    time.tv_nsec = 1'000'000'000 - time.tv_nsec;
  }
  std::string fraction = cat(time.tv_nsec);
  fraction.insert(0, 9 - fraction.size(), '0');
  const uint64_t seconds =
      negative ? -static_cast<uint64_t>(time.tv_sec) : static_cast<uint64_t>(time.tv_sec);
  return cat(negative ? "-" : "", seconds, time.tv_nsec != 0 ? "." + fraction : "");
}

/// Puts the name into its field, or into that and the prefix. False: it fits into neither.
bool put_name(Block& block, std::string_view name) {
  if (name.size() <= kNameField) {
    put_text(block, 0, name);
    return true;
  }
  const size_t slash = name.find('/', name.size() - std::min(name.size(), kNameField + 1));
  if (slash > kPrefixField || slash == 0 || slash + 1 == name.size()) return false;  // or npos
  put_text(block, 0, name.substr(slash + 1));
  put_text(block, 345, name.substr(0, slash));
  return true;
}

/// Fills the header and returns the records for what it has no room for.
std::string fill_header(const TarEntry& entry, Block& block) {
  std::string records;
  if (!put_name(block, entry.name)) records += record("path", entry.name);
  if (entry.link.size() > kNameField)
    records += record("linkpath", entry.link);
  else
    put_text(block, 157, entry.link);
  (void)put_octal(block, {100, 8}, entry.mode & 07777U);
  if (!put_octal(block, {108, 8}, entry.uid)) records += record("uid", cat(entry.uid));
  if (!put_octal(block, {116, 8}, entry.gid)) records += record("gid", cat(entry.gid));
  if (!put_octal(block, kSizeField, static_cast<int64_t>(entry.size)))
    records += record("size", cat(entry.size));
  const bool whole = put_octal(block, {136, 12}, entry.modified.tv_sec);
  if (!whole || entry.modified.tv_nsec != 0) records += record("mtime", time_text(entry.modified));
  for (const TarAttribute& one : entry.attributes)
    records += record(cat("SCHILY.xattr.", one.name), one.value);
  block[156] = flag_of(entry.type);
  put_text(block, 257,
           std::string_view("ustar\0"
                            "00",
                            8));
  (void)put_octal(block, {329, 8}, entry.major);
  (void)put_octal(block, {337, 8}, entry.minor);
  put_checksum(block);
  return records;
}

/// GNU's form of a number: the top bit of the field, then binary digits.
void put_base_256(Block& block, FieldAt field, uint64_t number) {
  for (size_t i = field.size; i > 1; --i, number >>= 8U)
    block[field.offset + i - 1] = static_cast<char>(number & 0xffU);
  block[field.offset] = static_cast<char>(0x80);
}

}  // namespace

std::string late_header(const TarEntry& entry) {
  Block block{};
  if (!fill_header(entry, block).empty()) {
    put_base_256(block, kSizeField, entry.size);
    put_checksum(block);
  }
  return {block.data(), block.size()};
}

Result<void> TarWriter::write(std::span<const std::byte> bytes) {
  written_ += bytes.size();
  return to_.write(bytes);
}

Result<void> TarWriter::write_text(std::string_view text) {
  return write(std::as_bytes(std::span(text)));
}

Result<void> TarWriter::pad() {
  static constexpr Block kZeros{};
  return write_text(std::string_view(kZeros.data(), (kBlock - written_ % kBlock) % kBlock));
}

Result<void> TarWriter::add_records(const std::string& records) {
  if (records.size() > tar::kMostHeaderData)
    return Error::because(E2BIG, "extended attributes of more than 1 MiB together");
  Block block{};
  put_text(block, 0, "PaxHeaders/entry");
  (void)put_octal(block, {100, 8}, 0644);
  for (const FieldAt field : {FieldAt{108, 8}, FieldAt{116, 8}, FieldAt{136, 12}})
    (void)put_octal(block, field, 0);
  (void)put_octal(block, kSizeField, static_cast<int64_t>(records.size()));
  block[156] = 'x';
  put_text(block, 257,
           std::string_view("ustar\0"
                            "00",
                            8));
  put_checksum(block);
  TRY(write_text({block.data(), block.size()}));
  TRY(write_text(records));
  return pad();
}

Result<void> TarWriter::add(const TarEntry& entry) {
  TRY(pad());
  Block block{};
  const std::string records = fill_header(entry, block);
  if (!records.empty()) TRY(add_records(records));
  return write_text({block.data(), block.size()});
}

Result<void> TarWriter::finish() {
  TRY(pad());
  static constexpr std::array<char, 2 * kBlock> kEnd{};
  TRY(write_text({kEnd.data(), kEnd.size()}));
  return to_.finish();
}

}  // namespace wolffia::image
