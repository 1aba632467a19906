// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <cstddef>

#include "sys/fd.hpp"

namespace wolffia::sys {

/// Descriptors that are done with, closed together: neighbours in one call. Saves a system call
/// for nearly every descriptor of a container's start. Source: close_range(2), Linux 5.9.
class FdBatch {
 public:
  FdBatch() = default;
  FdBatch(FdBatch&& other) noexcept;
  FdBatch& operator=(FdBatch&&) = delete;
  ~FdBatch() { close_all(); }

  void add(Fd done) noexcept;
  void close_all() noexcept;

 private:
  static constexpr size_t kMost = 128;  // of the 1024 that a process usually may hold
  std::array<int, kMost> fds_{};
  size_t count_ = 0;
};

}  // namespace wolffia::sys
