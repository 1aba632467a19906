// SPDX-License-Identifier: Apache-2.0
#include "cli/user/network.hpp"

#include <fcntl.h>
#include <sched.h>

#include "cli/user/attempt.hpp"
#include "cli/user/tell.hpp"
#include "launch/programs.hpp"
#include "sys/file.hpp"
#include "sys/session.hpp"

namespace wolffia::cli::user {
namespace {

constexpr const char* kDevice = "/dev/net/tun";
constexpr const char* kControl = "network";  // a socket in the container's directory
constexpr const char* kDecisions = "network.log";

}  // namespace

Result<std::string> find_network_daemon() {
  if (const auto device = sys::open_at(sys::cwd(), kDevice, O_RDWR); !device)
    return Error::because(device.error().code(),
                          cat(kDevice, ": ", device.error().message(), ", see \"wolffia doctor\""));
  return launch::find_program("wolffia-net");
}

helper::NetworkSettings network_settings(const Assembly& assembly) {
  const std::string& directory = assembly.container.path;
  helper::NetworkSettings settings{.policy = assembly.request.policy,
                                   .name_servers = assembly.request.dns};
  if (!assembly.request.ports.empty()) settings.control = cat(directory, "/", kControl);
  if (settings.policy.blocks()) settings.log = cat(directory, "/", kDecisions);
  return settings;
}

Result<RunRequest> settle_network(RunRequest request) {
  const bool is_image = request.kind == RootKind::Image || request.kind == RootKind::File;
  const bool wanted =
      request.network == Network::Slirp || !request.ports.empty() || !request.policy.is_empty();
  if (!wanted && (request.network || !is_image)) return request;
  request.network = Network::Slirp;
  if (wanted) {
    TRY(find_network_daemon(), "--net slirp");
    return request;
  }
  if (const auto daemon = find_network_daemon(); !daemon) {
    request.network = Network::None;
    tell(cat("the container has no network but lo: ", daemon.error().message()));
  }
  return request;
}

std::string network_death(const std::string& how) {
  return cat("the container's network is gone, it goes on without: ", how);
}

OwnNetwork::OwnNetwork(const Assembly& assembly, helper::DaemonLine& line)
    : assembly_(assembly), line_(line) {}

Result<void> OwnNetwork::make(const std::optional<helper::InnerIds>& within) {
  const RunRequest& request = assembly_.request;
  if (made_ || request.network != Network::Slirp || request.dry_run) return {};
  const std::string program = TRY(find_network_daemon());
  made_ = TRY(helper::make_network(within), "the container's network");
  user_ = std::move(made_->user);
  const helper::NetworkSettings settings = network_settings(assembly_);
  control_ = settings.control;
  serves_ = TRY(helper::begin_network(line_, program, *made_, settings));
  return {};
}

Result<void> OwnNetwork::begin_early() {
  if (assembly_.request.ids != Ids::All || has_one_id(assembly_.outer)) return {};
  return make(std::nullopt);
}

Result<void> OwnNetwork::begin(Ground& ground) {
  std::optional<helper::InnerIds> within;
  if (ground.uid_map && ground.gid_map)
    within = helper::InnerIds{.uid = ground.uid_map->container,
                              .outer_uid = ground.uid_map->host,
                              .gid = ground.gid_map->container,
                              .outer_gid = ground.gid_map->host};
  TRY(make(within));
  if (user_) ground.user_namespace = cat("/proc/self/fd/", user_.get());
  return {};
}

Result<void> OwnNetwork::join() {
  if (!made_) return {};
  const std::vector<helper::PublishedPort>& ports = assembly_.request.ports;
  if (!ports.empty()) TRY(helper::publish_ports(serves_, control_, ports));
  TRY(sys::join_namespace(made_->space, CLONE_NEWNET), "the container's network");
  made_.reset();
  return {};
}

Result<void> OwnNetwork::pass_on() const {
  return user_ ? sys::pass_on(user_.get()) : Result<void>();
}

}  // namespace wolffia::cli::user
