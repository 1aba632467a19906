// SPDX-License-Identifier: Apache-2.0
#include "sys/fd_batch.hpp"

#include <algorithm>
#include <utility>

namespace wolffia::sys {
namespace {

void close_run(int first, int last) {
  if (last > first &&
      ::close_range(static_cast<unsigned>(first), static_cast<unsigned>(last), 0) == 0)
    return;
  for (int fd = first; fd <= last; ++fd)
    ::close(fd);  // a single one, or before Linux 5.9
}

}  // namespace

FdBatch::FdBatch(FdBatch&& other) noexcept
    : fds_(other.fds_), count_(std::exchange(other.count_, 0)) {}

void FdBatch::add(Fd done) noexcept {
  if (!done) return;
  if (count_ == kMost) close_all();
  fds_[count_++] = done.release();
}

void FdBatch::close_all() noexcept {
  std::sort(fds_.begin(), fds_.begin() + count_);
  for (size_t first = 0; first < count_;) {
    size_t last = first;
    while (last + 1 < count_ && fds_[last + 1] == fds_[last] + 1)
      ++last;
    close_run(fds_[first], fds_[last]);
    first = last + 1;
  }
  count_ = 0;
}

}  // namespace wolffia::sys
