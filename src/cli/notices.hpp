// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "cli/log.hpp"

namespace wolffia::cli {

/// The warnings of a command that can still fail. A failure has to be the first thing written, as
/// conmon shows what it reads first: so they wait until settle().
class Notices {
 public:
  explicit Notices(const Log& log) : log_(log) {}

  void add(std::string_view message) {
    if (settled_) return log_.warning(message);
    waiting_.emplace_back(message);
  }

  /// Writes what waits; from now on a notice is written at once.
  void settle() {
    settled_ = true;
    for (const std::string& message : waiting_)
      log_.warning(message);
    waiting_.clear();
  }

 private:
  const Log& log_;
  std::vector<std::string> waiting_;
  bool settled_ = false;
};

}  // namespace wolffia::cli
