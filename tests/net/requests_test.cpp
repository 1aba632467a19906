// SPDX-License-Identifier: Apache-2.0
#include "net/requests.hpp"

#include <gtest/gtest.h>

namespace wolffia::net {
namespace {

Result<Request> parsed(const std::string& text, bool has_ipv6 = true) {
  Network network;
  network.has_ipv6 = has_ipv6;
  return parse_request(text, network);
}

std::string refusal(const std::string& text) {
  const auto request = parsed(text);
  return request ? "" : request.error().message();
}

std::string add(const std::string& arguments) {
  return R"({"execute": "add_hostfwd", "arguments": {)" + arguments + "}}";
}

TEST(requests, to_add_have_addresses_by_themselves) {
  const auto request = parsed(add(R"("proto": "tcp", "host_port": 8080, "guest_port": 80)"));
  ASSERT_TRUE(request);
  const Forward expected{.protocol = Protocol::Tcp,
                         .host_address = Ipv4(),
                         .host_port = 8080,
                         .guest_address = Ipv4{0x0a000264},
                         .guest_port = 80};
  EXPECT_EQ(std::get<AddForward>(*request).forward, expected);
}

TEST(requests, to_add_are_of_either_kind_of_address) {
  const std::string rest = R"(, "host_port": 8080, "guest_port": 80, "proto": "udp")";
  const auto request = parsed(add(R"("host_addr": "::1")" + rest));
  ASSERT_TRUE(request);
  const Forward& forward = std::get<AddForward>(*request).forward;
  EXPECT_EQ(forward.protocol, Protocol::Udp);
  EXPECT_EQ(forward.guest_address, Address(*parse_ipv6("fd00::64")));
  EXPECT_FALSE(parsed(add(R"("host_addr": "::1")" + rest), false));
  EXPECT_EQ(refusal(add(R"("host_addr": "::1", "guest_addr": "10.0.2.100")" + rest)),
            "bad request: add_hostfwd: bad arguments.guest_addr");
}

TEST(requests, that_are_wrong_are_refused_as_slirp4netns_does) {
  struct Case {
    std::string text;
    const char* refusal;
  };
  for (const Case& it : {
           Case{"", "bad request: cannot parse JSON"},
           Case{"{", "bad request: cannot parse JSON"},
           Case{"[]", "bad request: json_object() failed"},
           Case{"{}", "bad request: no execute found"},
           Case{R"({"execute": "dance"})", "bad request: unknown execute"},
           Case{R"({"execute": "add_hostfwd"})", "bad request: add_hostfwd: bad arguments"},
           Case{add(R"("proto": "sctp")"), "bad request: add_hostfwd: bad arguments.proto"},
           Case{add(R"("proto": "tcp", "host_addr": "here")"),
                "bad request: add_hostfwd: bad arguments.host_addr"},
           Case{add(R"("proto": "tcp", "host_port": 65536)"),
                "bad request: add_hostfwd: bad arguments.host_port"},
           Case{add(R"("proto": "tcp", "host_port": 1, "guest_port": 0)"),
                "bad request: add_hostfwd: bad arguments.guest_port"},
           Case{R"({"execute": "remove_hostfwd", "arguments": {}})",
                "bad request: remove_hostfwd: bad arguments.id"},
       })
    EXPECT_EQ(refusal(it.text), it.refusal) << it.text;
}

TEST(requests, are_replied_to_in_the_words_of_slirp4netns) {
  EXPECT_EQ(added_reply(42), R"({"return":{"id":42}})");
  EXPECT_EQ(removed_reply(), R"({"return":{}})");
  EXPECT_EQ(error_reply("no \"x\""), R"({"error":{"desc":"no \"x\""}})");
  EXPECT_EQ(list_reply({}), R"({"return":{"entries":[]},"entries":[]})");
  const Forward forward{.protocol = Protocol::Udp,
                        .host_address = Ipv4{0x7f000001},
                        .host_port = 53,
                        .guest_address = Ipv4{0x0a000264},
                        .guest_port = 5353};
  const std::string entry = R"({"id":3,"proto":"udp","host_addr":"127.0.0.1","host_port":53,)"
                            R"("guest_addr":"10.0.2.100","guest_port":5353})";
  EXPECT_EQ(list_reply({{3, forward}}),
            cat(R"({"return":{"entries":[)", entry, R"(]},"entries":[)", entry, "]}"));
}

TEST(requests, for_statistics_are_replied_to_with_what_there_is) {
  const auto request = parsed(R"({"execute": "get_statistics"})");
  ASSERT_TRUE(request);
  EXPECT_TRUE(std::holds_alternative<GetStatistics>(*request));
  Statistics statistics;
  statistics.from_guest.add(60);
  statistics.from_guest.add(40);
  statistics.dropped[static_cast<size_t>(Reason::Blocked)] = 2;
  statistics.published = {.connections = 1, .from_guest = 7, .to_guest = 9};
  statistics.outbound = {.connections = 2, .from_guest = 5, .to_guest = 3};
  EXPECT_EQ(statistics_reply(statistics),
            R"({"return":{"from_guest":{"frames":2,"bytes":100},"to_guest":{"frames":0,"bytes":0},)"
            R"("published":{"connections":1,"from_guest":{"bytes":7},"to_guest":{"bytes":9}},)"
            R"("outbound":{"connections":2,"from_guest":{"bytes":5},"to_guest":{"bytes":3}},)"
            R"("lost":0,"fragments":0,"dropped":{"blocked":2}}})");
}

TEST(requests, end_where_they_are_whole) {
  EXPECT_FALSE(is_whole(R"({"execute": "list_host)"));
  EXPECT_TRUE(is_whole(R"({"execute": "list_hostfwd"})"));
}

}  // namespace
}  // namespace wolffia::net
