// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <sys/statvfs.h>

#include <cstdint>
#include <span>
#include <string>

#include "base/result.hpp"
#include "sys/fd.hpp"

/// What is done with the bytes of an open file, or with its file system.
namespace wolffia::sys {

/// Fewer than asked for only at the end of the file. Source: pread(2).
Result<size_t> read_at(const Fd& file, std::span<char> into, uint64_t offset);

/// `mode` is FALLOC_FL_*. Source: fallocate(2).
Result<void> allocate(const Fd& file, int mode, uint64_t offset, uint64_t size);

/// SEEK_DATA or SEEK_HOLE. Errors: ENXIO behind the end. Source: lseek(2).
Result<uint64_t> seek(const Fd& file, uint64_t offset, int whence);

/// How many bytes were copied within the kernel; 0 at the end of `from`.
/// Source: copy_file_range(2).
Result<size_t> copy_range(const Fd& from, uint64_t from_offset, const Fd& to, uint64_t to_offset,
                          size_t size);

/// Source: fsync(2), fdatasync(2).
enum class SyncWhat : bool { Everything, Data };
Result<void> sync_contents(const Fd& file, SyncWhat what);

/// Source: fstatvfs(3).
Result<struct statvfs> filesystem_status(const Fd& file);

/// A request on a file whose argument is read and written in place. Source: ioctl(2).
Result<int> control(const Fd& file, unsigned request, void* argument);

}  // namespace wolffia::sys
