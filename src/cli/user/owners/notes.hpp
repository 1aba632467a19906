// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>

#include "base/result.hpp"
#include "cli/user/owners/call.hpp"
#include "cli/user/owners/caller.hpp"
#include "sys/fd.hpp"

namespace wolffia::cli::user::owners {

/// What is to become of a call: it is made after all, or its work was done here.
enum class Outcome : bool { GoesOn, Done };

/// The root file system of the container: where owners are noted.
struct Root {
  const sys::Fd& proc;
  uint64_t mount;  // the number of the root's mount: what else is mounted is no business of ours
};

/// Gives the file of `call` its owner. Where nobody can note it (a symbolic link, a file system
/// without attributes of users, a tmpfs) the call succeeds and nothing is kept. `text`: the path.
/// Errors: those of chown(2), to be the caller's.
Result<Outcome> change_owner(const Root& root, const Caller& caller, const Call& call,
                             const std::string& text);

/// Makes an empty file that is noted to be a device. Errors: those of mknod(2).
Result<Outcome> make_device(const Root& root, const Caller& caller, const Call& call,
                            const std::string& text);

}  // namespace wolffia::cli::user::owners
