// SPDX-License-Identifier: Apache-2.0
#include "launch/programs.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include "launch/self.hpp"
#include "sys/file.hpp"

namespace wolffia::launch {
namespace {

constexpr const char* kOwnProgram = "/proc/self/exe";

Result<std::string> own_directory() {
  const std::string whole = TRY(program_path());
  return whole.substr(0, whole.rfind('/'));
}

/// Whoever owns the program that runs already need not be asked twice: that covers root starting a
/// user's build, and a user namespace in which root's files are nobody's.
Result<void> check_owner(const std::string& path, const struct stat& status) {
  const auto own = sys::stat_at(sys::cwd(), kOwnProgram);
  const bool trusted =
      status.st_uid == 0 || status.st_uid == ::geteuid() || (own && own->st_uid == status.st_uid);
  if (!trusted)
    return Error::because(EPERM, cat(path,
                                     " must belong to root, to you or to the owner of the "
                                     "program beside it: install wolffia whole"));
  if ((status.st_mode & (S_IWGRP | S_IWOTH)) == 0) return {};
  return Error::because(EPERM, cat(path, " must be writable by its owner only: chmod go-w ", path));
}

}  // namespace

Result<std::string> find_program(const std::string& name) {
  const std::string here = TRY(own_directory(), "finding our own directory");
  for (const char* place : {"/", "/../libexec/wolffia/"}) {
    const std::string path = cat(here, place, name);
    const auto status = sys::stat_at(sys::cwd(), path.c_str());
    if (!status) continue;
    TRY(check_owner(path, *status));
    return path;
  }
  return Error::because(ENOENT, cat(name, " is neither in ", here, " nor in ", here,
                                    "/../libexec/wolffia: install wolffia whole"));
}

}  // namespace wolffia::launch
