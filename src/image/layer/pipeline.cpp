// SPDX-License-Identifier: Apache-2.0
#include "image/layer/pipeline.hpp"

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

Pipeline::Slot* Pipeline::wait_for_room() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return unwanted_ || made_ - taken_ < kPieces; });
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
    const bool last = slot->size < kPiece;
    hasher_.add(whole.first(slot->size));
    {
      const std::lock_guard lock(mutex_);
      if (slot->size > 0) ++made_;
    }
    changed_.notify_all();
    if (last) break;
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
  changed_.wait(lock, [this] { return made_ > taken_ || ended_; });
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
  return hasher_.finish();  // the thread is done with it: it said that it ended
}

}  // namespace wolffia::image
