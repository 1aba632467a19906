// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <memory>
#include <vector>

#include "image/layer/bytes.hpp"

/// The decompressors behind open_inflater(), each of one library.
namespace wolffia::image::inflate {

/// What one call of a library did.
struct Step {
  size_t taken = 0;     // bytes of the input
  size_t made = 0;      // bytes of the output
  bool inside = false;  // a member or frame has begun and not ended
};

/// Feeds a library from `from` until there is output.
class Inflater : public ByteSource {
 public:
  explicit Inflater(ByteSource& from) : from_(from), buffer_(size_t{128} << 10) {}
  Result<size_t> read(std::span<std::byte> into) override;
  /// Bytes that came from the source.
  uint64_t compressed_bytes() const { return compressed_; }

 protected:
  /// Decompresses what it can. `begins`: a new member or frame begins with `in`.
  virtual Result<Step> step(std::span<const std::byte> in, std::span<std::byte> out,
                            bool begins) = 0;

 private:
  /// Reads more where nothing is left. False: the source is at its end.
  Result<bool> fill();

  ByteSource& from_;
  std::vector<std::byte> buffer_;
  std::span<const std::byte> left_;  // of buffer_: read and not yet decompressed
  uint64_t compressed_ = 0;
  bool inside_ = false;
};

std::unique_ptr<Inflater> make_zlib(ByteSource& from);
std::unique_ptr<Inflater> make_zstd(ByteSource& from);
/// By ISA-L, which is two to three times as fast as zlib; null where the build has none.
std::unique_ptr<Inflater> make_isal(ByteSource& from);

}  // namespace wolffia::image::inflate
