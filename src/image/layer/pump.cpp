// SPDX-License-Identifier: Apache-2.0
#include "image/layer/pump.hpp"

#include <algorithm>
#include <cstring>

namespace wolffia::image {
namespace {

constexpr size_t kUnreadLimit = 1U << 20;

}  // namespace

Pump::Pump(Source& source, const oci::Descriptor& blob, uint64_t skip)
    : source_(source), blob_(blob), skip_(skip), hasher_(blob.digest.algorithm()) {
  thread_ = std::thread([this] { run(); });
}

Pump::~Pump() {
  {
    const std::lock_guard lock(mutex_);
    unwanted_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void Pump::run() {
  auto done =
      source_.blob(blob_, 0, [this](std::span<const std::byte> bytes) { return take(bytes); });
  if (done) done = check();
  const std::lock_guard lock(mutex_);
  outcome_ = std::move(done);
  changed_.notify_all();
}

Result<void> Pump::check() {
  if (size_ == blob_.size && hasher_.finish() == blob_.digest) return {};
  return Error::because(
      EINVAL, cat(source_.name(), "@", blob_.digest.text(), " is not what its digest says"));
}

Result<void> Pump::take(std::span<const std::byte> bytes) {
  hasher_.add(bytes);
  size_ += bytes.size();
  const size_t skipped = std::min<uint64_t>(skip_, bytes.size());
  skip_ -= skipped;
  bytes = bytes.subspan(skipped);
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return unwanted_ || unread_.size() < kUnreadLimit; });
  if (unwanted_) return Error::because(ECANCELED, "nobody wants the rest");
  unread_.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  changed_.notify_all();
  return {};
}

Result<size_t> Pump::read(std::span<std::byte> into) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return outcome_ || !unread_.empty(); });
  if (unread_.empty()) {
    if (!*outcome_) return outcome_->error();
    return Error::because(EINVAL, cat(source_.name(), "@", blob_.digest.text(), " ended early"));
  }
  const size_t size = std::min(into.size(), unread_.size());
  std::memcpy(into.data(), unread_.data(), size);
  unread_.erase(0, size);
  changed_.notify_all();
  return size;
}

Result<void> Pump::finish() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return outcome_.has_value(); });
  return *outcome_;
}

Result<size_t> BlobBytes::read(std::span<std::byte> into) {
  if (left_ == 0) return size_t{0};
  const size_t size = TRY(pump_.read(into));
  left_ -= std::min<uint64_t>(left_, size);
  return size;
}

Result<void> BlobBytes::finish() {
  constexpr size_t kChunk = size_t{64} << 10;
  std::vector<std::byte> rest(left_ == 0 ? 0 : kChunk);
  while (left_ > 0)
    TRY(read(rest));
  return pump_.finish();
}

}  // namespace wolffia::image
