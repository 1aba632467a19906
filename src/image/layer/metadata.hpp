// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <vector>

#include "image/layer/tar.hpp"
#include "image/layer/unpack.hpp"
#include "sys/fd.hpp"

namespace wolffia::image {

inline constexpr size_t kMostWarnings = 20;

/// Collects warnings: each kind once, the first 20 kinds and the first 20 entries.
class Warnings {
 public:
  void add(std::string_view what, std::string_view entry);
  std::vector<Warning> take() { return std::move(warnings_); }

 private:
  std::vector<Warning> warnings_;
  size_t entries_ = 0;  // of all kinds
};

/// What may become of an extended attribute of an archive.
enum class AttributeRule : uint8_t {
  Set,     // user.* of programs
  Try,     // security.capability: where the user namespace lets us
  Drop,    // trusted.* and others that speak to this machine: a warning
  Forget,  // what the overlay on which a layer was made noted for itself, and means nothing
           // elsewhere
  Refuse   // what overlay file systems would obey
};
AttributeRule rule_of(std::string_view name);

/// Errors: EINVAL when the entry has an attribute that an overlay file system would obey.
Result<void> check_attributes(const TarEntry& entry);

/// Sets the attributes that may be set; where the file system has none it is a warning.
/// Precondition: check_attributes() passed, and the owner is set already: that takes away
/// capabilities.
Result<void> set_attributes(const sys::Fd& file, const TarEntry& entry, Warnings& warnings);

/// Takes the attributes that an archive may set from a directory that gets others.
Result<void> drop_attributes(const sys::Fd& directory);

/// Notes what an empty file stands for, and whose a file was that has to be the caller's, for who
/// can make use of it: others don't look at it. A file system without attributes goes without.
Result<void> note_owner(const sys::Fd& file, const TarEntry& entry, Owners owners);

/// The mode a file gets: of directories of one's own at least 0700.
mode_t mode_of(const TarEntry& entry, Owners owners);

/// Owner, attributes, mode and times of a file that is written. Source: chown(2) takes set-id bits
/// away, so it comes first; write(2) takes capabilities away, so the content was before.
Result<void> set_metadata(const sys::Fd& file, const TarEntry& entry, Owners owners,
                          Warnings& warnings);

}  // namespace wolffia::image
