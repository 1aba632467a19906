// SPDX-License-Identifier: Apache-2.0
#include "image/layer/notes.hpp"

#include <fcntl.h>

#include "image/layer/entry_path.hpp"
#include "sys/directory.hpp"
#include "sys/file.hpp"
#include "sys/metadata.hpp"

namespace wolffia::image {

Notes Notes::of_upper(const sys::Fd& top) {
  Notes notes;
  const auto readable = sys::open_directory(top, ".");
  if (!readable) return notes;
  const auto value = sys::attribute(*readable, kNoteAttribute);
  notes.in_lists_ = !value && value.error().is(ENOTSUP);
  return notes;
}

bool Notes::is_mark(std::string_view name) const {
  return in_lists_ && (name == OwnerList::kFile || name == kOpaqueName);
}

bool Notes::is_opaque(const sys::Fd& directory) const {
  return in_lists_ && sys::stat_entry(directory, std::string(kOpaqueName).c_str());
}

std::optional<Noted> Notes::find(const sys::Fd& file, const sys::Fd& directory,
                                 std::string_view name, const struct stat& status) {
  if (in_lists_)
    return S_ISDIR(status.st_mode) ? find_listed(file, OwnerList::kDirectory, status)
                                   : find_listed(directory, name, status);
  const auto value = sys::attribute(file, kNoteAttribute);
  return value ? Noted::parse(*value) : std::nullopt;
}

std::optional<Noted> Notes::find_listed(const sys::Fd& directory, std::string_view name,
                                        const struct stat& status) {
  if (!in_lists_) return std::nullopt;
  const auto there = sys::stat_entry(directory, OwnerList::kFile);
  if (!there || !S_ISREG(there->st_mode)) return std::nullopt;
  if (there->st_ino != list_inode_) {
    constexpr int kFlags = O_RDONLY | O_NOFOLLOW | O_NONBLOCK;
    const auto file = sys::open_at(directory, OwnerList::kFile, kFlags);
    const auto text = file ? sys::read_all(*file, OwnerList::kLongest) : Result<std::string>("");
    list_ = OwnerList::parse(text ? *text : "");
    list_inode_ = there->st_ino;
  }
  return list_.find(name, status.st_ino);
}

}  // namespace wolffia::image
