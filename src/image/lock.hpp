// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <sys/types.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/result.hpp"
#include "sys/fd.hpp"
#include "sys/lock.hpp"

/// Named locks in a directory that several machines may share.
///
/// They are those of flock(2). A file system that has none (Lustre without "flock", NFS without its
/// lock daemon: ENOSYS, ENOLCK, EOPNOTSUPP) gets files instead, which link(2) makes: see
/// lock_file.hpp. Which it is, the first lock finds out; WOLFFIA_FORCE_FALLBACK with the word
/// "flock" in its list takes files from the start, as tests do.
namespace wolffia::image {

using sys::LockMode;

/// Called once, before waiting for a lock that somebody else has.
using OnWait = std::function<void()>;

/// How files do as locks.
struct LockTimes {
  std::chrono::milliseconds lease{60'000};  // so long a holder on another machine is believed
  std::chrono::milliseconds heartbeat{15'000};
  std::chrono::milliseconds poll{200};
};

class LinkLock;

/// Held until it is destroyed, or the process ends. A forked child does not hold it.
class Lock {
 public:
  Lock(Lock&& other) noexcept;
  Lock& operator=(Lock&& other) noexcept;
  ~Lock();

 private:
  friend class Locks;
  Lock(std::shared_ptr<const sys::Fd> directory, std::string name, sys::Fd file);
  explicit Lock(std::unique_ptr<LinkLock> link);
  void release() noexcept;

  std::shared_ptr<const sys::Fd> directory_;  // null: there is nothing to release
  std::string name_;                          // of the file, to be removed; may be empty
  sys::Fd file_;                              // locked by flock(2)
  std::unique_ptr<LinkLock> link_;
  pid_t owner_;
};

/// The locks in one directory. A name is that of a file, without a dot, of at most 180 characters.
/// One object may be used by several threads.
class Locks {
 public:
  explicit Locks(sys::Fd directory, LockTimes times = {});

  const sys::Fd& directory() const { return *directory_; }

  /// nullopt: somebody else has it.
  Result<std::optional<Lock>> try_take(const std::string& name, LockMode mode);
  /// Waits for as long as it takes. Errors: EINTR when a signal was caught meanwhile.
  Result<Lock> take(const std::string& name, LockMode mode, const OnWait& on_wait = {});

 private:
  struct Wish;  // one lock asked for, and how patiently
  Result<std::optional<Lock>> acquire(const Wish& wish);
  Result<std::optional<Lock>> acquire_by_flock(const Wish& wish) const;
  Result<std::optional<Lock>> acquire_by_link(const Wish& wish) const;

  std::shared_ptr<const sys::Fd> directory_;
  LockTimes times_;
  std::unique_ptr<std::atomic<bool>> by_link_;
};

}  // namespace wolffia::image
