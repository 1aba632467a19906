// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <span>

#include "oci/memory_policy_names.hpp"
#include "oci/parse_parts.hpp"

namespace wolffia::oci {
namespace {

/// Which of `words` the field holds.
Result<unsigned> read_index(const json::Field& field, std::span<const std::string_view> words,
                            std::string_view what) {
  const auto word = TRY(field.as<std::string_view>());
  const auto known = std::find(words.begin(), words.end(), word);
  if (known == words.end()) return not_a(field, what, word);
  return static_cast<unsigned>(known - words.begin());
}

}  // namespace

Result<MemoryPolicy> parse_memory_policy(const json::Object& object) {
  MemoryPolicy policy;
  const json::Field mode = TRY(object.get<json::Field>("mode"));
  policy.mode = TRY(read_index(mode, kMemoryPolicies, "a memory policy"));
  std::string_view nodes;
  TRY(object.read("nodes", nodes));
  auto set = read_number_set(nodes);
  if (!set) return object.invalid("nodes", "must be a list of memory nodes such as 0-3,7");
  policy.nodes = std::move(*set);
  std::vector<json::Field> flags;
  TRY(object.read("flags", flags));
  for (const json::Field& flag : flags) {
    const unsigned index = TRY(read_index(flag, kMemoryPolicyFlags, "a memory policy flag"));
    policy.mode |= 1U << (kFirstMemoryPolicyFlag + index);
  }
  return policy;
}

}  // namespace wolffia::oci
