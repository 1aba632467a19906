// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <optional>
#include <stdexcept>
#include <string>

#include "image/store_write.hpp"
#include "support/temp_dir.hpp"
#include "sys/file.hpp"

namespace wolffia::image {

using test::read_text;
using test::TempDir;
using test::write_text;

/// The digest of 64 times `digit`.
inline oci::Digest digest(char digit) {
  return oci::Digest::parse("sha256:" + std::string(64, digit)).value();
}

inline Reference reference(std::string_view text) {
  auto parsed = parse_reference(text);
  if (!parsed) throw std::runtime_error(parsed.error().message());
  return std::move(parsed).value();
}

/// What a Result holds, or a failed test with its message.
template <class T>
T value_of(Result<T> result) {
  if (!result) throw std::runtime_error(result.error().message());
  return std::move(result).value();
}

inline constexpr std::string_view kConfigText =
    R"({"os": "linux", "config": {"Cmd": ["sh"]}, "rootfs": {"type": "layers", "diff_ids": []}})";

/// A manifest of one layer, the blob of which is called by `digit`.
inline std::string manifest_text(char digit) {
  return cat(R"({"schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json",
    "config": {"mediaType": "application/vnd.oci.image.config.v1+json", "size": 2, "digest": ")",
             digest('0').text(), R"("}, "layers": [{"size": 2, "digest": ")", digest(digit).text(),
             R"(", "mediaType": "application/vnd.oci.image.layer.v1.tar+gzip"}]})");
}

/// Makes a layer whose tree has the file "file" of `bytes` bytes.
inline void add_layer(const Writer& writer, char digit, size_t bytes = 5,
                      std::string_view owners = kOneOwner) {
  Staged staged = value_of(writer.stage());
  const sys::Fd tree = value_of(staged.make_tree());
  value_of(sys::replace_file(tree, "file", std::string(bytes, 'x'), sys::Durable::No));
  value_of(writer.commit_layer(std::move(staged), owners, digest(digit).hex(),
                               {.diff_id = digest(digit), .bytes = bytes, .entries = 1}));
}

/// Makes an image of layers that are there.
inline void add_image(const Writer& writer, char digit, std::string_view layers,
                      std::string_view owners = kOneOwner, std::optional<Reference> name = {}) {
  std::vector<std::string> keys;
  for (const char layer : layers)
    keys.emplace_back(digest(layer).hex());
  const std::string manifest = manifest_text(layers.empty() ? digit : layers.front());
  value_of(writer.add_image({.digest = digest(digit),
                             .manifest = manifest,
                             .config = kConfigText,
                             .owners = owners,
                             .keys = keys,
                             .name = std::move(name)}));
}

/// Everything in a store, one path a line, sorted.
inline std::string listing(const std::string& path) {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(path))
    names.push_back(entry.path().string().substr(path.size() + 1));
  std::sort(names.begin(), names.end());
  std::string text;
  for (const std::string& name : names)
    text += name + "\n";
  return text;
}

/// A variable of the environment during one test; without a value it is unset.
class Variable {
 public:
  Variable(const char* name, const std::optional<std::string>& value) : name_(name) {
    if (const char* before = ::getenv(name)) before_ = before;
    put(value);
  }
  Variable(const Variable&) = delete;
  Variable& operator=(const Variable&) = delete;
  ~Variable() { put(before_); }

 private:
  void put(const std::optional<std::string>& value) const {
    if (value)
      ::setenv(name_, value->c_str(), 1);
    else
      ::unsetenv(name_);
  }
  const char* name_;
  std::optional<std::string> before_;
};

}  // namespace wolffia::image
