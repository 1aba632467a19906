// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/network_rule.hpp"
#include "base/result.hpp"
#include "helper/daemon.hpp"
#include "sys/namespace.hpp"

namespace wolffia::helper {

/// What wolffia-net(1) has its addresses at, without --cidr.
inline constexpr const char* kGatewayAddress = "10.0.2.2";
inline constexpr const char* kNameserverAddress = "10.0.2.3";
inline constexpr const char* kNameserverAddress6 = "fd00::3";
inline constexpr const char* kGuestAddress = "10.0.2.100";

/// The one uid and the one gid of a user namespace: their numbers there, and the caller's for them.
struct InnerIds {
  uint32_t uid = 0, outer_uid = 0;
  uint32_t gid = 0, outer_gid = 0;
};

/// A network namespace with an interface that is ready to be used; what is sent through it waits
/// for whoever serves the other end.
struct OwnNetwork {
  sys::NamespaceFd space;
  sys::NamespaceFd user;  // that it belongs to; empty: the caller's
  sys::Fd tap;
};

/// Made by a short-lived process, so that the caller stays in its own network and can start the
/// daemon there. Called in a user namespace that is the caller's own; with `within` the network
/// belongs to a new one within, whose programs have the rights over it. Errors: of what is refused.
Result<OwnNetwork> make_network(const std::optional<InnerIds>& within = {});

/// How its connections are led. Source: --outbound in wolffia-net(1).
enum class OutboundWay : uint8_t { Auto, Splice, Slirp };

/// What the program may reach, and how.
struct NetworkPolicy {
  std::vector<NetworkRule> rules = {};  // --allow and --deny, in order
  bool offline = false;
  uint64_t upload_rate = 0;  // bytes a second; 0: no limit
  uint64_t download_rate = 0;
  OutboundWay outbound = OutboundWay::Auto;

  bool blocks() const { return offline || !rules.empty(); }
  bool is_empty() const {
    return !blocks() && upload_rate == 0 && download_rate == 0 && outbound == OutboundWay::Auto;
  }
};

/// "splice"; of Auto "auto".
std::string_view word_for(OutboundWay way);

struct NetworkSettings {
  std::string control = {};  // the path of the control socket; empty: none
  std::string log = {};      // the path of a file for what was blocked; empty: none
  NetworkPolicy policy = {};
  std::vector<std::string> name_servers = {};  // addresses; empty: those of the host
};

/// Has `program`, the path of wolffia-net, serve the interface, as long as `line` is held: it
/// begins, and is not waited for. The host itself is blocked. The result brings a byte when it
/// serves.
Result<sys::Fd> begin_network(DaemonLine& line, const std::string& program,
                              const OwnNetwork& network, const NetworkSettings& settings);

/// The same for a container that runs, whose interface went with another daemon: `target` is a
/// process of it. Called in the user namespace that the container's was made in; the daemon makes
/// the interface anew.
Result<sys::Fd> begin_network_again(DaemonLine& line, const std::string& program, pid_t target,
                                    const NetworkSettings& settings);

/// A port of the host that leads inside.
struct PublishedPort {
  std::string address;  // of the host; empty: all of IPv4
  uint16_t host = 0;
  uint16_t inside = 0;
  bool is_udp = false;
};

/// Waits until the daemon serves, and has it publish the ports through its control socket. A port
/// that is taken is asked for again for `patience`: one that was killed has it a moment longer.
/// Errors: ECHILD, the daemon's own sentence about the first that it cannot.
Result<void> publish_ports(const sys::Fd& serves, const std::string& control,
                           const std::vector<PublishedPort>& ports,
                           std::chrono::milliseconds patience = {});

}  // namespace wolffia::helper
