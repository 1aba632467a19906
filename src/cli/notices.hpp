// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <algorithm>
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

  /// One record a line, where the log wants them.
  void debug(std::string_view lines) {
    while (!lines.empty()) {
      const size_t end = std::min(lines.find('\n'), lines.size());
      if (end > 0) log_.debug(lines.substr(0, end));
      lines.remove_prefix(std::min(end + 1, lines.size()));
    }
  }
  void info(std::string_view message) { log_.info(message); }

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
