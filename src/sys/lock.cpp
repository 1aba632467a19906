// SPDX-License-Identifier: Apache-2.0
#include "sys/lock.hpp"

#include <fcntl.h>
#include <sys/file.h>

namespace wolffia::sys {
namespace {

struct flock whole_file(short type) {
  struct flock range {};
  range.l_type = type;
  range.l_whence = SEEK_SET;
  return range;
}

}  // namespace

Result<void> mark_in_use(const Fd& file) {
  struct flock range = whole_file(F_RDLCK);  // a directory can't be open for writing
  if (::fcntl(file.get(), F_SETLK, &range) < 0) return Error::last("fcntl");
  return {};
}

Result<void> clear_mark(const Fd& file) {
  struct flock range = whole_file(F_UNLCK);
  if (::fcntl(file.get(), F_SETLK, &range) < 0) return Error::last("fcntl");
  return {};
}

pid_t used_by(const Fd& file) {
  struct flock range = whole_file(F_WRLCK);
  if (::fcntl(file.get(), F_GETLK, &range) < 0 || range.l_type == F_UNLCK) return 0;
  return range.l_pid > 0 ? range.l_pid : 0;
}

Result<bool> try_lock(const Fd& file) {
  return lock_open_file(file, LockMode::Exclusive, LockWait::No);
}

Result<bool> lock_open_file(const Fd& file, LockMode mode, LockWait wait) {
  const int how = mode == LockMode::Shared ? LOCK_SH : LOCK_EX;
  if (::flock(file.get(), wait == LockWait::Yes ? how : how | LOCK_NB) == 0) return true;
  if (errno == EWOULDBLOCK) return false;
  return Error::last("flock");
}

Result<void> unlock_open_file(const Fd& file) {
  if (::flock(file.get(), LOCK_UN) < 0) return Error::last("flock");
  return {};
}

}  // namespace wolffia::sys
