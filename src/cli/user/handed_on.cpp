// SPDX-License-Identifier: Apache-2.0
#include "cli/user/handed_on.hpp"

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "cli/image_options.hpp"
#include "cli/user/commands.hpp"
#include "cli/user/programs.hpp"

namespace wolffia::cli::user {

const Program kImageProgram = image::kProgram;

namespace {

/// Behind --store, the one option that may stand in front: both programs have it.
size_t first_behind_store(std::span<const char* const> words) {
  size_t i = 0;
  while (i < words.size()) {
    const std::string_view word = words[i];
    if (word == "--store")
      i += 2;
    else if (word.starts_with("--store="))
      ++i;
    else
      break;
  }
  return i;
}

}  // namespace

Result<bool> hand_on(std::span<const char* const> words) {
  const size_t at = first_behind_store(words);
  if (at >= words.size()) return false;
  const auto is_it = [&](const Command* command) {
    return command->handed_to && command->name == words[at];
  };
  if (std::none_of(kCommands.begin(), kCommands.end(), is_it)) return false;
  return become_image_program({words.begin(), words.end()});
}

}  // namespace wolffia::cli::user
