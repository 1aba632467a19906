// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <memory>
#include <mutex>

#include "image/layer/unpack.hpp"
#include "sys/fd.hpp"

namespace wolffia::image {

/// An unpacking that runs; it ends when its stream does.
class Unpacking {
 public:
  explicit Unpacking(sys::Fd answer) : answer_(std::move(answer)) {}
  /// Waits for its end. Errors: those of unpack_confined(); EIO when the process died.
  Result<Unpacked> wait();

 private:
  sys::Fd answer_;
};

/// Starts unpacking processes on behalf of a program with threads, which may not fork by itself: a
/// process forked from it before it had any does that.
class Unpackers {
 public:
  /// Precondition: the caller has no other thread, and holds no descriptor that matters.
  static Result<Unpackers> start();

  /// Starts unpack_confined(stream, tree, options). May be called by several threads at once.
  Result<Unpacking> unpack(const sys::Fd& stream, const sys::Fd& tree,
                           const UnpackOptions& options);

 private:
  explicit Unpackers(sys::Fd socket)
      : socket_(std::move(socket)), mutex_(std::make_unique<std::mutex>()) {}
  sys::Fd socket_;  // its end ends the process; guarded by mutex_
  std::unique_ptr<std::mutex> mutex_;
};

}  // namespace wolffia::image
