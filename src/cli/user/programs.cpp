// SPDX-License-Identifier: Apache-2.0
#include "cli/user/programs.hpp"

#include "cli/outer_namespace.hpp"
#include "cli/user/tell.hpp"
#include "launch/programs.hpp"

namespace wolffia::cli::user {

Error become_image_program(const std::vector<std::string>& words) {
  const auto program = launch::find_program("wolffia-image");
  if (!program) return program.error();
  std::vector<std::string> argv{std::string(kName)};
  argv.insert(argv.end(), words.begin(), words.end());
  return become(*program, argv);
}

}  // namespace wolffia::cli::user
