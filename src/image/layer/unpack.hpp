// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "oci/digest.hpp"
#include "oci/parse_image.hpp"
#include "sys/fd.hpp"

namespace wolffia::image {

/// How whiteouts get into the tree: as the kernel's overlayfs reads them, or done at once, where
/// several layers are unpacked into one directory.
enum class Whiteouts : uint8_t { Overlay, Apply };

/// Who owns the files. With Caller every file is the caller's, directories are at least 0700, so
/// that `rm -rf` removes them; with Archive ids are those of the archive, and the caller has the
/// ids mapped and CAP_CHOWN. Set-user-id bits stay in both: a tree belongs below a directory that
/// others cannot enter, or strangers' programs would run as the owner there.
enum class Owners : uint8_t { Caller, Archive };

/// What a layer may cost; beyond it is an error (ENOSPC, E2BIG), never a full disk (I18).
struct UnpackLimits {
  uint64_t bytes = uint64_t{1} << 40;  // of all files' contents together
  uint64_t entries = 20'000'000;
  uint64_t ratio = 1100;  // unpacked bytes a compressed byte may become, above 64 MiB
};

struct UnpackOptions {
  oci::Digest::Algorithm diff_id = oci::Digest::Algorithm::Sha256;  // that the diffID is told in
  oci::Compression compression = oci::Compression::None;
  Whiteouts whiteouts = Whiteouts::Overlay;
  Owners owners = Owners::Caller;
  UnpackLimits limits;
};

/// A hard link whose target is not in this layer: to be made by whoever has the lower trees.
struct PendingLink {
  std::string path, target;  // relative to the root, without "." and ".."
};

/// What a person should know about a layer, and the entries it is about.
struct Warning {
  std::string what;                       // "device nodes became empty files"
  uint64_t count = 0;                     // of entries
  std::vector<std::string> entries = {};  // the first of them, quoted; at least one

  friend bool operator==(const Warning&, const Warning&) = default;
};

struct Unpacked {
  oci::Digest
      diff_id;  // of the uncompressed stream to its end, padding and further members included
  uint64_t bytes = 0;  // of file contents
  uint64_t entries = 0;
  bool hides_lower = false;  // an opaque mark in the root, which overlayfs knows no way to say
  std::vector<PendingLink> pending = {};
  std::vector<Warning> warnings = {};  // at most 20, with at most 20 entries together
};

/// Unpacks the layer that `stream` (a pipe or a file) brings into the directory `tree`, by
/// descriptor only, never through a link. One thread inflates, one hashes and writes. Errors:
/// EINVAL naming the entry and what is wrong with it; ENOSPC; EIO when the stream ends early.
Result<Unpacked> unpack(const sys::Fd& stream, const sys::Fd& tree, const UnpackOptions& options);

/// The same in a child process that can see nothing but the two descriptors: an empty root, no
/// capability beyond those that unpacking as `options` say takes, no_new_privs, and a list of
/// allowed system calls (I10).
Result<Unpacked> unpack_confined(const sys::Fd& stream, const sys::Fd& tree,
                                 const UnpackOptions& options);

}  // namespace wolffia::image
