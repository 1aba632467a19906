// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <unistd.h>
#include <utility>

namespace wolffia::sys {

/// Owns one file descriptor. Empty when moved from.
class Fd {
 public:
  Fd() = default;
  explicit Fd(int fd) noexcept : fd_(fd) {}
  Fd(Fd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Fd& operator=(Fd&& other) noexcept {
    Fd(std::move(other)).swap(*this);
    return *this;
  }
  ~Fd() {
    if (fd_ >= 0) ::close(fd_);
  }  // no EINTR retry: Linux has already freed it, close(2)

  int get() const noexcept { return fd_; }
  explicit operator bool() const noexcept { return fd_ >= 0; }
  /// Gives the descriptor up without closing it.
  int release() noexcept { return std::exchange(fd_, -1); }
  void reset() noexcept { Fd().swap(*this); }
  void swap(Fd& other) noexcept { std::swap(fd_, other.fd_); }

 private:
  int fd_ = -1;
};

/// A descriptor that somebody else owns, as the standard streams: never closed here.
class BorrowedFd {
 public:
  explicit BorrowedFd(int fd) noexcept : fd_(fd) {}
  ~BorrowedFd() { (void)fd_.release(); }
  BorrowedFd(const BorrowedFd&) = delete;
  BorrowedFd& operator=(const BorrowedFd&) = delete;
  const Fd& fd() const noexcept { return fd_; }

 private:
  Fd fd_;
};

/// A descriptor of one kind, so that the kinds cannot be swapped at a call.
template <class Kind>
struct FdOf : Fd {
  using Fd::Fd;
};
using PidFd = FdOf<struct PidFdKind>;          // pidfd_open(2)
using MountTree = FdOf<struct MountTreeKind>;  // detached mount: open_tree(2), fsmount(2)
using InRoot = FdOf<struct InRootKind>;        // only open_in_root() makes one

}  // namespace wolffia::sys
