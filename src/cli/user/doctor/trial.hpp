// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "cli/user/doctor/ask.hpp"
#include "cli/user/doctor/facts.hpp"

namespace wolffia::cli::user::doctor {

/// Does what the start of a container does, in a process of its own, and notes what the kernel
/// says: namespaces with the ids of `user`, mounts in them, the kernel's overlay with its upper
/// directory in `store` (a directory of ours that exists; else it is not tried). A kill in the
/// middle leaves one directory ".wolffia-doctor-…" in `store` or where scratch is, which the next
/// one removes.
Trials try_a_start(const plan::UserNamespacePlan& user, const std::string& store,
                   Clock::time_point deadline);

}  // namespace wolffia::cli::user::doctor
