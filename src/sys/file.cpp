// SPDX-License-Identifier: Apache-2.0
#include "sys/file.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/mman.h>

#include <algorithm>
#include <climits>
#include <cstdio>
#include <cstdlib>
#include <memory>

namespace wolffia::sys {
namespace {

struct Free {
  void operator()(char* text) const { std::free(text); }
};
using AllocatedText = std::unique_ptr<char, Free>;  // what libc gives us to free

/// What tells that a file has been read to its end.
enum class End : uint8_t { EmptyRead, ShortRead };

Result<std::string> read_to(End end, const Fd& file, size_t limit) {
  const size_t step = end == End::ShortRead ? 4096 : 16384;
  std::string bytes;
  size_t used = 0;
  for (;;) {
    if (used == bytes.size()) bytes.resize(used + std::min(step, limit + 1 - used));
    const size_t room = bytes.size() - used;
    const ssize_t n = ::read(file.get(), bytes.data() + used, room);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return Error::last("read");
    used += static_cast<size_t>(n);
    if (used > limit) return Error::because(EFBIG, cat("larger than ", limit, " bytes"));
    if (n == 0 || (end == End::ShortRead && static_cast<size_t>(n) < room)) break;
  }
  bytes.resize(used);
  return bytes;
}

}  // namespace

const Fd& cwd() {
  // AT_FDCWD is negative, so this Fd owns nothing and its destructor closes nothing.
  static const Fd here(AT_FDCWD);
  return here;
}

Result<std::string> working_directory() {
  const AllocatedText path(::getcwd(nullptr, 0));
  if (!path) return Error::last("getcwd");
  // Outside our root the kernel starts it with "(unreachable)". Source: getcwd(3).
  if (*path != '/') return Error::because(ENOENT, "the current directory is out of reach");
  return std::string(path.get());
}

Result<std::string> resolve(const char* path) {
  const AllocatedText resolved(::realpath(path, nullptr));
  if (!resolved) return Error::last("realpath");
  return std::string(resolved.get());
}

Result<Fd> open_at(const Fd& dir, const char* path, int flags, mode_t mode) {
  const int fd = ::openat(dir.get(), path, flags | O_CLOEXEC, mode);
  if (fd < 0) return Error::last("openat");
  return Fd(fd);
}

Result<std::string> read_all(const Fd& file, size_t limit) {
  return read_to(End::EmptyRead, file, limit);
}

Result<std::string> read_exactly(const Fd& file, size_t size) {
  std::string bytes(size, '\0');
  for (size_t used = 0; used < size;) {
    const ssize_t n = ::read(file.get(), bytes.data() + used, size - used);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return Error::last("read");
    if (n == 0) return Error::because(EIO, cat("ends after ", used, " of ", size, " bytes"));
    used += static_cast<size_t>(n);
  }
  return bytes;
}

Result<std::string> read_file(const Fd& dir, const char* path, size_t limit) {
  const Fd file = TRY(open_at(dir, path, O_RDONLY | O_NOCTTY));
  return read_all(file, limit);
}

Result<std::string> read_record(const Fd& dir, const char* path, size_t limit) {
  const Fd file = TRY(open_at(dir, path, O_RDONLY | O_NOCTTY));
  return read_to(End::ShortRead, file, limit);
}

Result<Fd> memory_file(const char* name) {
  const int fd = ::memfd_create(name, MFD_CLOEXEC);
  if (fd < 0) return Error::last("memfd_create");
  return Fd(fd);
}

Result<void> rewind(const Fd& file) {
  if (::lseek(file.get(), 0, SEEK_SET) < 0) return Error::last("lseek");
  return {};
}

Result<std::string> read_link(const char* path) {
  std::string text(PATH_MAX, '\0');
  const ssize_t length = ::readlink(path, text.data(), text.size());
  if (length < 0) return Error::last("readlink");
  if (static_cast<size_t>(length) == text.size())
    return Error::because(ENAMETOOLONG, cat("the target of ", path, " is too long"));
  text.resize(static_cast<size_t>(length));
  return text;
}

Result<void> check_access(const char* path, int mode) {
  if (::access(path, mode) < 0) return Error::last("access");
  return {};
}

Result<void> write_all(const Fd& file, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t n = ::write(file.get(), bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return Error::last("write");
    bytes.remove_prefix(static_cast<size_t>(n));
  }
  return {};
}

Result<void> write_existing(const Fd& dir, const char* path, std::string_view bytes) {
  const Fd file = TRY(open_at(dir, path, O_WRONLY | O_NOCTTY));
  if (::write(file.get(), bytes.data(), bytes.size()) < 0) return Error::last("write");
  return {};
}

Result<void> replace_file(const Fd& dir, const char* name, std::string_view bytes,
                          Durable durable) {
  const std::string temporary = cat(".", name, ".", ::getpid());
  const auto undo = [&](Error error) {
    (void)::unlinkat(dir.get(), temporary.c_str(), 0);  // the first failure is the one to tell
    return error;
  };
  const Fd file = TRY(open_at(dir, temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW,
                              S_IRUSR | S_IWUSR));
  if (auto written = write_all(file, bytes); !written) return undo(std::move(written).error());
  if (durable == Durable::Yes && ::fsync(file.get()) < 0) return undo(Error::last("fsync"));
  if (::renameat(dir.get(), temporary.c_str(), dir.get(), name) < 0)
    return undo(Error::last("renameat"));
  if (durable == Durable::Yes && ::fsync(dir.get()) < 0) return Error::last("fsync");
  return {};
}

Result<void> sync_file(const Fd& file) {
  if (::fsync(file.get()) < 0) return Error::last("fsync");
  return {};
}

Result<bool> readable_within(const Fd& file, std::chrono::milliseconds timeout) {
  pollfd watched{.fd = file.get(), .events = POLLIN, .revents = 0};
  const int ready = ::poll(&watched, 1, static_cast<int>(timeout.count()));
  if (ready < 0 && errno != EINTR) return Error::last("poll");
  return ready > 0;
}

Result<void> changed_within(const Fd& file, std::chrono::milliseconds timeout) {
  pollfd watched{.fd = file.get(), .events = POLLPRI, .revents = 0};
  if (::poll(&watched, 1, static_cast<int>(timeout.count())) < 0 && errno != EINTR)
    return Error::last("poll");
  return {};
}

Result<struct stat> stat_fd(const Fd& file) {
  struct stat status {};
  if (::fstat(file.get(), &status) < 0) return Error::last("fstat");
  return status;
}

Result<struct stat> stat_at(const Fd& dir, const char* path) {
  struct stat status {};
  if (::fstatat(dir.get(), path, &status, 0) < 0) return Error::last("fstatat");
  return status;
}

Result<void> set_blocking(const Fd& file, bool waits) {
  const int flags = ::fcntl(file.get(), F_GETFL);
  if (flags < 0) return Error::last("fcntl");
  if (::fcntl(file.get(), F_SETFL, waits ? flags & ~O_NONBLOCK : flags | O_NONBLOCK) < 0)
    return Error::last("fcntl");
  return {};
}

Result<std::pair<Fd, Fd>> make_pipe(int flags) {
  int ends[2];
  if (::pipe2(ends, flags | O_CLOEXEC) < 0) return Error::last("pipe2");
  return std::pair(Fd(ends[0]), Fd(ends[1]));
}

}  // namespace wolffia::sys
