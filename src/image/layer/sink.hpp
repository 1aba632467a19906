// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <memory>

#include "image/layer/bytes.hpp"
#include "image/layer/hash.hpp"
#include "oci/parse_image.hpp"

namespace wolffia::image {

/// Takes bytes; finish() once says that there are no more.
class ByteSink {
 public:
  virtual ~ByteSink() = default;
  virtual Result<void> write(std::span<const std::byte> bytes) = 0;
  virtual Result<void> finish() = 0;
};

/// A file or a pipe. finish() does not sync it.
class FdSink : public ByteSink {
 public:
  explicit FdSink(const sys::Fd& file) : file_(file) {}
  Result<void> write(std::span<const std::byte> bytes) override;
  Result<void> finish() override { return {}; }

 private:
  const sys::Fd& file_;
};

/// Hashes and counts what passes.
class HashingSink : public ByteSink {
 public:
  explicit HashingSink(ByteSink& to) : to_(to) {}
  Result<void> write(std::span<const std::byte> bytes) override;
  Result<void> finish() override { return to_.finish(); }

  uint64_t size() const { return size_; }
  /// Precondition: called once, after finish().
  oci::Digest digest() { return hasher_.finish(); }

 private:
  ByteSink& to_;
  Hasher hasher_;
  uint64_t size_ = 0;
};

/// Compresses into `to`, which must outlive it: the same bytes for the same input, with no time and
/// no name in the gzip header. Source: RFC 1952; RFC 8878.
std::unique_ptr<ByteSink> open_deflater(ByteSink& to, oci::Compression compression);

}  // namespace wolffia::image
