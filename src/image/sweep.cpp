// SPDX-License-Identifier: Apache-2.0
#include "image/sweep.hpp"

#include <sys/stat.h>
#include <time.h>

#include <set>

#include "base/hash.hpp"
#include "image/lock_file.hpp"
#include "image/store_files.hpp"
#include "sys/directory.hpp"
#include "sys/filesystem.hpp"

namespace wolffia::image {
namespace {

constexpr size_t kMachineDigits = 8;
constexpr size_t kSessionLength = kMachineDigits + 1 + 16;  // as new_session() makes them

class Sweeper {
 public:
  Sweeper(const sys::Fd& store, Locks& locks, const SweepRules& rules)
      : store_(store), locks_(locks), rules_(rules) {}

  Result<void> sweep_temporary() {
    for (const std::string& name : TRY(names_in(store_, kTemporary))) {
      const std::string path = cat(kTemporary, "/", name);
      const auto status = sys::stat_entry(store_, path.c_str());
      if (!status) continue;  // gone by itself
      if (name.starts_with(kPartPrefix))
        TRY(sweep_part(path, name.substr(kPartPrefix.size()), *status));
      else
        TRY(sweep_staged(path, name, *status));
    }
    return {};
  }

  /// Files of locks that nobody holds. What has a dot does as a lock itself, see lock_file.hpp.
  Result<void> sweep_locks() {
    std::set<std::string> locks;
    for (const std::string& name : TRY(names_in(store_, kLocks))) {
      if (name.find('.') != std::string::npos && TRY(remove_abandoned(locks_.directory(), name)))
        continue;
      locks.insert(name.substr(0, name.find('.')));
    }
    for (const std::string& lock : locks) {
      if (lock.empty() || lock == kStoreLock) continue;
      (void)TRY(locks_.try_take(lock, LockMode::Exclusive));  // the file goes with the lock
    }
    return {};
  }

  Swept result() && { return std::move(swept_); }

 private:
  static std::chrono::seconds age(const struct stat& status) {
    return std::chrono::seconds(::time(nullptr) - status.st_mtim.tv_sec);
  }

  Result<void> sweep_part(const std::string& path, const std::string& hex,
                          const struct stat& status) {
    if (age(status) < rules_.parts) return {};
    const auto lock = TRY(locks_.try_take(blob_lock(hex), LockMode::Exclusive));
    if (!lock) return {};
    swept_.bytes += static_cast<uint64_t>(status.st_blocks) * 512;
    remove(path);
    return {};
  }

  Result<void> sweep_staged(const std::string& path, const std::string& name,
                            const struct stat& status) {
    if (!name.starts_with(machine_) && age(status) < rules_.foreign) return {};
    const std::string session = name.substr(0, name.find('.'));
    if (session.size() == kSessionLength) {
      const auto lock = TRY(locks_.try_take(session_lock(session), LockMode::Exclusive));
      if (!lock) return {};
      remove(path);
    } else if (age(status) > rules_.foreign) {
      remove(path);  // of whatever made it
    }
    return {};
  }

  void remove(const std::string& path) {
    auto removed = sys::remove_tree(store_, path.c_str());
    if (removed)
      ++swept_.count;
    else
      swept_.left.push_back(std::move(removed).error().context(path).message());
  }

  const sys::Fd& store_;
  Locks& locks_;
  SweepRules rules_;
  std::string machine_ = machine_word();
  Swept swept_;
};

}  // namespace

std::string machine_word() {
  constexpr std::string_view kDigits = "0123456789abcdef";
  const uint64_t hash = hash_bytes(sys::host_name());
  std::string word;
  for (size_t i = 0; i < kMachineDigits; ++i)
    word += kDigits[(hash >> (4 * i)) & 0xf];
  return word;
}

Result<std::string> new_session() {
  return cat(machine_word(), "-", TRY(sys::random_name()));
}

Result<Swept> sweep(const sys::Fd& store, Locks& locks, const SweepRules& rules) {
  Sweeper sweeper(store, locks, rules);
  TRY(sweeper.sweep_temporary());
  TRY(sweeper.sweep_locks());
  return std::move(sweeper).result();
}

}  // namespace wolffia::image
