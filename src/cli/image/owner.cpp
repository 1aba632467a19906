// SPDX-License-Identifier: Apache-2.0
#include "cli/image/commands.hpp"
#include "cli/image/options.hpp"
#include "cli/log.hpp"
#include "cli/outer_namespace.hpp"
#include "cli/output.hpp"
#include "image/store.hpp"

namespace wolffia::cli::image {

Result<int> run_as_owner(const std::function<Result<int>(const std::string& owners)>& work) {
  const OuterNamespace outer = TRY(plan_outer_namespace(kProgram.name));
  const std::string owners = wolffia::image::owners_of(outer.uids, outer.gids);
  return run_in_outer_namespace(outer, kProgram.name, [&]() -> Result<int> {
    auto status = work(owners);
    if (status) return status;
    print_message(sentence(kProgram.name, Level::Error, status.error().message()));
    return 1;
  });
}

}  // namespace wolffia::cli::image
