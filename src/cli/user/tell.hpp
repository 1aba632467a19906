// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string_view>

#include "cli/log.hpp"
#include "cli/output.hpp"

namespace wolffia::cli::user {

inline constexpr std::string_view kName = "wolffia";

/// Tells a person what was degraded, and goes on.
inline void tell(std::string_view text) {
  print_message(sentence(kName, Level::Warning, text));
}

}  // namespace wolffia::cli::user
