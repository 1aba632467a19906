// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <vector>

#include "base/result.hpp"
#include "sys/fd.hpp"

namespace wolffia::net {

/// Where bytes are between two connections.
struct Pipe {
  sys::Fd out;
  sys::Fd in;
  size_t held = 0;        // bytes in it
  bool is_whole = false;  // it has the size that was wished for
};

/// Pipes for whoever moves bytes: each has one only while it holds some. Making one costs more than
/// a short connection does.
class Pipes {
 public:
  static constexpr int kWhole = 1 << 20;

  /// An empty one. Errors: EMFILE and others of pipe(2).
  Result<Pipe> take();
  /// Takes it back; what it holds is thrown away.
  void give(Pipe pipe);

 private:
  std::vector<Pipe> idle_;
  size_t lent_ = 0;
};

}  // namespace wolffia::net
