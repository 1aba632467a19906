// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <vector>

#include "base/result.hpp"
#include "cli/option.hpp"

namespace wolffia::cli::user {

/// A directory or file of the host that is shown inside.
struct Volume {
  std::string source;  // absolute
  std::string target;  // absolute, inside
  bool readonly = false;
};

enum class Network : bool { None, Host };

/// What `wolffia run` was asked for, with every path absolute.
struct RunRequest {
  std::string directory;
  bool is_bundle = false;            // it holds a config.json
  std::vector<std::string> command;  // empty: the bundle's own, or a shell
  bool interactive = false;
  bool terminal = false;
  std::vector<Volume> volumes;
  std::vector<std::string> env;  // NAME=VALUE
  std::string workdir;           // empty: the bundle's own, or "/"
  std::string hostname;          // empty: likewise
  std::optional<Network> network;
  bool readonly = false;
  bool dry_run = false;
};

/// Errors: EINVAL naming the option and what it takes; ENOENT naming a directory that is missing.
Result<RunRequest> make_request(const Arguments& arguments);

}  // namespace wolffia::cli::user
