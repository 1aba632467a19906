// SPDX-License-Identifier: Apache-2.0
// Extended attributes of files in an image.
#include <endian.h>
#include <limits.h>
#include <linux/limits.h>
#include <sqfs/xattr.h>

#include <array>
#include <string_view>

#include "overlay/squashfs_inode.hpp"

namespace wolffia::overlay {
namespace {

/// By SQFS_XATTR_TYPE.
constexpr std::array<std::string_view, 3> kPrefixes{"user.", "trusted.", "security."};
constexpr uint64_t kAbsent = UINT64_MAX;  // of a table
constexpr size_t kMostBytes = 1 << 20;    // of one file: many times what any file system takes

/// Where the pairs of a file are, and how many.
struct Pairs {
  uint64_t table = 0;
  MetaPlace at;
  uint32_t count = 0;
};

/// What an image may say of a file (I19): the capabilities of a program, as layers have them, and
/// the marks of the kernel's overlayfs, which are read and never shown. Labels and what the
/// kernel's other modules go by are for whoever runs the machine to give.
bool may_say(std::string_view key) {
  return key.starts_with("user.") || key.starts_with("trusted.overlay.") ||
         key == "security.capability";
}

MetaPlace behind(uint64_t table, uint64_t reference) {
  return {table + (reference >> 16), static_cast<uint32_t>(reference & 0xffff)};
}

/// The table of ids begins with a header of its own size, the list of its blocks behind it.
Result<Pairs> find(const Image& image, uint32_t index) {
  const uint64_t table = image.super().xattr_id_table_start;
  const uint64_t first = TRY(image.number(table));
  const auto ids = static_cast<uint32_t>(TRY(image.number(table + sizeof first)));
  if (index >= ids) return damaged("the number of attributes");
  const size_t header = offsetof(sqfs_xattr_id_table_t, locations);
  MetaPlace at = TRY(image.entry(table + header, index, sizeof(sqfs_xattr_id_t)));
  const auto id = TRY(image.read<sqfs_xattr_id_t>(at));
  return Pairs{first, behind(first, le64toh(id.xattr)), le32toh(id.count)};
}

Result<std::string> read_value(const Image& image, MetaPlace& at) {
  const uint32_t size = le32toh(TRY(image.read<uint32_t>(at)));
  if (size > XATTR_SIZE_MAX) return damaged("the size of an attribute");
  std::string value(size, '\0');
  TRY(image.read(at, value));
  return value;
}

Result<Attribute> read_pair(const Image& image, Pairs& pairs) {
  sqfs_xattr_entry_t raw{};
  TRY(image.read_into(raw, pairs.at));
  const unsigned type = le16toh(raw.type);
  const unsigned prefix = type & SQFS_XATTR_PREFIX_MASK;
  const size_t size = le16toh(raw.size);
  if (prefix >= kPrefixes.size() || size == 0 || size > XATTR_NAME_MAX)
    return damaged("the name of an attribute");
  std::string key(size, '\0');
  TRY(image.read(pairs.at, key));
  if (key.find('\0') != std::string::npos) return damaged("the name of an attribute");
  key.insert(0, kPrefixes[prefix]);
  if (key.size() > XATTR_NAME_MAX) return damaged("the name of an attribute");
  if (!(type & SQFS_XATTR_FLAG_OOL)) {
    std::string value = TRY(read_value(image, pairs.at));
    return Attribute(std::move(key), std::move(value));
  }
  TRY(image.skip(pairs.at, sizeof(uint32_t)));  // the size of what follows, a place
  MetaPlace there = behind(pairs.table, le64toh(TRY(image.read<uint64_t>(pairs.at))));
  std::string value = TRY(read_value(image, there));
  return Attribute(std::move(key), std::move(value));
}

}  // namespace

Result<std::vector<Attribute>> attributes_of(const Image& image, const Inode& inode) {
  std::vector<Attribute> all;
  if (inode.attributes == kNone || image.super().xattr_id_table_start == kAbsent) return all;
  Pairs pairs = TRY(find(image, inode.attributes));
  size_t bytes = 0;
  for (uint32_t i = 0; i < pairs.count; ++i) {
    Attribute one = TRY(read_pair(image, pairs));
    bytes += one.first.size() + one.second.size();
    if (bytes > kMostBytes) return damaged("a file has too many attributes");
    if (may_say(one.first)) all.push_back(std::move(one));
  }
  return all;
}

}  // namespace wolffia::overlay
