// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <sys/types.h>

#include <cstdint>

#include "base/result.hpp"
#include "sys/fd.hpp"

namespace wolffia::sys {

/// Marks `file`, which may be a directory, as in use by this process, until it ends or closes any
/// descriptor of that file. Children made meanwhile do not carry the mark on.
/// Source: fcntl_locking(2), F_RDLCK. Errors: EINVAL or ENOLCK where the file system has no locks.
Result<void> mark_in_use(const Fd& file);

Result<void> clear_mark(const Fd& file);

/// The pid of another process that holds the mark; 0: none, or none this pid namespace can name.
/// Source: fcntl_locking(2), F_GETLK.
pid_t used_by(const Fd& file);

/// Takes the exclusive lock that goes with the open file; false when another has it.
/// Source: flock(2).
Result<bool> try_lock(const Fd& file);

enum class LockMode : uint8_t { Shared, Exclusive };
enum class LockWait : bool { No, Yes };

/// The same in either mode, or until it can be had. Errors: EINTR; ENOSYS, ENOLCK or EOPNOTSUPP
/// where a file system on a network has none of it.
Result<bool> lock_open_file(const Fd& file, LockMode mode, LockWait wait);

/// Gives up the lock of the open file, whoever has a descriptor of it.
Result<void> unlock_open_file(const Fd& file);

}  // namespace wolffia::sys
