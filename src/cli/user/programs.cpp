// SPDX-License-Identifier: Apache-2.0
#include "cli/user/programs.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include "sys/file.hpp"

namespace wolffia::cli::user {
namespace {

Result<std::string> own_directory() {
  const std::string whole = TRY(sys::read_link("/proc/self/exe"));
  return whole.substr(0, whole.rfind('/'));
}

Result<void> check_owner(const std::string& path, const struct stat& status) {
  const bool owned = status.st_uid == 0 || status.st_uid == ::geteuid();
  if (owned && (status.st_mode & (S_IWGRP | S_IWOTH)) == 0) return {};
  return Error::because(
      EPERM,
      cat(path, " must belong to root or to you and be writable by nobody else: chmod go-w"));
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

}  // namespace wolffia::cli::user
