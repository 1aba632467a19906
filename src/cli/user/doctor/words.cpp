// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>

#include "cli/user/doctor/check.hpp"

namespace wolffia::cli::user::doctor {
namespace {

bool is_plain(char c) {
  constexpr std::string_view kPlain = "-_./:=,@%+";
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
         kPlain.find(c) != std::string_view::npos;
}

/// A path in a profile: what its globs would take is escaped. Source: apparmor.d(5).
std::string in_profile(std::string_view path) {
  constexpr std::string_view kSpecial = "*?[]{}^\\\"";
  std::string out;
  for (const char c : path) {
    if (kSpecial.find(c) != std::string_view::npos) out += '\\';
    out += c;
  }
  return out;
}

}  // namespace

std::string shell_word(std::string_view text) {
  if (!text.empty() && std::all_of(text.begin(), text.end(), is_plain)) return std::string(text);
  std::string out = "'";
  for (const char c : text)
    out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out + "'";
}

std::string size_words(uint64_t bytes) {
  constexpr std::array<std::string_view, 6> kUnits{"bytes", "KiB", "MiB", "GiB", "TiB", "PiB"};
  size_t unit = 0;
  uint64_t rest = 0;  // of the next smaller unit
  while (bytes >= 1024 && unit + 1 < kUnits.size()) {
    rest = bytes % 1024;
    bytes /= 1024;
    ++unit;
  }
  const bool whole = unit == 0 || bytes >= 100;
  return cat(bytes, whole ? "" : cat(".", rest * 10 / 1024), " ", kUnits[unit]);
}

std::string apparmor_profile(const std::string& executable) {
  // One attachment for all of our programs: the runner starts the others from here.
  const std::string programs = cat("\"", in_profile(executable), "{,-oci,-image}\"");
  return cat(
      "# Lets the programs of wolffia make user namespaces.\n"
      "abi <abi/4.0>,\n"
      "include <tunables/global>\n\n"
      "profile wolffia ",
      programs,
      " flags=(unconfined) {\n"
      "  userns,\n"
      "  include if exists <local/wolffia>\n"
      "}\n");
}

}  // namespace wolffia::cli::user::doctor
