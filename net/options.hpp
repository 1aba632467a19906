// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/network_rule.hpp"
#include "base/result.hpp"
#include "net/rules.hpp"

/// The command line of wolffia-net: that of slirp4netns 1.3.2, and a few words more. Pure: words
/// in, structs out.
namespace wolffia::net {

enum class TargetKind : uint8_t {
  Pid,   // of a process in the namespace
  Path,  // of the namespace
  Tap,   // the number of an open descriptor of a tap interface
  Bess,  // the path of a socket that a virtual machine connects to, a frame in each packet
};

/// How connections of TCP that begin inside are led.
enum class OutboundWay : uint8_t {
  Auto,    // by splice where that can be
  Splice,  // so, or not at all
  Slirp,   // as packets
};

enum class Ask : uint8_t { Serve, Help, Version };

struct Options {
  Ask ask = Ask::Serve;
  TargetKind kind = TargetKind::Pid;
  std::string target;
  std::string interface;
  std::string user_namespace;  // a path; empty: that of the process, or the caller's
  bool configure = false;
  int exit_fd = -1;
  int ready_fd = -1;
  uint32_t mtu = 1500;
  std::string api_socket;  // a path; empty: none
  Network network;
  std::optional<Mac> mac;
  bool host = true;
  bool dns = true;
  std::vector<std::string> name_servers;  // addresses; empty: those of the host
  bool dhcp = false;
  bool link_local = false;
  std::vector<NetworkRule> rules;  // in the order given
  bool offline = false;            // name servers alone are reached, and what the rules allow
  std::string log;                 // a path; empty: standard error
  bool splices = true;             // published ports of TCP, where that can be
  OutboundWay outbound_way = OutboundWay::Auto;
  bool explains = false;     // what it does otherwise than it could
  std::string pcap;          // a path; empty: none
  uint64_t upload_rate = 0;  // bytes a second; 0: no limit
  uint64_t download_rate = 0;
  std::string outbound;  // an address, or the name of an interface that has one; empty: any
  std::string outbound6;
  bool demands_sandbox = false;  // what cannot be confined must not serve
};

/// Parses the words behind the program's name. Ends at a word that asks for help or the version.
/// Errors: EINVAL, a sentence naming the option and what to change.
Result<Options> parse_command_line(std::span<const char* const> words);

std::string help_text();

}  // namespace wolffia::net
