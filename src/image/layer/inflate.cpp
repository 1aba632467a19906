// SPDX-License-Identifier: Apache-2.0
#include "image/layer/inflate.hpp"

#include "image/layer/inflate_parts.hpp"

namespace wolffia::image {
namespace inflate {

Result<bool> Inflater::fill() {
  if (!left_.empty()) return true;
  const size_t n = TRY(from_.read(buffer_));
  left_ = std::span<const std::byte>(buffer_).first(n);
  compressed_ += n;
  return n > 0;
}

Result<size_t> Inflater::read(std::span<std::byte> into) {
  for (;;) {
    // At the end of the input a library may still hold output back: it is asked once more.
    const bool more = TRY(fill());
    if (!more && !inside_) return size_t{0};
    const Step done = TRY(step(left_, into, !inside_));
    left_ = left_.subspan(done.taken);
    inside_ = done.inside;
    if (done.made > 0) return done.made;
    if (!more && inside_) return Error::because(EIO, "the compressed stream ends too early");
  }
}

}  // namespace inflate

namespace {

using inflate::Inflater;

class PassedOn : public ByteSource {
 public:
  explicit PassedOn(ByteSource& from) : from_(from) {}
  Result<size_t> read(std::span<std::byte> into) override { return from_.read(into); }

 private:
  ByteSource& from_;
};

/// Stops a stream that grows out of proportion: a bomb (I18).
class Limited : public ByteSource {
 public:
  Limited(std::unique_ptr<Inflater> from, const InflateLimits& limits)
      : from_(std::move(from)), limits_(limits) {}

  Result<size_t> read(std::span<std::byte> into) override {
    const size_t n = TRY(from_->read(into));
    if (n == 0 && from_->compressed_bytes() == 0)
      return Error::because(EINVAL, "the stream is empty, not compressed");
    unpacked_ += n;
    if (unpacked_ > limits_.free && unpacked_ / limits_.ratio > from_->compressed_bytes())
      return Error::because(E2BIG, cat("the stream unpacks to more than ", limits_.ratio,
                                       " times its size, as only a decompression bomb does"));
    return n;
  }

 private:
  std::unique_ptr<Inflater> from_;
  InflateLimits limits_;
  uint64_t unpacked_ = 0;
};

std::unique_ptr<Inflater> make_gunzip(ByteSource& from) {
  auto fast = inflate::make_isal(from);
  return fast ? std::move(fast) : inflate::make_zlib(from);
}

}  // namespace

std::unique_ptr<ByteSource> open_inflater(ByteSource& from, oci::Compression compression,
                                          const InflateLimits& limits) {
  if (compression == oci::Compression::None) return std::make_unique<PassedOn>(from);
  auto inflater =
      compression == oci::Compression::Gzip ? make_gunzip(from) : inflate::make_zstd(from);
  return std::make_unique<Limited>(std::move(inflater), limits);
}

}  // namespace wolffia::image
