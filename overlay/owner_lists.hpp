// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <sys/stat.h>

#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>

#include "base/noted.hpp"
#include "base/owner_list.hpp"
#include "base/result.hpp"
#include "sys/fd.hpp"
#include "sys/file_at.hpp"

namespace wolffia::overlay {

/// The owners, modes and devices of a layer whose file system keeps no attributes of users: a list
/// in each directory of what it is to say of its files. Names of several directories are kept in
/// step: a note is made under the new name before a rename, and removed under the old one after it,
/// so that a file has its note whenever the daemon is killed. One lock for all, as hardly any mount
/// needs it; it is held over system calls.
class OwnerLists {
 public:
  /// `root` outlives this.
  explicit OwnerLists(const sys::Fd& root) : root_(root) {}
  /// From now on they can be changed: lists are written in `work`, which outlives this.
  void write_in(const sys::Fd& work, bool syncs) {
    work_ = &work;
    syncs_ = syncs;
  }

  /// What is noted of `name` in `dir`, of which `raw` is the status; an empty name is `dir` itself.
  std::optional<Noted> find(const sys::Fd& dir, const char* name, const struct stat& raw);

  /// Under every name that the file has.
  Result<void> set(sys::FileAt at, const struct stat& raw, const Noted& noted);
  Result<void> unset(sys::FileAt at, const struct stat& raw);

  /// As rename_with(), link_to() and remove_entry(), with the notes.
  Result<void> move(sys::FileAt from, sys::FileAt to, unsigned flags);
  Result<void> link(sys::FileAt from, sys::FileAt to);
  Result<void> remove(sys::FileAt at);
  /// Nothing has the name, or something new is to have it: what was noted of it says nothing.
  void forget(sys::FileAt at);

 private:
  /// Where the list is that has a file: `dir`, or the directory `name` of it.
  struct Where {
    Where(const char* name, const struct stat& raw);
    std::string path;   // of the list
    std::string entry;  // in the list
  };
  struct Change {
    std::string_view entry;
    uint64_t inode;
    const Noted* noted;  // null: remove
  };
  OwnerList* load(const sys::Fd& dir, const std::string& path);
  std::optional<Noted> note_of(sys::FileAt at, const struct stat& raw);
  Result<void> change(const sys::Fd& dir, const std::string& path, const Change& change);
  Result<void> change_all(sys::FileAt at, const struct stat& raw, const Noted* noted);
  Result<void> change_links(const struct stat& raw, const Noted* noted);
  Result<void> append(const sys::Fd& dir, const std::string& path, const std::string& line);
  Result<void> rewrite(const sys::Fd& dir, const std::string& path, OwnerList list);
  void drop(sys::FileAt at, uint64_t but);
  void retire(sys::FileAt at, const struct stat& raw);

  const sys::Fd& root_;
  const sys::Fd* work_ = nullptr;
  bool syncs_ = false;
  std::mutex mutex_;
  std::unordered_map<uint64_t, OwnerList> known_;     // by the inode number of the file
  std::unordered_map<uint64_t, Noted> without_name_;  // of files that are open, by inode number
};

}  // namespace wolffia::overlay
