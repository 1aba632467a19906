// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>

#include "image/layer/bytes.hpp"
#include "image/layer/hash.hpp"

namespace wolffia::image {

/// Reads (and so decompresses) in a thread of its own, ahead of who takes the pieces by at most
/// 4 MiB. Pieces are hashed by whichever of the two would have to wait for the other: decompressing
/// is the longer work for large files, writing for small ones. The thread ends with the object:
/// whoever gives up first sees to it that the source does not wait for ever (FdSource's `stop`).
class Pipeline : public PieceSource {
 public:
  /// `from` must outlive the object. The hash is made before, so that a confined process needs no
  /// lock of the library that hashes.
  Pipeline(ByteSource& from, Hasher hasher);
  ~Pipeline() override;
  Pipeline(const Pipeline&) = delete;
  Pipeline& operator=(const Pipeline&) = delete;

  Result<std::span<const std::byte>> next() override;

  /// The digest of everything up to the stream's end, which is read and dropped.
  /// Precondition: called once.
  Result<oci::Digest> finish();

 private:
  static constexpr size_t kPieces = 16;
  static constexpr size_t kPiece = size_t{256} << 10;

  struct Slot {
    std::unique_ptr<std::byte[]> bytes;
    size_t size = 0;
  };

  void produce() noexcept;
  Result<void> produce_pieces();
  /// The slot to fill next; null when nobody wants more.
  Slot* wait_for_room();
  bool has_room() const;  // with mutex_ held
  /// Hashes the oldest piece that is not hashed; gives the lock up meanwhile. False: there is none,
  /// or the other thread is at it.
  bool hash_one(std::unique_lock<std::mutex>& lock);

  ByteSource& from_;
  Hasher hasher_;  // of who set hashing_
  std::array<Slot, kPieces> slots_;

  std::mutex mutex_;
  std::condition_variable changed_;
  size_t made_ = 0;             // guarded by mutex_: pieces so far
  size_t taken_ = 0;            // guarded by mutex_: pieces given back
  size_t hashed_ = 0;           // guarded by mutex_: pieces that the hash covers
  bool hashing_ = false;        // guarded by mutex_: somebody is at piece hashed_
  bool ended_ = false;          // guarded by mutex_: no piece follows made_
  bool unwanted_ = false;       // guarded by mutex_
  std::optional<Error> error_;  // guarded by mutex_: why it ended

  bool lent_ = false;  // the consumer's: it holds slot taken_
  std::thread thread_;
};

}  // namespace wolffia::image
