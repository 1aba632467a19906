// SPDX-License-Identifier: Apache-2.0
#include "cli/overlay_marks.hpp"

#include <fcntl.h>
#include <sys/sysmacros.h>

#include "base/owner_list.hpp"
#include "sys/directory.hpp"
#include "sys/file.hpp"
#include "sys/metadata.hpp"
#include "sys/path.hpp"

namespace wolffia::cli {
namespace {

constexpr const char* kOpaque = "user.overlay.opaque";
constexpr const char* kOpaqueMark = ".wh..wh..opq";

}  // namespace

bool is_whiteout(const sys::Fd& dir, const char* name, const struct stat& status) {
  if (S_ISCHR(status.st_mode)) return status.st_rdev == ::makedev(0, 0);
  if (!S_ISREG(status.st_mode) || status.st_size != 0) return false;
  const auto file = sys::open_entry(dir, name, O_RDONLY | O_NONBLOCK);
  return file && sys::attribute(*file, "user.overlay.whiteout");  // mostly without a value
}

bool is_mark(const sys::Fd& dir, std::string_view name) {
  if (name != OwnerList::kFile && name != kOpaqueMark) return false;
  const auto value = sys::attribute(dir, kOpaque);
  return !value && value.error().is(ENOTSUP);
}

bool is_opaque(const sys::Fd& directory) {
  const auto value = sys::attribute(directory, kOpaque);
  if (!value && value.error().is(ENOTSUP))
    return static_cast<bool>(sys::stat_entry(directory, kOpaqueMark));
  return value && *value == "y";
}

std::string listed_owner(const sys::Fd& directory) {
  if (!is_mark(directory, OwnerList::kFile)) return "";
  const auto status = sys::stat_fd(directory);
  const auto file =
      sys::open_at(directory, OwnerList::kFile, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
  const auto text = file ? sys::read_all(*file, OwnerList::kLongest) : Result<std::string>("");
  if (!status || !text) return "";
  const auto noted = OwnerList::parse(*text).find(OwnerList::kDirectory, status->st_ino);
  return noted ? noted->text() : "";
}

}  // namespace wolffia::cli
