// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <sys/stat.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/noted.hpp"
#include "base/owner_list.hpp"
#include "sys/fd.hpp"

namespace wolffia::image {

/// What is noted of the files of a tree: in an attribute of each, or in the lists of an upper
/// directory of wolffia-overlay whose file system keeps none.
class Notes {
 public:
  Notes() = default;
  /// Of the upper directory `top`.
  static Notes of_upper(const sys::Fd& top);

  /// Whether there are lists, and marks in the place of attributes.
  bool in_lists() const { return in_lists_; }
  /// Whether the name is one of those, and no file of the layer.
  bool is_mark(std::string_view name) const;
  /// Whether a directory hides what is below it. Of those with marks.
  bool is_opaque(const sys::Fd& directory) const;

  /// Of the file `name` in `directory`, which is open, too.
  std::optional<Noted> find(const sys::Fd& file, const sys::Fd& directory, std::string_view name,
                            const struct stat& status);
  /// The same of one that can have no attribute.
  std::optional<Noted> find_listed(const sys::Fd& directory, std::string_view name,
                                   const struct stat& status);

 private:
  bool in_lists_ = false;
  OwnerList list_;           // of the directory that was last asked for one
  uint64_t list_inode_ = 0;  // of its file
};

}  // namespace wolffia::image
