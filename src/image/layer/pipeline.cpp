// SPDX-License-Identifier: Apache-2.0
#include "image/layer/pipeline.hpp"

#include <algorithm>
#include <new>

namespace wolffia::image {

Pipeline::Pipeline(ByteSource& from, Hasher hasher) : from_(from), hasher_(std::move(hasher)) {
  for (Slot& slot : slots_)
    slot.bytes = std::make_unique_for_overwrite<std::byte[]>(kPiece);
  thread_ = std::thread([this] { produce(); });
}

Pipeline::~Pipeline() {
  {
    const std::lock_guard lock(mutex_);
    unwanted_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

bool Pipeline::has_room() const {
  return made_ - std::min(taken_, hashed_) < kPieces;
}

bool Pipeline::hash_one(std::unique_lock<std::mutex>& lock) {
  if (hashing_ || hashed_ == made_) return false;
  hashing_ = true;
  const Slot& slot = slots_[hashed_ % kPieces];
  lock.unlock();
  hasher_.add({slot.bytes.get(), slot.size});
  lock.lock();
  hashing_ = false;
  ++hashed_;
  changed_.notify_all();
  return true;
}

Pipeline::Slot* Pipeline::wait_for_room() {
  std::unique_lock lock(mutex_);
  while (!unwanted_ && !has_room())
    if (!hash_one(lock)) changed_.wait(lock);
  return unwanted_ ? nullptr : &slots_[made_ % kPieces];
}

Result<void> Pipeline::produce_pieces() {
  while (Slot* slot = wait_for_room()) {
    const std::span<std::byte> whole(slot->bytes.get(), kPiece);
    for (slot->size = 0; slot->size < kPiece;) {
      const size_t n = TRY(from_.read(whole.subspan(slot->size)));
      if (n == 0) break;
      slot->size += n;
    }
    if (slot->size == 0) break;
    {
      const std::lock_guard lock(mutex_);
      ++made_;
    }
    changed_.notify_all();
    if (slot->size < kPiece) break;
  }
  return {};
}

void Pipeline::produce() noexcept {
  std::optional<Error> error;
  try {
    if (auto done = produce_pieces(); !done) error = std::move(done).error();
  } catch (const std::bad_alloc&) {
    error = Error::because(ENOMEM, "no memory to decompress with");
  }
  {
    const std::lock_guard lock(mutex_);
    error_ = std::move(error);
    ended_ = true;
  }
  changed_.notify_all();
}

Result<std::span<const std::byte>> Pipeline::next() {
  std::unique_lock lock(mutex_);
  if (std::exchange(lent_, false)) {
    ++taken_;
    changed_.notify_all();
  }
  while (made_ == taken_ && !ended_)
    if (!hash_one(lock)) changed_.wait(lock);
  if (made_ == taken_) {
    if (error_) return *error_;
    return std::span<const std::byte>();
  }
  lent_ = true;
  const Slot& slot = slots_[taken_ % kPieces];
  return std::span<const std::byte>(slot.bytes.get(), slot.size);
}

Result<oci::Digest> Pipeline::finish() {
  while (!TRY(next()).empty()) {
  }
  std::unique_lock lock(mutex_);
  while (hashed_ < made_)
    if (!hash_one(lock)) changed_.wait(lock);
  return hasher_.finish();
}

}  // namespace wolffia::image
