// SPDX-License-Identifier: Apache-2.0
#include "net/policy.hpp"

#include <algorithm>

#include "net/headers.hpp"

namespace wolffia::net {
namespace {

using Kind = NetworkRule::Kind;

constexpr size_t kMostBound = 4096;

/// Who asks connects a moment later, and some servers say 0.
constexpr Policy::Time kLeast{30'000};
constexpr Policy::Time kMost{24 * 3600 * 1000};

bool concerns(const NetworkRule& rule, const Flow& flow) {
  using Protocol = NetworkRule::Protocol;
  if (rule.protocol == Protocol::Tcp && flow.protocol != protocol::kTcp) return false;
  if (rule.protocol == Protocol::Udp && flow.protocol != protocol::kUdp) return false;
  if (rule.first_port == 0) return true;
  return flow.port && *flow.port >= rule.first_port && *flow.port <= rule.last_port;
}

/// Whether a rule that allows was meant for such a place.
bool opens(const NetworkRule& rule, Place place) {
  constexpr unsigned kLinkLocalBits = 16;
  if (place == Place::World) return true;
  if (place == Place::Host) return rule.names_one_address();
  return rule.kind == Kind::Ipv4 && rule.prefix >= kLinkLocalBits;
}

bool is_named(const NetworkRule& rule, std::string_view name) {
  if (rule.kind != Kind::Name) return false;
  if (!rule.subdomains) return name == rule.name;
  return name.size() > rule.name.size() + 1 && name.ends_with(rule.name) &&
         name[name.size() - rule.name.size() - 1] == '.';
}

}  // namespace

bool Policy::has_names() const {
  return std::ranges::any_of(rules_, [](const auto& it) { return it.kind == Kind::Name; });
}

bool Policy::means(size_t index, const Address& address) const {
  const NetworkRule& rule = rules_[index];
  switch (rule.kind) {
    case Kind::Every:
      return true;
    case Kind::Ipv4: {
      const auto* ipv4 = std::get_if<Ipv4>(&address);
      return ipv4 && ipv4->is_in(Ipv4::read(rule.network, 0), rule.prefix);
    }
    case Kind::Ipv6: {
      const auto* ipv6 = std::get_if<Ipv6>(&address);
      return ipv6 && ipv6->is_in(Ipv6{rule.network}, rule.prefix);
    }
    case Kind::Name:
      return std::ranges::any_of(
          bound_, [&](const Bound& it) { return it.rule == index && it.address == address; });
  }
  return false;
}

const NetworkRule* Policy::deciding(const Address& address, const Flow& flow, Place place) const {
  for (size_t i = rules_.size(); i-- > 0;) {
    const NetworkRule& rule = rules_[i];
    if (rule.allows && !opens(rule, place)) continue;
    if (concerns(rule, flow) && means(i, address)) return &rule;
  }
  return nullptr;
}

bool Policy::bind(const DnsAnswer& answer, Time now) {
  bool is_ours = false;
  for (size_t i = 0; i < rules_.size(); ++i) {
    if (!is_named(rules_[i], answer.name)) continue;
    is_ours = true;
    for (const DnsAnswer::Found& found : answer.found) {
      const Time until = now + std::clamp(Time(found.seconds * Time::rep{1000}), kLeast, kMost);
      const auto known = std::ranges::find_if(
          bound_, [&](const Bound& it) { return it.rule == i && it.address == found.address; });
      if (known != bound_.end())
        known->until = std::max(known->until, until);
      else if (bound_.size() < kMostBound)
        bound_.push_back({.rule = i, .address = found.address, .until = until});
    }
  }
  return is_ours;
}

void Policy::expire(Time now) {
  std::erase_if(bound_, [&](const Bound& it) { return it.until <= now; });
}

}  // namespace wolffia::net
