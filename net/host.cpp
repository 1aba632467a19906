// SPDX-License-Identifier: Apache-2.0
#include "net/host.hpp"

#include <algorithm>

#include "base/quote.hpp"
#include "net/socket_name.hpp"
#include "sys/file.hpp"
#include "sys/udp.hpp"

namespace wolffia::net {
namespace {

void take(Ipv4& out, const std::vector<uint8_t>& bytes) {
  out = Ipv4::read(bytes, 0);
}
void take(Ipv6& out, const std::vector<uint8_t>& bytes) {
  out = Ipv6::read(bytes, 0);
}

constexpr Ipv6 kLinkLocal{{0xfe, 0x80}};

bool is_usable(Ipv4 /*address*/) {
  return true;
}
bool is_usable(const Ipv6& address) {
  return !address.is_in(kLinkLocal, 10);  // which say nothing without their link
}

/// The first address that an interface has of this kind.
template <class Kind, size_t Size>
Result<Kind> address_of(const std::string& interface, std::string_view option) {
  const auto index = sys::interface_index(interface);
  if (!index)
    return Error::because(
        ENODEV,
        cat(option, " takes an address of this host or an interface, not ", quoted(interface)));
  sys::Netlink netlink = TRY(sys::Netlink::open());
  for (const sys::InterfaceAddress& it : TRY(sys::interface_addresses(netlink))) {
    if (it.index != *index || it.bytes.size() != Size) continue;
    Kind address{};
    take(address, it.bytes);
    if (is_usable(address)) return address;
  }
  return Error::because(ENODEV, cat(option, ": ", quoted_if_needed(interface),
                                    " has no such address: give another interface"));
}

/// What the host hears as well: those that are for all of a link. Source: RFC 922.
void add_broadcasts(std::vector<Ipv4>& out, Ipv4 address, unsigned prefix) {
  if (prefix == 0 || prefix > 30) return;
  const uint32_t hosts = 0xffffffffU >> prefix;
  out.push_back(Ipv4{address.value | hosts});
  out.push_back(Ipv4{address.value & ~hosts});
}

}  // namespace

Result<HostWatch> HostWatch::open() {
  sys::Netlink changes = TRY(sys::watch_addresses());
  return HostWatch(std::move(changes), TRY(sys::Netlink::open()));
}

Result<HostAddresses> HostWatch::addresses() {
  HostAddresses out;
  for (const sys::InterfaceAddress& it : TRY(sys::interface_addresses(questions_))) {
    if (it.bytes.size() == 4) {
      out.ipv4.push_back(Ipv4::read(it.bytes, 0));
      add_broadcasts(out.ipv4, out.ipv4.back(), it.prefix);
    } else {
      out.ipv6.push_back(Ipv6::read(it.bytes, 0));
    }
  }
  std::ranges::sort(out.ipv4);
  std::ranges::sort(out.ipv6);
  return out;
}

Result<void> find_outbound(const Options& options, StackOptions& out) {
  if (!options.outbound.empty()) {
    out.outbound = parse_ipv4(options.outbound);
    if (!out.outbound)
      out.outbound = TRY((address_of<Ipv4, 4>(options.outbound, "--outbound-addr")));
  }
  if (!options.outbound6.empty()) {
    out.outbound6 = parse_ipv6(options.outbound6);
    if (!out.outbound6)
      out.outbound6 = TRY((address_of<Ipv6, 16>(options.outbound6, "--outbound-addr6")));
  }
  return {};
}

void tell_missing(const StackOptions& outbound, void (*tell)(std::string_view sentence)) {
  const auto look = [&](std::string_view option, const Address& address) {
    const auto there = sys::udp_port(to_name(address, 0));
    if (there) return;
    tell(cat(option, ": ", to_text(address),
             " cannot be connected from yet: ", there.error().message()));
  };
  if (outbound.outbound) look("--outbound-addr", *outbound.outbound);
  if (outbound.outbound6) look("--outbound-addr6", *outbound.outbound6);
}

Result<std::string> read_resolv_conf() {
  constexpr size_t kLimit = 64 << 10;
  auto text = sys::read_file(sys::cwd(), kResolvConf, kLimit);
  if (!text && (text.error().is(ENOENT) || text.error().is(EACCES))) return std::string();
  return TRY(std::move(text), kResolvConf);
}

}  // namespace wolffia::net
