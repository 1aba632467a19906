// SPDX-License-Identifier: Apache-2.0
#include "cli/user/owners/caller.hpp"

#include <fcntl.h>

#include <charconv>

#include "sys/file.hpp"
#include "sys/session.hpp"

namespace wolffia::cli::user::owners {
namespace {

constexpr size_t kStatusLimit = 64 << 10;

/// The number behind "NAME:\t" in /proc/PID/status. Source: proc(5).
Result<uint64_t> number_in(std::string_view status, std::string_view name, int base) {
  const std::string label = cat("\n", name, ":\t");
  const size_t at = status.find(label);
  uint64_t number = 0;
  if (at == std::string_view::npos) return Error::because(EINVAL, cat("no ", name, " in status"));
  const char* first = status.data() + at + label.size();
  const auto [end, fault] = std::from_chars(first, status.data() + status.size(), number, base);
  if (fault != std::errc() || end == first) return Error::because(EINVAL, cat(name, " in status"));
  return number;
}

}  // namespace

Result<Caller> Caller::open(const sys::Fd& proc, pid_t thread) {
  sys::Fd files = TRY(sys::open_at(proc, cat(thread).c_str(), O_PATH | O_DIRECTORY));
  const std::string status = TRY(sys::read_record(files, "status", kStatusLimit));
  const uint64_t rights = TRY(number_in(status, "CapEff", 16));
  const auto umask = static_cast<mode_t>(TRY(number_in(status, "Umask", 8)));
  return Caller(std::move(files), rights, umask);
}

Result<sys::Fd> Caller::descriptor(int number) const {
  auto opened = sys::open_at(files_, cat("fd/", number).c_str(), O_PATH);
  if (!opened && opened.error().is(ENOENT)) return Error::because(EBADF, "no such descriptor");
  return opened;
}

Result<void> Caller::enter(int directory) const {
  const sys::Fd root = TRY(sys::open_at(files_, "root", O_PATH | O_DIRECTORY));
  const sys::Fd start =
      directory == AT_FDCWD ? TRY(sys::open_at(files_, "cwd", O_PATH)) : TRY(descriptor(directory));
  TRY(sys::change_directory_to(root));
  TRY(sys::change_root_here());
  return sys::change_directory_to(start);
}

}  // namespace wolffia::cli::user::owners
