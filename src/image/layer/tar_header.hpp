// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "image/layer/tar.hpp"

/// The parts that TarReader is made of: blocks, numbers, PAX records, sparse maps.
namespace wolffia::image::tar {

inline constexpr size_t kBlock = 512;
inline constexpr size_t kMostHeaderData = size_t{1} << 20;  // PAX records, a long name, a map
inline constexpr size_t kMostRanges = 65'536;

using Block = std::array<char, kBlock>;

/// A field of a header block: where it stands.
struct FieldAt {
  size_t offset, size;
};

bool is_zero(const Block& block);

/// Whether the checksum is right, with bytes as unsigned or, as old writers had it, signed numbers.
bool has_good_checksum(const Block& block);

/// The text of a field up to its NUL.
std::string_view text_at(const Block& block, FieldAt field);

/// An octal number with spaces or NULs around it, or a base-256 number, which may be negative.
/// Errors: EINVAL for anything else, and beyond 63 bits.
Result<int64_t> number_at(const Block& block, FieldAt field);

/// What a header block says for itself, without what extended headers change.
struct Header {
  Block block;
  char type = '0';
  std::string name;
  std::string link;
  uint64_t size = 0;
};

/// Errors: EINVAL for a wrong checksum, a size that is no number.
Result<Header> parse_header(const Block& block);

/// Puts mode, owner, time and device of the header into `entry`, but what is set in `pax` already.
struct PaxRecords;
Result<void> take_fields(const Header& header, const PaxRecords& pax, TarEntry& entry);

/// A decimal number, nothing else. nullopt beyond 63 bits too.
std::optional<uint64_t> decimal(std::string_view text);

/// The records of an extended header that mean something here. What is said with an empty value is
/// as if not said. Source: pax(1), "pax Extended Header".
struct PaxRecords {
  std::optional<std::string> path;
  std::optional<std::string> link_path;
  std::optional<uint64_t> size;
  std::optional<uint32_t> uid;
  std::optional<uint32_t> gid;
  std::optional<timespec> modified;
  std::vector<TarAttribute> attributes;  // SCHILY.xattr, LIBARCHIVE.xattr

  // GNU tar manual, "Storing Sparse Files"
  std::optional<uint64_t> sparse_major;
  std::optional<uint64_t> sparse_size;
  std::optional<std::string> sparse_name;
  std::vector<uint64_t> sparse_numbers;  // offset, length, offset, …
  bool sparse = false;
};

/// Errors: EINVAL, one sentence.
Result<PaxRecords> parse_pax(std::string_view text);

/// Numbers of a map as ranges. Errors: EINVAL when they are not in order, overlap, run past `size`,
/// or do not hold `stored` bytes together.
Result<std::vector<TarRange>> make_ranges(std::span<const uint64_t> numbers, uint64_t size,
                                          uint64_t stored);

}  // namespace wolffia::image::tar
