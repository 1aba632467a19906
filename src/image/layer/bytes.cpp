// SPDX-License-Identifier: Apache-2.0
#include "image/layer/bytes.hpp"

#include <poll.h>
#include <unistd.h>

#include <algorithm>

namespace wolffia::image {
namespace {

/// Waits until `file` has something, or its end; ECANCELED when `stop` was first.
Result<void> wait_for_bytes(const sys::Fd& file, const sys::Fd& stop) {
  pollfd both[] = {{file.get(), POLLIN, 0}, {stop.get(), POLLIN, 0}};
  while (::poll(both, 2, -1) < 0)
    if (errno != EINTR) return Error::last("poll");
  if (both[1].revents != 0) return Error::because(ECANCELED, "reading was given up");
  return {};
}

}  // namespace

Result<size_t> FdSource::read(std::span<std::byte> into) {
  if (stop_) TRY(wait_for_bytes(file_, *stop_));
  for (;;) {
    const ssize_t n = ::read(file_.get(), into.data(), into.size());
    if (n >= 0) return static_cast<size_t>(n);
    if (errno != EINTR) return Error::last("read");
  }
}

Result<size_t> MemorySource::read(std::span<std::byte> into) {
  const size_t n = std::min(into.size(), left_.size());
  std::copy_n(left_.begin(), n, into.begin());
  left_ = left_.subspan(n);
  return n;
}

Result<std::span<const std::byte>> BufferedPieces::next() {
  const size_t n = TRY(from_.read(buffer_));
  return std::span<const std::byte>(buffer_).first(n);
}

}  // namespace wolffia::image
