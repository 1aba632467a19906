// SPDX-License-Identifier: Apache-2.0
#include "base/version.hpp"
#include "cli/completion.hpp"
#include "cli/output.hpp"
#include "cli/user/actions.hpp"
#include "cli/user/commands.hpp"

/// completion and version.
namespace wolffia::cli::user {

Result<int> run_completion(const Arguments& arguments) {
  const std::string_view shell = arguments.positionals()[0];
  if (shell != "bash" && shell != "zsh" && shell != "fish")
    return Error::because(EINVAL, "completion knows bash, zsh and fish");
  TRY(print(shell == "bash"  ? bash_completion(kProgram)
            : shell == "zsh" ? zsh_completion(kProgram)
                             : fish_completion(kProgram)));
  return 0;
}

Result<int> run_version(const Arguments&) {
  TRY(print(cat(kProgram.name, " version ", wolffia::kVersion, "\ncommit: ", kCommit, "\n")));
  return 0;
}

}  // namespace wolffia::cli::user
