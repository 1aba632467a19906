// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <sys/epoll.h>

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>

#include "base/result.hpp"
#include "sys/fd.hpp"

namespace wolffia::sys {

/// What the kernel watches for a process. Source: epoll(7).
class Epoll {
 public:
  static Result<Epoll> make();

  /// Readable when something happened, so that another can watch all of it at once.
  const Fd& fd() const { return fd_; }

  /// Watches `file` for `events` (EPOLL*) instead of what it was watched for before; for nothing:
  /// not at all, not even for errors. `known`: whether it was watched. A file that was closed and
  /// whose number is another's now is no error. Source: epoll_ctl(2).
  Result<void> watch(int file, uint32_t events, bool known);

  /// Fills `into` with what happened, and returns that part of it. Empty: `timeout` has passed, or
  /// a signal came. Source: epoll_wait(2).
  Result<std::span<const epoll_event>> wait(std::span<epoll_event> into,
                                            std::optional<std::chrono::milliseconds> timeout);

 private:
  explicit Epoll(Fd fd) : fd_(std::move(fd)) {}
  Fd fd_;
};

}  // namespace wolffia::sys
