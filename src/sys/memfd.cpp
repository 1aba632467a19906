// SPDX-License-Identifier: Apache-2.0
#include "sys/memfd.hpp"

#include <fcntl.h>
#include <linux/memfd.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "sys/file.hpp"

#ifndef MFD_EXEC
#define MFD_EXEC 0x0010U  // Linux 6.3
#endif

namespace wolffia::sys {
namespace {

constexpr int kSeals = F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE;

Result<Fd> make_memfd(const char* name) {
  constexpr unsigned kFlags = MFD_CLOEXEC | MFD_ALLOW_SEALING;
  int fd = ::memfd_create(name, kFlags | MFD_EXEC);
  if (fd < 0 && errno == EINVAL) fd = ::memfd_create(name, kFlags);  // before Linux 6.3
  if (fd < 0) return Error::last("memfd_create");
  return Fd(fd);
}

Result<Fd> copy_of(const char* name, const Fd& file) {
  struct stat status {};
  if (::fstat(file.get(), &status) < 0) return Error::last("fstat");
  Fd copy = TRY(make_memfd(name));
  off_t done = 0;
  while (done < status.st_size) {
    const auto left = static_cast<size_t>(status.st_size - done);
    const ssize_t n = ::sendfile(copy.get(), file.get(), &done, left);
    if (n < 0) return Error::last("sendfile");
    if (n == 0) return Error::because(EIO, "the file became shorter while it was copied");
  }
  if (::fchmod(copy.get(), S_IRUSR | S_IXUSR) < 0) return Error::last("fchmod");
  return copy;
}

}  // namespace

Result<Fd> sealed_copy(const char* name, const Fd& file) {
  constexpr int kAttempts = 8;
  for (int attempt = 1;; ++attempt) {
    Fd copy = TRY(copy_of(name, file));
    if (::fcntl(copy.get(), F_ADD_SEALS, kSeals) == 0) return copy;
    // EBUSY: somebody holds a page of it, which the kernel does itself while it compacts or
    // samples memory; it has waited for that page already. Other pages may be free.
    if (errno != EBUSY || attempt == kAttempts) return Error::last("F_ADD_SEALS");
  }
}

Result<Fd> inherited_memory_file(const char* name, std::string_view bytes) {
  const int fd = ::memfd_create(name, 0);  // NOLINT(android-cloexec-memfd-create): inherited
  if (fd < 0) return Error::last("memfd_create");
  Fd file(fd);
  TRY(write_all(file, bytes));
  return file;
}

bool is_sealed(const Fd& file) {
  const int seals = ::fcntl(file.get(), F_GET_SEALS);
  return seals >= 0 && (seals & kSeals) == kSeals;
}

Error execute_file(const Fd& file, char* const* argv, char* const* envp) {
  (void)::syscall(SYS_execveat, file.get(), "", argv, envp, AT_EMPTY_PATH);
  return Error::last("execveat");
}

}  // namespace wolffia::sys
