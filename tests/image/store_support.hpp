// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <gtest/gtest.h>

#include <filesystem>
#include <optional>
#include <stdexcept>
#include <string>

#include "image/store.hpp"
#include "support/temp_dir.hpp"

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
