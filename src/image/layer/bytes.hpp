// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/result.hpp"
#include "sys/fd.hpp"

/// Streams of bytes: from a file, through a decompressor, into whoever reads an archive.
namespace wolffia::image {

/// Bytes that are copied to where the reader wants them.
class ByteSource {
 public:
  virtual ~ByteSource() = default;
  /// The next bytes, at most `into.size()` of them; 0 only at the end. Precondition: `into` is not
  /// empty. Errors: of the source; once one came, the source is not read again.
  virtual Result<size_t> read(std::span<std::byte> into) = 0;
};

/// Bytes that are lent where they lie, which saves copying them.
class PieceSource {
 public:
  virtual ~PieceSource() = default;
  /// The next piece, valid until the next call; empty only at the end.
  virtual Result<std::span<const std::byte>> next() = 0;
};

/// A file or a pipe. Where `stop` is given, a read that waits ends with ECANCELED as soon as `stop`
/// can be read.
class FdSource : public ByteSource {
 public:
  explicit FdSource(const sys::Fd& file, const sys::Fd* stop = nullptr)
      : file_(file), stop_(stop) {}
  Result<size_t> read(std::span<std::byte> into) override;

 private:
  const sys::Fd& file_;
  const sys::Fd* stop_;
};

/// Bytes in memory.
class MemorySource : public ByteSource {
 public:
  explicit MemorySource(std::span<const std::byte> bytes) : left_(bytes) {}
  Result<size_t> read(std::span<std::byte> into) override;

 private:
  std::span<const std::byte> left_;
};

/// Lends what it reads from a ByteSource, in the calling thread.
class BufferedPieces : public PieceSource {
 public:
  explicit BufferedPieces(ByteSource& from, size_t piece = size_t{128} << 10)
      : from_(from), buffer_(piece) {}
  Result<std::span<const std::byte>> next() override;

 private:
  ByteSource& from_;
  std::vector<std::byte> buffer_;
};

}  // namespace wolffia::image
