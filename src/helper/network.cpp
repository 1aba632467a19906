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

/// In the short-lived process.
Result<OwnNetwork> make_here() {
  TRY(sys::unshare_namespaces(CLONE_NEWNET), "a network namespace");
  TRY(sys::bring_loopback_up(), "bring lo up");
  OwnNetwork made;
  made.tap = TRY(sys::open_tap(kInterface), "interface ", kInterface);
  sys::Netlink netlink = TRY(sys::Netlink::open());
  const int index = TRY(sys::interface_index(kInterface));
  TRY(configure(netlink, index), "interface ", kInterface);
  constexpr const char* kOwn = "/proc/self/ns/net";
  made.space = sys::NamespaceFd(TRY(sys::open_at(sys::cwd(), kOwn, O_RDONLY), kOwn).release());
  return made;
}

/// Ends the process. Two descriptors are said, or a sentence.
[[noreturn]] void make_and_say(const sys::Fd& answer) {
  const auto made = make_here();
  const std::string said = made ? std::string("+") : made.error().message();
  const auto bytes = std::as_bytes(std::span(said.data(), said.size()));
  const bool is_said =
      static_cast<bool>(sys::send_packet(answer, bytes, made ? &made->tap : nullptr));
  if (is_said && made) (void)sys::send_packet(answer, bytes, &made->space);
  ::_exit(0);
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

Result<OwnNetwork> make_network() {
  auto [ours, theirs] = TRY(sys::packet_pair());
  const sys::Cloned child = TRY(sys::fork_process());
  if (child.pid == 0) make_and_say(theirs);
  theirs.reset();
  std::array<std::byte, 4096> said{};
  OwnNetwork made;
  sys::Received first = TRY(sys::receive_packet(ours, said));
  made.tap = std::move(first.attached);
  if (made.tap) {
    std::array<std::byte, 8> more{};
    made.space = sys::NamespaceFd(TRY(sys::receive_packet(ours, more)).attached.release());
  }
  TRY(sys::wait_for(child.pidfd));
  if (made.space) return made;
  const std::string why(reinterpret_cast<const char*>(said.data()), first.size);
  return Error::because(ECHILD, why.empty() ? "the process that makes it died" : why);
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
