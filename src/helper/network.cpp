// SPDX-License-Identifier: Apache-2.0
#include "helper/network.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <string.h>
#include <unistd.h>

#include <array>
#include <chrono>

#include "sys/file.hpp"
#include "sys/interface.hpp"
#include "sys/socket.hpp"
#include "sys/tap.hpp"

namespace wolffia::helper {
namespace {

constexpr const char* kInterface = "tap0";
constexpr uint32_t kMtu = 65520;  // slirp4netns(1): the throughput of larger packets is higher
constexpr size_t kReplyLimit = 64 << 10;
constexpr std::array<std::byte, 1> kReady{};  // for the ids, and then with them

constexpr std::array<uint8_t, 4> kGuest{10, 0, 2, 100};
constexpr std::array<uint8_t, 4> kGateway{10, 0, 2, 2};
constexpr std::array<uint8_t, 16> kGuest6{0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x64};
constexpr std::array<uint8_t, 16> kGateway6{0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2};

/// Where the kernel has no IPv6 there is none.
Result<void> configure(sys::Netlink& netlink, int index) {
  TRY(sys::bring_up(netlink, index, {.mtu = kMtu, .queue = sys::kTapQueue}), "bring it up");
  TRY(sys::add_address(netlink, index, kGuest, 24), "its address");
  TRY(sys::add_default_route(netlink, index, kGateway), "the route");
  if (sys::add_address(netlink, index, kGuest6, 64))
    TRY(sys::add_default_route(netlink, index, kGateway6), "the route of IPv6");
  return {};
}

Result<sys::NamespaceFd> own_namespace(const char* path) {
  return sys::NamespaceFd(TRY(sys::open_at(sys::cwd(), path, O_RDONLY), path).release());
}

/// In the short-lived process: a user namespace, whose ids the caller writes.
Result<void> enter_within(const sys::Fd& caller) {
  TRY(sys::unshare_namespaces(CLONE_NEWUSER), "a user namespace");
  TRY(sys::send_packet(caller, kReady, nullptr));
  std::array<std::byte, kReady.size()> answer{};
  if (TRY(sys::receive_packet(caller, answer)).size == answer.size()) return {};
  return Error::because(ECHILD, "whoever wants the network is gone");
}

/// In the short-lived process.
Result<OwnNetwork> make_here(bool is_within, const sys::Fd& caller) {
  OwnNetwork made;
  if (is_within) {
    TRY(enter_within(caller));
    made.user = TRY(own_namespace("/proc/self/ns/user"));
  }
  TRY(sys::unshare_namespaces(CLONE_NEWNET), "a network namespace");
  TRY(sys::bring_loopback_up(), "bring lo up");
  made.tap = TRY(sys::open_tap(kInterface), "interface ", kInterface);
  sys::Netlink netlink = TRY(sys::Netlink::open());
  const int index = TRY(sys::interface_index(kInterface));
  TRY(configure(netlink, index), "interface ", kInterface);
  made.space = TRY(own_namespace("/proc/self/ns/net"));
  return made;
}

/// Ends the process. The descriptors are said, or a sentence.
[[noreturn]] void make_and_say(bool is_within, const sys::Fd& answer) {
  const auto made = make_here(is_within, answer);
  const std::string said = made ? std::string("+") : made.error().message();
  const auto bytes = std::as_bytes(std::span(said.data(), said.size()));
  auto sent = sys::send_packet(answer, bytes, made ? &made->tap : nullptr);
  if (sent && made) sent = sys::send_packet(answer, bytes, &made->space);
  if (sent && made && made->user) (void)sys::send_packet(answer, bytes, &made->user);
  ::_exit(0);
}

using Said = std::array<std::byte, 4096>;

/// What the short-lived process said instead of what it should have.
Error sentence(const Said& said, size_t size) {
  const std::string why(reinterpret_cast<const char*>(said.data()), size);
  return Error::because(ECHILD, why.empty() ? "the process that makes it died" : why);
}

/// To the process that waits in enter_within(). We are root over the ids outside, so that no rule
/// of setgroups(2) stands in the way: user_namespaces(7).
Result<void> give_ids(const sys::Fd& process, pid_t pid, const InnerIds& ids) {
  Said said{};
  const size_t size = TRY(sys::receive_packet(process, said)).size;
  if (size != kReady.size()) return sentence(said, size);
  const auto write = [&](const char* file, uint32_t inside, uint32_t outside) {
    const std::string path = cat("/proc/", pid, "/", file);
    return sys::write_existing(sys::cwd(), path.c_str(), cat(inside, " ", outside, " 1\n"));
  };
  TRY(write("uid_map", ids.uid, ids.outer_uid), "its user namespace: uid_map");
  TRY(write("gid_map", ids.gid, ids.outer_gid), "its user namespace: gid_map");
  return sys::send_packet(process, kReady, nullptr);
}

Result<OwnNetwork> receive_network(const sys::Fd& process, bool is_within) {
  Said said{};
  OwnNetwork made;
  sys::Received first = TRY(sys::receive_packet(process, said));
  if (!first.attached) return sentence(said, first.size);
  made.tap = std::move(first.attached);
  made.space = sys::NamespaceFd(TRY(sys::receive_packet(process, said)).attached.release());
  if (is_within)
    made.user = sys::NamespaceFd(TRY(sys::receive_packet(process, said)).attached.release());
  return made;
}

std::string request_for(const PublishedPort& port) {
  return cat(R"({"execute":"add_hostfwd","arguments":{"proto":")", port.is_udp ? "udp" : "tcp",
             R"(","host_addr":")", port.address, R"(","host_port":)", port.host,
             R"(,"guest_port":)", port.inside, "}}");
}

/// The sentence in {"error":{"desc":"…"}}, without what slirp4netns has before it.
std::string description(std::string_view reply) {
  constexpr std::string_view kBefore = R"("desc":")";
  constexpr std::string_view kCall = "slirp_add_hostfwd failed: ";
  const size_t begin = reply.find(kBefore);
  if (begin == std::string_view::npos) return "the network daemon does not answer";
  std::string_view text = reply.substr(begin + kBefore.size());
  text = text.substr(0, text.find("\"}"));
  const size_t call = text.find(kCall);
  return std::string(call == std::string_view::npos ? text : text.substr(call + kCall.size()));
}

}  // namespace

Result<OwnNetwork> make_network(const std::optional<InnerIds>& within) {
  auto [ours, theirs] = TRY(sys::packet_pair());
  const sys::Cloned child = TRY(sys::fork_process());
  if (child.pid == 0) {
    ours.reset();  // its end is what a wait for the caller ends with
    make_and_say(within.has_value(), theirs);
  }
  theirs.reset();
  auto given = within ? give_ids(ours, child.pid, *within) : Result<void>();
  auto made = given ? receive_network(ours, within.has_value()) : given.error();
  ours.reset();
  TRY(sys::wait_for(child.pidfd));
  return made;
}

std::string_view word_for(OutboundWay way) {
  if (way == OutboundWay::Auto) return "auto";
  return way == OutboundWay::Splice ? "splice" : "slirp";
}

namespace {

std::vector<std::string> words_for(const std::string& program, const NetworkSettings& settings) {
  std::vector<std::string> argv{program, "--disable-host-loopback", "--enable-ipv6",
                                cat("--mtu=", kMtu)};
  if (!settings.control.empty()) argv.push_back(cat("--api-socket=", settings.control));
  if (!settings.log.empty()) argv.push_back(cat("--log=", settings.log));
  for (const std::string& address : settings.name_servers)
    argv.push_back(cat("--dns=", address));
  const NetworkPolicy& policy = settings.policy;
  if (policy.offline) argv.emplace_back("--offline");
  for (const NetworkRule& rule : policy.rules)
    argv.push_back(cat(rule.allows ? "--allow=" : "--deny=", rule.text));
  if (policy.upload_rate != 0) argv.push_back(cat("--upload-rate=", policy.upload_rate));
  if (policy.download_rate != 0) argv.push_back(cat("--download-rate=", policy.download_rate));
  if (policy.outbound != OutboundWay::Auto)
    argv.push_back(cat("--outbound=", word_for(policy.outbound)));
  return argv;
}

}  // namespace

Result<sys::Fd> begin_network(DaemonLine& line, const std::string& program,
                              const OwnNetwork& network, const NetworkSettings& settings) {
  std::vector<std::string> argv = words_for(program, settings);
  argv.insert(argv.end(), {"--netns-type=tapfd", cat(network.tap.get())});
  const std::array inherited{network.tap.get()};
  return line.begin(argv, inherited);
}

Result<sys::Fd> begin_network_again(DaemonLine& line, const std::string& program, pid_t target,
                                    const NetworkSettings& settings) {
  std::vector<std::string> argv = words_for(program, settings);
  argv.insert(argv.end(), {"--configure", cat(target), kInterface});
  return line.begin(argv, {});
}

Result<void> publish_ports(const sys::Fd& serves, const std::string& control,
                           const std::vector<PublishedPort>& ports,
                           std::chrono::milliseconds patience) {
  constexpr int kLookAgain = 20;  // milliseconds
  const auto deadline = std::chrono::steady_clock::now() + patience;
  if (TRY(sys::read_all(serves, 1)).empty())
    return Error::because(ECHILD, "the network daemon ended before it served");
  for (size_t i = 0; i < ports.size();) {
    const sys::Fd socket = TRY(sys::connect_stream(control.c_str()), control);
    TRY(sys::write_all(socket, request_for(ports[i])));
    const std::string reply = TRY(sys::read_all(socket, kReplyLimit));
    if (reply.starts_with(R"({"return")")) {
      ++i;
      continue;
    }
    const bool is_taken = reply.find(::strerror(EADDRINUSE)) != std::string::npos;
    if (!is_taken || std::chrono::steady_clock::now() >= deadline)
      return Error::because(ECHILD, cat("--publish: ", description(reply)));
    (void)::poll(nullptr, 0, kLookAgain);
  }
  return {};
}

}  // namespace wolffia::helper
