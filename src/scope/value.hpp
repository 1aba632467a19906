// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

/// What wolffia-oci asks of systemd, as the program wolffia-scope brings it there.
namespace wolffia::scope {

/// A value of a unit's property: one of a basic type, or an array of such.
struct Value {
  char type = 0;  // of D-Bus: 'b', 'y', 'n', 'q', 'i', 'u', 'x', 't', 'd', 's', 'o' or 'g'
  bool array = false;
  std::vector<std::string> words;  // numbers in decimal, "true", or a string as it is; one each

  /// The D-Bus signature: "t", "as".
  std::string signature() const { return cat(array ? "a" : "", std::string_view(&type, 1)); }
};

/// Reads "true", "'text'", "5", "uint64 5", "['a', 'b']", "@as []".
/// Source: GVariant's text format, without tuples, variants and dictionaries.
/// Errors: EINVAL, a sentence.
Result<Value> parse_value(std::string_view text);

}  // namespace wolffia::scope
