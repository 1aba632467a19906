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

  /// The end of the archive. Precondition: the last entry has all of its content.
  Result<void> finish();

 private:
  Result<void> pad();
  Result<void> write_text(std::string_view text);
  Result<void> add_records(const std::string& records);

  ByteSink& to_;
  uint64_t written_ = 0;
};

}  // namespace wolffia::image
