// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <optional>
#include <string>

#include "base/result.hpp"
#include "cli/outer_namespace.hpp"
#include "cli/user/containers.hpp"
#include "cli/user/ground.hpp"
#include "cli/user/images.hpp"
#include "cli/user/record.hpp"
#include "cli/user/request.hpp"
#include "cli/user/storage.hpp"

namespace wolffia::cli::user {

/// A container that can be started: everything is there but its namespaces.
struct Assembly {
  RunRequest request;
  std::string runtime;  // path of wolffia-oci
  OuterNamespace outer;
  Caller caller;
  Containers containers;
  std::optional<FoundImage> image;  // nullopt: a plain directory
  ContainerDir container;
  Record record;
  bool is_new = true;  // nothing is lost with it
};

/// Gets the image and makes the container's directory with its name and record. `words` is the
/// command line of `run`.
Result<Assembly> assemble(const RunRequest& request, const std::string& runtime,
                          const std::vector<std::string>& words);

/// The same for a container that exists and does not run.
Result<Assembly> assemble_again(const RunRequest& request, const std::string& runtime, Known known,
                                Containers containers);

/// Its root file system, and what that and its image add to the request.
struct Prepared {
  PreparedRoot root;
  Ground ground;
};

/// Makes the root file system and looks at it. Called in the outer namespace.
Result<Prepared> prepare(const Assembly& assembly, helper::DaemonLine& line);

/// What the runtime is given.
struct Described {
  PreparedRoot root;
  std::string config;  // config.json
  bool keeps_owners;   // its filter expects somebody who notes them
  plan::CgroupManager cgroups;
};

/// Makes the files of the container, and says how it would run. Called in the outer namespace.
Result<Described> describe(const Assembly& assembly, Prepared prepared);

/// --dry-run: the ids of the namespace that all else happens in, as the plan has them.
Result<void> print_outer(const OuterNamespace& outer);

/// The status of a run that failed by us.
inline constexpr int kRunnerFailed = 125;

/// A file in the container's directory that the runtime makes where memory ran out.
inline constexpr const char* kOomFile = "oom";

/// What is said of a container whose root file system is gone; its status is 125.
inline constexpr const char* kStorageDied =
    "the container was killed, as what served its files died";

enum class Wait : bool { No, Yes };

/// What serves a container, if anything does.
struct Lines {
  helper::DaemonLine storage;  // its root file system
  helper::DaemonLine network;
  static Result<Lines> make();
};

/// Starts the runtime in the outer namespace, and the daemons that `lines` holds; with Wait::No it
/// returns when the program runs, which is then a child of the nearest subreaper, or, if it has a
/// terminal, waits for container::start(). Returns the exit status.
Result<int> start_runtime(const Assembly& assembly, Wait wait, Lines& lines, const Vigil& vigil);

/// The current time as records have it.
std::string now();

}  // namespace wolffia::cli::user
