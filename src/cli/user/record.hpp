// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/result.hpp"
#include "cli/user/containers.hpp"
#include "cli/user/request.hpp"
#include "container/identity.hpp"

namespace wolffia::cli::user {

inline constexpr const char* kRecord = "container.json";

/// container.json: who a container is. Written when it is made and each time it is started anew;
/// whether it runs is not in it, but is asked of the kernel.
struct Record {
  std::string id, name;
  std::string image, image_id;  // as written; "sha256:…"; both empty for a directory
  std::string directory;        // of a plain directory; else empty
  std::vector<std::string> command;
  std::vector<std::string> words;  // the command line of `run`, which `start` reads again
  std::string cwd;                 // where it was given
  std::string created;             // RFC 3339
  std::string state_root;          // of wolffia-oci
  container::Identity runner;      // who waits for it: wolffia run, or the supervisor
  bool detached = false;
  bool remove = false;  // with its end
  uint32_t stop_timeout = kUsualPatience;
  std::vector<std::pair<std::string, std::string>> labels;
  uint32_t network_restarts = 0;  // of its daemon, since the container's start
  std::string network_error;      // not empty: that is gone for good
  /// What `update` changed since, which counts more than `words`: "--memory=64m". Kept in a file of
  /// its own, as a supervisor writes the rest anew.
  std::vector<std::string> updated = {};
};

std::string encode_record(const Record& record);
/// Errors: EINVAL for everything encode_record() cannot have written.
Result<Record> decode_record(std::string text);

Result<void> save_record(const ContainerDir& container, const Record& record);
Result<Record> load_record(const ContainerDir& container);
Result<void> save_updated(const ContainerDir& container, const std::vector<std::string>& updated);

/// The file "exit": how the program ended.
struct Exit {
  int status = 0;        // as a shell has it
  std::string finished;  // RFC 3339
  uint32_t restarts = 0;
  std::string error = {};   // not empty: it could not be started
  bool oom_killed = false;  // the kernel killed a process of it for want of memory
};
Result<void> save_exit(const ContainerDir& container, const Exit& exit);
/// nullopt: it has not ended, or nobody was there to write it.
std::optional<Exit> load_exit(const ContainerDir& container);

enum class Phase : uint8_t {
  Starting,  // its runner lives, its program does not (yet, or again)
  Running,
  Exited,
  Dead,  // it ended, and its runner was killed before it could write how
};

/// Everything known of a container.
struct Known {
  ContainerDir directory;
  Record record;
  Phase phase = Phase::Dead;
  std::optional<Exit> exit;
  container::Identity init;  // Running
  bool paused = false;       // Running, but stands still
};

/// "running", "paused": what a person calls its phase.
const char* status_name(const Known& known);

/// Errors: EINVAL, a sentence, where its record is missing or damaged: `rm -f` removes it.
Result<Known> examine(ContainerDir directory);

/// examine() of every container that has a record, in the order of their making.
Result<std::vector<Known>> examine_all(const Containers& containers);

}  // namespace wolffia::cli::user
