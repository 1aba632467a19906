// SPDX-License-Identifier: Apache-2.0
#include "net/connects.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <functional>

#include "net/confine.hpp"
#include "net/headers.hpp"
#include "net/socket_name.hpp"
#include "sys/file.hpp"
#include "sys/tcp.hpp"

// What a guest that has taken the daemon over can still connect to.
namespace wolffia::net {
namespace {

Address address(const std::string& text) {
  if (const auto ipv4 = parse_ipv4(text)) return *ipv4;
  return *parse_ipv6(text);
}

Rules rules_with(const std::string& rule = {}) {
  Rules rules;
  rules.host = false;
  rules.host_owned = {.ipv4 = {Ipv4{0xc0000201}}, .ipv6 = {*parse_ipv6("2001:db8::1")}};
  if (!rule.empty()) rules.policy = Policy({parse_network_rule("--allow", rule).value()}, false);
  return rules;
}

bool may(const std::string& to, const Rules& rules = rules_with(), uint16_t port = 80,
         uint8_t protocol = protocol::kTcp) {
  return may_connect(address(to), port, protocol, rules);
}

TEST(may_connect, says_no_of_the_host_by_whatever_name) {
  for (const char* host : {"127.0.0.1", "127.9.9.9", "0.0.0.0", "192.0.2.1", "::1",
                           "::", "2001:db8::1", "::ffff:127.0.0.1", "::ffff:192.0.2.1"})
    EXPECT_FALSE(may(host)) << host;
  EXPECT_FALSE(may("169.254.169.254"));
  for (const char* other : {"192.0.2.2", "2001:db8::2", "::ffff:192.0.2.2"})
    EXPECT_TRUE(may(other)) << other;
}

TEST(may_connect, says_no_of_what_is_for_many) {
  for (const char* many : {"224.0.0.251", "255.255.255.255", "ff02::fb"})
    EXPECT_FALSE(may(many));
}

TEST(may_connect, knows_protocols_from_each_other) {
  const Rules rules = rules_with("192.0.2.1:80/udp");
  EXPECT_TRUE(may("192.0.2.1", rules, 80, protocol::kUdp));
  EXPECT_FALSE(may("192.0.2.1", rules, 80, protocol::kTcp));
  EXPECT_TRUE(may("127.0.0.53", rules_with(), 53, protocol::kUdp));
  EXPECT_FALSE(may("192.0.2.1", rules_with(), 53, protocol::kIcmp));
}

TEST(may_connect, says_yes_where_a_rule_means_it) {
  EXPECT_TRUE(may("192.0.2.1", rules_with("192.0.2.1:80")));
  EXPECT_FALSE(may("192.0.2.1", rules_with("192.0.2.1:81")));
  EXPECT_TRUE(may("127.0.0.1", rules_with("10.0.2.2:80")));
  EXPECT_FALSE(may("127.0.0.1", rules_with("*")));
  EXPECT_FALSE(may("127.0.0.1", rules_with("example.org")));
}

TEST(may_connect, says_yes_of_name_servers) {
  EXPECT_TRUE(may("127.0.0.53", rules_with(), 53));
  Rules rules = rules_with();
  rules.dns = false;
  EXPECT_FALSE(may("127.0.0.53", rules, 53));
}

/// What `body` says in a process that is confined as the daemon is.
std::string taken_over(const std::function<std::string()>& body) {
  auto [ours, theirs] = sys::make_pipe(0).value();
  const pid_t child = ::fork();
  if (child == 0) {
    Rules rules;
    rules.host = false;
    const auto shut_in = [&]() -> Result<void> {
      TRY(enter({}));
      TRY(leave_connects_to_another(rules, 0));
      TRY(lock_in({.forbid = [] { return forbid_connects_too(connects_file()); }}));
      return await_connects();
    };
    const auto ready = shut_in();
    (void)sys::write_all(theirs, ready ? body() : ready.error().message());
    ::_exit(0);
  }
  theirs.reset();
  std::string text = sys::read_all(ours, 4096).value();
  ::waitpid(child, nullptr, 0);
  return text;
}

std::string outcome(long result) {
  return result < 0 ? ::strerrorname_np(errno) : "done";
}

/// A server of the host, which would answer.
class Drill : public testing::Test {
 protected:
  Drill() : server_(sys::listen_tcp(to_name(Ipv4{0x7f000001}, 0)).value()) {
    ::getsockname(server_.get(), reinterpret_cast<sockaddr*>(&name_.address), &name_.size);
  }
  static int socket() { return ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0); }

  sys::Fd server_;
  sys::SocketName name_;
};

TEST_F(Drill, the_server_answers_who_is_free) {
  EXPECT_EQ(outcome(::connect(socket(), name_.generic(), name_.size)), "done");
}

TEST_F(Drill, loopback_is_refused_to_who_asks) {
  EXPECT_EQ(taken_over([&] { return outcome(::connect(socket(), name_.generic(), name_.size)); }),
            "EACCES");
}

long send_to(int socket, const sys::SocketName& name, int flags) {
  return ::syscall(SYS_sendto, socket, "x", 1, flags, name.generic(), name.size);
}

long send_message_to(int socket, sys::SocketName name, int flags) {
  iovec part{.iov_base = nullptr, .iov_len = 0};
  mmsghdr message{};
  message.msg_hdr.msg_name = &name.address;
  message.msg_hdr.msg_namelen = name.size;
  message.msg_hdr.msg_iov = &part;
  message.msg_hdr.msg_iovlen = 1;
  return flags < 0 ? ::sendmmsg(socket, &message, 1, 0)
                   : ::sendmsg(socket, &message.msg_hdr, flags);
}

TEST_F(Drill, loopback_is_not_reached_without_asking) {
  EXPECT_EQ(taken_over([&] {
              return outcome(::syscall(SYS_connect, socket(), name_.generic(), name_.size));
            }),
            "EPERM");
  EXPECT_EQ(taken_over([&] { return outcome(send_to(socket(), name_, MSG_FASTOPEN)); }), "EPERM");
  EXPECT_EQ(taken_over([&] { return outcome(send_message_to(socket(), name_, MSG_FASTOPEN)); }),
            "EPERM");
}

TEST_F(Drill, a_mark_that_would_be_believed_cannot_be_set) {
  EXPECT_EQ(taken_over([&] {
              const int mark = 1;
              return outcome(::setsockopt(socket(), SOL_SOCKET, SO_MARK, &mark, sizeof mark));
            }),
            "EPERM");
}

TEST_F(Drill, others_are_connected_to) {
  const auto elsewhere = to_name(Ipv4{0x7f000001}, 53);
  EXPECT_EQ(
      taken_over([&] { return outcome(::connect(socket(), elsewhere.generic(), elsewhere.size)); }),
      "ECONNREFUSED");
}

/// A server of datagrams, which would hear.
class UdpDrill : public testing::Test {
 protected:
  UdpDrill() : server_(sys::udp_port(to_name(Ipv4{0x7f000001}, 0)).value()) {
    name_ = sys::local_name(server_).value();
  }
  static int socket() { return ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0); }
  bool has_heard() {
    std::array<uint8_t, 8> data{};
    return static_cast<bool>(sys::receive_udp(server_, data));
  }

  sys::Fd server_;
  sys::SocketName name_;
};

TEST_F(UdpDrill, the_server_hears_who_is_free) {
  EXPECT_EQ(outcome(send_to(socket(), name_, 0)), "done");
  EXPECT_TRUE(has_heard());
}

TEST_F(UdpDrill, loopback_is_refused_to_who_asks) {
  EXPECT_EQ(taken_over([&] { return outcome(::connect(socket(), name_.generic(), name_.size)); }),
            "EACCES");
  EXPECT_EQ(taken_over([&] {
              return outcome(::sendto(socket(), "x", 1, 0, name_.generic(), name_.size));
            }),
            "EACCES");
  EXPECT_FALSE(has_heard());
}

TEST_F(UdpDrill, loopback_is_not_reached_without_asking) {
  for (const int flags : {0, int{MSG_DONTWAIT}, int{MSG_CONFIRM}})
    EXPECT_EQ(taken_over([&] { return outcome(send_to(socket(), name_, flags)); }), "EPERM");
  for (const int flags : {-1, 0, int{MSG_DONTWAIT}})
    EXPECT_EQ(taken_over([&] { return outcome(send_message_to(socket(), name_, flags)); }),
              "EPERM");
  EXPECT_FALSE(has_heard());
}

TEST_F(UdpDrill, the_one_socket_that_takes_messages_stays_what_it_is) {
  EXPECT_EQ(taken_over([&] { return outcome(::close(connects_file())); }), "EPERM");
  EXPECT_EQ(taken_over([&] { return outcome(::dup2(socket(), connects_file())); }), "EPERM");
  EXPECT_EQ(taken_over([&] { return outcome(::dup3(socket(), connects_file(), O_CLOEXEC)); }),
            "EPERM");
  EXPECT_EQ(taken_over([&] {
              return outcome(::syscall(SYS_close_range, connects_file(), connects_file(), 0));
            }),
            "EPERM");
}

TEST_F(UdpDrill, what_is_for_many_is_refused) {
  for (const uint32_t many : {0xffffffffU, 0xe00000fbU}) {
    const auto everybody = to_name(Ipv4{many}, 5353);
    EXPECT_EQ(taken_over([&] {
                return outcome(::connect(socket(), everybody.generic(), everybody.size));
              }),
              "EACCES");
  }
}

/// By way of a server that `connected` belongs to: whoever has written to a port may be answered.
std::string talk(const sys::SocketName& at, const sys::Fd& connected) {
  const auto port = open_udp_port(at);
  if (!port) return port.error().message();
  (void)sys::send_udp(connected, std::array<uint8_t, 1>{'?'});
  std::array<uint8_t, 8> data{};
  auto peer = next_udp_peer(*port, data);
  while (!peer && peer.error().is(EAGAIN))
    peer = next_udp_peer(*port, data);
  if (!peer) return peer.error().message();
  const auto sent = sys::send_udp(peer->socket, std::array<uint8_t, 1>{'!'});
  const ssize_t got = ::recv(connected.get(), data.data(), data.size(), 0);
  return sent && got == 1 && data[0] == '!' ? "answered" : "not answered";
}

TEST_F(UdpDrill, who_has_written_to_a_port_is_answered) {
  server_.reset();  // its port is free then
  const sys::Fd client(socket());
  ASSERT_TRUE(sys::connect_udp(client, name_));
  EXPECT_EQ(taken_over([&] { return talk(name_, client); }), "answered");
}

TEST_F(UdpDrill, a_port_that_is_taken_is_said_to_be) {
  EXPECT_EQ(taken_over([&] {
              const auto port = open_udp_port(name_);
              return port ? std::string("done")
                          : std::string(::strerrorname_np(port.error().code()));
            }),
            "EADDRINUSE");
}

}  // namespace
}  // namespace wolffia::net
