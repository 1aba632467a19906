// SPDX-License-Identifier: Apache-2.0
#include "net/name_servers.hpp"

#include <gtest/gtest.h>

namespace wolffia::net {
namespace {

using Time = NameServers::Time;

std::string first(NameServers& servers) {
  const std::string text = servers.text();
  return text.substr(0, text.find('\n'));
}

TEST(name_servers, are_those_of_resolv_conf) {
  NameServers servers;
  EXPECT_TRUE(
      servers.replace("# nameserver 192.0.2.9\nsearch x\n nameserver 192.0.2.8\n"
                      "nameserver\t192.0.2.1 \nnameserver\nnameserver   2001:db8::1"));
  EXPECT_EQ(servers.text(), "nameserver 192.0.2.1\nnameserver 2001:db8::1\n\n");
}

TEST(name_servers, give_way_when_they_do_not_answer) {
  NameServers servers;
  servers.replace("nameserver 192.0.2.1\nnameserver 192.0.2.2\n");
  EXPECT_FALSE(servers.deadline());
  servers.asked(Time(1'000));
  servers.asked(Time(2'000));
  EXPECT_EQ(servers.deadline(), Time(3'000));
  servers.answered();
  EXPECT_FALSE(servers.deadline());
  servers.move_on();
  EXPECT_EQ(first(servers), "nameserver 192.0.2.2");
  servers.move_on();
  EXPECT_EQ(first(servers), "nameserver 192.0.2.1");
}

TEST(name_servers, that_are_alone_are_waited_for) {
  NameServers servers;
  servers.replace("nameserver 192.0.2.1\n");
  servers.asked(Time(0));
  EXPECT_FALSE(servers.deadline());
}

TEST(name_servers, that_answer_stay_until_others_come) {
  NameServers servers;
  servers.replace("nameserver 192.0.2.1\nnameserver 192.0.2.2\n");
  servers.move_on();
  EXPECT_FALSE(servers.replace("# again\nnameserver 192.0.2.1\nnameserver 192.0.2.2\n"));
  EXPECT_EQ(first(servers), "nameserver 192.0.2.2");
  EXPECT_TRUE(servers.replace("nameserver 192.0.2.3\n"));
  EXPECT_EQ(first(servers), "nameserver 192.0.2.3");
  EXPECT_TRUE(servers.replace(""));
  EXPECT_EQ(servers.size(), 0U);
}

TEST(name_servers, are_written_in_no_length_twice_in_a_row) {
  NameServers servers;
  servers.replace("nameserver 192.0.2.1\nnameserver 192.0.2.2\n");
  const size_t before = servers.text().size();
  servers.move_on();
  EXPECT_NE(servers.text().size(), before);
}

}  // namespace
}  // namespace wolffia::net
