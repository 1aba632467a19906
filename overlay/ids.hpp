// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <sys/stat.h>

#include <optional>
#include <string>
#include <string_view>

#include "overlay/options.hpp"

/// Owners and modes: as the mount shows them ("inside"), and as they are stored ("outside").
namespace wolffia::overlay {

/// An owner, a mode and, for what can only be noted, a device: the value of an attribute
/// override_stat, "UID:GID:MODE[:TYPE]" with an octal mode. Source: containers-storage,
/// pkg/idtools, ContainersOverrideXattr.
struct Noted {
  uint32_t uid = 0;
  uint32_t gid = 0;
  mode_t mode = 0;  // with S_IFMT where a type was noted, else permissions only
  dev_t device = 0;

  std::string text() const;
  /// Nothing where `text` is no such value.
  static std::optional<Noted> parse(std::string_view text);
  /// Puts it over what the file system says.
  void apply(struct stat& status) const;
};

class Ids {
 public:
  explicit Ids(const Options& options);
  /// What the mount shows of an owner that is stored. 65534 for one that no range has.
  uint32_t uid_inside(uint32_t outside) const;
  uint32_t gid_inside(uint32_t outside) const;
  /// What is stored for an owner that the mount was given; nothing where no range has it.
  std::optional<uint32_t> uid_outside(uint32_t inside) const;
  std::optional<uint32_t> gid_outside(uint32_t inside) const;
  bool identity() const;

 private:
  const Options& options_;
};

}  // namespace wolffia::overlay
