// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <sys/types.h>
#include <time.h>

#include <cstdint>
#include <string>
#include <vector>

#include "image/layer/bytes.hpp"

namespace wolffia::image {

/// An extended attribute; the value is bytes.
struct TarAttribute {
  std::string name, value;
};

/// `length` bytes of content that belong at `offset` of a sparse file.
struct TarRange {
  uint64_t offset, length;
  friend bool operator==(const TarRange&, const TarRange&) = default;
};

/// One file of an archive, as the archive says it: names are bytes that may be absolute, hold "..",
/// or end in "/", but no NUL; they are never empty.
struct TarEntry {
  // in the order of their numbers in a header
  enum class Type : uint8_t { File, HardLink, Symlink, CharDevice, BlockDevice, Directory, Fifo };

  Type type = Type::File;
  std::string name;
  std::string link;   // of hard and symbolic links
  uint64_t size = 0;  // of a file with its holes; else 0
  mode_t mode = 0;    // at most 07777
  uint32_t uid = 0;
  uint32_t gid = 0;
  timespec modified{};
  uint32_t major = 0;  // of devices
  uint32_t minor = 0;
  std::vector<TarAttribute> attributes;
  bool sparse = false;
  std::vector<TarRange> ranges;  // of a sparse file: in order, within size
  uint64_t offset = 0;           // of the content in the stream
};

/// Reads an archive from a stream: ustar, PAX, and GNU's long names, large numbers and four forms
/// of sparse files; headers without an entry (GNU volume labels, global PAX headers) are checked
/// and left out, as podman and containerd do. Everything is bounded: a header's data to 1 MiB,
/// sparse maps to 65,536 ranges (CVE-2025-58183). Source: pax(1) "pax Interchange Format"; GNU tar
/// manual, "Basic Tar Format", "Sparse Formats". Errors: EINVAL naming the entry; EIO when the
/// archive ends too early; those of `from`.
class TarReader {
 public:
  explicit TarReader(PieceSource& from) : from_(from) {}

  /// Goes to the next entry, over what is left of this one's content. False: the archive's end.
  Result<bool> next(TarEntry& entry);

  /// Bytes of the content and where in the file they belong.
  struct Piece {
    uint64_t at = 0;
    std::span<const std::byte> bytes;
  };

  /// The next bytes of the entry's content, valid until the next call; empty at its end.
  Result<Piece> content();

  /// The whole content of the entry. Errors: EFBIG beyond `limit`.
  Result<std::string> read_content(size_t limit);

 private:
  struct Header;
  struct Extension;
  Result<bool> read_header(Header& header);
  Result<bool> read_block(Header& header);
  Result<void> take_extension(const Header& header, Extension& extension);
  Result<void> describe(const Header& header, Extension& extension, TarEntry& entry);
  Result<void> read_sparse(const Header& header, const Extension& extension, TarEntry& entry);
  Result<void> read_old_gnu_map(const Header& header, TarEntry& entry);
  Result<void> read_map_in_content(TarEntry& entry);
  Result<void> skip(uint64_t bytes);
  Result<void> read_exactly(std::span<std::byte> into);
  Result<std::string> read_text(const Header& header, uint64_t size);
  Result<bool> fill();

  PieceSource& from_;
  std::span<const std::byte> piece_;  // lent by from_, not yet read
  uint64_t position_ = 0;             // in the stream, of piece_
  uint64_t content_left_ = 0;         // stored bytes of this entry, not yet read
  uint64_t padding_ = 0;              // behind the content
  std::vector<TarRange> ranges_;      // of the content, where it is sparse
  size_t range_ = 0;                  // the one being read
  uint64_t range_done_ = 0;           // bytes of it that were read
};

}  // namespace wolffia::image
