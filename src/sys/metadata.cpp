// SPDX-License-Identifier: Apache-2.0
#include "sys/metadata.hpp"

#include <fcntl.h>
#include <sys/xattr.h>

namespace wolffia::sys {

Result<void> set_mode(const Fd& file, mode_t mode) {
  if (::fchmod(file.get(), mode) < 0) return Error::last("fchmod");
  return {};
}

Result<void> set_times(const Fd& file, timespec modified) {
  const timespec times[] = {modified, modified};
  if (::futimens(file.get(), times) < 0) return Error::last("futimens");
  return {};
}

Result<void> set_entry_times(const Fd& dir, const char* name, timespec modified) {
  const timespec times[] = {modified, modified};
  if (::utimensat(dir.get(), name, times, AT_SYMLINK_NOFOLLOW) < 0) return Error::last("utimensat");
  return {};
}

Result<void> set_size(const Fd& file, uint64_t size) {
  if (::ftruncate(file.get(), static_cast<off_t>(size)) < 0) return Error::last("ftruncate");
  return {};
}

Result<void> write_at(const Fd& file, std::string_view bytes, uint64_t offset) {
  while (!bytes.empty()) {
    const ssize_t n = ::pwrite(file.get(), bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return Error::last("pwrite");
    bytes.remove_prefix(static_cast<size_t>(n));
    offset += static_cast<uint64_t>(n);
  }
  return {};
}

Result<void> make_link(const Fd& from_dir, const char* from, const Fd& to_dir, const char* to) {
  if (::linkat(from_dir.get(), from, to_dir.get(), to, 0) < 0) return Error::last("linkat");
  return {};
}

Result<void> set_attribute(const Fd& file, const char* name, std::string_view value) {
  if (::fsetxattr(file.get(), name, value.data(), value.size(), 0) < 0)
    return Error::last("fsetxattr");
  return {};
}

Result<std::string> attribute(const Fd& file, const char* name) {
  std::string value(size_t{64} << 10, '\0');  // XATTR_SIZE_MAX
  const ssize_t n = ::fgetxattr(file.get(), name, value.data(), value.size());
  if (n < 0) return Error::last("fgetxattr");
  value.resize(static_cast<size_t>(n));
  return value;
}

Result<void> remove_attribute(const Fd& file, const char* name) {
  if (::fremovexattr(file.get(), name) < 0) return Error::last("fremovexattr");
  return {};
}

Result<std::vector<std::string>> attribute_names(const Fd& file) {
  std::string text(size_t{64} << 10, '\0');  // XATTR_LIST_MAX
  const ssize_t n = ::flistxattr(file.get(), text.data(), text.size());
  if (n < 0) return Error::last("flistxattr");
  text.resize(static_cast<size_t>(n));
  std::vector<std::string> names;
  for (size_t at = 0; at < text.size(); at += names.back().size() + 1)
    names.emplace_back(text.c_str() + at);
  return names;
}

}  // namespace wolffia::sys
