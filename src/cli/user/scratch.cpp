// SPDX-License-Identifier: Apache-2.0
#include "cli/user/scratch.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include "base/quote.hpp"
#include "cli/local_scratch.hpp"
#include "sys/credentials.hpp"
#include "sys/directory.hpp"
#include "sys/file.hpp"

namespace wolffia::cli::user {
namespace {

constexpr const char* kLink = "scratch";
constexpr const char* kBack = "container";
constexpr size_t kMostContainers = 1'000'000;

/// Nobody else may have made it: places like /tmp are everybody's, and empty after a reboot.
Result<sys::Fd> open_ours(const std::string& path) {
  sys::Fd directory = TRY(sys::open_directory(sys::cwd(), path.c_str()), path);
  const struct stat status = TRY(sys::stat_fd(directory));
  if (status.st_uid != sys::effective_uid() || (status.st_mode & (S_IWGRP | S_IWOTH)) != 0)
    return Error::because(EPERM, cat(path, " is somebody else's, or others may write to it"));
  return directory;
}

Result<sys::Fd> make_ours(const std::string& path) {
  auto made = sys::make_directory(sys::cwd(), path.c_str(), S_IRWXU);
  if (!made && !made.error().is(EEXIST)) return std::move(made).error().context(path);
  return open_ours(path);
}

std::string leaf_of(const std::string& path) {
  return path.substr(path.rfind('/') + 1);
}

std::string parent_of(const std::string& path) {
  return path.substr(0, path.rfind('/'));
}

/// The directory scratch in our directory of a place.
Result<sys::Fd> open_place(const std::string& place) {
  TRY(open_ours(parent_of(place)));
  return open_ours(place);
}

/// A directory without the link back is one that was just being made, and empty. Below somebody
/// else's directory there is none of ours any more.
Result<void> remove_at(const std::string& path) {
  const auto place = open_place(parent_of(path));
  if (!place && (place.error().is(ENOENT) || place.error().is(EPERM))) return {};
  if (!place) return Error(place.error());
  const std::string leaf = leaf_of(path);
  const auto scratch = sys::open_directory(*place, leaf.c_str());
  if (!scratch && scratch.error().is(ENOENT)) return {};
  if (!scratch) return Error(scratch.error()).context(path);
  if (sys::read_symlink(*scratch, kBack)) {
    open_work(*scratch);
    TRY(sys::empty_directory(*scratch), path);
  }
  return sys::remove_directory(*place, leaf.c_str());
}

/// The container that made it has it no more. One whose store cannot be reached is not gone.
bool is_abandoned(const sys::Fd& place, const std::string& path) {
  const std::string back = cat(leaf_of(path), "/", kBack);
  const auto container = sys::read_symlink(place, back.c_str());
  if (!container || !container->starts_with('/')) return false;
  if (!sys::stat_entry(sys::cwd(), parent_of(*container).c_str())) return false;
  const auto directory = sys::open_directory(sys::cwd(), container->c_str());
  if (!directory) return directory.error().is(ENOENT);
  return scratch_of(*directory) != path;
}

}  // namespace

std::vector<std::string> scratch_places(uint32_t uid) {
  std::vector<std::string> places = local_scratch();
  for (std::string& place : places)
    place += cat("/wolffia-", uid, "/scratch");
  return places;
}

Result<sys::Fd> make_scratch(const ContainerDir& container, const std::string& place) {
  TRY(make_ours(parent_of(place)));
  const sys::Fd ours = TRY(make_ours(place));
  TRY(sys::make_symlink(cat(place, "/", container.id), container.fd, kLink));
  TRY(sys::make_directory(ours, container.id.c_str(), S_IRWXU), place);
  sys::Fd scratch = TRY(sys::open_directory(ours, container.id.c_str()), place);
  TRY(sys::make_symlink(container.path, scratch, kBack), place);
  return scratch;
}

std::optional<std::string> scratch_of(const sys::Fd& container) {
  auto path = sys::read_symlink(container, kLink);
  if (!path || !path->starts_with('/')) return std::nullopt;
  return std::move(path).value();
}

Result<sys::Fd> open_scratch(const ContainerDir& container, const std::string& path) {
  const auto place = open_place(parent_of(path));
  if (!place && !place.error().is(ENOENT)) return Error(place.error());
  if (place) {
    auto scratch = sys::open_directory(*place, leaf_of(path).c_str());
    if (scratch && sys::read_symlink(*scratch, kBack)) return scratch;
    if (!scratch && !scratch.error().is(ENOENT)) return std::move(scratch).error().context(path);
  }
  return Error::because(
      ENOENT, cat("what container ", container.id, " changed was in ", quoted_if_needed(path),
                  ", which is not on this machine (any more): remove it with wolffia rm ",
                  container.id, " and run its image again"));
}

Result<void> remove_scratch(const sys::Fd& container) {
  const auto path = scratch_of(container);
  if (!path) return {};
  TRY(remove_at(*path));
  return sys::remove_entry(container, kLink);
}

void sweep_scratch(const std::vector<std::string>& places) {
  for (const std::string& place : places) {
    const auto directory = open_place(place);
    if (!directory) continue;
    const auto names = sys::entry_names(*directory, kMostContainers);
    if (!names) continue;
    for (const std::string& name : *names) {
      const std::string path = cat(place, "/", name);
      if (is_abandoned(*directory, path)) (void)remove_at(path);  // or the next gc does
    }
  }
}

}  // namespace wolffia::cli::user
