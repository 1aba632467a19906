// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <chrono>

#include "base/result.hpp"
#include "cli/user/record.hpp"

/// How containers come to their end.
namespace wolffia::cli::user {

/// The signal that asks its program to end: the image's StopSignal, else SIGTERM.
int stop_signal(const ContainerDir& container);

/// Asks the program to end, one that is paused too, and kills it when it has not within `patience`.
/// Nothing restarts it.
/// Errors: EBUSY when it does not die.
Result<void> stop(const Known& known, std::chrono::milliseconds patience);

/// Whether stop() was asked for since it was started.
bool was_stopped(const ContainerDir& container);

/// Kills what runs of the container, its runner too, and removes all that is left of it, however
/// damaged it is.
Result<void> remove_forcibly(const Containers& containers, ContainerDir container);

/// Ends and removes what the runtime has of the container, if anything: a runtime that was killed
/// leaves it behind.
Result<void> remove_from_runtime(const std::string& state_root, const std::string& id);
/// The same for one that has ended, before it is started again: whoever kept it may have been
/// killed. Errors: EBUSY or EINVAL where it runs after all, because somebody else starts it.
Result<void> clear_runtime(const std::string& state_root, const std::string& id);

/// Removes the directory of a container of which nothing runs. Files of subordinate ids only a
/// namespace that has them can remove.
Result<void> remove_files(const Containers& containers, const ContainerDir& container,
                          const std::string& name);

}  // namespace wolffia::cli::user
