// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "image/lock.hpp"

/// Locks that are files, for file systems without flock(2). NAME.held is the exclusive one, made by
/// link(2), which is atomic on every file system; NAME.shared-UNIQUE is one of many shared ones.
/// Who wants to share makes that first and looks for NAME.held then; who wants all for itself makes
/// NAME.held first and waits for the shared ones to go.
///
/// The text of such a file says who holds it: host, boot id, pid namespace, pid and start time. It
/// is stale when that process is gone, which only its own machine can tell; for the others when its
/// time of change, which the holder renews, is older than the lease. The clock that counts is the
/// file server's: a file of our own, touched, shows it.
namespace wolffia::image {

/// Who holds a lock file, as one line.
struct Holder {
  std::string machine;  // host name, boot id and pid namespace: where its pid means something
  pid_t pid = 0;
  uint64_t start_time = 0;

  static Holder self();
  std::string text() const;
  /// nullopt where `text` is no such line.
  static std::optional<Holder> parse(std::string_view text);
};

/// Removes the file `name` where its holder is gone, or has not renewed it for an hour, and nobody
/// can be making it anew: one of an exclusive lock is left to who takes that lock. False: it stays.
Result<bool> remove_abandoned(const sys::Fd& directory, const std::string& name);

/// Called between two tries; false: enough of them.
using WaitStep = std::function<Result<bool>()>;

/// One such file of ours, with the thread that renews it.
class LinkLock {
 public:
  /// Null: somebody else had it, and `wait` returned false.
  static Result<std::unique_ptr<LinkLock>> take(std::shared_ptr<const sys::Fd> directory,
                                                const std::string& name, LockMode mode,
                                                const LockTimes& times, const WaitStep& wait);
  LinkLock(const LinkLock&) = delete;
  LinkLock& operator=(const LinkLock&) = delete;
  ~LinkLock();

 private:
  LinkLock(std::shared_ptr<const sys::Fd> directory, std::string name, sys::Fd file,
           std::chrono::milliseconds heartbeat);
  void renew_every(std::chrono::milliseconds period);

  std::shared_ptr<const sys::Fd> directory_;
  std::string name_;
  sys::Fd file_;
  std::mutex mutex_;
  std::condition_variable stop_;
  bool stopping_ = false;  // guarded by mutex_
  std::thread renewal_;
};

}  // namespace wolffia::image
