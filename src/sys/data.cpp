// SPDX-License-Identifier: Apache-2.0
#include "sys/data.hpp"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <unistd.h>

namespace wolffia::sys {

Result<size_t> read_at(const Fd& file, std::span<char> into, uint64_t offset) {
  size_t done = 0;
  while (done < into.size()) {
    const ssize_t n = ::pread(file.get(), into.data() + done, into.size() - done,
                              static_cast<off_t>(offset + done));
    if (n == 0) break;
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return Error::last("pread");
    done += static_cast<size_t>(n);
  }
  return done;
}

Result<void> allocate(const Fd& file, int mode, uint64_t offset, uint64_t size) {
  if (::fallocate(file.get(), mode, static_cast<off_t>(offset), static_cast<off_t>(size)) < 0)
    return Error::last("fallocate");
  return {};
}

Result<uint64_t> seek(const Fd& file, uint64_t offset, int whence) {
  const off_t at = ::lseek(file.get(), static_cast<off_t>(offset), whence);
  if (at < 0) return Error::last("lseek");
  return static_cast<uint64_t>(at);
}

Result<size_t> copy_range(const Fd& from, uint64_t from_offset, const Fd& to, uint64_t to_offset,
                          size_t size) {
  auto in = static_cast<off_t>(from_offset);
  auto out = static_cast<off_t>(to_offset);
  const ssize_t n = ::copy_file_range(from.get(), &in, to.get(), &out, size, 0);
  if (n < 0) return Error::last("copy_file_range");
  return static_cast<size_t>(n);
}

Result<void> sync_contents(const Fd& file, SyncWhat what) {
  const int done = what == SyncWhat::Data ? ::fdatasync(file.get()) : ::fsync(file.get());
  if (done < 0) return Error::last("fsync");
  return {};
}

Result<struct statvfs> filesystem_status(const Fd& file) {
  struct statvfs status {};
  if (::fstatvfs(file.get(), &status) < 0) return Error::last("fstatvfs");
  return status;
}

Result<int> control(const Fd& file, unsigned request, void* argument) {
  const int done = ::ioctl(file.get(), request, argument);
  if (done < 0) return Error::last("ioctl");
  return done;
}

}  // namespace wolffia::sys
