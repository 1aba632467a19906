// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/noted.hpp"

namespace wolffia {

/// What a directory of a layer notes of the files in it where its file system keeps no attributes
/// of users: the text of a file beside them, one line for each change, of which the last one
/// counts.
///
///   wolffia owners 1
///   INODE NOTE NAME/
///   INODE - NAME/        nothing is noted any more
///
/// A note says nothing of another file that has its name later, nor of a copy: the inode number is
/// another one then. "." is the directory itself. No name has a slash, so any other byte may be in
/// one. A line that is none is passed over: a layer may be a stranger's.
class OwnerList {
 public:
  /// The name of that file: union file systems show nothing that begins so, and no archive brings
  /// such a file. Source: OCI image-spec layer.md, "Whiteouts", and aufs(5), ".wh..wh.".
  static constexpr const char* kFile = ".wh..wh.owners";
  static constexpr std::string_view kDirectory = ".";
  static constexpr size_t kLongest = 64 << 20;  // bytes of such a file: half a million names

  static OwnerList parse(std::string_view text);
  /// The shortest text with the same notes: what the file has from now on.
  std::string rewritten();

  std::optional<Noted> find(std::string_view name, uint64_t inode) const;
  /// Of which files of that name something is noted: more than one only between the steps of a
  /// rename.
  std::vector<uint64_t> inodes(std::string_view name) const;

  /// Each returns the line that says it in the file.
  std::string set(std::string_view name, uint64_t inode, const Noted& noted);
  std::string remove(std::string_view name, uint64_t inode);

  /// How many lines the file has.
  size_t lines() const { return lines_; }
  size_t size() const { return notes_.size(); }
  /// Whether a line can be appended: the text had its first line, and its last one was whole.
  bool whole() const { return whole_; }

 private:
  using Key = std::pair<std::string, uint64_t>;  // name and inode number
  void read_line(std::string_view line);

  std::map<Key, Noted> notes_;
  size_t lines_ = 0;
  bool whole_ = false;
};

}  // namespace wolffia
