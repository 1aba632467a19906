// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <sys/stat.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace wolffia {

/// The attribute that owners and modes are noted in, by wolffia-overlay, by whoever unpacks files
/// that have to be the caller's, and by containers-storage.
inline constexpr const char* kNoteAttribute = "user.containers.override_stat";

/// An owner, a mode and, for what can only be noted, a device: the value of an attribute
/// override_stat, "UID:GID:MODE[:TYPE]" with an octal mode. Source: containers-storage,
/// pkg/idtools, ContainersOverrideXattr.
struct Noted {
  uint32_t uid = 0;
  uint32_t gid = 0;
  mode_t mode = 0;  // with S_IFMT where a type was noted, else permissions only
  dev_t device = 0;

  bool is_device() const { return S_ISBLK(mode) || S_ISCHR(mode); }
  std::string text() const;
  /// Nothing where `text` is no such value.
  static std::optional<Noted> parse(std::string_view text);
  /// Puts it over what the file system says.
  void apply(struct stat& status) const;
  /// The same for a file that was in other hands since, which knew nothing of notes: a mode that is
  /// neither the one noted nor what is left of that on disk was given to it later.
  void apply_unless_changed(struct stat& status) const;
  /// What a file has on disk, whatever its mode is said to be: its owner can get at it.
  static mode_t least_mode(mode_t mode) { return (mode & 0777) | (S_ISDIR(mode) ? 0700 : 0600); }
};

}  // namespace wolffia
