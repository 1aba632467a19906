// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <memory>
#include <string_view>

#include "image/transfer/progress.hpp"

namespace wolffia::cli::image {

enum class Show : uint8_t {
  Bars,   // one line a blob, drawn anew at most ten times a second
  Plain,  // a line when something begins and ends
  Json,   // an object a line: {"event":"begin","digest":…,"total":…,"done":…}
  None,
};

/// Bars where standard error is a terminal, else plain lines.
Show choose_show();

/// Writes to standard error.
std::unique_ptr<wolffia::image::Progress> make_progress(Show show);

}  // namespace wolffia::cli::image
