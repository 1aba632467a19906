// SPDX-License-Identifier: Apache-2.0
#include "cli/user/detach_keys.hpp"

#include <optional>

#include "base/quote.hpp"
#include "base/words.hpp"

namespace wolffia::cli::user {
namespace {

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/// The character of one key. Source: ascii(7): control characters are 64 below those in capitals.
std::optional<char> key(std::string_view word) {
  constexpr std::string_view kControl = "ctrl-";
  if (word.size() == 1) return word[0];
  if (word.size() != kControl.size() + 1 || !word.starts_with(kControl)) return {};
  const char c = word.back();
  if (is_letter(c)) return static_cast<char>(c & 0x1f);
  if (std::string_view("@[\\]^_").find(c) == std::string_view::npos) return {};
  return static_cast<char>(c & 0x1f);
}

}  // namespace

Result<DetachKeys> DetachKeys::parse(std::string_view text) {
  DetachKeys parsed;
  Words words(text, ',');
  while (!words.empty()) {
    const auto one = key(words.next());
    if (!one)
      return Error::because(EINVAL, cat("--detach-keys ", quoted(text), " must be characters or ",
                                        "ctrl-LETTER, with commas between, as ctrl-p,ctrl-q"));
    parsed.keys_ += *one;
  }
  return parsed;
}

DetachKeys::Found DetachKeys::feed(std::string_view typed) {
  Found found;
  if (keys_.empty()) return {std::string(typed), false};
  for (const char c : typed) {
    // What came so far may end in a shorter beginning of the keys: "a,a,b" in "aaab".
    std::string came = keys_.substr(0, matched_) + c;
    while (!keys_.starts_with(came)) {
      found.pass += came.front();
      came.erase(0, 1);
    }
    matched_ = came.size();
    if (matched_ < keys_.size()) continue;
    found.detached = true;
    return found;
  }
  return found;
}

}  // namespace wolffia::cli::user
