// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "cli/user/limits.hpp"
#include "cli/user/request.hpp"
#include "json/writer.hpp"
#include "oci/image_spec.hpp"
#include "oci/runtime_spec.hpp"

namespace wolffia::cli::user {

/// What the root file system and its image add to what was asked for.
struct Ground {
  std::string root;                     // absolute path
  bool readonly = false;                // it cannot be written to
  std::vector<std::string> args;        // the image's, with the command's
  std::vector<std::string> env;         // the image's
  std::string workdir;                  // the image's; may be empty
  oci::User user;                       // who the program is, inside
  oci::Annotations annotations;         // the image's, then the labels of the command line
  std::vector<std::string> volumes;     // the image's: writable also where the root is not
  std::string hosts, resolv_conf;       // files of ours that take the place; empty: none
  std::string passwd, group;            // likewise
  std::string init_program;             // --init: the host's path of the container's copy
  std::optional<oci::Seccomp> seccomp;  // of a file; none: ours
  bool is_connected = false;            // the runtime will be in the container's network
  std::string owners_socket;            // who notes owners that do not exist; empty: nobody
  LimitPlan limits;
  /// A user namespace of its own, where the ids outside are one and the program's is another.
  std::optional<oci::IdMap> uid_map, gid_map;
  std::string user_namespace;  // where that one is, if it is made already
};

/// The config.json of an image or a plain root directory: own namespaces, a small set of
/// capabilities, no_new_privs, our seccomp profile, and of the host's environment only
/// kPassedVariables; what the request says beyond that.
std::string config_for_root(const RunRequest& request, const Ground& ground);

/// `text`, a bundle's config.json, with what the command line asks for in addition: only the
/// members it names are changed. Errors: EINVAL where `text` is no object of the right shape.
Result<std::string> config_for_bundle(const RunRequest& request, std::string text);

/// Writes one mount as config.json has it.
void write_mount(json::Writer& out, const oci::Mount& mount);

/// The capabilities that are left of ours when `drop` and `add` were applied, in this order.
std::vector<std::string> chosen_capabilities(const std::vector<std::string>& add,
                                             const std::vector<std::string>& drop);

}  // namespace wolffia::cli::user
