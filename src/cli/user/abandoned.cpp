// SPDX-License-Identifier: Apache-2.0
#include "cli/user/abandoned.hpp"

#include <sys/stat.h>
#include <time.h>

#include "cli/user/record.hpp"
#include "sys/directory.hpp"
#include "sys/file.hpp"
#include "sys/lock.hpp"

namespace wolffia::cli::user {
namespace {

constexpr size_t kMostNames = 1'000'000;
constexpr time_t kLong = 3600;  // seconds: to write a record, where there are no locks

bool has_record(const ContainerDir& container) {
  return bool(sys::stat_entry(container.fd, kRecord));
}

/// Nobody makes it any more. The lock, where there is one, is held from here on.
bool is_abandoned(const ContainerDir& container) {
  if (has_record(container)) return false;
  const auto locked = sys::try_lock(container.fd);
  if (locked && !*locked) return false;
  if (!locked) {
    const auto status = sys::stat_fd(container.fd);
    if (!status || ::time(nullptr) - status->st_mtim.tv_sec < kLong) return false;
  }
  return !has_record(container);  // or its maker has just finished, and let go
}

/// Whether the container that `name` stands for is gone, or has another name: `rename` was killed.
bool is_stale(const Containers& containers, const std::string& name) {
  const auto id = sys::read_symlink(containers.directory(), cat("@", name).c_str());
  if (!id) return false;
  if (const auto there = sys::stat_entry(containers.directory(), id->c_str()); !there)
    return there.error().is(ENOENT);
  const auto container = containers.find(*id);
  if (!container || container->id != *id) return false;
  const auto record = load_record(*container);
  return record && record->name != name;
}

}  // namespace

Result<Abandoned> remove_abandoned(const Containers& containers) {
  Abandoned result;
  for (const std::string& id : TRY(containers.ids())) {
    const auto container = containers.find(id);
    if (!container || container->id != id || !is_abandoned(*container)) continue;
    auto removed = containers.remove(*container, "");
    if (removed)
      ++result.removed;
    else
      result.left.push_back(std::move(removed).error().context(container->path).message());
  }
  const sys::Fd lock = containers.lock_names();
  for (const std::string& entry :
       TRY(sys::entry_names(containers.directory(), kMostNames), containers.path()))
    if (entry.starts_with('@') && is_stale(containers, entry.substr(1)))
      if (sys::remove_entry(containers.directory(), entry.c_str())) ++result.removed;
  return result;
}

}  // namespace wolffia::cli::user
