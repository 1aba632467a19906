// SPDX-License-Identifier: Apache-2.0
#include "base/noted.hpp"

#include <sys/sysmacros.h>

#include <array>
#include <charconv>

#include "base/text.hpp"
#include "base/words.hpp"

namespace wolffia {
namespace {

constexpr mode_t kPermissions = 07777;

struct TypeName {
  std::string_view name;
  mode_t type;
};
constexpr std::array kTypes{TypeName{"file", S_IFREG},    TypeName{"dir", S_IFDIR},
                            TypeName{"symlink", S_IFLNK}, TypeName{"pipe", S_IFIFO},
                            TypeName{"socket", S_IFSOCK}, TypeName{"block", S_IFBLK},
                            TypeName{"char", S_IFCHR}};

std::string octal(mode_t mode) {
  std::array<char, 16> text{};
  const auto end = std::to_chars(text.data(), text.data() + text.size(), mode, 8).ptr;
  return {text.data(), end};
}

bool read_mode(std::string_view word, mode_t& mode) {
  const auto [end, fault] = std::from_chars(word.data(), word.data() + word.size(), mode, 8);
  return fault == std::errc() && end == word.data() + word.size();
}

/// "char-5-1" or "pipe".
bool read_type(std::string_view word, Noted& noted) {
  Words parts(word, '-');
  const std::string_view name = parts.next();
  for (const TypeName& it : kTypes) {
    if (it.name != name) continue;
    noted.mode |= it.type;
    if (!noted.is_device()) return parts.empty();
    unsigned major = 0;
    unsigned minor = 0;
    if (!read_number(parts.next(), major) || !read_number(parts.next(), minor)) return false;
    noted.device = ::makedev(major, minor);
    return parts.empty();
  }
  return false;
}

}  // namespace

std::string Noted::text() const {
  std::string text = cat(uid, ":", gid, ":", octal(mode & kPermissions));
  for (const TypeName& it : kTypes) {
    if ((mode & S_IFMT) != it.type) continue;
    text += cat(":", it.name);
    if (is_device()) text += cat("-", ::major(device), "-", ::minor(device));
  }
  return text;
}

std::optional<Noted> Noted::parse(std::string_view text) {
  Noted noted;
  Words words(text, ':');
  const std::string_view uid = words.next();
  const std::string_view gid = words.next();
  const std::string_view mode = words.next();
  if (!read_number(uid, noted.uid) || !read_number(gid, noted.gid) || !read_mode(mode, noted.mode))
    return std::nullopt;
  noted.mode &= kPermissions;
  if (!words.empty() && !read_type(words.next(), noted)) return std::nullopt;
  return noted;
}

void Noted::apply(struct stat& status) const {
  status.st_uid = uid;
  status.st_gid = gid;
  const mode_t type = mode & S_IFMT;
  // A file is shown as another kind only where it was made to stand for that.
  const bool stands_for = type != 0 && S_ISREG(status.st_mode) && type != S_IFDIR;
  status.st_mode = (stands_for ? type : status.st_mode & S_IFMT) | (mode & kPermissions);
  if (stands_for && is_device()) status.st_rdev = device;
}

void Noted::apply_unless_changed(struct stat& status) const {
  const mode_t now = status.st_mode & kPermissions;
  const mode_t left = least_mode((status.st_mode & S_IFMT) | (mode & kPermissions));
  const bool is_changed = now != (mode & kPermissions) && now != left;
  const mode_t before = status.st_mode;
  apply(status);
  const bool stands_for = (status.st_mode & S_IFMT) != (before & S_IFMT);
  if (is_changed && !stands_for) status.st_mode = before;
}

}  // namespace wolffia
