// SPDX-License-Identifier: Apache-2.0
#include "sys/mark_route.hpp"

#include <linux/fib_rules.h>
#include <linux/rtnetlink.h>

namespace wolffia::sys {
namespace {

/// Behind the rule for the namespace's own addresses, before those for all others.
constexpr uint32_t kPriority = 100;

/// The index of "lo" in every namespace. Source: LOOPBACK_IFINDEX in include/net/flow.h.
constexpr int kLoopback = 1;

template <class T>
std::span<const std::byte> bytes_of(const T& value) {
  return std::as_bytes(std::span(&value, 1));
}

NetlinkRequest rule(uint16_t type, uint16_t flags, uint8_t family, uint32_t mark) {
  fib_rule_hdr body{};
  body.family = family;
  body.table = RT_TABLE_UNSPEC;
  body.action = FR_ACT_TO_TBL;
  NetlinkRequest request(type, flags | NLM_F_ACK, bytes_of(body));
  request.add(FRA_PRIORITY, bytes_of(kPriority));
  request.add(FRA_FWMARK, bytes_of(mark));
  request.add(FRA_TABLE, bytes_of(mark));
  return request;
}

NetlinkRequest route(uint16_t type, uint16_t flags, uint8_t family, uint32_t table) {
  rtmsg body{};
  body.rtm_family = family;
  body.rtm_table = RT_TABLE_UNSPEC;
  body.rtm_protocol = RTPROT_BOOT;
  body.rtm_scope = RT_SCOPE_HOST;
  body.rtm_type = RTN_LOCAL;
  NetlinkRequest request(type, flags | NLM_F_ACK, bytes_of(body));
  request.add(RTA_TABLE, bytes_of(table));
  request.add(RTA_OIF, bytes_of(kLoopback));
  return request;
}

}  // namespace

Result<void> keep_marked(Netlink& netlink, uint8_t family, uint32_t mark) {
  constexpr uint16_t kNew = NLM_F_CREATE | NLM_F_EXCL;
  TRY(netlink.change(route(RTM_NEWROUTE, kNew, family, mark)), "route of marked packets");
  TRY(netlink.change(rule(RTM_NEWRULE, kNew, family, mark)), "rule for marked packets");
  return {};
}

Result<void> forget_marked(Netlink& netlink, uint8_t family, uint32_t mark) {
  TRY(netlink.change(rule(RTM_DELRULE, 0, family, mark)));
  return netlink.change(route(RTM_DELROUTE, 0, family, mark));
}

}  // namespace wolffia::sys
