// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <span>
#include <string>
#include <string_view>

#include "cli/user/doctor/check.hpp"

namespace wolffia::cli::user::doctor {

/// What works now, whatever was found.
struct Modes {
  bool runs = true;
  uint64_t ids = 1;         // inside, with root
  std::string_view images;  // how their layers become one: as --storage has it
  bool own_proc = true;     // else that around us
  bool own_network = true;  // else only the host's
  bool connected = true;    // by wolffia-net, where it has its own
};

Modes modes_of(const Facts& facts, std::span<const Finding> findings);

/// For a person: what works, then a block per finding.
std::string describe(const Facts& facts, std::span<const Finding> findings);

/// The schema is that of wolffia(1): members are added, never changed or taken away.
std::string to_json(const Facts& facts, std::span<const Finding> findings);

}  // namespace wolffia::cli::user::doctor
