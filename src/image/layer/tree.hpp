// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <sys/stat.h>

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_set>

#include "image/layer/entry_path.hpp"
#include "image/layer/parents.hpp"
#include "image/layer/unpack.hpp"

namespace wolffia::image {

/// A name in an open directory: where an entry of a layer goes.
struct Place {
  const sys::Fd* parent;  // open until the next Place is asked for
  Names names;            // of the entry from the root, without links
  const char* name() const { return names.back().c_str(); }
};

/// The tree that layers are unpacked into: finds directories as the layer means them, knows what of
/// it is this layer's, and removes.
///
/// A symbolic link above an entry is followed inside the tree when it is of this layer (what
/// unpacking a whole root by tar would do); one of a lower layer gives way to a directory, as it
/// would lie hidden below one in an overlay.
class Tree {
 public:
  Tree(const sys::Fd& root, Whiteouts whiteouts)
      : root_(root), whiteouts_(whiteouts), parents_(root), others_(root) {}

  const sys::Fd& root() const { return root_; }

  /// The place of `path`, which is not empty. Directories that are missing are made, 0755, and told
  /// to `made`. Errors: EINVAL when something above it is no directory; ELOOP.
  Result<Place> place(const Names& path, std::vector<Names>& made);

  /// The place of a file that is there, without making anything. nullopt: it is not.
  Result<std::optional<Place>> find(const Names& path);

  /// Whether what is at `path` is of this layer. What was unpacked into an empty tree always is.
  bool is_ours(const Names& path) const;
  /// From now on the file, and all directories above it, are.
  void claim(const Names& path);

  /// Removes what has the name, whatever it is. Errors: but ENOENT, which is none.
  Result<void> remove(const sys::Fd& parent, const char* name);

  /// Removes all of the directory `path` that is not of this layer.
  Result<void> remove_lower(const Names& path);

  /// Whether a file is a whiteout of overlayfs.
  static bool is_whiteout(const struct stat& status);

 private:
  enum class Missing : bool { Make, Leave };
  struct Walk;
  Result<bool> walk(Walk& walk, Parents& parents);
  Result<void> step_over(Walk& walk, size_t at, const sys::Fd& dir);
  Result<void> make_here(Walk& walk, size_t at, const sys::Fd& dir);
  Result<void> follow(Walk& walk, size_t at, const sys::Fd& dir);

  const sys::Fd& root_;
  Whiteouts whiteouts_;
  Parents parents_;                       // of the entry that is being unpacked
  Parents others_;                        // of what hard links name
  std::unordered_set<uint64_t> claimed_;  // hashes of paths; only where layers share a tree
};

}  // namespace wolffia::image
