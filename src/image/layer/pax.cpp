// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <charconv>

#include "base/quote.hpp"
#include "image/layer/tar_header.hpp"

namespace wolffia::image::tar {
namespace {

constexpr size_t kMostAttributes = 1024;
constexpr size_t kMostName = 255;                // XATTR_NAME_MAX
constexpr size_t kMostValue = size_t{64} << 10;  // XATTR_SIZE_MAX
constexpr uint32_t kNoId = UINT32_MAX;

Error invalid(std::string_view key, std::string_view what) {
  return Error::because(EINVAL, cat("the PAX record ", quoted_if_needed(key), " ", what));
}

/// One "LENGTH KEY=VALUE\n", which is taken off the front of `text`.
struct Record {
  std::string_view key, value;
};

Result<Record> take_record(std::string_view& text) {
  const Error broken = Error::because(EINVAL, "the PAX header is damaged");
  const size_t space = text.substr(0, 21).find(' ');
  if (space == std::string_view::npos) return broken;
  const auto length = decimal(text.substr(0, space));
  if (!length || *length <= space + 1 || *length > text.size()) return broken;
  std::string_view record = text.substr(space + 1, *length - space - 1);
  text.remove_prefix(*length);
  if (!record.ends_with('\n')) return broken;
  record.remove_suffix(1);
  const size_t equals = record.find('=');
  if (equals == std::string_view::npos || equals == 0) return broken;
  return Record{record.substr(0, equals), record.substr(equals + 1)};
}

Result<std::optional<std::string>> read_name(const Record& record) {
  if (record.value.empty()) return std::optional<std::string>();
  if (record.value.find('\0') != std::string_view::npos) return invalid(record.key, "holds a NUL");
  return std::optional(std::string(record.value));
}

Result<std::optional<uint64_t>> read_number(const Record& record) {
  if (record.value.empty()) return std::optional<uint64_t>();
  const auto number = decimal(record.value);
  if (!number) return invalid(record.key, cat("is no number: ", quoted(record.value, 32)));
  return std::optional(*number);
}

Result<std::optional<uint32_t>> read_id(const Record& record) {
  const auto number = TRY(read_number(record));
  if (!number) return std::optional<uint32_t>();
  if (*number >= kNoId) return invalid(record.key, cat("is an id that cannot exist: ", *number));
  return std::optional(static_cast<uint32_t>(*number));
}

/// "-12.3456": seconds, and digits of a fraction, of which nine count.
Result<std::optional<timespec>> read_time(const Record& record) {
  std::string_view text = record.value;
  if (text.empty()) return std::optional<timespec>();
  const bool negative = text.starts_with('-');
  if (negative) text.remove_prefix(1);
  const size_t dot = std::min(text.find('.'), text.size());
  std::string fraction(text.substr(std::min(dot + 1, text.size())));
  const auto seconds = decimal(text.substr(0, dot));
  const bool digits =
      std::all_of(fraction.begin(), fraction.end(), [](char c) { return c >= '0' && c <= '9'; });
  if (!seconds || !digits)
    return invalid(record.key, cat("is no time: ", quoted(record.value, 32)));
  fraction.resize(9, '0');
  timespec time{.tv_sec = static_cast<time_t>(*seconds),
                .tv_nsec = static_cast<long>(decimal(fraction).value_or(0))};
  if (negative) {
    time.tv_sec = -time.tv_sec - (time.tv_nsec != 0 ? 1 : 0);
    time.tv_nsec = time.tv_nsec != 0 ? 1'000'000'000 - time.tv_nsec : 0;
  }
  return std::optional(time);
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/// "%41" is "A". What is no such escape stands for itself, as libarchive has it.
std::string url_decoded(std::string_view text) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    const bool escape = text[i] == '%' && i + 2 < text.size() && hex_digit(text[i + 1]) >= 0 &&
                        hex_digit(text[i + 2]) >= 0;
    out +=
        escape ? static_cast<char>(hex_digit(text[i + 1]) * 16 + hex_digit(text[i + 2])) : text[i];
    if (escape) i += 2;
  }
  return out;
}

/// Base64 with or without padding. nullopt for any other character.
std::optional<std::string> base64_decoded(std::string_view text) {
  constexpr std::string_view kDigits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  while (text.ends_with('='))
    text.remove_suffix(1);
  std::string out;
  uint32_t bits = 0;
  unsigned held = 0;
  for (const char c : text) {
    const size_t digit = kDigits.find(c);
    if (digit == std::string_view::npos) return std::nullopt;
    bits = bits << 6 | static_cast<uint32_t>(digit);
    held += 6;
    if (held < 8) continue;
    held -= 8;
    out += static_cast<char>(bits >> held & 0xffU);
  }
  return out;
}

/// The last of two attributes with one name wins: bsdtar writes each in both ways.
Result<void> add_attribute(const Record& record, std::string name, std::string value,
                           PaxRecords& records) {
  if (name.empty() || name.size() > kMostName || name.find('\0') != std::string::npos)
    return invalid(record.key, "names no attribute");
  if (value.size() > kMostValue) return invalid(record.key, "is longer than 64 KiB");
  auto& all = records.attributes;
  const auto same =
      std::find_if(all.begin(), all.end(), [&](const auto& one) { return one.name == name; });
  if (same != all.end()) {
    same->value = std::move(value);
    return {};
  }
  if (all.size() == kMostAttributes) return invalid(record.key, "is one attribute too many");
  all.push_back({std::move(name), std::move(value)});
  return {};
}

Result<void> read_schily(const Record& record, std::string_view name, PaxRecords& records) {
  return add_attribute(record, std::string(name), std::string(record.value), records);
}

Result<void> read_libarchive(const Record& record, std::string_view name, PaxRecords& records) {
  auto value = base64_decoded(record.value);
  if (!value) return invalid(record.key, "is no base64");
  return add_attribute(record, url_decoded(name), std::move(*value), records);
}

Result<void> add_sparse_number(const Record& record, PaxRecords& records) {
  const auto number = TRY(read_number(record));
  if (!number) return invalid(record.key, "is empty");
  if (records.sparse_numbers.size() == 2 * kMostRanges)
    return invalid(record.key, "is one range too many");
  records.sparse_numbers.push_back(*number);
  return {};
}

/// "offset,length,offset,length".
Result<void> read_sparse_map(const Record& record, PaxRecords& records) {
  records.sparse_numbers.clear();
  std::string_view left = record.value;
  while (!left.empty()) {
    const size_t comma = std::min(left.find(','), left.size());
    TRY(add_sparse_number({record.key, left.substr(0, comma)}, records));
    left.remove_prefix(std::min(comma + 1, left.size()));
  }
  return {};
}

struct Known {
  std::string_view key;
  Result<void> (*read)(const Record&, PaxRecords&);
};

template <auto member, auto reader>
Result<void> set(const Record& record, PaxRecords& records) {
  records.*member = TRY(reader(record));
  return {};
}

constexpr Known kKnown[] = {
    {"path", set<&PaxRecords::path, read_name>},
    {"linkpath", set<&PaxRecords::link_path, read_name>},
    {"size", set<&PaxRecords::size, read_number>},
    {"uid", set<&PaxRecords::uid, read_id>},
    {"gid", set<&PaxRecords::gid, read_id>},
    {"mtime", set<&PaxRecords::modified, read_time>},
    {"GNU.sparse.major", set<&PaxRecords::sparse_major, read_number>},
    {"GNU.sparse.size", set<&PaxRecords::sparse_size, read_number>},
    {"GNU.sparse.realsize", set<&PaxRecords::sparse_size, read_number>},
    {"GNU.sparse.name", set<&PaxRecords::sparse_name, read_name>},
    {"GNU.sparse.offset", add_sparse_number},
    {"GNU.sparse.numbytes", add_sparse_number},
    {"GNU.sparse.map", read_sparse_map},
};

struct KnownPrefix {
  std::string_view prefix;
  Result<void> (*read)(const Record&, std::string_view rest, PaxRecords&);
};

constexpr KnownPrefix kKnownPrefixes[] = {
    {"SCHILY.xattr.", read_schily},
    {"LIBARCHIVE.xattr.", read_libarchive},
};

Result<void> read_record(const Record& record, PaxRecords& records) {
  if (record.key.starts_with("GNU.sparse.")) records.sparse = true;
  for (const Known& known : kKnown)
    if (record.key == known.key) return known.read(record, records);
  for (const KnownPrefix& known : kKnownPrefixes)
    if (record.key.starts_with(known.prefix))
      return known.read(record, record.key.substr(known.prefix.size()), records);
  return {};
}

}  // namespace

std::optional<uint64_t> decimal(std::string_view text) {
  uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool whole = error == std::errc() && end == text.data() + text.size();
  if (!whole || value > INT64_MAX) return std::nullopt;
  return value;
}

Result<PaxRecords> parse_pax(std::string_view text) {
  PaxRecords records;
  while (!text.empty()) {
    const Record record = TRY(take_record(text));
    TRY(read_record(record, records));
  }
  return records;
}

Result<std::vector<TarRange>> make_ranges(std::span<const uint64_t> numbers, uint64_t size,
                                          uint64_t stored) {
  if (numbers.size() % 2 != 0) return Error::because(EINVAL, "the sparse map ends in half a range");
  std::vector<TarRange> ranges;
  uint64_t end = 0;
  uint64_t sum = 0;
  for (size_t i = 0; i < numbers.size(); i += 2) {
    const TarRange range{numbers[i], numbers[i + 1]};
    if (range.offset < end || range.offset > size || range.length > size - range.offset)
      return Error::because(EINVAL, "the sparse map is out of order or runs past the file's end");
    end = range.offset + range.length;
    sum += range.length;
    if (range.length > 0) ranges.push_back(range);
  }
  if (sum != stored) return Error::because(EINVAL, "the sparse map and the content differ in size");
  return ranges;
}

}  // namespace wolffia::image::tar
