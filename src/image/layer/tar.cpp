// SPDX-License-Identifier: Apache-2.0
#include "image/layer/tar.hpp"

#include <algorithm>
#include <cstring>

#include "base/quote.hpp"
#include "image/layer/tar_header.hpp"

namespace wolffia::image {
namespace {

using tar::Block;
using tar::kBlock;
using Type = TarEntry::Type;

constexpr size_t kMostExtensions = 64;  // headers before one entry

/// Source: pax(1), "typeflag"; GNU tar's tar.h for S.
struct KnownType {
  char flag;
  Type type;
};
constexpr KnownType kTypes[] = {
    {'\0', Type::File},     {'0', Type::File},    {'7', Type::File},       {'S', Type::File},
    {'1', Type::HardLink},  {'2', Type::Symlink}, {'3', Type::CharDevice}, {'4', Type::BlockDevice},
    {'5', Type::Directory}, {'6', Type::Fifo},    {'D', Type::Directory},
};

/// Old archives say "directory" by the name alone.
Result<Type> type_of(const tar::Header& header, std::string_view name) {
  if (header.type == '\0' && name.ends_with('/')) return Type::Directory;
  for (const KnownType& known : kTypes)
    if (known.flag == header.type) return known.type;
  return Error::because(EINVAL, cat("the unknown type ", quoted({&header.type, 1})));
}

uint64_t padding_of(uint64_t size) {
  return (kBlock - size % kBlock) % kBlock;
}

Error ends_early() {
  return Error::because(EIO, "the archive ends too early");
}

}  // namespace

/// What headers before an entry say about it.
struct TarReader::Extension {
  tar::PaxRecords pax;
  std::optional<std::string> long_name;  // GNU's L and K
  std::optional<std::string> long_link;
};

struct TarReader::Header : tar::Header {};

Result<bool> TarReader::fill() {
  if (piece_.empty()) piece_ = TRY(from_.next());
  return !piece_.empty();
}

Result<void> TarReader::read_exactly(std::span<std::byte> into) {
  while (!into.empty()) {
    if (!TRY(fill())) return ends_early();
    const size_t n = std::min(into.size(), piece_.size());
    std::memcpy(into.data(), piece_.data(), n);
    piece_ = piece_.subspan(n);
    into = into.subspan(n);
    position_ += n;
  }
  return {};
}

Result<void> TarReader::skip(uint64_t bytes) {
  while (bytes > 0) {
    if (!TRY(fill())) return ends_early();
    const size_t n = std::min<uint64_t>(bytes, piece_.size());
    piece_ = piece_.subspan(n);
    bytes -= n;
    position_ += n;
  }
  return {};
}

Result<std::string> TarReader::read_text(const Header& header, uint64_t size) {
  if (size > tar::kMostHeaderData)
    return Error::because(EINVAL, cat(quoted(header.name), ": a header of ", size,
                                      " bytes, more than the 1 MiB that is read"));
  std::string text(size, '\0');
  TRY(read_exactly(std::as_writable_bytes(std::span(text))));
  TRY(skip(padding_of(size)));
  return text;
}

/// The archive ends with two blocks of zeros, or, as some writers leave it, with the stream.
Result<bool> TarReader::read_block(Header& header) {
  Block block;
  for (int zeros = 0; zeros < 2; ++zeros) {
    if (!TRY(fill())) return false;
    TRY(read_exactly(std::as_writable_bytes(std::span(block))));
    if (!tar::is_zero(block)) {
      if (zeros > 0) return Error::because(EINVAL, "a single block of zeros in the archive");
      static_cast<tar::Header&>(header) = TRY(tar::parse_header(block));
      return true;
    }
  }
  return false;
}

Result<void> TarReader::take_extension(const Header& header, Extension& extension) {
  std::string text = TRY(read_text(header, header.size));
  if (header.type == 'V' || header.type == 'g') {
    if (header.type == 'g') (void)TRY(tar::parse_pax(text), "a global header");
    return {};
  }
  if (header.type == 'x' || header.type == 'X') {
    extension.pax = TRY(tar::parse_pax(text), quoted(header.name));
    return {};
  }
  text.resize(std::min(text.find('\0'), text.size()));
  (header.type == 'L' ? extension.long_name : extension.long_link) = std::move(text);
  return {};
}

Result<void> TarReader::read_old_gnu_map(const Header& header, TarEntry& entry) {
  // Source: GNU tar manual, "Old GNU Format": 4 ranges here, 21 in each block that follows.
  constexpr size_t kField = 12;
  constexpr tar::FieldAt kRealSize{483, kField};
  std::vector<uint64_t> numbers;
  Block block = header.block;
  const auto take = [&](size_t at, size_t count) -> Result<void> {
    for (size_t i = 0; i < 2 * count; ++i) {
      if (block[at + i * kField] == 0) break;  // an empty field ends the map
      const int64_t number = TRY(tar::number_at(block, {at + i * kField, kField}));
      if (number < 0) return Error::because(EINVAL, "a negative number in the sparse map");
      numbers.push_back(static_cast<uint64_t>(number));
    }
    return {};
  };
  const int64_t size = TRY(tar::number_at(block, kRealSize), "the size");
  if (size < 0) return Error::because(EINVAL, "the size is negative");
  TRY(take(386, 4));
  for (bool more = block[482] != 0; more; more = block[504] != 0) {
    TRY(read_exactly(std::as_writable_bytes(std::span(block))));
    TRY(take(0, 21));
    if (numbers.size() > 2 * tar::kMostRanges)
      return Error::because(EINVAL, "the sparse map has too many ranges");
  }
  entry.size = static_cast<uint64_t>(size);
  ranges_ = TRY(tar::make_ranges(numbers, entry.size, content_left_));
  return {};
}

/// Source: GNU tar manual, "PAX Format, Version 1.0": decimal lines in front of the content.
Result<void> TarReader::read_map_in_content(TarEntry& entry) {
  std::vector<uint64_t> numbers;
  uint64_t wanted = 1;  // the count itself
  std::string line;
  Block block;
  while (numbers.size() < wanted) {
    if (content_left_ < kBlock)
      return Error::because(EINVAL, "the sparse map runs past the content");
    TRY(read_exactly(std::as_writable_bytes(std::span(block))));
    content_left_ -= kBlock;
    for (const char c : block) {
      if (numbers.size() == wanted) break;
      if (c != '\n') {
        line += c;
        if (line.size() > 20) return Error::because(EINVAL, "the sparse map is damaged");
        continue;
      }
      const auto number = tar::decimal(line);
      if (!number) return Error::because(EINVAL, "the sparse map is damaged");
      line.clear();
      numbers.push_back(*number);
      if (numbers.size() > 1) continue;
      if (*number > tar::kMostRanges)
        return Error::because(EINVAL, "the sparse map has too many ranges");
      wanted += 2 * *number;
    }
  }
  ranges_ = TRY(tar::make_ranges(std::span(numbers).subspan(1), entry.size, content_left_));
  return {};
}

Result<void> TarReader::read_sparse(const Header& header, const Extension& extension,
                                    TarEntry& entry) {
  entry.sparse = true;
  if (header.type == 'S') {
    TRY(read_old_gnu_map(header, entry));
  } else {
    const tar::PaxRecords& pax = extension.pax;
    if (!pax.sparse_size) return Error::because(EINVAL, "a sparse file without its size");
    if (pax.sparse_major.value_or(0) > 1)
      return Error::because(EINVAL, "an unknown version of sparse files");
    entry.size = *pax.sparse_size;
    if (pax.sparse_major.value_or(0) == 1)
      TRY(read_map_in_content(entry));
    else
      ranges_ = TRY(tar::make_ranges(pax.sparse_numbers, entry.size, content_left_));
  }
  entry.ranges = ranges_;
  return {};
}

Result<void> TarReader::describe(const Header& header, Extension& extension, TarEntry& entry) {
  tar::PaxRecords& pax = extension.pax;
  entry.type = TRY(type_of(header, entry.name));
  TRY(tar::take_fields(header, pax, entry));
  entry.link = pax.link_path ? *pax.link_path : extension.long_link.value_or(header.link);
  entry.attributes = std::move(pax.attributes);
  const bool links = entry.type == Type::HardLink || entry.type == Type::Symlink;
  if (!links) entry.link.clear();
  if (links && entry.link.empty()) return Error::because(EINVAL, "a link to nothing");
  // Only files have content, whatever their size says: some writers give links that of the file.
  const bool file = entry.type == Type::File;
  content_left_ = file ? pax.size.value_or(header.size) : 0;
  if (content_left_ > INT64_MAX - kBlock) return Error::because(EINVAL, "the size cannot be");
  padding_ = padding_of(content_left_);
  entry.size = content_left_;
  ranges_.assign(1, {0, entry.size});
  if (file && (header.type == 'S' || pax.sparse)) TRY(read_sparse(header, extension, entry));
  range_ = 0;
  range_done_ = 0;
  entry.offset = position_;
  return {};
}

Result<bool> TarReader::next(TarEntry& entry) {
  TRY(skip(content_left_));
  content_left_ = 0;
  TRY(skip(std::exchange(padding_, 0)));
  Header header;
  Extension extension;
  constexpr std::string_view kExtensions = "xXgLKV";
  for (size_t count = 0;; ++count) {
    if (!TRY(read_block(header))) {
      if (count > 0) return ends_early();
      return false;
    }
    if (header.type == '\0' || kExtensions.find(header.type) == std::string_view::npos) break;
    if (count == kMostExtensions)
      return Error::because(EINVAL, cat(quoted(header.name), ": too many headers for one entry"));
    TRY(take_extension(header, extension));
  }
  entry = TarEntry{};
  const tar::PaxRecords& pax = extension.pax;
  entry.name = pax.path ? *pax.path : extension.long_name.value_or(header.name);
  if (pax.sparse && pax.sparse_name) entry.name = *pax.sparse_name;
  if (entry.name.empty()) return Error::because(EINVAL, "an entry without a name");
  TRY(describe(header, extension, entry), quoted(entry.name));
  return true;
}

Result<TarReader::Piece> TarReader::content() {
  if (content_left_ == 0) return Piece{};
  if (!TRY(fill())) return ends_early();
  while (range_done_ == ranges_[range_].length) {
    ++range_;
    range_done_ = 0;
  }
  const TarRange& range = ranges_[range_];
  const uint64_t most = std::min(content_left_, range.length - range_done_);
  const size_t n = std::min<uint64_t>(most, piece_.size());
  const Piece piece{.at = range.offset + range_done_, .bytes = piece_.first(n)};
  piece_ = piece_.subspan(n);
  position_ += n;
  content_left_ -= n;
  range_done_ += n;
  return piece;
}

Result<std::string> TarReader::read_content(size_t limit) {
  std::string all;
  for (;;) {
    const Piece piece = TRY(content());
    if (piece.bytes.empty()) return all;
    if (piece.at + piece.bytes.size() > limit)
      return Error::because(EFBIG, cat("the content has more than ", limit, " bytes"));
    all.resize(piece.at, '\0');  // a hole
    all.append(reinterpret_cast<const char*>(piece.bytes.data()), piece.bytes.size());
  }
}

}  // namespace wolffia::image
