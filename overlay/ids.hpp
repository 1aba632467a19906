// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "base/noted.hpp"
#include "overlay/options.hpp"

/// Owners and modes: as the mount shows them ("inside"), and as they are stored ("outside").
namespace wolffia::overlay {

class Ids {
 public:
  explicit Ids(const Options& options);
  /// What the mount shows of an owner that is stored. 65534 for one that no range has.
  uint32_t uid_inside(uint32_t outside) const;
  uint32_t gid_inside(uint32_t outside) const;
  /// What is stored for an owner that the mount was given; nothing where no range has it.
  std::optional<uint32_t> uid_outside(uint32_t inside) const;
  std::optional<uint32_t> gid_outside(uint32_t inside) const;
  bool identity() const;

 private:
  const Options& options_;
};

}  // namespace wolffia::overlay
