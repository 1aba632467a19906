// SPDX-License-Identifier: Apache-2.0
#include "launch/self.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <span>

#include "sys/file.hpp"
#include "sys/memfd.hpp"
#include "sys/process.hpp"

namespace wolffia::launch {
namespace {

constexpr const char* kSelf = "/proc/self/exe";
/// Tells the copy where the programs that belong to it are. It is looked at by a copy alone.
constexpr const char* kPath = "WOLFFIA_PROGRAM";

}  // namespace

// Inside a user namespace the write check covers what CAP_DAC_OVERRIDE reaches, and that is exactly
// the files of mapped owners. Source: capable_wrt_inode_uidgid() in the kernel's capability.c.
Result<bool> program_is_safe() {
  constexpr uid_t kOverflowUid = 65534;  // /proc/sys/kernel/overflowuid, by default
  const struct stat status = TRY(sys::stat_at(sys::cwd(), kSelf));
  const bool foreign = status.st_uid == 0 || status.st_uid == kOverflowUid;
  return foreign && !sys::check_access(kSelf, W_OK);
}

Result<void> protect_self(char** argv) {
  if (TRY(program_is_safe(), kSelf)) return {};
  const sys::Fd self = TRY(sys::open_at(sys::cwd(), kSelf, O_RDONLY), kSelf);
  if (sys::is_sealed(self)) return {};
  if (::setenv(kPath, TRY(sys::read_link(kSelf), kSelf).c_str(), 1) != 0)
    return Error::last("setenv");
  const sys::Fd copy = TRY(sys::sealed_copy("wolffia-oci", self), "copying our program to memory");
  return sys::execute_file(copy, argv, ::environ);
}

Result<std::string> program_path() {
  const sys::Fd self = TRY(sys::open_at(sys::cwd(), kSelf, O_RDONLY), kSelf);
  const char* path = sys::is_sealed(self) ? std::getenv(kPath) : nullptr;
  return path ? std::string(path) : sys::read_link(kSelf);
}

}  // namespace wolffia::launch
