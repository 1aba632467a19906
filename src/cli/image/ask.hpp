// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace wolffia::cli::image {

/// Whether standard input is a terminal, with somebody to be asked.
bool can_ask();

/// A line of standard input without its end; `what` is what messages call it.
/// Errors: EINVAL when it is empty, or too long.
Result<std::string> read_line(std::string_view what);

/// Asks at the terminal; what is typed is not shown. Precondition: can_ask(). Errors: as
/// read_line().
Result<std::string> ask_hidden(std::string_view what);

}  // namespace wolffia::cli::image
