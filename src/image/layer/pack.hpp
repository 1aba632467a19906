// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "image/layer/tar_writer.hpp"
#include "image/layer/unpack.hpp"
#include "oci/runtime_spec.hpp"
#include "sys/fd.hpp"

namespace wolffia::image {

/// What a directory is: a whole tree, or the upper directory of a kernel overlay, whose whiteouts
/// and opaque marks become those of a layer. Of wolffia-overlay's, where files can have no
/// attributes, its lists and marks are read in their place.
enum class PackFrom : uint8_t { Tree, Upper };

/// What of a tree differs from what lies below it. Paths are relative, without "." and "..".
struct PackSelection {
  std::set<std::string> taken;  // an entry each: directories above them are not implied
  std::set<std::string> gone;   // a whiteout each
};

/// Whether others may be changing the tree. With Yes what they remove meanwhile is left out, and a
/// file that shrinks is filled up with zeros and warned of, as tar(1) does.
enum class Living : bool { No, Yes };

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
  /// Where it is set nothing else is packed, with the owners that lists of wolffia-overlay say. It
  /// lives as long as the call.
  const PackSelection* only = nullptr;
  Living living = Living::No;
};

struct Packed {
  oci::Digest diff_id;  // of the archive
  oci::Digest digest;   // of what was written
  uint64_t size = 0;    // of what was written
  uint64_t entries = 0;
  std::vector<Warning> warnings = {};  // sockets left out, files that shrank
};

/// What went into an archive.
struct PackedEntries {
  uint64_t entries = 0;
  std::vector<Warning> warnings;  // as above
};

/// Writes the entries of a layer alone: `to` is not finished, and `options.compression` is
/// whoever's `to` writes to. Otherwise as pack().
Result<PackedEntries> pack_entries(const sys::Fd& tree, TarWriter& to, const PackOptions& options);

/// Writes the directory `tree` as a layer to `out`: sorted by name, so that the same tree gives the
/// same bytes; hard links as such; extended attributes of programs and file capabilities; nothing
/// that overlay file systems note for themselves. By descriptor only, never through a link.
/// Errors: EINVAL for a name that would be read as a whiteout, and for an owner that the maps do
/// not have; ESTALE, ENOENT when a file shrinks or goes meanwhile; EAGAIN when it is exchanged all
/// the while.
Result<Packed> pack(const sys::Fd& tree, const sys::Fd& out, const PackOptions& options);

}  // namespace wolffia::image
