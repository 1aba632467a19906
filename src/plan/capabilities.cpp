// SPDX-License-Identifier: Apache-2.0
#include "plan/capabilities.hpp"

#include <algorithm>
#include <cctype>

#include "base/quote.hpp"
#include "base/text.hpp"

namespace wolffia::plan {
namespace {

constexpr uint64_t bit(size_t capability) {
  return uint64_t{1} << capability;
}

/// Callers write CAP_CHOWN; cap_chown and CHOWN are read as well, as crun does.
uint64_t find_capability(std::string_view name) {
  std::string upper(name);
  std::transform(upper.begin(), upper.end(), upper.begin(), [](unsigned char c) {
    return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : static_cast<char>(c);
  });
  if (!upper.starts_with("CAP_")) upper.insert(0, "CAP_");
  const auto* found = std::find(kCapabilities.begin(), kCapabilities.end(), upper);
  if (found == kCapabilities.end()) return 0;
  return bit(static_cast<size_t>(found - kCapabilities.begin()));
}

struct NamedSet {
  std::string_view name;
  const std::vector<std::string> oci::Capabilities::*asked;
  uint64_t CapabilitySets::*planned;
};

constexpr std::array kSets{
    NamedSet{"bounding", &oci::Capabilities::bounding, &CapabilitySets::bounding},
    NamedSet{"effective", &oci::Capabilities::effective, &CapabilitySets::effective},
    NamedSet{"inheritable", &oci::Capabilities::inheritable, &CapabilitySets::inheritable},
    NamedSet{"permitted", &oci::Capabilities::permitted, &CapabilitySets::permitted},
    NamedSet{"ambient", &oci::Capabilities::ambient, &CapabilitySets::ambient},
};

struct SubsetRule {
  std::string_view name;
  uint64_t CapabilitySets::*set;
  uint64_t CapabilitySets::*within;
  std::string_view within_name;
};

/// What the kernel refuses with EPERM. Source: capset(2), PR_CAP_AMBIENT in prctl(2).
constexpr std::array kSubsets{
    SubsetRule{"effective", &CapabilitySets::effective, &CapabilitySets::permitted, "permitted"},
    SubsetRule{"inheritable", &CapabilitySets::inheritable, &CapabilitySets::bounding, "bounding"},
    SubsetRule{"ambient", &CapabilitySets::ambient, &CapabilitySets::permitted, "permitted"},
    SubsetRule{"ambient", &CapabilitySets::ambient, &CapabilitySets::inheritable, "inheritable"},
};

}  // namespace

CapabilitySets plan_capabilities(const std::optional<oci::Capabilities>& asked,
                                 std::vector<std::string>& notices) {
  CapabilitySets sets;
  if (!asked) return sets;
  std::vector<std::string_view> unknown;
  for (const NamedSet& set : kSets) {
    for (const std::string& name : (*asked).*set.asked) {
      const uint64_t known = find_capability(name);
      sets.*set.planned |= known;
      if (known || std::find(unknown.begin(), unknown.end(), name) != unknown.end()) continue;
      unknown.push_back(name);
      notices.push_back(
          cat("process.capabilities: unknown capability ", quoted(name), " is left out"));
    }
  }
  for (const SubsetRule& rule : kSubsets) {
    const uint64_t outside = sets.*rule.set & ~(sets.*rule.within);
    if (!outside) continue;
    sets.*rule.set &= ~outside;
    notices.push_back(cat("process.capabilities.", rule.name, ": left out, as not in ",
                          rule.within_name, ": ", describe_capabilities(outside)));
  }
  return sets;
}

void limit_capabilities(CapabilitySets& sets, uint64_t available,
                        std::vector<std::string>& notices) {
  uint64_t missing = 0;
  for (const NamedSet& set : kSets) {
    missing |= sets.*set.planned & ~available;
    sets.*set.planned &= available;
  }
  if (missing) {
    notices.push_back(cat("process.capabilities: left out, as the caller lacks them: ",
                          describe_capabilities(missing)));
  }
}

std::string describe_capabilities(uint64_t set) {
  std::string names;
  for (size_t i = 0; i < kCapabilities.size(); ++i) {
    if (set & bit(i)) names += cat(names.empty() ? "" : " ", kCapabilities[i]);
  }
  return names.empty() ? "none" : names;
}

}  // namespace wolffia::plan
