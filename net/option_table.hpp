// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <span>
#include <string_view>

#include "net/options.hpp"

/// The table that the parser reads, --help prints and the completions are rendered from; the man
/// page is checked against it.
namespace wolffia::net {

/// What was given for one option.
struct Given {
  std::string_view name;  // as it was written
  std::string_view value;
};

struct Flag {
  char letter = 0;         // 0: none
  std::string_view name;   // without dashes
  std::string_view value;  // what help calls it, or "one|another"; empty: takes none
  std::string_view help;
  Result<void> (*apply)(Options& options, const Given& given);
};

std::span<const Flag> flags();

}  // namespace wolffia::net
