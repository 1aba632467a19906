// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "image/layer/unpack.hpp"
#include "oci/runtime_spec.hpp"
#include "sys/fd.hpp"

namespace wolffia::image {

/// What a directory is: a whole tree, or the upper directory of a kernel overlay, whose whiteouts
/// and opaque marks become those of a layer.
enum class PackFrom : uint8_t { Tree, Upper };

struct PackOptions {
  oci::Compression compression = oci::Compression::Gzip;
  PackFrom from = PackFrom::Tree;
  /// Whose files have which ids in the layer: what stat(2) says here is `host`. Empty: ids are as
  /// stat(2) says them, for who packs inside the user namespace.
  std::vector<oci::IdMap> uids;
  std::vector<oci::IdMap> gids;
  /// With Caller the tree is one whose files all had to be the caller's: in the layer they are
  /// root's.
  Owners owners = Owners::Archive;
  /// Paths that are left out with all below them: relative, without "." and "..".
  std::set<std::string> without;
};

struct Packed {
  oci::Digest diff_id;  // of the archive
  oci::Digest digest;   // of what was written
  uint64_t size = 0;    // of what was written
  uint64_t entries = 0;
  std::vector<std::string> warnings = {};  // at most 20: sockets left out
};

/// Writes the directory `tree` as a layer to `out`: sorted by name, so that the same tree gives the
/// same bytes; hard links as such; extended attributes of programs and file capabilities; nothing
/// that overlay file systems note for themselves. By descriptor only, never through a link.
/// Errors: EINVAL for a name that would be read as a whiteout, and for an owner that the maps do
/// not have; ESTALE when a file changes its type or shrinks meanwhile.
Result<Packed> pack(const sys::Fd& tree, const sys::Fd& out, const PackOptions& options);

}  // namespace wolffia::image
