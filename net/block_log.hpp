// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <functional>
#include <set>
#include <string>
#include <string_view>

#include "net/dns.hpp"
#include "net/rules.hpp"

namespace wolffia::net {

/// Tells what the rules have decided: each thing once, and so many at most, as a guest could fill
/// disks.
class BlockLog {
 public:
  using Tell = std::function<void(std::string_view sentence)>;

  explicit BlockLog(Tell tell) : tell_(std::move(tell)) {}

  /// A frame that check_frame() found to be Reason::Blocked.
  void blocked(Bytes frame, const Rules& rules);
  /// What a name stands for that a rule is about.
  void bound(const DnsAnswer& answer);

 private:
  void tell_once(const std::string& sentence);

  Tell tell_;  // empty: nobody wants to know
  std::set<std::string> told_;
};

}  // namespace wolffia::net
