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

/// The path of wolffia-net. Errors: what a connected network lacks here.
Result<std::string> find_network_daemon();

/// How the daemon is to serve this container.
helper::NetworkSettings network_settings(const Assembly& assembly);

/// The sentence about a network daemon that died: `how` is what it said.
std::string network_death(const std::string& how);

/// The container's network in the making: first the daemon begins, then, with all else prepared,
/// the process goes in. Nothing where the request has no network of this kind. Where it is not
/// joined the daemon ends with it.
class OwnNetwork {
 public:
  OwnNetwork(const Assembly& assembly, helper::DaemonLine& line);

  /// Begins, unless it takes the root's own tables to know whether the program's user is the
  /// outer namespace's: the daemon gets ready while the root is made.
  Result<void> begin_early();

  /// Begins if it has not yet. Where there is a user namespace within, the network belongs to it:
  /// it is made here, and `ground` says where it is, for the runtime to join.
  Result<void> begin(Ground& ground);

  /// Publishes the ports, for which alone the daemon is waited for, and joins.
  Result<void> join();

  /// A user namespace made here stays open across exec.
  Result<void> pass_on() const;

 private:
  Result<void> make(const std::optional<helper::InnerIds>& within);

  const Assembly& assembly_;
  helper::DaemonLine& line_;
  std::optional<helper::OwnNetwork> made_;
  sys::NamespaceFd user_;
  sys::Fd serves_;
  std::string control_;
};

}  // namespace wolffia::cli::user
