// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <optional>

#include "base/result.hpp"
#include "net/options.hpp"
#include "net/stack.hpp"
#include "sys/interface.hpp"

/// What the daemon has to know of the host, asked for through sockets that outlive its confinement.
namespace wolffia::net {

/// The addresses of the host, kept up to date.
class HostWatch {
 public:
  static Result<HostWatch> open();

  /// Readable when an address came or went.
  const sys::Fd& fd() const { return changes_.fd(); }
  /// Whether one did since the last call.
  bool changed() { return changes_.heard(); }
  /// With those that reach it among others.
  Result<HostAddresses> addresses();

 private:
  HostWatch(sys::Netlink changes, sys::Netlink questions)
      : changes_(std::move(changes)), questions_(std::move(questions)) {}
  sys::Netlink changes_;
  sys::Netlink questions_;
};

/// The addresses that --outbound-addr and --outbound-addr6 say, of an interface where they name
/// one. Errors: EINVAL, ENODEV with the option's name.
Result<void> find_outbound(const Options& options, StackOptions& out);

/// Tells of each of them that this host does not have, which may yet come, as those of VPNs do.
void tell_missing(const StackOptions& outbound, void (*tell)(std::string_view sentence));

inline constexpr const char* kResolvConf = "/etc/resolv.conf";

/// That file; empty where there is none.
Result<std::string> read_resolv_conf();

}  // namespace wolffia::net
