// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <optional>
#include <string>

#include "base/result.hpp"
#include "cli/user/config.hpp"
#include "cli/user/request.hpp"
#include "helper/network.hpp"

namespace wolffia::cli::user {

struct Assembly;

/// The request with the network that it gets: where none was asked for an image has one of its own,
/// connected by wolffia-net, if that can be here; else none, which is told. Errors: what is
/// missing, where it was asked for.
Result<RunRequest> settle_network(RunRequest request);

/// Errors: EINVAL where the program is to be in a user namespace within, over whose network the
/// runner has no say.
Result<void> check_network(const RunRequest& request, const Ground& ground);

/// The path of wolffia-net. Errors: what a connected network lacks here.
Result<std::string> find_network_daemon();

/// How the daemon is to serve this container.
helper::NetworkSettings network_settings(const Assembly& assembly);

/// The sentence about a network daemon that died: `how` is what it said.
std::string network_death(const std::string& how);
/// Tells it, once, if that has happened.
void tell_network_death(helper::DaemonLine& line);

/// The container's network in the making: first the daemon begins, then, with all else prepared,
/// the process goes in.
class OwnNetwork {
 public:
  /// Nothing where the request has no network of this kind.
  static Result<OwnNetwork> begin(const Assembly& assembly, helper::DaemonLine& line);

  /// Publishes the ports, for which alone the daemon is waited for, and joins. Where it is not
  /// called the daemon ends with the network.
  Result<void> join(const Assembly& assembly);

 private:
  std::optional<helper::OwnNetwork> made_;
  sys::Fd serves_;
  std::string control_;
};

}  // namespace wolffia::cli::user
