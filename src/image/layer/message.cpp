// SPDX-License-Identifier: Apache-2.0
#include "image/layer/message.hpp"

#include <cstring>

#include "base/quote.hpp"
#include "image/layer/entry_path.hpp"
#include "image/layer/metadata.hpp"

namespace wolffia::image {
namespace {

constexpr size_t kMostText = 64U << 10;

void put(std::string& out, uint64_t number) {
  out.append(reinterpret_cast<const char*>(&number), sizeof number);
}

void put(std::string& out, std::string_view text) {
  put(out, uint64_t{text.size()});
  out += text;
}

Error broken() {
  return Error::because(EPROTO, "the unpacking process said something that makes no sense");
}

class Reader {
 public:
  explicit Reader(std::string_view left) : left_(left) {}
  bool done() const { return left_.empty(); }

  Result<uint64_t> number() {
    uint64_t value = 0;
    if (left_.size() < sizeof value) return broken();
    std::memcpy(&value, left_.data(), sizeof value);
    left_.remove_prefix(sizeof value);
    return value;
  }
  Result<std::string> text() {
    const uint64_t size = TRY(number());
    if (size > left_.size()) return broken();
    std::string value(left_.substr(0, size));
    left_.remove_prefix(size);
    return value;
  }

 private:
  std::string_view left_;
};

/// A path as the unpacker writes it, and no other.
Result<std::string> read_path(Reader& reader) {
  std::string path = TRY(reader.text());
  auto names = clean_path(path);
  if (!names || names->empty() || join(*names) != path) return broken();
  return path;
}

Result<Warning> read_warning(Reader& reader) {
  Warning warning{.what = printable(TRY(reader.text()))};
  warning.count = TRY(reader.number());
  const uint64_t entries = TRY(reader.number());
  if (entries == 0 || entries > kMostWarnings || warning.count < entries) return broken();
  for (uint64_t i = 0; i < entries; ++i)
    warning.entries.push_back(printable(TRY(reader.text())));
  return warning;
}

Result<Unpacked> read_unpacked(Reader& reader) {
  auto digest = oci::Digest::parse(TRY(reader.text()));
  if (!digest) return broken();
  Unpacked result{.diff_id = std::move(*digest)};
  result.bytes = TRY(reader.number());
  result.entries = TRY(reader.number());
  result.hides_lower = TRY(reader.number()) != 0;
  for (uint64_t count = TRY(reader.number()); count > 0; --count) {
    std::string path = TRY(read_path(reader));
    std::string target = TRY(read_path(reader));
    result.pending.push_back({std::move(path), std::move(target)});
  }
  const uint64_t warnings = TRY(reader.number());
  if (warnings > kMostWarnings) return broken();
  for (uint64_t i = 0; i < warnings; ++i)
    result.warnings.push_back(TRY(read_warning(reader)));
  if (!reader.done()) return broken();
  return result;
}

}  // namespace

std::string encode(const Result<Unpacked>& outcome) {
  std::string out;
  if (!outcome) {
    const int code = outcome.error().code();
    put(out, code > 0 ? static_cast<uint64_t>(code) : uint64_t{EIO});
    put(out, std::string_view(outcome.error().message()).substr(0, kMostText));
    return out;
  }
  put(out, uint64_t{0});
  put(out, outcome->diff_id.text());
  put(out, outcome->bytes);
  put(out, outcome->entries);
  put(out, uint64_t{outcome->hides_lower});
  put(out, uint64_t{outcome->pending.size()});
  for (const PendingLink& link : outcome->pending) {
    put(out, link.path);
    put(out, link.target);
  }
  put(out, uint64_t{outcome->warnings.size()});
  for (const Warning& warning : outcome->warnings) {
    put(out, warning.what);
    put(out, warning.count);
    put(out, uint64_t{warning.entries.size()});
    for (const std::string& entry : warning.entries)
      put(out, entry);
  }
  return out;
}

Result<Unpacked> decode(std::string_view message) {
  Reader reader(message);
  const uint64_t code = TRY(reader.number());
  if (code == 0) return read_unpacked(reader);
  constexpr uint64_t kMostCode = 4095;  // MAX_ERRNO
  const std::string text = printable(TRY(reader.text()));
  if (code > kMostCode || text.empty() || text.size() > 4 * kMostText || !reader.done())
    return broken();
  return Error::because(static_cast<int>(code), text);
}

}  // namespace wolffia::image
