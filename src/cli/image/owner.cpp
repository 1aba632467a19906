// SPDX-License-Identifier: Apache-2.0
#include "cli/image/commands.hpp"
#include "cli/image_options.hpp"
#include "cli/log.hpp"
#include "cli/outer_namespace.hpp"
#include "cli/output.hpp"
#include "cli/settle.hpp"
#include "cli/store_namespace.hpp"
#include "image/store.hpp"

namespace wolffia::cli::image {

namespace {

Result<int> run_in(const OuterNamespace& outer, const OwnersWork& work) {
  const std::string owners = wolffia::image::owners_of(outer.uids, outer.gids);
  return run_in_outer_namespace(outer, kProgram.name, [&]() -> Result<int> {
    auto status = work(owners);
    if (status) return status;
    print_message(sentence(kProgram.name, Level::Error, status.error().message()));
    return 1;
  });
}

}  // namespace

Result<int> run_as_owner(const Arguments& arguments, const OwnersWork& work) {
  const wolffia::image::Store store = TRY(wanted_store(arguments));
  const int status = TRY(run_in(TRY(plan_store_namespace(store.directory(), kProgram.name)), work));
  const Settling settling = arguments.has(kSync) ? Settling::BeforeEnd : Settling::Soon;
  auto settled = settle_images(store, settling);  // also where some of it has failed
  if (!settled && status == 0) return std::move(settled).error();
  return status;
}

Result<void> tell_ids() {
  tell_notices(TRY(plan_outer_namespace()), kProgram.name);
  return {};
}

Result<int> run_as_owner(const OwnersWork& work) {
  return run_in(TRY(plan_outer_namespace()), work);
}

}  // namespace wolffia::cli::image
