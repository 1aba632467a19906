// SPDX-License-Identifier: Apache-2.0
#include "cli/output.hpp"
#include "cli/user/actions.hpp"
#include "cli/user/options_container.hpp"
#include "cli/user/session.hpp"
#include "container/resources.hpp"
#include "container/store.hpp"

/// pause and unpause.
namespace wolffia::cli::user {
namespace {

Result<void> expect_cgroup(const container::Store& runtime, const std::string& id) {
  const container::Listing listing = TRY(container::inspect(runtime, id));
  if (!listing.state.cgroup.empty()) return {};
  return Error::because(ENOTSUP,
                        cat("container ", id, " has no cgroup, and only one can pause it: ",
                            "run makes it for --memory, --cpus or --pids-limit where ",
                            "somebody gives you one (wolffia doctor)"));
}

Result<void> pause(const Known& known) {
  TRY(expect_running(known));
  if (known.paused)
    return Error::because(EINVAL, cat("container ", known.record.id, " is paused already"));
  const container::Store runtime = TRY(container::Store::open(known.record.state_root));
  TRY(expect_cgroup(runtime, known.record.id));
  return container::pause(runtime, known.record.id);
}

Result<void> unpause(const Known& known) {
  TRY(expect_running(known));
  if (!known.paused)
    return Error::because(EINVAL, cat("container ", known.record.id, " is not paused"));
  const container::Store runtime = TRY(container::Store::open(known.record.state_root));
  return container::resume(runtime, known.record.id);
}

/// With --all what `turn` would not change is passed over.
Result<int> turn_each(const Arguments& arguments, bool paused, Result<void> (*turn)(const Known&)) {
  return for_each_container(
      arguments,
      [&](const Session&, ContainerDir directory, const std::string& word) -> Result<void> {
        const Known known = TRY(examine(std::move(directory)));
        const bool can_turn = known.phase == Phase::Running && known.paused != paused;
        if (arguments.has(kEvery) && !can_turn) return {};
        TRY(turn(known));
        return print(cat(word, "\n"));
      });
}

}  // namespace

Result<int> run_pause(const Arguments& arguments) {
  return turn_each(arguments, true, pause);
}

Result<int> run_unpause(const Arguments& arguments) {
  return turn_each(arguments, false, unpause);
}

}  // namespace wolffia::cli::user
