// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "image/layer/sink.hpp"
#include "image/layer/tar.hpp"

namespace wolffia::image {

/// Writes an archive: ustar headers, with PAX records for what they cannot hold, and for the same
/// entries always the same bytes. Source: pax(1).
class TarWriter {
 public:
  explicit TarWriter(ByteSink& to) : to_(to) {}

  /// Begins an entry; `entry.size` bytes of content must follow when it is a file.
  Result<void> add(const TarEntry& entry);
  Result<void> write(std::span<const std::byte> bytes);

  /// How many bytes there are so far. Where an entry has just begun, its last header block ends
  /// here.
  uint64_t written() const { return written_; }

  /// The end of the archive. Precondition: the last entry has all of its content.
  Result<void> finish();

 private:
  Result<void> pad();
  Result<void> write_text(std::string_view text);
  Result<void> add_records(const std::string& records);

  ByteSink& to_;
  uint64_t written_ = 0;
};

/// The one header block of a file whose size is known only behind its content: to be put in the
/// place of the first one's. A size beyond the octal digits is a number of base 256, which GNU
/// began and all readers know. Precondition: the name has at most 100 bytes, and the time no
/// fraction.
std::string late_header(const TarEntry& entry);

}  // namespace wolffia::image
