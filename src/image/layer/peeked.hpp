// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>

#include "image/layer/bytes.hpp"
#include "oci/parse_image.hpp"

namespace wolffia::image {

/// A file or pipe whose first bytes are looked at before it is read from its start: they say how it
/// is packed, whatever it is called.
class PeekedSource : public ByteSource {
 public:
  /// `file` must outlive it.
  explicit PeekedSource(const sys::Fd& file) : from_(file) {}

  /// Precondition: nothing was read yet. Errors: ENOTSUP for a packing that is not read.
  Result<oci::Compression> compression();

  Result<size_t> read(std::span<std::byte> into) override;

 private:
  FdSource from_;
  std::array<std::byte, 8> head_{};
  size_t size_ = 0;   // of head_
  size_t given_ = 0;  // of that
};

/// How a stream that begins so is packed. Sources: RFC 1952 "ID1", RFC 8878 "Magic_Number"; the
/// formats of xz(1) and bzip2(1) for those that are refused. Errors: ENOTSUP naming the packing.
Result<oci::Compression> compression_of(std::span<const std::byte> head);

}  // namespace wolffia::image
