// SPDX-License-Identifier: Apache-2.0
#include "net/option_table.hpp"

#include <array>

#include "base/quote.hpp"
#include "base/words.hpp"

namespace wolffia::net {
namespace {

using Applied = Result<void>;

Error invalid(const Given& given, std::string_view takes) {
  return Error::because(EINVAL, cat(given.name, " takes ", takes, ", not ", quoted(given.value)));
}

template <auto Member, auto Value>
Applied set(Options& options, const Given& /*given*/) {
  options.*Member = Value;
  return {};
}

/// What is always done, and asked for by callers of slirp4netns, which can do without.
Applied always(Options& /*options*/, const Given& /*given*/) {
  return {};
}

template <auto Member>
Applied text(Options& options, const Given& given) {
  if (given.value.empty()) return invalid(given, "a value");
  options.*Member = given.value;
  return {};
}

template <auto Member>
Applied descriptor(Options& options, const Given& given) {
  int number = -1;
  if (!read_number(given.value, number) || number < 0)
    return invalid(given, "the number of an open descriptor");
  options.*Member = number;
  return {};
}

/// Source: slirp4netns(1) and IF_MTU_MAX of libslirp; a guest's IPv4 needs 68 (RFC 791, 3.2).
Applied mtu(Options& options, const Given& given) {
  constexpr uint32_t kLeast = 68;
  constexpr uint32_t kMost = 65521;
  if (!read_number(given.value, options.mtu) || options.mtu < kLeast || options.mtu > kMost)
    return invalid(given, cat("a number from ", kLeast, " to ", kMost));
  return {};
}

Applied enable_ipv6(Options& options, const Given& /*given*/) {
  options.network.has_ipv6 = true;
  return {};
}

/// Whether interfaces can have addresses of it. Source: RFC 6890; the kernel takes none of
/// 0.0.0.0/8 and 224.0.0.0/4 for a gateway.
bool is_for_interfaces(uint32_t base, unsigned prefix) {
  constexpr uint32_t kLoopback = 127;
  constexpr uint32_t kGroups = 224;
  const uint32_t first = base >> 24;
  const uint32_t last = (base | 0xffffffffU >> prefix) >> 24;
  return first != 0 && last < kGroups && (first > kLoopback || last < kLoopback);
}

/// The guest is the 100th address, so that a network has 128 at least.
Applied cidr(Options& options, const Given& given) {
  constexpr std::string_view kTakes = "a network of 1 to 25 bits, such as 10.0.2.0/24";
  const size_t slash = given.value.find('/');
  const auto address = parse_ipv4(std::string(given.value.substr(0, slash)));
  unsigned prefix = 0;
  if (slash == std::string_view::npos || !address ||
      !read_number(given.value.substr(slash + 1), prefix) || prefix < 1 || prefix > 25)
    return invalid(given, kTakes);
  const uint32_t base = address->value;
  if ((base & (0xffffffffU >> prefix)) != 0)
    return invalid(given, "the first address of a network, such as 10.0.2.0/24");
  if (!is_for_interfaces(base, prefix))
    return invalid(given, "a network that interfaces can have, such as 10.0.2.0/24");
  Network& network = options.network;
  network.address = {base};
  network.prefix = prefix;
  network.gateway = {base + 2};
  network.nameserver = {base + 3};
  network.guest = {base + 100};
  return {};
}

/// Interfaces make up their addresses in networks of 64 bits alone. Source: RFC 4862, 5.5.3.
Applied cidr6(Options& options, const Given& given) {
  constexpr unsigned kPrefix = 64;
  const size_t slash = given.value.find('/');
  const auto address = parse_ipv6(std::string(given.value.substr(0, slash)));
  if (slash == std::string_view::npos || !address || given.value.substr(slash + 1) != "64" ||
      *address != address->host(kPrefix, 0) || address->is_in({{0xfe, 0x80}}, 10) ||
      address->is_in({{0xff}}, 8) || address->is_in({}, kPrefix))
    return invalid(given, "the first address of a network of 64 bits, such as fd00::/64");
  Network& network = options.network;
  network.address6 = *address;
  network.gateway6 = address->host(kPrefix, 2);
  network.nameserver6 = address->host(kPrefix, 3);
  return {};
}

Applied netns_type(Options& options, const Given& given) {
  struct Word {
    std::string_view word;
    TargetKind kind;
  };
  constexpr std::array kWords{Word{"pid", TargetKind::Pid}, Word{"path", TargetKind::Path},
                              Word{"tapfd", TargetKind::Tap}};
  for (const Word& it : kWords)
    if (it.word == given.value) {
      options.kind = it.kind;
      return {};
    }
  return invalid(given, "pid, path or tapfd");
}

Applied target_type(Options& options, const Given& given) {
  if (given.value == "bess")
    options.kind = TargetKind::Bess;
  else if (given.value != "netns")
    return invalid(given, "netns or bess");
  return {};
}

Applied outbound_way(Options& options, const Given& given) {
  struct Word {
    std::string_view word;
    OutboundWay way;
  };
  constexpr std::array kWords{Word{"auto", OutboundWay::Auto}, Word{"splice", OutboundWay::Splice},
                              Word{"slirp", OutboundWay::Slirp}};
  for (const Word& it : kWords)
    if (it.word == given.value) {
      options.outbound_way = it.way;
      return {};
    }
  return invalid(given, "auto, splice or slirp");
}

Applied mac_address(Options& options, const Given& given) {
  options.mac = parse_mac(std::string(given.value));
  const bool is_group = options.mac && (options.mac->bytes[0] & 1) != 0;  // IEEE 802, 8.2.2
  if (!options.mac || is_group || *options.mac == Mac())
    return invalid(given, "the link address of one interface, such as 02:00:00:00:00:01");
  return {};
}

Applied name_server(Options& options, const Given& given) {
  constexpr size_t kMostServers = 16;
  const std::string address(given.value);
  if (!parse_ipv4(address) && !parse_ipv6(address))
    return invalid(given, "the address of a name server, such as 192.0.2.53");
  if (options.name_servers.size() == kMostServers)
    return Error::because(EINVAL, cat("--dns ", address,
                                      " is one name server too many: there can be ", kMostServers));
  options.name_servers.push_back(address);
  return {};
}

Applied rule(Options& options, const Given& given) {
  constexpr size_t kMostRules = 1000;
  const bool allows = given.name.starts_with("--a");  // names may be cut short
  const std::string_view name = allows ? "--allow" : "--deny";
  if (options.rules.size() == kMostRules)
    return Error::because(EINVAL, cat(name, " ", quoted(given.value),
                                      " is one rule too many: ", "there can be ", kMostRules));
  options.rules.push_back(TRY(parse_network_rule(name, given.value)));
  return {};
}

/// As curl(1) has it in --limit-rate. A frame may be 64 KiB.
template <auto Member>
Applied rate(Options& options, const Given& given) {
  constexpr uint64_t kLeast = 1024;
  constexpr uint64_t kMost = uint64_t{1} << 40;
  constexpr std::string_view kUnits = "kmg";
  std::string_view number = given.value;
  const size_t unit = number.empty() ? kUnits.npos : kUnits.find(number.back());
  if (unit != kUnits.npos) number.remove_suffix(1);
  const unsigned shift = unit == kUnits.npos ? 0 : static_cast<unsigned>(unit + 1) * 10;
  uint64_t bytes = 0;
  if (!read_number(number, bytes) || bytes > kMost >> shift || bytes << shift < kLeast)
    return invalid(given, "at least 1k, as 500k or 2m bytes a second");
  options.*Member = bytes << shift;
  return {};
}

constexpr std::array kFlags{
    Flag{'c', "configure", "", "bring up the interface, with address and default route",
         set<&Options::configure, true>},
    Flag{'e', "exit-fd", "FD", "end when something happens to this descriptor",
         descriptor<&Options::exit_fd>},
    Flag{'r', "ready-fd", "FD", "write \"1\" to this descriptor when the network is there",
         descriptor<&Options::ready_fd>},
    Flag{'m', "mtu", "MTU", "largest packet (default=1500, max=65521)", mtu},
    Flag{'6', "enable-ipv6", "", "IPv6 too", enable_ipv6},
    Flag{'a', "api-socket", "PATH", "take requests about ports on this socket",
         text<&Options::api_socket>},
    Flag{0, "cidr", "CIDR", "network of the guest (default=10.0.2.0/24)", cidr},
    Flag{0, "cidr6", "CIDR", "its IPv6 network (default=fd00::/64)", cidr6},
    Flag{0, "disable-host-loopback", "", "block the host itself, by all its addresses",
         set<&Options::host, false>},
    Flag{0, "netns-type", "pid|path|tapfd", "what the target is (default=pid)", netns_type},
    Flag{0, "userns-path", "PATH", "user namespace that owns the network namespace",
         text<&Options::user_namespace>},
    Flag{0, "enable-sandbox", "", "fail where namespaces of its own are refused to this program",
         set<&Options::demands_sandbox, true>},
    Flag{0, "enable-seccomp", "", "accepted: system calls are always limited", always},
    Flag{0, "outbound-addr", "IPv4", "address or interface of the host to connect from",
         text<&Options::outbound>},
    Flag{0, "outbound-addr6", "IPv6", "the same for IPv6", text<&Options::outbound6>},
    Flag{0, "disable-dns", "", "no name server at 10.0.2.3 (or that of the network)",
         set<&Options::dns, false>},
    Flag{0, "dns", "ADDRESS", "ask this name server, and none of /etc/resolv.conf", name_server},
    Flag{0, "enable-dhcp", "", "answer a guest that asks for its address",
         set<&Options::dhcp, true>},
    Flag{0, "allow-link-local", "", "let 169.254.0.0/16 be reached",
         set<&Options::link_local, true>},
    Flag{0, "allow", "RULE", "let this be reached, as 192.0.2.0/24:443 or example.org", rule},
    Flag{0, "deny", "RULE", "let it not be reached; the last rule that fits decides", rule},
    Flag{0, "offline", "", "reach nothing but the name server, and what is allowed",
         set<&Options::offline, true>},
    Flag{0, "log", "PATH", "write what is blocked there and not to standard error",
         text<&Options::log>},
    Flag{0, "disable-splice", "", "lead published TCP ports through the guest's interface as well",
         set<&Options::splices, false>},
    Flag{0, "outbound", "auto|splice|slirp",
         "lead TCP connections of the guest by splice(2) or as packets (default=auto)",
         outbound_way},
    Flag{0, "debug", "", "say on standard error why connections are led as packets",
         set<&Options::explains, true>},
    Flag{0, "pcap", "PATH", "write every frame there, for tcpdump(1) and wireshark(1)",
         text<&Options::pcap>},
    Flag{0, "upload-rate", "RATE", "let the guest send so many bytes a second, as 500k or 2m",
         rate<&Options::upload_rate>},
    Flag{0, "download-rate", "RATE", "let it get so many", rate<&Options::download_rate>},
    Flag{0, "macaddress", "MAC", "link address of the interface (with -c)", mac_address},
    Flag{0, "target-type", "netns|bess", "a namespace, or a virtual machine (default=netns)",
         target_type},
    Flag{'h', "help", "", "show this help and exit", set<&Options::ask, Ask::Help>},
    Flag{'v', "version", "", "show version and exit", set<&Options::ask, Ask::Version>},
};

}  // namespace

std::span<const Flag> flags() {
  return kFlags;
}

}  // namespace wolffia::net
