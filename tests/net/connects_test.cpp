// SPDX-License-Identifier: Apache-2.0
#include "net/connects.hpp"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <functional>

#include "net/confine.hpp"
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

bool may(const std::string& to, const Rules& rules = rules_with(), uint16_t port = 80) {
  return may_connect(address(to), port, rules);
}

TEST(may_connect, says_no_of_the_host_by_whatever_name) {
  for (const char* host : {"127.0.0.1", "127.9.9.9", "0.0.0.0", "192.0.2.1", "::1",
                           "::", "2001:db8::1", "::ffff:127.0.0.1", "::ffff:192.0.2.1"})
    EXPECT_FALSE(may(host)) << host;
  EXPECT_FALSE(may("169.254.169.254"));
  for (const char* other : {"192.0.2.2", "2001:db8::2", "::ffff:192.0.2.2"})
    EXPECT_TRUE(may(other)) << other;
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
    const auto left = leave_connects_to_another(rules);
    const auto done = left ? confine({.resolv_conf = {}, .forbid = forbid_connects_too})
                           : Result<Confined>(left.error());
    const auto ready = done ? await_connects() : Result<void>(done.error());
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

TEST_F(Drill, loopback_is_not_reached_without_asking) {
  EXPECT_EQ(taken_over([&] {
              return outcome(::syscall(SYS_connect, socket(), name_.generic(), name_.size));
            }),
            "EPERM");
  EXPECT_EQ(taken_over([&] {
              return outcome(::sendto(socket(), "x", 1, MSG_FASTOPEN, name_.generic(), name_.size));
            }),
            "EPERM");
  EXPECT_EQ(taken_over([&] {
              iovec part{.iov_base = nullptr, .iov_len = 0};
              msghdr message{};
              message.msg_name = &name_.address;
              message.msg_namelen = name_.size;
              message.msg_iov = &part;
              message.msg_iovlen = 1;
              return outcome(::sendmsg(socket(), &message, MSG_FASTOPEN));
            }),
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

}  // namespace
}  // namespace wolffia::net
