// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "cli/user/containers.hpp"
#include "sys/fd.hpp"

/// Where what a container changes lies when the file system of its store cannot hold it: the
/// kernel's overlay writes to no NFS, Lustre or FUSE.
///
///   containers/ID/scratch              a symbolic link to PLACE/wolffia-UID/scratch/ID
///   PLACE/wolffia-UID/scratch/ID/container   a symbolic link back to containers/ID
///   PLACE/wolffia-UID/scratch/ID/{upper,work}
///
/// The link to it is made first and removed last: whatever is killed, `rm` finds it. What a
/// container that is gone left on this machine, gc finds by the link back.
namespace wolffia::cli::user {

/// PLACE/wolffia-UID/scratch for each place of local_scratch(). `uid` as the host counts.
std::vector<std::string> scratch_places(uint32_t uid);

/// The directory of the container below `place`, and the links. Called in the outer namespace.
/// Errors: EPERM where `place` is not ours alone.
Result<sys::Fd> make_scratch(const ContainerDir& container, const std::string& place);

/// Its path; nullopt: the container has none.
std::optional<std::string> scratch_of(const sys::Fd& container);

/// Errors: ENOENT, a sentence, where it is not on this machine; EPERM where its place is not ours
/// alone: after a reboot others can have made it anew.
Result<sys::Fd> open_scratch(const ContainerDir& container, const std::string& path);

/// Removes it with the link, as far as the caller's ids allow; none is no error.
Result<void> remove_scratch(const sys::Fd& container);

/// Removes what containers left that are gone, as far as the caller's ids allow.
void sweep_scratch(const std::vector<std::string>& places);

}  // namespace wolffia::cli::user
