// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <chrono>
#include <cstdint>
#include <vector>

#include "base/network_rule.hpp"
#include "net/address.hpp"
#include "net/dns.hpp"
#include "net/flow.hpp"

namespace wolffia::net {

enum class Place : uint8_t { World, Host, LinkLocal };

/// The rules of --allow and --deny. Those behind count before those in front. A name means the
/// addresses that the name server gave for it, for as long as it said that they hold.
class Policy {
 public:
  using Time = std::chrono::milliseconds;  // of a clock that never goes back

  Policy() = default;
  Policy(std::vector<NetworkRule> rules, bool is_offline)
      : rules_(std::move(rules)), is_offline_(is_offline) {}

  bool is_offline() const { return is_offline_; }
  bool is_empty() const { return rules_.empty() && !is_offline_; }
  bool has_names() const;

  /// The rule that says whether it may be; nullptr: none does. What is not of the world is opened
  /// by no rule that does not mean it: the host by its whole address, 169.254.0.0/16 by a part of
  /// it, neither of them by a name, whose owner says what it stands for.
  const NetworkRule* deciding(const Address& address, const Flow& flow, Place place) const;

  /// What the guest was answered; true where a rule names it.
  bool bind(const DnsAnswer& answer, Time now);
  void expire(Time now);

 private:
  struct Bound {
    size_t rule;
    Address address;
    Time until;
  };
  bool means(size_t index, const Address& address) const;

  std::vector<NetworkRule> rules_;
  bool is_offline_ = false;
  std::vector<Bound> bound_;
};

}  // namespace wolffia::net
