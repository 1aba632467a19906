// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <map>
#include <string>

#include "image/layer/metadata.hpp"
#include "image/layer/tar.hpp"
#include "image/layer/tree.hpp"
#include "image/layer/unpack.hpp"

namespace wolffia::image {

/// Carries the entries of one layer out, in their order.
class Unpacker {
 public:
  Unpacker(const sys::Fd& tree, const UnpackOptions& options)
      : options_(options), tree_(tree, options.whiteouts) {}

  /// Everything of `reader`. Errors: as unpack().
  Result<void> run(TarReader& reader);

  /// What was done, but for the digest.
  void report(Unpacked& result);

 private:
  /// What a directory gets when nothing more is made in it.
  struct Later {
    std::string path;
    mode_t mode;
    timespec modified;
  };

  Result<void> take(TarReader& reader, const TarEntry& entry);
  Result<void> take_root(const TarEntry& entry);
  Result<void> take_file(TarReader& reader, const TarEntry& entry, const Place& place);
  Result<void> take_directory(const TarEntry& entry, const Place& place);
  Result<void> take_symlink(const TarEntry& entry, const Place& place);
  Result<void> take_fifo(const TarEntry& entry, const Place& place);
  Result<void> take_device(const TarEntry& entry, const Place& place);
  Result<void> take_hard_link(const TarEntry& entry, const Place& place);
  Result<void> take_whiteout(Names path);
  Result<void> take_opaque(const Names& path);

  Result<void> make_way(const Place& place);
  Result<sys::Fd> create(const Place& place);
  Result<void> write_content(TarReader& reader, const TarEntry& entry, const sys::Fd& file);
  Result<void> count(const TarEntry& entry);
  Result<Place> place_of(const Names& path);
  Result<void> describe_directory(const sys::Fd& directory, const TarEntry& entry,
                                  const Names& path);
  Result<void> remember(const Names& path, mode_t mode, timespec modified);
  Result<void> add_pending(const Place& place, std::string target);
  Result<void> finish_pending();
  Result<void> finish_directories();
  Result<void> remove_link_data();
  void forget_pending(const Names& path, TarEntry::Type type);

  UnpackOptions options_;
  Tree tree_;
  Warnings warnings_;
  std::vector<Later> later_;
  std::map<std::string, std::string> pending_;  // path to target
  size_t remembered_ = 0;                       // bytes in later_ and pending_
  uint64_t bytes_ = 0;
  uint64_t entries_ = 0;
  bool hides_lower_ = false;
  bool link_data_ = false;  // there is a .wh..wh.plnk
};

}  // namespace wolffia::image
