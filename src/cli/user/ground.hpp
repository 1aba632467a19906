// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>

#include "base/result.hpp"
#include "cli/outer_namespace.hpp"
#include "cli/user/config.hpp"
#include "cli/user/storage.hpp"
#include "oci/convert_image.hpp"

namespace wolffia::cli::user {

/// The caller as the host counts.
struct Caller {
  uint32_t uid = 0, gid = 0;
};

/// What an image's config adds to the request, but for the user, whom only its files know. All that
/// an image can decide (I7).
Ground ground_of_image(const RunRequest& request, const oci::ImageConfig& config);

/// The passwd and group of the root file system `root`, opened inside it: a link does not lead out,
/// a FIFO does not block. One that is missing, or no file of usual size, is empty.
Result<oci::UserTables> read_user_tables(const std::string& root);

/// Finds out what the prepared root and `image` (null: a plain directory) add to the request.
/// Called in the outer namespace. The root's own tables are read inside it, however it is made: a
/// link does not lead out, a FIFO does not block. Errors: ENOENT for a user the root does not know;
/// those of the files that options name.
Result<Ground> prepare_ground(const RunRequest& request, const oci::ImageConfig* image,
                              const PreparedRoot& root, const OuterNamespace& outer, Caller caller);

/// Writes the hosts and resolv.conf of the container into its directory, where they are needed.
Result<void> write_network_files(const RunRequest& request, const ContainerDir& container,
                                 Ground& ground);

/// --init: copies our first process into the container's directory, to be shown from there. Whoever
/// may mount inside (--cap-add SYS_ADMIN) can write to what is bound from files of the caller, and
/// that must not be the program that all containers share (CVE-2019-5736).
Result<void> write_init_program(const RunRequest& request, const ContainerDir& container,
                                Ground& ground);

}  // namespace wolffia::cli::user
