// SPDX-License-Identifier: Apache-2.0
#include "image/lock.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>

#include "base/words.hpp"
#include "image/lock_file.hpp"
#include "sys/directory.hpp"
#include "sys/file.hpp"

namespace wolffia::image {
namespace {

// What flock(2) answers on a file system that has none.
constexpr std::array kNoFlock{ENOSYS, ENOLCK, EOPNOTSUPP};

bool lacks_flock(const Error& error) {
  return std::any_of(kNoFlock.begin(), kNoFlock.end(), [&](int code) { return error.is(code); });
}

bool forced_to_links() {
  const char* list = ::secure_getenv("WOLFFIA_FORCE_FALLBACK");
  for (Words words(list ? list : "", ','); !words.empty();)
    if (words.next() == "flock") return true;
  return false;
}

/// Whether `name` is still the file that was opened: its last holder removed it with the lock.
Result<bool> is_current(const sys::Fd& directory, const std::string& name, const sys::Fd& file) {
  const struct stat opened = TRY(sys::stat_fd(file));
  const auto named = sys::stat_entry(directory, name.c_str());
  return named && named->st_ino == opened.st_ino && named->st_dev == opened.st_dev;
}

}  // namespace

struct Locks::Wish {
  const std::string& name;
  LockMode mode;
  bool patient;
  const OnWait& on_wait;
};

Lock::Lock(std::shared_ptr<const sys::Fd> directory, std::string name, sys::Fd file)
    : directory_(std::move(directory)),
      name_(std::move(name)),
      file_(std::move(file)),
      owner_(::getpid()) {}

Lock::Lock(std::unique_ptr<LinkLock> link) : link_(std::move(link)), owner_(::getpid()) {}

Lock::Lock(Lock&& other) noexcept = default;

Lock& Lock::operator=(Lock&& other) noexcept {
  if (this == &other) return *this;
  release();
  directory_ = std::move(other.directory_);
  name_ = std::move(other.name_);
  file_ = std::move(other.file_);
  link_ = std::move(other.link_);
  owner_ = other.owner_;
  return *this;
}

Lock::~Lock() {
  release();
}

void Lock::release() noexcept {
  if (owner_ != ::getpid()) {  // a forked child: the lock and its thread are the parent's
    (void)link_.release();
    return;
  }
  link_.reset();
  // While it is locked nobody else removes the file, so this is ours; who waits for it looks again.
  if (directory_ && !name_.empty()) (void)sys::remove_entry(*directory_, name_.c_str());
  directory_.reset();
  file_.reset();
}

Locks::Locks(sys::Fd directory, LockTimes times)
    : directory_(std::make_shared<const sys::Fd>(std::move(directory))),
      times_(times),
      by_link_(std::make_unique<std::atomic<bool>>(forced_to_links())) {}

Result<std::optional<Lock>> Locks::try_take(const std::string& name, LockMode mode) {
  return acquire({name, mode, false, {}});
}

Result<Lock> Locks::take(const std::string& name, LockMode mode, const OnWait& on_wait) {
  std::optional<Lock> lock = TRY(acquire({name, mode, true, on_wait}));
  return *std::move(lock);
}

Result<std::optional<Lock>> Locks::acquire(const Wish& wish) {
  if (!*by_link_) {
    auto lock = acquire_by_flock(wish);
    if (lock || !lacks_flock(lock.error())) return lock;
    *by_link_ = true;
    (void)sys::remove_entry(*directory_, wish.name.c_str());
  }
  return acquire_by_link(wish);
}

Result<std::optional<Lock>> Locks::acquire_by_flock(const Wish& wish) const {
  for (bool told = false;;) {
    sys::Fd file = TRY(sys::open_at(*directory_, wish.name.c_str(), O_RDWR | O_CREAT | O_NOFOLLOW,
                                    S_IRUSR | S_IWUSR),
                       "lock ", wish.name);
    if (!TRY(sys::lock_open_file(file, wish.mode, sys::LockWait::No))) {
      if (!wish.patient) return std::optional<Lock>();
      if (wish.on_wait && !std::exchange(told, true)) wish.on_wait();
      TRY(sys::lock_open_file(file, wish.mode, sys::LockWait::Yes));
    }
    if (!TRY(is_current(*directory_, wish.name, file))) continue;
    // Who shares it must not remove it from under the others.
    std::string to_remove = wish.mode == LockMode::Exclusive ? wish.name : std::string();
    return std::optional<Lock>(Lock(directory_, std::move(to_remove), std::move(file)));
  }
}

Result<std::optional<Lock>> Locks::acquire_by_link(const Wish& wish) const {
  bool told = false;
  const auto wait = [&]() -> Result<bool> {
    if (!wish.patient) return false;
    if (wish.on_wait && !std::exchange(told, true)) wish.on_wait();
    std::this_thread::sleep_for(times_.poll);
    return true;
  };
  auto link = TRY(LinkLock::take(directory_, wish.name, wish.mode, times_, wait));
  if (!link) return std::optional<Lock>();
  return std::optional<Lock>(Lock(std::move(link)));
}

}  // namespace wolffia::image
