// SPDX-License-Identifier: Apache-2.0
#include "cli/user/network.hpp"

#include <fcntl.h>
#include <sched.h>

#include "cli/user/attempt.hpp"
#include "cli/user/tell.hpp"
#include "launch/programs.hpp"
#include "sys/file.hpp"

namespace wolffia::cli::user {
namespace {

constexpr const char* kDevice = "/dev/net/tun";
constexpr const char* kControl = "network";  // a socket in the container's directory
constexpr const char* kDecisions = "network.log";

/// The program's own user namespace is not the one that the network belongs to.
bool is_within(const RunRequest& request) {
  return request.ids != Ids::All;
}

}  // namespace

Result<std::string> find_network_daemon() {
  if (const auto device = sys::open_at(sys::cwd(), kDevice, O_RDWR); !device)
    return Error::because(device.error().code(),
                          cat(kDevice, ": ", device.error().message(), ", see \"wolffia doctor\""));
  return launch::find_program("wolffia-net");
}

helper::NetworkSettings network_settings(const Assembly& assembly) {
  const std::string& directory = assembly.container.path;
  helper::NetworkSettings settings{.policy = assembly.request.policy};
  if (!assembly.request.ports.empty()) settings.control = cat(directory, "/", kControl);
  if (settings.policy.blocks()) settings.log = cat(directory, "/", kDecisions);
  return settings;
}

Result<RunRequest> settle_network(RunRequest request) {
  const bool is_image = request.kind == RootKind::Image || request.kind == RootKind::File;
  const bool wanted =
      request.network == Network::Slirp || !request.ports.empty() || !request.policy.is_empty();
  if (!wanted && (request.network || !is_image)) return request;
  request.network_is_default = !wanted;
  request.network = Network::Slirp;
  if (wanted) {
    TRY(find_network_daemon(), "--net slirp");
    return request;
  }
  if (is_within(request)) {
    request.network = Network::None;
  } else if (const auto daemon = find_network_daemon(); !daemon) {
    request.network = Network::None;
    tell(cat("the container has no network but lo: ", daemon.error().message()));
  }
  return request;
}

Result<void> check_network(const RunRequest& request, const Ground& ground) {
  if (request.network != Network::Slirp || !ground.uid_map) return {};
  if (request.network_is_default) {
    tell("the container has no network but lo: its user has another number than root");
    return {};
  }
  return Error::because(EINVAL,
                        "--net slirp is for programs that are root, or where there are subordinate "
                        "ids: use --net host, --userns or --user 0");
}

std::string network_death(const std::string& how) {
  return cat("the container's network is gone, it goes on without: ", how);
}

void tell_network_death(helper::DaemonLine& line) {
  if (const auto how = line.obituary()) tell(network_death(*how));
}

Result<OwnNetwork> OwnNetwork::begin(const Assembly& assembly, helper::DaemonLine& line) {
  OwnNetwork network;
  const RunRequest& request = assembly.request;
  if (request.network != Network::Slirp || request.dry_run) return network;
  const std::string program = TRY(find_network_daemon());
  network.made_ = TRY(helper::make_network(), "the container's network");
  const helper::NetworkSettings settings = network_settings(assembly);
  network.control_ = settings.control;
  network.serves_ = TRY(helper::begin_network(line, program, *network.made_, settings));
  return network;
}

Result<void> OwnNetwork::join(const Assembly& assembly) {
  if (!made_) return {};
  if (!assembly.request.ports.empty())
    TRY(helper::publish_ports(serves_, control_, assembly.request.ports));
  TRY(sys::join_namespace(made_->space, CLONE_NEWNET), "the container's network");
  made_.reset();
  return {};
}

}  // namespace wolffia::cli::user
