// SPDX-License-Identifier: Apache-2.0
#include "net/relay.hpp"

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <string>

#include "sys/tcp.hpp"

namespace wolffia::net {
namespace {

/// A connection of TCP: the end that a relay has, and that of a program.
struct Connection {
  sys::Fd relays;
  sys::Fd programs;
};

Connection connect() {
  sys::SocketName name;
  auto* const address = reinterpret_cast<sockaddr_in*>(&name.address);
  address->sin_family = AF_INET;
  address->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  name.size = sizeof *address;
  const sys::Fd listener = sys::listen_tcp(name).value();
  EXPECT_EQ(::getsockname(listener.get(), reinterpret_cast<sockaddr*>(&name.address), &name.size),
            0);
  Connection made;
  made.programs = sys::Fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  EXPECT_EQ(::connect(made.programs.get(), name.generic(), name.size), 0);
  made.relays = sys::accept_tcp(listener).value().connection;
  return made;
}

struct Relayed {
  Connection host = connect();
  Connection guest = connect();
  Relay relay{std::move(host.relays), std::move(guest.relays)};
  Pipes pipes;
  Rate upload;
  Rate download;
  Relay::State work(uint32_t events = EPOLLIN | EPOLLOUT) {
    return relay.work({.pipes = pipes, .upload = upload, .download = download},
                      {.host = events, .guest = events});
  }
};

void say(const sys::Fd& program, const std::string& text) {
  ASSERT_EQ(::send(program.get(), text.data(), text.size(), 0), static_cast<ssize_t>(text.size()));
}

std::string heard(const sys::Fd& program) {
  char text[64] = {};
  const ssize_t size = ::recv(program.get(), text, sizeof text, MSG_DONTWAIT);
  return size < 0 ? strerrorname_np(errno) : std::string(text, static_cast<size_t>(size));
}

TEST(relay, moves_bytes_both_ways_and_counts_them) {
  Relayed it;
  say(it.host.programs, "question");
  say(it.guest.programs, "answer");
  EXPECT_EQ(it.work(), Relay::State::Waits);
  EXPECT_EQ(heard(it.guest.programs), "question");
  EXPECT_EQ(heard(it.host.programs), "answer");
  EXPECT_EQ(it.relay.to_guest(), 8U);
  EXPECT_EQ(it.relay.from_guest(), 6U);
}

TEST(relay, passes_the_end_of_one_direction_on_and_goes_on_with_the_other) {
  Relayed it;
  say(it.host.programs, "last");
  ::shutdown(it.host.programs.get(), SHUT_WR);
  EXPECT_EQ(it.work(EPOLLIN | EPOLLRDHUP), Relay::State::Waits);
  EXPECT_EQ(heard(it.guest.programs), "last");
  EXPECT_EQ(heard(it.guest.programs), "");
  say(it.guest.programs, "still here");
  EXPECT_EQ(it.work(), Relay::State::Waits);
  EXPECT_EQ(heard(it.host.programs), "still here");
  ::shutdown(it.guest.programs.get(), SHUT_WR);
  EXPECT_EQ(it.work(), Relay::State::Over);
}

TEST(relay, resets_both_where_one_is_reset) {
  Relayed it;
  sys::reset_at_close(it.guest.programs);
  it.guest.programs.reset();
  EXPECT_EQ(it.work(EPOLLERR), Relay::State::Over);
  { const Relay closed = std::move(it.relay); }
  EXPECT_EQ(heard(it.host.programs), "ECONNRESET");
}

TEST(relay, moves_what_something_happened_to) {
  Relayed it;
  say(it.host.programs, "question");
  EXPECT_EQ(it.work(EPOLLOUT), Relay::State::Waits);
  EXPECT_EQ(heard(it.guest.programs), "EAGAIN");
  EXPECT_EQ(it.work(EPOLLIN), Relay::State::Waits);
  EXPECT_EQ(heard(it.guest.programs), "question");
}

TEST(relay, waits_for_a_reader_and_loses_nothing) {
  Relayed it;
  const std::string much(1 << 16, 'x');
  size_t sent = 0;
  for (int i = 0; i < 1000; ++i) {
    const ssize_t size = ::send(it.host.programs.get(), much.data(), much.size(), MSG_DONTWAIT);
    if (size > 0) sent += static_cast<size_t>(size);
    if (it.work() != Relay::State::Pauses && size < 0) break;
  }
  size_t got = 0;
  std::string buffer(1 << 16, '\0');
  while (got < sent) {
    const ssize_t size =
        ::recv(it.guest.programs.get(), buffer.data(), buffer.size(), MSG_DONTWAIT);
    if (size > 0) got += static_cast<size_t>(size);
    ASSERT_NE(it.work(), Relay::State::Over);
  }
  EXPECT_EQ(it.relay.to_guest(), sent);
}

TEST(relay, keeps_few_bytes_that_have_no_room) {
  Relayed it;
  std::string sent;
  for (int i = 0; i < 100'000; ++i) {
    const std::string piece = std::to_string(i) + ' ' + std::string(2000, '.');
    const ssize_t size = ::send(it.host.programs.get(), piece.data(), piece.size(), MSG_DONTWAIT);
    if (size > 0) sent.append(piece, 0, static_cast<size_t>(size));
    (void)it.work(EPOLLIN);
    if (size < 0) break;
  }
  ::shutdown(it.host.programs.get(), SHUT_WR);
  std::string got;
  std::string buffer(1 << 16, '\0');
  Relay::State state = Relay::State::Waits;
  for (ssize_t size = 1; size != 0;) {
    size = ::recv(it.guest.programs.get(), buffer.data(), buffer.size(), MSG_DONTWAIT);
    if (size > 0) got.append(buffer, 0, static_cast<size_t>(size));
    state = it.work(EPOLLIN | EPOLLOUT | EPOLLRDHUP);
    ASSERT_NE(state, Relay::State::Over);
  }
  EXPECT_EQ(got.size(), sent.size());
  EXPECT_TRUE(got == sent);
}

TEST(relay, is_held_to_a_rate) {
  Relayed it;
  it.download = Rate(1024);
  (void)it.download.closed_until(now_ms());
  say(it.host.programs, std::string(20'000, 'x'));
  EXPECT_EQ(it.work(), Relay::State::Slowed);
  EXPECT_LE(it.relay.to_guest(), 8192U);
}

}  // namespace
}  // namespace wolffia::net
