// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace wolffia::image::remote {

/// One way of authentication that a server takes.
struct Challenge {
  std::string scheme;                                           // in lower case: "bearer"
  std::vector<std::pair<std::string, std::string>> parameters;  // names in lower case

  /// The parameter's value; empty where there is none.
  std::string_view find(std::string_view name) const;
};

/// The challenges of a WWW-Authenticate field, at most 16; what follows the first fault is left
/// out. Source: RFC 9110, sections 5.6 and 11.6.1.
std::vector<Challenge> parse_challenges(std::string_view field);

}  // namespace wolffia::image::remote
