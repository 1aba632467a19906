// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// Archives for tests, byte for byte as a test says, right or wrong.
namespace wolffia::test {

/// One header and what follows it; fields not named are as tar(1) would have them.
struct TarItem {
  char type = '0';
  std::string name = {};
  std::string content = {};
  std::string link = {};
  unsigned mode = 0644;
  std::string uid = "0000000";  // as it stands in the field
  std::string gid = "0000000";
  int64_t modified = 1'000'000'000;
  unsigned major = 0;
  unsigned minor = 0;
  std::string size = {};                                      // instead of the content's
  std::vector<std::pair<std::string, std::string>> pax = {};  // records of a header in front
  std::string magic = std::string(
      "ustar\0"
      "00",
      8);
};

inline std::string octal(uint64_t value, size_t digits) {
  std::string text;
  for (; digits > 0; --digits, value /= 8)
    text.insert(text.begin(), static_cast<char>('0' + value % 8));
  return text;
}

inline std::string pax_record(std::string_view key, std::string_view value) {
  const std::string rest = " " + std::string(key) + "=" + std::string(value) + "\n";
  size_t length = rest.size() + 1;
  while (std::to_string(length).size() + rest.size() != length)
    ++length;
  return std::to_string(length) + rest;
}

class TarBuilder {
 public:
  TarBuilder& add(const TarItem& item) {
    if (!item.pax.empty()) {
      std::string records;
      for (const auto& [key, value] : item.pax)
        records += pax_record(key, value);
      add({.type = 'x', .name = "PaxHeaders/x", .content = records});
    }
    add_header(item);
    return add_padded(item.content);
  }
  TarBuilder& file(std::string name, std::string content = "content") {
    return add({.name = std::move(name), .content = std::move(content)});
  }
  TarBuilder& directory(std::string name, unsigned mode = 0755) {
    return add({.type = '5', .name = std::move(name), .mode = mode});
  }
  TarBuilder& symlink(std::string name, std::string target) {
    return add({.type = '2', .name = std::move(name), .link = std::move(target), .mode = 0777});
  }
  TarBuilder& hard_link(std::string name, std::string target) {
    return add({.type = '1', .name = std::move(name), .link = std::move(target)});
  }
  TarBuilder& raw(std::string_view bytes) {
    bytes_ += bytes;
    return *this;
  }

  /// The archive with its two blocks of zeros.
  std::string done() const { return bytes_ + std::string(1024, '\0'); }
  const std::string& open() const { return bytes_; }

  static std::string with_checksum(std::string block) {
    block.replace(148, 8, 8, ' ');
    unsigned sum = 0;
    for (const char c : block)
      sum += static_cast<uint8_t>(c);
    block.replace(148, 8, octal(sum, 6) + std::string("\0 ", 2));
    return block;
  }

 private:
  void add_header(const TarItem& item) {
    std::string block(512, '\0');
    const auto put = [&](size_t at, size_t room, std::string_view text) {
      block.replace(at, std::min(room, text.size()), text.substr(0, room));
    };
    put(0, 100, item.name);
    put(100, 8, octal(item.mode, 7));
    put(108, 8, item.uid);
    put(116, 8, item.gid);
    put(124, 12, item.size.empty() ? octal(item.content.size(), 11) : item.size);
    put(136, 12, octal(static_cast<uint64_t>(item.modified), 11));
    block[156] = item.type;
    put(157, 100, item.link);
    put(257, 8, item.magic);
    put(329, 8, octal(item.major, 7));
    put(337, 8, octal(item.minor, 7));
    bytes_ += with_checksum(std::move(block));
  }
  TarBuilder& add_padded(std::string_view content) {
    bytes_ += content;
    bytes_.append((512 - content.size() % 512) % 512, '\0');
    return *this;
  }

  std::string bytes_;
};

}  // namespace wolffia::test
