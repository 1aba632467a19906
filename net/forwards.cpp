// SPDX-License-Identifier: Apache-2.0
#include "net/forwards.hpp"

#include <algorithm>

namespace wolffia::net {
namespace {

/// What to change where a port cannot be had. Source: ip(7), ip_unprivileged_port_start.
std::string_view advice(const Error& error, uint16_t port) {
  if (error.is(EADDRINUSE)) return ": give another port, or stop what listens there";
  if (error.is(EADDRNOTAVAIL)) return ": give an address of this host";
  if (error.is(EACCES) && port < 1024)
    return ": ports under 1024 need sysctl net.ipv4.ip_unprivileged_port_start=PORT";
  return {};
}

Result<void> open(const Forward& forward, const Ways& ways) {
  if (forward.protocol == Protocol::Udp) return ways.datagrams.add(forward);
  return ways.published.leads_to(forward) ? ways.published.add(forward) : ways.stack.add(forward);
}

}  // namespace

std::string Forwards::answer(const Request& request, const Ways& ways) {
  if (const auto* it = std::get_if<AddForward>(&request)) return add(it->forward, ways);
  if (const auto* it = std::get_if<RemoveForward>(&request)) return remove(it->id, ways);
  return list_reply(forwards_);
}

std::string Forwards::add(const Forward& forward, const Ways& ways) {
  constexpr std::string_view kRefused = "bad request: add_hostfwd: slirp_add_hostfwd failed: ";
  const auto added = open(forward, ways);
  if (!added)
    return error_reply(cat(kRefused, "port ", forward.host_port, ": ", added.error().message(),
                           advice(added.error(), forward.host_port)));
  forwards_.push_back({++last_, forward});
  return added_reply(last_);
}

std::string Forwards::remove(int64_t id, const Ways& ways) {
  const auto it = std::ranges::find(forwards_, id, &NumberedForward::id);
  if (it == forwards_.end()) return error_reply("bad request: remove_hostfwd: bad arguments.id");
  if (!ways.published.remove(it->forward) && !ways.datagrams.remove(it->forward) &&
      !ways.stack.remove(it->forward))
    return error_reply("bad request: remove_hostfwd: slirp_remove_hostfwd failed");
  forwards_.erase(it);
  return removed_reply();
}

}  // namespace wolffia::net
