// SPDX-License-Identifier: Apache-2.0
#include "sys/filesystem.hpp"

#include <sys/random.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include <array>
#include <climits>
#include <cstdio>

namespace wolffia::sys {

Result<void> sync_filesystem(const Fd& file) {
  if (::syncfs(file.get()) < 0) return Error::last("syncfs");
  return {};
}

Result<uint64_t> free_space(const Fd& file) {
  struct statvfs status {};
  if (::fstatvfs(file.get(), &status) < 0) return Error::last("fstatvfs");
  return uint64_t{status.f_bavail} * status.f_frsize;
}

Result<void> touch(const Fd& file) {
  if (::futimens(file.get(), nullptr) < 0) return Error::last("futimens");
  return {};
}

std::string host_name() {
  std::array<char, HOST_NAME_MAX + 1> name{};
  if (::gethostname(name.data(), name.size() - 1) < 0) return {};
  return name.data();
}

Result<std::string> random_name() {
  uint64_t bits = 0;
  if (::getrandom(&bits, sizeof bits, 0) != sizeof bits) return Error::last("getrandom");
  std::array<char, 17> text{};
  (void)std::snprintf(text.data(), text.size(), "%016llx", static_cast<unsigned long long>(bits));
  return std::string(text.data());
}

}  // namespace wolffia::sys
