// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <sys/stat.h>

#include <chrono>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "base/result.hpp"
#include "sys/fd.hpp"

/// Files by descriptor. `dir` may be cwd(). Every descriptor is close-on-exec.
namespace wolffia::sys {

/// Stands for AT_FDCWD: for paths of the caller, never for paths a container controls.
const Fd& cwd();

/// The absolute path of the current directory. Source: getcwd(3). Errors: ENOENT when it was
/// removed, or lies outside the root.
Result<std::string> working_directory();

/// `path` of the caller as an absolute path without links. Source: realpath(3).
Result<std::string> resolve(const char* path);

/// Opens with `flags` | O_CLOEXEC. Source: openat(2). Errors: errno of the call.
Result<Fd> open_at(const Fd& dir, const char* path, int flags, mode_t mode = 0);

/// The whole of an open file, at most `limit` bytes. Errors: EFBIG beyond the limit.
Result<std::string> read_all(const Fd& file, size_t limit);

/// The next `size` bytes. Errors: EIO where the file ends before.
Result<std::string> read_exactly(const Fd& file, size_t size);

/// open_at() and read_all() of a regular file or a /proc file.
Result<std::string> read_file(const Fd& dir, const char* path, size_t limit);

/// The same for a /proc file that is one record, as PID/stat, PID/status and sysctls are: it comes
/// in one read(2), and where that is not full nothing follows. Not for tables such as uid_map, of
/// which each read gives as many whole lines as it likes. Source: seq_read() in fs/seq_file.c.
Result<std::string> read_record(const Fd& dir, const char* path, size_t limit);

/// An empty file without a name, in memory. Source: memfd_create(2).
Result<Fd> memory_file(const char* name);

/// The next read or write is at the start of `file`. Source: lseek(2).
Result<void> rewind(const Fd& file);

/// The text of the symbolic link at a path of the caller. Source: readlink(2).
/// Errors: ENAMETOOLONG at PATH_MAX bytes and more.
Result<std::string> read_link(const char* path);

/// What the real ids may do with a file: R_OK, W_OK, X_OK. Source: access(2).
Result<void> check_access(const char* path, int mode);

/// Writes every byte, however many calls it takes. Source: write(2).
Result<void> write_all(const Fd& file, std::string_view bytes);

/// Writes `bytes` in one write(2), as /proc files want it. Opens without O_CREAT.
Result<void> write_existing(const Fd& dir, const char* path, std::string_view bytes);

enum class Durable : bool { No, Yes };

/// Replaces `name` in `dir` by a new 0600 file with `bytes`: all or nothing. With Durable::Yes the
/// file and the directory are synced before it returns. Source: rename(2), fsync(2).
Result<void> replace_file(const Fd& dir, const char* name, std::string_view bytes, Durable durable);

/// What was written to `file`, or the names in a directory, outlive a loss of power.
/// Source: fsync(2). Errors: EINVAL where the file system has no such thing.
Result<void> sync_file(const Fd& file);

/// True when something can be read, or accepted, from `file` within `timeout`; false also when a
/// signal came first. Source: poll(2).
Result<bool> readable_within(const Fd& file, std::chrono::milliseconds timeout);

/// Waits until a file of cgroups or of pressure tells that it changed since it was read last, or
/// `timeout` is over, or a signal comes. Source: poll(2), POLLPRI.
Result<void> changed_within(const Fd& file, std::chrono::milliseconds timeout);

Result<struct stat> stat_fd(const Fd& file);

/// Follows the last component. Source: fstatat(2).
Result<struct stat> stat_at(const Fd& dir, const char* path);

/// Whether reads and writes of `file` wait. Source: O_NONBLOCK in fcntl(2).
Result<void> set_blocking(const Fd& file, bool waits);

/// A pipe's reading and writing end; `flags` as O_NONBLOCK. Source: pipe2(2).
Result<std::pair<Fd, Fd>> make_pipe(int flags);

}  // namespace wolffia::sys
