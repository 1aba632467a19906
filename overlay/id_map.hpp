// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <utility>
#include <vector>

#include "base/result.hpp"

namespace wolffia::overlay {

/// The ids that exist in a user namespace. Source: user_namespaces(7), "User and group ID
/// mappings".
class IdMap {
 public:
  /// Reads `path`, as "/proc/self/uid_map".
  static Result<IdMap> read(const char* path);
  /// Of the text of such a file. Errors: EINVAL.
  static Result<IdMap> parse(std::string_view text);

  /// `id` where it exists, else 0. The kernel shows an owner that does not exist as nobody, to whom
  /// not even root may write. Source: HAS_UNMAPPED_ID() in include/linux/fs.h.
  uint32_t existing(uint32_t id) const;

  bool has_one() const { return ranges_.size() == 1 && ranges_[0].second == 1; }
  /// Whether the namespace is the machine's first, or knows as many ids.
  bool has_all() const {
    return ranges_.size() == 1 && ranges_[0] == std::pair(uint32_t{0}, UINT32_MAX);
  }

 private:
  std::vector<std::pair<uint32_t, uint32_t>> ranges_;  // first, size
};

}  // namespace wolffia::overlay
