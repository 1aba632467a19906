// SPDX-License-Identifier: Apache-2.0
#include "container/state_root.hpp"

#include <fcntl.h>

#include <cstdlib>
#include <optional>
#include <string_view>

#include "plan/subid.hpp"
#include "sys/credentials.hpp"
#include "sys/directory.hpp"
#include "sys/file.hpp"

namespace wolffia::container {
namespace {

constexpr size_t kMapLimit = 65536;
constexpr std::string_view kBelow = "/wolffia/oci";  // of a directory that is ours anyway

std::vector<oci::IdMap> read_uid_map() {
  auto text = sys::read_file(sys::cwd(), "/proc/self/uid_map", kMapLimit);
  if (!text) return {};
  return plan::parse_id_map_file(*text);
}

/// Root of the machine, not of a user namespace.
bool is_real_root(uint32_t uid) {
  if (uid != 0) return false;
  const std::vector<oci::IdMap> map = read_uid_map();
  return map.empty() || map.front() == oci::IdMap{.container = 0, .host = 0, .size = UINT32_MAX};
}

/// Our uid as the parent of our user namespace counts it.
uint32_t outer_uid(uint32_t uid) {
  for (const oci::IdMap& range : read_uid_map())
    if (uid >= range.container && uid - range.container < range.size)
      return range.host + (uid - range.container);
  return uid;
}

Result<void> check_ours(const sys::Fd& directory, const std::string& path, uint32_t uid) {
  const struct stat status = TRY(sys::stat_fd(directory));
  if (status.st_uid != uid)
    return Error::because(EPERM, cat(path, " belongs to uid ", status.st_uid, ", not to uid ", uid,
                                     ": choose another directory with --root"));
  if ((status.st_mode & (S_IWGRP | S_IWOTH)) != 0)
    return Error::because(EPERM, cat(path, " is writable by others: chmod go-w ", path));
  return {};
}

/// The directory of $XDG_RUNTIME_DIR, where it names one of ours.
struct RuntimeDirectory {
  std::string path;
  sys::Fd directory;
};

std::optional<RuntimeDirectory> runtime_directory(uint32_t uid) {
  const char* path = std::getenv("XDG_RUNTIME_DIR");  // NOLINT(concurrency-mt-unsafe): no threads
  if (!path || path[0] != '/') return {};
  auto directory = sys::open_at(sys::cwd(), path, O_RDONLY | O_DIRECTORY);
  if (!directory || !check_ours(*directory, path, uid)) return {};
  return RuntimeDirectory{path, std::move(directory).value()};
}

std::string path_in_tmp(uint32_t uid) {
  return cat("/tmp/wolffia-", outer_uid(uid));
}

/// Opens `name` below a directory of ours, and makes it where it is missing.
Result<sys::Fd> open_or_make(const sys::Fd& parent, const char* name) {
  auto directory = sys::open_directory(parent, name);
  if (directory || !directory.error().is(ENOENT)) return directory;
  // Another runtime may be making it at this moment: EEXIST is as good.
  if (auto made = sys::make_directory(parent, name, S_IRWXU); !made && !made.error().is(EEXIST))
    return std::move(made).error();
  return sys::open_directory(parent, name);
}

Result<StateRoot> open_below(const sys::Fd& base, const std::string& base_path, uint32_t uid) {
  std::string path = cat(base_path, kBelow);
  auto found = sys::open_directory(base, "wolffia/oci");  // the usual case: one call
  if (!found && !found.error().is(ENOENT)) return std::move(found).error().context(path);
  if (!found) {
    const sys::Fd ours = TRY(open_or_make(base, "wolffia"), path);
    found = open_or_make(ours, "oci");
  }
  sys::Fd directory = TRY(std::move(found), path);
  TRY(check_ours(directory, path, uid));
  return StateRoot{std::move(path), std::move(directory), uid};
}

Result<StateRoot> open_wanted(std::string path, uint32_t uid) {
  for (size_t slash = path.find('/', 1); slash != std::string::npos;
       slash = path.find('/', slash + 1))
    (void)sys::make_directory(sys::cwd(), path.substr(0, slash).c_str(), 0755);  // or it exists
  if (auto made = sys::make_directory(sys::cwd(), path.c_str(), S_IRWXU);
      !made && !made.error().is(EEXIST))
    return std::move(made).error().context(path);
  sys::Fd directory = TRY(sys::open_at(sys::cwd(), path.c_str(), O_RDONLY | O_DIRECTORY), path);
  TRY(check_ours(directory, path, uid));
  return StateRoot{std::move(path), std::move(directory), uid};
}

/// Nobody else can have made what lies in a directory of ours; in /tmp anybody can.
Result<StateRoot> open_in_tmp(uint32_t uid) {
  std::string path = path_in_tmp(uid);
  const sys::Fd base = TRY(open_or_make(sys::cwd(), path.c_str()), path);
  TRY(check_ours(base, path, uid));
  sys::Fd directory = TRY(open_or_make(base, "oci"), path, "/oci");
  return StateRoot{cat(path, "/oci"), std::move(directory), uid};
}

}  // namespace

Result<StateRoot> open_state_root(const std::string& wanted) {
  const uint32_t uid = sys::effective_uid();
  if (!wanted.empty()) {
    auto directory = sys::open_at(sys::cwd(), wanted.c_str(), O_RDONLY | O_DIRECTORY);
    if (!directory) return open_wanted(wanted, uid);
    TRY(check_ours(*directory, wanted, uid));
    return StateRoot{wanted, std::move(directory).value(), uid};
  }
  if (is_real_root(uid)) {
    const sys::Fd run = TRY(sys::open_at(sys::cwd(), "/run", O_RDONLY | O_DIRECTORY), "/run");
    return open_below(run, "/run", uid);
  }
  if (const auto base = runtime_directory(uid)) return open_below(base->directory, base->path, uid);
  return open_in_tmp(uid);
}

std::string state_root_path(const std::string& wanted) {
  if (!wanted.empty()) return wanted;
  const uint32_t uid = sys::effective_uid();
  if (is_real_root(uid)) return cat("/run", kBelow);
  if (const auto base = runtime_directory(uid)) return cat(base->path, kBelow);
  return cat(path_in_tmp(uid), "/oci");
}

}  // namespace wolffia::container
