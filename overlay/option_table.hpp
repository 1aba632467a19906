// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <span>
#include <string_view>

#include "overlay/command_line.hpp"

/// The tables that the parser reads, --help prints and the completions are rendered from; the man
/// page is checked against them.
namespace wolffia::overlay {

/// What was given for one option.
struct Given {
  std::string_view name;       // as it was written
  std::string_view value;      // as it was written, backslashes and all; empty: none
  std::string_view directory;  // where relative paths begin
};

enum class Takes : uint8_t {
  Nothing,
  Maybe,  // "noxattrs" and "noxattrs=0"
  Value,
};

/// One word of -o.
struct MountWord {
  std::string_view name;
  Takes takes = Takes::Nothing;
  std::string_view value = {};  // what help calls the value; or its words, "off|on"
  std::string_view help = {};   // empty: taken, as callers give it, and without effect here
  Result<void> (*apply)(CommandLine& line, const Given& given) = nullptr;  // null: no effect
};

/// One word that begins with a dash.
struct Flag {
  std::string_view letter;  // "-f"; empty: none
  std::string_view name;    // "--help"; empty: none
  std::string_view value;   // empty: takes none
  std::string_view help;
  Result<void> (*apply)(CommandLine& line, const Given& given) = nullptr;
};

std::span<const MountWord> mount_words();
std::span<const Flag> flags();

/// `text` without the backslashes in front of other characters, as in "\:" and "\,".
std::string unescaped(std::string_view text);

/// The path that `value` is, unescaped and made absolute.
std::string path_of(std::string_view value, std::string_view directory);

}  // namespace wolffia::overlay
