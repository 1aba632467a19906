// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <condition_variable>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "image/layer/bytes.hpp"
#include "image/layer/hash.hpp"
#include "image/source.hpp"

namespace wolffia::image {

/// Turns a source, which pushes bytes, into something that can be read: a thread of its own takes
/// the blob, and waits while a megabyte is unread. The blob is read from its start and checked as
/// a whole, even where the first `skip` bytes are wanted by nobody.
class Pump {
 public:
  Pump(Source& source, const oci::Descriptor& blob, uint64_t skip);
  ~Pump();
  Pump(const Pump&) = delete;
  Pump& operator=(const Pump&) = delete;

  /// At least one byte of what comes next. Errors: those of the source; EINVAL where the blob ends
  /// before its size.
  Result<size_t> read(std::span<std::byte> into);

  /// Waits for the source's end. Errors: EINVAL when size or digest are not the blob's.
  Result<void> finish();

 private:
  void run();
  Result<void> take(std::span<const std::byte> bytes);
  Result<void> check();

  Source& source_;
  const oci::Descriptor& blob_;
  uint64_t skip_;  // used by the thread alone, as are these two
  uint64_t size_ = 0;
  Hasher hasher_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::string unread_;                   // guarded by mutex_
  bool unwanted_ = false;                // guarded by mutex_: nobody reads any more
  std::optional<Result<void>> outcome_;  // guarded by mutex_: set when the source ended
  std::thread thread_;                   // last: it uses all of the above
};

/// The blob as bytes to be read, to its end. Errors of read(): those of Pump.
class BlobBytes : public ByteSource {
 public:
  /// Precondition: `source` and `blob` outlive it.
  BlobBytes(Source& source, const oci::Descriptor& blob)
      : pump_(source, blob, 0), left_(blob.size) {}

  Result<size_t> read(std::span<std::byte> into) override;
  /// What nobody has read counts too. Errors: as Pump::finish().
  Result<void> finish();

 private:
  Pump pump_;
  uint64_t left_;
};

}  // namespace wolffia::image
