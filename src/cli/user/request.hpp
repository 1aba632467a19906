// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "cli/option.hpp"
#include "cli/user/values.hpp"
#include "helper/network.hpp"
#include "oci/runtime_spec.hpp"

namespace wolffia::cli::user {

/// What is run.
enum class RootKind : uint8_t { Directory, Bundle, Image, File };

/// Which ids exist inside.
enum class Ids : uint8_t {
  All,   // 0 is the caller, the subordinate ids follow; one only where there are none
  Root,  // only 0, which is the caller
  Own,   // only the caller's own number
};

/// What the root file system of an image's container is made by.
enum class Storage : uint8_t {
  Probed,   // the first of these that works here
  Overlay,  // the kernel's overlay
  Fuse,     // wolffia-overlay
  Copy      // a copy of the layers, made for the container
};

enum class Network : uint8_t {
  None,
  Host,
  Slirp  // its own, connected by wolffia-net
};
enum class Pull : uint8_t { Missing, Always, Newer, Never };

/// When a container that ended is started again.
struct RestartPolicy {
  enum class When : uint8_t { Never, OnFailure, Always };
  When when = When::Never;
  uint32_t most = 0;  // times; 0: without end
};

/// Limits that a cgroup would keep; 0: not asked for.
struct Limits {
  uint64_t memory = 0;           // bytes
  uint64_t cpu_thousandths = 0;  // of one processor
  uint64_t pids = 0;
  bool strict = false;  // what cannot be applied is an error
};

/// What is kept of a detached container's output.
struct LogLimits {
  uint64_t max_size = 0;  // bytes of one file; 0: without end
  uint32_t max_files = 2;
};

/// The seccomp profile: ours, none, or that of a file (JSON, as containers-common has it).
struct SeccompChoice {
  bool confined = true;
  std::string file;
};

/// Seconds between the signal that asks a program to end and the one that kills it.
inline constexpr uint32_t kUsualPatience = 10;
inline constexpr uint32_t kMostPatience = 1'000'000;

/// What `wolffia run` was asked for, with every path absolute.
struct RunRequest {
  RootKind kind = RootKind::Directory;
  std::string directory;  // Directory, Bundle, and the image in a File
  std::string image;      // Image: as written
  Pull pull = Pull::Missing;
  Storage storage = Storage::Probed;
  std::string platform;  // empty: this machine's

  std::vector<std::string> command;       // empty: the image's or bundle's own, or a shell
  std::optional<std::string> entrypoint;  // empty: none
  std::vector<std::string> env;           // NAME=VALUE
  size_t env_of_files = 0;                // so many of them are of --env-file
  bool clean_env = false;                 // nothing of the host's environment
  std::string workdir;                    // empty: the image's or bundle's own, or "/"
  std::string user;                       // empty: likewise
  Ids ids = Ids::All;
  bool keep_groups = false;
  bool interactive = false;
  bool terminal = false;
  bool init = false;

  std::vector<oci::Mount> mounts;            // in the order given, as config.json has them
  std::vector<std::string_view> mounted_by;  // the option each of them comes from: "--volume"
  std::string home;                          // empty: not shown
  bool readonly = false;
  uint64_t shm_size = 0;  // bytes; 0: as the kernel has it

  std::vector<std::string> cap_add, cap_drop;  // "CAP_CHOWN", "ALL"
  bool no_new_privileges = true;
  SeccompChoice seccomp;
  std::vector<Ulimit> rlimits;
  Limits limits;

  std::optional<Network> network;
  std::string network_reason = "default";  // or the option that asked for it
  std::vector<helper::PublishedPort> ports;
  helper::NetworkPolicy policy;
  std::vector<std::string> dns;  // addresses
  std::vector<std::string> dns_search;
  std::vector<std::string> hosts;  // lines of hosts(5)
  std::string hostname;            // empty: the bundle's own, or one of ours

  std::string name;  // empty: one is made up
  std::vector<std::pair<std::string, std::string>> labels;
  std::string cidfile;  // empty: none
  bool detach = false;
  bool remove = false;
  uint64_t timeout = 0;  // seconds; 0: none
  uint32_t stop_timeout = kUsualPatience;
  RestartPolicy restart;
  LogLimits log;
  std::string store;  // --store
  bool dry_run = false;
};

/// Errors: EINVAL naming the option and what it takes; ENOENT naming a directory that is missing.
Result<RunRequest> make_request(const Arguments& arguments);

/// --memory, --cpus and --pids-limit, as far as they are given.
Result<void> read_group_limits(const Arguments& arguments, Limits& limits);

/// --storage.
Storage storage_wanted(const Arguments& arguments);

/// -v, --mount, --tmpfs, --device, --here and --home; `here` is the current directory.
Result<void> read_mounts(const Arguments& arguments, const std::string& here, RunRequest& request);

/// --net, --publish, --allow, --deny, --offline, and what /etc has of the network.
Result<void> read_network(const Arguments& arguments, RunRequest& request);

}  // namespace wolffia::cli::user
