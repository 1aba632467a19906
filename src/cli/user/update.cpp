// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>

#include "base/words.hpp"
#include "cli/output.hpp"
#include "cli/user/actions.hpp"
#include "cli/user/commands.hpp"
#include "cli/user/limits.hpp"
#include "cli/user/recorded.hpp"
#include "cli/user/session.hpp"
#include "cli/user/tell.hpp"
#include "container/cgroups.hpp"
#include "container/resources.hpp"

/// update: other limits for a container, now and whenever it is started again.
namespace wolffia::cli::user {
namespace {

struct Changeable {
  const Option* option;
  std::string_view controller;
};
constexpr std::array kChangeable{Changeable{&kMemory, "memory"}, Changeable{&kCpus, "cpu"},
                                 Changeable{&kPidsLimit, "pids"}};

std::string prefix_of(const Option& option) {
  return cat("--", option.name, "=");
}

/// What was changed before, but for what is changed now.
std::vector<std::string> updated_with(std::vector<std::string> updated,
                                      const Arguments& arguments) {
  for (const Changeable& one : kChangeable) {
    const auto value = arguments.find(*one.option);
    if (!value) continue;
    const std::string prefix = prefix_of(*one.option);
    std::erase_if(updated, [&](const std::string& word) { return word.starts_with(prefix); });
    updated.push_back(cat(prefix, *value));
  }
  return updated;
}

Result<void> expect_controllers(const cgroup::Group& group, const Arguments& arguments,
                                const std::string& id) {
  const std::string has = TRY(group.read("cgroup.controllers"));
  for (const Changeable& one : kChangeable) {
    if (!arguments.has(*one.option)) continue;
    bool found = false;
    for (Words words(has); !words.empty();)
      found |= words.next() == one.controller;
    if (found) continue;
    return Error::because(
        ENOTSUP, cat("the cgroup of container ", id, " is without the ", "controller ",
                     one.controller, ", as it was started with ", "no --", one.option->name,
                     ": wolffia stop ", id, ", then update and start it"));
  }
  return {};
}

/// In the cgroup of a container that runs.
Result<void> change_now(const Known& known, const Arguments& arguments) {
  const std::string& id = known.record.id;
  const container::Store runtime = TRY(container::Store::open(known.record.state_root));
  const container::Listing listing = TRY(container::inspect(runtime, id));
  if (listing.state.cgroup.empty())
    return Error::because(
        ENOTSUP, cat("container ", id, " has no cgroup, so its limits stay what ",
                     "they are while it runs: wolffia stop ", id, ", then update and start it"));
  const cgroup::Group group = TRY(container::group_of(listing.state));
  TRY(expect_controllers(group, arguments, id));
  const bool limits_swap = bool(group.read("memory.swap.max"));
  const oci::Resources changed = TRY(resources_to_change(arguments, limits_swap));
  return container::update(runtime, id, changed, [](std::string_view text) { tell(text); });
}

}  // namespace

Result<int> run_update(const Arguments& arguments) {
  const bool any = std::any_of(kChangeable.begin(), kChangeable.end(),
                               [&](const Changeable& one) { return arguments.has(*one.option); });
  if (!any)
    return Error::because(EINVAL, "update needs --memory, --cpus or --pids-limit: what to change");
  (void)TRY(resources_to_change(arguments, false));  // a wrong value is told once
  return for_each_container(
      arguments,
      [&](const Session&, ContainerDir directory, const std::string& word) -> Result<void> {
        const Known known = TRY(examine(std::move(directory)));
        if (known.phase == Phase::Starting)
          return Error::because(
              EBUSY, cat("container ", known.record.id, " is just being started: try again"));
        if (known.phase == Phase::Running) TRY(change_now(known, arguments));
        TRY(save_updated(known.directory, updated_with(known.record.updated, arguments)));
        return print(cat(word, "\n"));
      });
}

}  // namespace wolffia::cli::user
